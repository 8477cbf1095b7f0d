"""What the doors ask of the violations; `data` keeps them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from dashboard.events import Recorded
from dashboard.violations.funnel import Counted
from dashboard.violations.violation import Asked, State, Violation


class Seen(NamedTuple):
    """A violation with the event that it is."""

    violation: Violation
    event: Recorded


class Waiting(NamedTuple):
    """What nobody has reviewed: how many, and since when the oldest (epoch ms, 0: none)."""

    n: int
    oldest: int


class Violations(Protocol):
    """The violations and what was done about them. Times are epoch ms. Every method raises Away."""

    def listed(self, state: State, *, kind: str = "", camera: str = "", most: int) -> Sequence[Seen]:
        """Return those that stand so: what waits with the oldest first, what is done with the newest."""
        ...

    def act(self, seqs: Sequence[int], asked: Asked, *, who: str) -> list[Violation]:
        """Do the same about each, all or none. Raises Late, Unclear, Missing."""
        ...

    def counted(self, since: int, until: int) -> Sequence[Counted]:
        """Return how those that were seen in a stretch of time stand."""
        ...

    def waiting(self) -> Waiting:
        """Return the backlog."""
        ...
