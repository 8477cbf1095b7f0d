"""What is kept of marks, for the doors that ask."""

from collections.abc import Sequence
from typing import Protocol

from dashboard.marks.mark import Acted, Mark, Wish


class Marks(Protocol):
    """The marks of one city. Every method raises Away."""

    def act(self, wish: Wish, *, who: str, key: str) -> Acted:
        """Do it, once; `key` is the person's own id of the act. Raises Illegal, Unfit, Missing."""
        ...

    def history(self, mark: int) -> Sequence[Acted]:
        """Return what was done to a mark, the oldest first. Raises Missing."""
        ...

    def between(self, since: int | None, until: int | None) -> Sequence[Mark]:
        """Return the marks that were in force at some time between two instants (None: ever), as they stand now."""
        ...

    def at(self, at_ms: int) -> Sequence[Mark]:
        """Return the marks in force at an instant, as they stood then; of an instant to come, as they stand now."""
        ...
