"""The state of the board, and the only way it changes: `follow` and `turn`. (Owner: the record's slice.)"""

from collections.abc import Mapping

from msgspec import Struct

from dashboard.events import Recorded


class Spot(Struct, frozen=True):
    """One camera: how often it spoke today, how it stands, since when, and when it last spoke (epoch ms, 0: never)."""

    spoke: int = 0
    state: str = "-"
    since: int = 0
    last: int = 0
    skewed: bool = False


class FeedState(Struct, frozen=True):
    """When a source last spoke (epoch ms, our clock), and whether it says that it is there."""

    at: int = 0
    online: bool = True


class OpenAlarm(Struct, frozen=True):
    """Alarms of one kind at one camera that are not over yet."""

    key: str
    kind: str
    priority: int
    camera: str
    name: str
    ward: str
    since: int
    last: int
    until: int
    count: int = 1
    score: float | None = None
    plate: str | None = None


class OpenReport(Struct, frozen=True):
    """A report that is not closed."""

    report: str
    service: str
    ward: str
    unit: str
    submitted: int
    due: int
    lon: float | None
    lat: float | None
    urgent: bool


class Board(Struct, frozen=True):
    """Everything that may be read live. A value: never edited, only followed by another."""

    seq: int = 0
    now: int = 0
    day: int = 0
    hours: Mapping[int, Mapping[str, int]] = {}
    minutes: Mapping[int, Mapping[str, int]] = {}
    cameras: Mapping[str, Spot] = {}
    feeds: Mapping[str, FeedState] = {}
    alarms: Mapping[str, OpenAlarm] = {}
    latest: tuple[Recorded, ...] = ()
    records: tuple[Recorded, ...] = ()
    reports: Mapping[str, OpenReport] = {}
