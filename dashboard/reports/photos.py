"""Photographs of a report: the citizen's, the units' evidence, the centre's own."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from dashboard.pictures import Picture
from dashboard.reports.case import ACTING, Case, Illegal, Incomplete
from dashboard.reports.cases import Actor

MOST_PHOTOS = 12  # of one part, and of the centre's own
Of = Literal["citizen", "unit", "centre"]


class Photo(NamedTuple):
    """One of them. `nth` is the part that it belongs to, 0: none; `who` took it, "": the citizen."""

    picture: Picture
    of: Of
    nth: int = 0
    who: str = ""


class Photos(Protocol):
    """The photographs of reports. Every method raises Away, and Missing where there is no such report for this person."""

    def of_report(self, report: str, *, by: Actor) -> Sequence[Photo]:
        """Return those that a person may see, the citizen's first, then by time."""
        ...

    def attach(self, report: str, raw: bytes, *, nth: int, by: Actor, key: str) -> Photo:
        """Keep one, once, however often it is sent under this key. Raises Illegal, Incomplete, NoPicture.

        A unit's is shown with the result that names it; the centre's at once.
        """
        ...


def check_attaching(case: Case, nth: int, mine: frozenset[str] | None) -> None:
    """Raise Incomplete or Illegal where somebody may not attach anything: a unit has its own part in hand, the centre an open report."""
    if mine is None:
        if nth:
            raise Incomplete("nth")
        if case.settled:
            raise Illegal("state", case)
        return
    part = case.part(nth)
    if part is None or part.unit not in mine:
        raise Incomplete("nth")
    if part.state not in ACTING or case.settled:
        raise Illegal("part", case)
