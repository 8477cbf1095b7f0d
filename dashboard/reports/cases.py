"""What the doors ask of reports' paths; `data` keeps them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from dashboard.errors import Missing
from dashboard.reports.case import Act, Asked, Case, Illegal, Incomplete, Part
from dashboard.reports.sending import Sent


class Actor(NamedTuple):
    """Who acts: their name, their role, and the unit that they work for ("": the centre)."""

    name: str
    role: str
    unit: str = ""


class Person(NamedTuple):
    """Who sent a report, as they said it themselves."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


class Entry(NamedTuple):
    """A report that somebody takes in. `source` and `number` name it; no number: the house gives one."""

    service: str
    text: str
    title: str = ""
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    submitted: int = 0  # epoch ms; 0: now
    channel: str = ""
    urgent: bool = False
    person: Person = Person()
    source: str = "centre"
    number: str = ""
    event: str = ""  # the key of what a camera saw, where that is why it is taken in


class Wording(NamedTuple):
    """What a citizen wrote, masked."""

    title: str = ""
    text: str = ""
    place: str = ""
    channel: str = ""


class Sought(NamedTuple):
    """Which reports a list is of. Empty means any, several codes have commas between (`codes`); a `field` stands for all its services."""

    tab: str = ""
    words: str = ""
    service: str = ""
    field: str = ""
    ward: str = ""
    unit: str = ""
    due: str = ""  # "overdue", "soon" (in 24 h), "paused", "unread"
    priority: str = ""
    offset: int = 0
    limit: int = 60


def codes(told: str) -> tuple[str, ...]:
    """Return the codes that a filter names: one, or several with commas between."""
    return tuple(dict.fromkeys(one for one in told.split(",") if one))


class Line(NamedTuple):
    """One row of a list. `part` is the one by which a unit's people see it; None: the centre sees the whole."""

    case: Case
    number: str
    wording: Wording
    part: Part | None = None


class Listed(NamedTuple):
    """A window of a list, how long it is, and how many there are behind each tab with the same filters."""

    lines: Sequence[Line]
    total: int
    counts: Mapping[str, int]


Cell = str | int | datetime | None
"""What stands in one cell of a table that is taken away; an instant is the city's own time."""


class TooMany(Exception):  # noqa: N818  an answer, not a mistake
    """The list is longer than a table may be; `total` says how long, `most` how long one may be."""

    def __init__(self, total: int, most: int) -> None:
        super().__init__(f"{total} rows, {most} at the most")
        self.total, self.most = total, most


class Exported(NamedTuple):
    """A table that is being written: its bytes as they come, and how many reports are in it.

    The bytes fall over what the writing falls over; whoever wants no more of them closes them.
    """

    blocks: Iterator[bytes]
    rows: int


class Near(NamedTuple):
    """A report that may be of the same matter, or an earlier one that this may be again (`again`), and why."""

    line: Line
    metres: int
    hours: int
    likeness: float
    again: bool = False


class Shown(NamedTuple):
    """One report, whole."""

    line: Line
    acts: Sequence[Act]
    near: Sequence[Near]
    members: Sequence[Line]
    identified: bool  # the house knows who sent it
    sent: Mapping[int, Sent] = {}  # what acts told the citizen, by their numbers


Refusal = Illegal | Incomplete | Missing
"""Why one of several was not done."""


class Cases(Protocol):
    """Reports on their path. Every method raises Away."""

    def act(self, asked: Asked, *, by: Actor, key: str) -> Act:
        """Do it and keep it, once, in one transaction. Raises Illegal, Incomplete, Missing."""
        ...

    def act_together(self, asked: Sequence[Asked], *, by: Actor, key: str) -> Mapping[str, Case | Refusal]:
        """Do each, once, all in one transaction; return how each report stands, or why nothing was done with it."""
        ...

    def would(self, asked: Sequence[Asked], *, by: Actor) -> Mapping[str, Case | Refusal]:
        """Return what act_together would make of each. Nothing is done."""
        ...

    def enter(self, entry: Entry, *, by: Actor, key: str) -> Act:
        """Take a report in. Raises Incomplete."""
        ...

    def listed(self, sought: Sought, *, by: Actor) -> Listed:
        """Return a window of a list of what is a person's to see, the soonest due first, or the latest closed.

        A unit's people see, count and sort by the state and the deadline of their own part.
        """
        ...

    def shown(self, report: str, *, by: Actor) -> Shown:
        """Return one report, whole. Raises Missing, also where it is not for this person."""
        ...

    def alike(self, entry: Entry, *, ward: str, at_ms: int) -> Sequence[Near]:
        """Return what may be of the same matter as a report that nobody sent, had it come at `at_ms`. Nothing is kept."""
        ...

    def identity(self, report: str, *, by: Actor, why: str, key: str) -> Person:
        """Return who sent a report; that it was looked at is a line of its history. Raises Incomplete, Missing."""
        ...


class Exports(Protocol):
    """Lists of reports as files, and the book of who took which."""

    def written(
        self, sought: Sought, form: str, *, by: Actor, head: Sequence[Cell], row: Callable[[Line], Sequence[Cell]]
    ) -> Exported:
        """Begin to write the whole list in one of `dashboard.reports.sheet.FORMS`, and enter it in the book. Raises TooMany, Away."""
        ...
