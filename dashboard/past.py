"""What the leader's page asks of the past: counts a day, of the whole city or of one part of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple, Protocol

from dashboard.calendar import DAY_MS
from dashboard.periods import Span

Dim = Literal["all", "ward", "unit", "service"]
PARTS: tuple[Dim, ...] = ("ward", "unit", "service")


class Part(NamedTuple):
    """Which reports are looked at: all of the city, those of one ward, unit or service, or those that are of several at once (`more`)."""

    dim: Dim = "all"
    value: str = ""
    more: tuple[tuple[Dim, str], ...] = ()

    @property
    def pairs(self) -> tuple[tuple[Dim, str], ...]:
        """Everything that holds for its reports."""
        return () if self.dim == "all" else ((self.dim, self.value), *self.more)


CITY_WIDE = Part()


class DayCounts(NamedTuple):
    """Reports of a day, or of many; the fields of dashboard.rollups.KEPT_FIELDS, in their order.

    Received on it; closed on it, and of these on time and late; of those whose deadline ended with it, all and those that were closed
    in time; whose deadline's instant lapsed on it; of those closed on it, rated, rated satisfied or acceptable, rated satisfied, and
    the minutes that they took together. Of the path (dashboard.events.Path): of those received on it, verified, verified as eligible, of
    these closed, and those that recur; those whose deadline was extended on it; of those closed late on it, within the extended deadline.
    """

    received: int = 0
    closed: int = 0
    on_time: int = 0
    late: int = 0
    due: int = 0
    met: int = 0
    lapsed: int = 0
    rated: int = 0
    content: int = 0
    satisfied: int = 0
    minutes: int = 0
    checked: int = 0
    eligible: int = 0
    handled: int = 0
    recurring: int = 0
    extended: int = 0
    granted: int = 0

    @property
    def lapses(self) -> int:
        """By how many more are overdue after these days than were before."""
        return self.lapsed - (self.late - self.granted)


FIELDS = DayCounts._fields


def counts(fields: Sequence[str], told: Iterable[int]) -> DayCounts:
    """Return counts of which only these are told."""
    row = [0] * len(FIELDS)
    for at, n in zip(_places(tuple(fields)), told, strict=True):
        row[at] = n
    return DayCounts._make(row)


@cache
def _places(fields: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(map(FIELDS.index, fields))


class Standing(NamedTuple):
    """Open reports of one service, ward and unit: how many there are, overdue (F4), due within a day (F5)."""

    service: str
    ward: str
    unit: str
    open: int
    overdue: int
    due_24h: int


def within(standing: Iterable[Standing], part: Part) -> list[Standing]:
    """Return those that are of a part of the city."""
    found = list(standing)
    for dim, value in part.pairs:
        found = [one for one in found if getattr(one, dim) == value]
    return found


class Overdue(NamedTuple):
    """How many of a part are overdue, and the first deadline that passed (epoch ms), None where there is none."""

    n: int
    oldest_due: int | None


class Late(NamedTuple):
    """How many reports of the whole city are overdue (F4), by each ward, unit and service, and of these the part's own (`mine`)."""

    ward: Counter[str]
    unit: Counter[str]
    service: Counter[str]
    mine: Overdue = Overdue(0, None)

    def of(self, part: Part) -> int:
        """Return how many there are in the city, or in one ward, unit or service."""
        return self.ward.total() if part.dim == "all" else int(getattr(self, part.dim)[part.value])


class Held(NamedTuple):
    """What was open, and of it overdue, when a day ended."""

    open: int
    overdue: int


class History(Protocol):
    """The past, by the city's days. Answers stand in the order of what was asked: one question costs one round trip."""

    def of(self, part: Part) -> "History":
        """Return what is to be asked about a part: this, or what can tell of several things at once."""
        ...

    def days(self, first: int, last: int, *, part: Part = CITY_WIDE, fields: Sequence[str] = FIELDS) -> dict[int, DayCounts]:
        """Return the reports of each day that had any; both ends included. Only `fields` need be filled."""
        ...

    def sums(self, spans: Sequence[Span], *, part: Part = CITY_WIDE) -> list[DayCounts | None]:
        """Return the reports of each stretch; None where the record has nothing of it at all, which is not 0."""
        ...

    def by(self, dim: Dim, spans: Sequence[Span], *, fields: Sequence[str] = FIELDS) -> list[dict[str, DayCounts]]:
        """Return the reports of each stretch by service, ward or unit. Only `fields` need be filled."""
        ...

    def held(self, days: Sequence[int], *, part: Part = CITY_WIDE) -> list[Held | None]:
        """Return what was open at each day's end; None where nothing is known of that time."""
        ...

    def hours(self, spans: Sequence[Span], *, part: Part = CITY_WIDE) -> list[Counter[int]]:
        """Return the histogram of hours to close (dashboard.rollups.EDGES) of reports closed in each stretch."""
        ...

    def slots(self, span: Span, *, ward: str = "") -> Counter[int]:
        """Return how many reports were submitted in each hour of the week: weekday × 24 + hour, Monday 0."""
        ...

    def standing(self, now_ms: int) -> list[Standing]:
        """Return all open reports by service, ward and unit."""
        ...

    def late(self, now_ms: int, *, part: Part = CITY_WIDE) -> Late:
        """Return how many are overdue, by ward, unit and service of the whole city, and what of a part is."""
        ...

    def due_soon(self, now_ms: int, *, part: Part = CITY_WIDE) -> int:
        """Return how many open reports fall due within a day (F5)."""
        ...

    def online(self, hours: Sequence[int]) -> list[int | None]:
        """Return how many cameras were online at the end of each hour of the city's clock; None where nothing is known."""
        ...


def total(days: Mapping[int, DayCounts], span: Span) -> DayCounts | None:
    """Return the sum over a stretch; None where the record has nothing of it at all, which is not 0."""
    inside = [counts for day, counts in days.items() if span.first <= day <= span.last]
    return added(inside) if inside else None


def added(counts: Sequence[DayCounts]) -> DayCounts:
    """Return the sum of counts."""
    if len(counts) == 1:
        return counts[0]
    return DayCounts(*map(sum, zip(*counts, strict=True))) if counts else DayCounts()


def is_overdue(due: int, now_ms: int) -> bool:
    """Return whether an open report with this deadline is overdue (F4). The instant of the deadline itself is in time."""
    return due < now_ms


def is_due_soon(due: int, now_ms: int) -> bool:
    """Return whether an open report with this deadline falls due within a day (F5)."""
    return now_ms <= due < now_ms + DAY_MS
