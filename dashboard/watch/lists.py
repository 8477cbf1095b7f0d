"""What the doors ask of the watch lists; `data` keeps them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from dashboard.watch.entry import Action, Content, Entry, Proposal


class Shown(NamedTuple):
    """An entry with what is sealed in it; whoever shows it to somebody masks the subject."""

    entry: Entry
    content: Content


class Batch(NamedTuple):
    """An import that waits for a second person: who proposed how many entries, and when."""

    batch: str
    proposer: str
    proposed: int
    n: int


class Done(NamedTuple):
    """Something that was done with an entry (0: with a whole import)."""

    entry: int
    batch: str
    action: Action
    who: str
    at: int
    why: str


class WatchLists(Protocol):
    """The entries and what was done with them. Times are epoch ms. Every method raises Away."""

    def propose(self, proposals: Sequence[Proposal], *, who: str, batch: str = "") -> list[Entry]:
        """Keep proposals, all or none. Raises Unfit."""
        ...

    def decide(self, entry: int, action: Action, *, who: str, why: str) -> Entry:
        """Approve, refuse, withdraw or review an entry. Raises Barred, Missing."""
        ...

    def decide_batch(self, batch: str, action: Action, *, who: str, why: str) -> int:
        """Approve or refuse what still waits of an import; return how many entries that were. Raises Barred, Missing."""
        ...

    def shown(self, *, most: int) -> tuple[list[Shown], list[Batch]]:
        """Return the newest entries, those that wait first, and the imports that wait."""
        ...

    def reveal(self, entry: int, *, who: str, why: str) -> Content:
        """Return what is sealed in an entry, after it was written down who asked and why (P-02). Raises Missing."""
        ...

    def history(self, entry: int) -> list[Done]:
        """Return what was done with an entry, the oldest first."""
        ...
