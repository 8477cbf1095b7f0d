"""What an act on a report is decided from, and what it makes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from dashboard.city import City
from dashboard.reports.case import Asked, Case, Done, State, Undo
from dashboard.reports.working import Calendar


class Step(NamedTuple):
    """What becomes of one report, and how the line in its history reads."""

    action: Done
    after: Case
    other: str = ""
    nth: int = 0
    text: str = ""


Steps = tuple[Step, ...]


class Standing(NamedTuple):
    """What stands, as far as an act needs to know it, and who acts.

    `other` is the report asked for beside (a merge's main one), `members` those that were merged into `case`. `mine` are the units that the
    person works for, those that theirs has followed too; None: the centre. `units` are the units in force and their clocks' profiles.
    """

    case: Case
    who: str
    now_ms: int
    city: City
    calendar: Calendar
    services: frozenset[str]
    units: Mapping[str, str]
    mine: frozenset[str] | None = None
    other: Case | None = None
    members: Sequence[Case] = ()

    def changed(self, how: Done, case: Case | None = None, **changes: Any) -> Case:
        """Return the report after a change by this person."""
        held = case or self.case
        told: dict[str, Any] = {"version": held.version + 1, "changed": self.now_ms, "changed_by": self.who, "changed_how": how}
        return replace(held, **{**told, **changes})

    def undo(self, before: Case) -> Undo:
        """Return what lets this person take back what they do now."""
        return Undo(self.who, self.now_ms, before)


class Rule(NamedTuple):
    """From which states an act is legal, for whom (any of these permissions), and what follows from it."""

    states: frozenset[State]
    permissions: tuple[str, ...]
    after: Callable[[Standing, Asked], Steps]
    why: bool = False  # needs a reason
    seen: bool = True  # whoever has seen an older version is refused
    undo: bool = False  # may be taken back


def stepped(stands: Standing, asked: Asked, *, nth: int = 0, **changes: Any) -> Steps:
    """Return one step that changes the report asked for."""
    return (Step(asked.action, stands.changed(asked.action, **changes), nth=nth),)
