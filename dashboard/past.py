"""What the leader's page asks of the past: counts a day, of the whole city or of one part of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    the minutes that they took together.
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


class Standing(NamedTuple):
    """Open reports of one service, ward and unit: how many are looked at, overdue (F4), due within a day (F5), and the first deadline."""

    service: str
    ward: str
    unit: str
    open: int
    overdue: int
    due_24h: int
    oldest_due: int

    def of(self, dim: Dim) -> str:
        """Return which ward, unit or service it is."""
        return "" if dim == "all" else str(getattr(self, dim))


def within(standing: Iterable[Standing], part: Part) -> list[Standing]:
    """Return those that are of a part of the city."""
    found = list(standing)
    for dim, value in part.pairs:
        found = [one for one in found if getattr(one, dim) == value]
    return found


class Held(NamedTuple):
    """What was open, and of it overdue, when a day ended."""

    open: int
    overdue: int


class History(Protocol):
    """The past, by the city's days. Answers stand in the order of what was asked: one question costs one round trip."""

    def of(self, part: Part) -> "History":
        """Return what is to be asked about a part: this, or what can tell of several things at once."""
        ...

    def days(self, first: int, last: int, *, part: Part = CITY_WIDE) -> dict[int, DayCounts]:
        """Return the reports of each day that had any; both ends included."""
        ...

    def sums(self, spans: Sequence[Span], *, part: Part = CITY_WIDE) -> list[DayCounts | None]:
        """Return the reports of each stretch; None where the record has nothing of it at all, which is not 0."""
        ...

    def by(self, dim: Dim, spans: Sequence[Span]) -> list[dict[str, DayCounts]]:
        """Return the reports of each stretch by service, ward or unit."""
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

    def standing(self, now_ms: int, *, whole: bool = False) -> list[Standing]:
        """Return the overdue reports, or (`whole`) all open ones, by service, ward and unit."""
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
    return DayCounts(*map(sum, zip(*counts, strict=True))) if counts else DayCounts()


def is_overdue(due: int, now_ms: int) -> bool:
    """Return whether an open report with this deadline is overdue (F4). The instant of the deadline itself is in time."""
    return due < now_ms


def is_due_soon(due: int, now_ms: int) -> bool:
    """Return whether an open report with this deadline falls due within a day (F5)."""
    return now_ms <= due < now_ms + DAY_MS
