"""What one event adds to which count. The board and the record count by these same functions, so they cannot disagree."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from dashboard.calendar import HOUR_MS, MINUTE_MS, bucket_of, day_of, hour_of
from dashboard.events import HOUSE, Heard, Recorded, ReportChanged, Sighted
from dashboard.kinds import FOREVER

Cell = tuple[int, str]
# Edges of the histogram of hours to close: eight to a doubling, from 15 minutes to four years (a reading is within 9 %).
EDGES: tuple[float, ...] = tuple(0.25 * 2 ** (n / 8) for n in range(138))
FIELDS = ("received", "closed", "on_time", "late", "due", "met")
TIERS, EIGHT = 7, 3  # of the deadlines of what is open: each tier's slots hold eight of the one below
DAY_TIERS = 4  # of days, in the same way: 1, 8, 64 and 512 of them
FAR = 7_258_118_400_000  # what is due so late stands still, or has no deadline
PATH_FIELDS = ("checked", "eligible", "handled", "recurring", "extended", "granted")  # of the reports' paths
KEPT_FIELDS = (*FIELDS, "lapsed", "rated", "content", "satisfied", "minutes", *PATH_FIELDS)  # what the record keeps beside
CONTENT = frozenset({"satisfied", "acceptable"})


class Counts:
    """How much a batch adds to (or, amended, takes from) each window.

    Keys: (hour, kind), (hour, camera), (minute, class), (day, kind), (hour, camera, kind).
    """

    def __init__(self) -> None:
        self.hour_kind: Counter[Cell] = Counter()
        self.hour_camera: Counter[Cell] = Counter()
        self.minute_class: Counter[Cell] = Counter()
        self.day_kind: Counter[Cell] = Counter()
        self.hour_spot: Counter[tuple[int, str, str]] = Counter()

    def add(self, heard: Heard, kind: str, group: str, zone: str, sign: int = 1) -> None:
        """Count one event of class `group` under `kind`; `sign` −1 takes it back."""
        hour = hour_of(heard.counted, zone)
        self.hour_kind[hour, kind] += sign
        self.day_kind[hour // 24, kind] += sign
        self.minute_class[heard.counted // MINUTE_MS, group] += sign
        if heard.camera and heard.source != HOUSE:
            self.hour_camera[hour, heard.camera] += sign
            self.hour_spot[hour, heard.camera, kind] += sign


def is_row(one: Recorded) -> bool:
    """Return whether the record keeps this as an event of its own (and not only as a sign of life)."""
    return one.seq > 0


def counts_of(recorded: Iterable[Recorded], zone: str, class_of: Callable[[str], str]) -> Counts:
    """Return what a batch adds to every window. Quarantined events are in none; an amended one is moved, never counted again."""
    counts = Counts()
    for one in recorded:
        if not is_row(one) or one.heard.quarantined:
            continue
        if one.before is None or not isinstance(one.heard.event, Sighted):
            counts.add(one.heard, one.kind, class_of(one.kind), zone)
        elif (one.before_kind, one.before.camera) != (one.kind, one.heard.camera):
            counts.add(one.before, one.before_kind, class_of(one.before_kind), zone, -1)
            counts.add(one.heard, one.kind, class_of(one.kind), zone)
    return counts


def promised(report: ReportChanged, due: int) -> int:
    """Return the deadline that decides what was on time: the first one, or one that has become earlier since."""
    original = report.path.original if report.path is not None else None
    return due if original is None else min(original, due)


def report_cells(heard: Heard | None, due: int, zone: str) -> Iterator[tuple[int, str]]:
    """Yield (day, field) for everything a report counts in: received on its day, closed on the day it was closed, due on its last day.

    What was on time is decided by the deadline that was promised at first. One of midnight is the end of the day before (calendar.md §4).
    `met` are those of the due that were closed in time.
    """
    if heard is None or not isinstance(heard.event, ReportChanged):
        return
    report = heard.event
    closed, first = None if report.open else report.closed, promised(report, due)
    yield day_of(report.submitted, zone), "received"
    if first < FOREVER:
        yield day_of(first - 1, zone), "due"
        if closed is not None and closed <= first:
            yield day_of(first - 1, zone), "met"
    if closed is None:
        return
    day = day_of(closed, zone)
    yield day, "closed"
    yield day, "on_time" if closed <= first else "late"


def kept_cells(heard: Heard | None, due: int, zone: str) -> Iterator[tuple[int, str, int]]:
    """Yield (day, field, how much) of what the record keeps beside the day's counts.

    `lapsed` on the day of a deadline that was not met (or is not yet); on the day of closing `rated`, of these `content` (satisfied or
    acceptable, F10) and `satisfied`, and the `minutes` from submitting to closing, begun ones left out.
    Of those closed late, `granted` were within the deadline as it had been moved. Overdue at the end of a day is what had lapsed by then, less
    what had been closed late by then and was not granted.
    """
    if heard is None or not isinstance(heard.event, ReportChanged):
        return
    report = heard.event
    closed = None if report.open else report.closed
    if due < FOREVER and (report.open or (closed is not None and closed > due)):
        yield day_of(due, zone), "lapsed", 1
    yield from _path_cells(report, closed, zone)
    if closed is None:
        return
    day = day_of(closed, zone)
    if promised(report, due) < closed <= due:
        yield day, "granted", 1
    yield day, "minutes", max(closed - report.submitted, 0) // MINUTE_MS
    if report.rating is not None:
        yield day, "rated", 1
        yield day, "content", int(report.rating in CONTENT)
        yield day, "satisfied", int(report.rating == "satisfied")


def _path_cells(report: ReportChanged, closed: int | None, zone: str) -> Iterator[tuple[int, str, int]]:
    """Yield what a report's path counts in: `extended` on the day on which more time was granted first, all else on that of submitting."""
    path = report.path
    if path is None:
        return
    day = day_of(report.submitted, zone)
    if path.eligible is not None:
        yield day, "checked", 1
        yield day, "eligible", int(path.eligible)
        yield day, "handled", int(path.eligible and closed is not None)
    if path.recurs:
        yield day, "recurring", 1
    if path.extended is not None:
        yield day_of(path.extended, zone), "extended", 1


def slot_cell(heard: Heard | None, zone: str) -> tuple[int, int] | None:
    """Return (day of submitting, hour of the city's clock) of a report."""
    if heard is None or not isinstance(heard.event, ReportChanged):
        return None
    return divmod(hour_of(heard.event.submitted, zone), 24)


def hours_cell(heard: Heard | None, zone: str) -> tuple[int, int] | None:
    """Return (day of closing, bucket of the histogram of hours from submitting to closing), or None while it is open."""
    if heard is None or not isinstance(heard.event, ReportChanged) or heard.event.open or heard.event.closed is None:
        return None
    hours = max(heard.event.closed - heard.event.submitted, 0) / HOUR_MS
    return day_of(heard.event.closed, zone), bucket_of(hours, EDGES)


def pending_cells(heard: Heard | None, due: int) -> Iterator[tuple[int, int]]:
    """Yield (tier, slot) of an open report's deadline: hours since 1970 by eights, so that any stretch is a handful of slots.

    Slot s of tier 0 reaches from behind its own hour to the next, both by the instant: a deadline of midnight ends the hour before it.
    """
    if heard is None or not isinstance(heard.event, ReportChanged) or not heard.event.open or due >= FAR:
        return
    hour = (due - 1) // HOUR_MS
    yield from ((tier, hour >> EIGHT * tier) for tier in range(TIERS))


def slots_within(first: int, end: int, tiers: int = TIERS) -> Iterator[tuple[int, int, int]]:
    """Yield (tier, first, end) of the slots that make up the hours, or days, from `first` on and before `end`, as few as there can be."""
    for tier in range(tiers):
        low, high = -(-first >> EIGHT) << EIGHT, end >> EIGHT << EIGHT
        if tier == tiers - 1 or low >= high:
            if first < end:
                yield tier, first, end
            return
        if first < low:
            yield tier, first, low
        if high < end:
            yield tier, high, end
        first, end = low >> EIGHT, high >> EIGHT


def median_hours(histogram: Counter[int]) -> float | None:
    """Return the median of hours to close, read off the histogram by straight lines within a bucket."""
    total = sum(histogram.values())
    if total <= 0:
        return None
    bounds = (0.0, *EDGES, EDGES[-1] * 2)
    seen, half = 0, total / 2
    for bucket, (low, high) in enumerate(pairwise(bounds)):
        inside = histogram[bucket]
        if inside and seen + inside >= half:
            return low + (high - low) * (half - seen) / inside
        seen += inside
    return bounds[-1]
