"""The state of the board, and the only ways in which it changes: `follow` what was recorded, `turn` with the clock."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from dashboard.alarms.alarm import Alarm
from dashboard.calendar import MINUTE_MS, day_of, hour_of
from dashboard.events import Recorded
from dashboard.indicators import Measure
from dashboard.marks.mark import Mark
from dashboard.spot import Spot

T = TypeVar("T")
RATE_MS = 600_000  # alarms in the last ten minutes (UX-41)
LATEST, RECORDS, MINUTES, HOURS, DAYS, UNKNOWN = 60, 30, 60, 8 * 24, 31, 100


class FeedState(Struct, frozen=True):
    """When a source last spoke (epoch ms, our clock), and whether it says that it is there."""

    at: int = 0
    online: bool = True


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


class Unknown(Struct, frozen=True):
    """A camera that speaks and is in no registry: how often, when last (epoch ms), and how it says that it stands."""

    source: str
    name: str
    count: int
    last: int
    state: str = ""


class Board(Struct, frozen=True):
    """Everything that may be read live. A value: never edited, only followed by another.

    `now` is epoch ms; `minute` and `day` are the epoch minute and the city's day that it lies in. `alarms` are the open ones by group,
    `pending` those that have not lasted for long enough, `toggles` when groups were raised of late. `flood` is since when alarms come
    too fast (epoch ms, 0: they do not) for the `duty` people who are at it. `acted` is the number of the last act about one, `raised`
    when those of the last ten minutes began. Windows are keyed by the city's clock: `hours` (hour number) to kind to count, `minutes`
    (epoch minute) to class to count, `report_days` (day number) to field to count. `marks` are those of the map that are not over, by
    number, `marked` is the number of the last act on one.
    """

    zone: str = "UTC"
    seq: int = 0
    now: int = 0
    minute: int = 0
    day: int = 0
    stored: int = 0
    quarantined: int = 0
    dead_letters: int = 0
    lag_ms: int = 0
    hours: Mapping[int, Mapping[str, int]] = {}
    minutes: Mapping[int, Mapping[str, int]] = {}
    report_days: Mapping[int, Mapping[str, int]] = {}
    cameras: Mapping[str, Spot] = {}
    feeds: Mapping[str, FeedState] = {}
    alarms: Mapping[str, Alarm] = {}
    pending: Mapping[str, Alarm] = {}
    toggles: Mapping[str, tuple[int, ...]] = {}
    flood: int = 0
    duty: int = 1
    acted: int = 0
    raised: tuple[int, ...] = ()
    unknown: Mapping[str, Unknown] = {}
    reports: Mapping[str, OpenReport] = {}
    indicators: Mapping[str, Measure] = {}
    latest: tuple[Recorded, ...] = ()
    records: tuple[Recorded, ...] = ()
    marks: Mapping[int, Mark] = {}
    marked: int = 0


def turn(board: Board, now_ms: int) -> Board:
    """Return the board at `now_ms`: old windows are let go, a new day starts from nothing.

    What time does to alarms is an act that is recorded (dashboard.alarms.passing), and none of this.
    """
    hour, minute, day = hour_of(now_ms, board.zone), now_ms // MINUTE_MS, day_of(now_ms, board.zone)
    if minute != board.minute:
        board = replace(
            board,
            hours=_younger(board.hours, hour - HOURS),
            minutes=_younger(board.minutes, minute - MINUTES),
            report_days=_younger(board.report_days, day - DAYS),
        )
    if board.raised and board.raised[0] <= now_ms - RATE_MS:
        board = replace(board, raised=recent(board.raised, now_ms))
    if any(mark.until <= now_ms for mark in board.marks.values()):
        board = replace(board, marks={key: mark for key, mark in board.marks.items() if mark.until > now_ms})
    if board.day != day:
        cameras = {key: replace(spot, spoke=0) for key, spot in board.cameras.items()}
        board = replace(board, day=day, cameras=cameras)
    return replace(board, now=now_ms, minute=minute)


def _younger(windows: Mapping[int, T], oldest: int) -> Mapping[int, T]:
    """Return the windows after `oldest`; the very same map where none is older."""
    if all(key > oldest for key in windows):
        return windows
    return {key: count for key, count in windows.items() if key > oldest}


def recent(raised: Sequence[int], now_ms: int) -> tuple[int, ...]:
    """Return when alarms of the last ten minutes began, the oldest first."""
    return tuple(sorted(at for at in raised if at > now_ms - RATE_MS))


def newest(recorded: Sequence[Recorded], held: tuple[Recorded, ...], most: int) -> tuple[Recorded, ...]:
    """Return the `most` newest of both, newest first; what is told again takes the place of its first telling."""
    if not recorded:
        return held
    by_seq = {one.seq: one for one in held} | {one.seq: one for one in recorded}
    return tuple(by_seq[seq] for seq in sorted(by_seq, reverse=True)[:most])
