"""What the leader's page asks of the past: counts a day, and the shares that are read off them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from dashboard.periods import Span

LEAST_RATED = 30


class DayCounts(NamedTuple):
    """Reports of a day, or of many.

    Received on it; closed on it, and of these on time and late; whose deadline lapsed on it; of those closed on it, rated and rated
    satisfied or acceptable.
    """

    received: int = 0
    closed: int = 0
    on_time: int = 0
    late: int = 0
    lapsed: int = 0
    rated: int = 0
    content: int = 0


class History(Protocol):
    """The past, by the city's days."""

    def days(self, first: int, last: int, *, ward: str = "") -> dict[int, DayCounts]:
        """Return the reports of each day that had any, of the whole city or of a ward; both ends included."""
        ...

    def by(self, dim: str, first: int, last: int) -> dict[str, DayCounts]:
        """Return the reports of a stretch by `service`, `ward` or `unit`."""
        ...

    def hours(self, first: int, last: int, *, ward: str = "") -> Counter[int]:
        """Return the histogram of hours to close (dashboard.rollups.EDGES) of reports closed in a stretch."""
        ...

    def overdue(self, now_ms: int) -> list[tuple[str, str, int]]:
        """Return (service, ward, due) of every open report that is past its deadline, the oldest first."""
        ...

    def overdue_at(self, day: int, *, ward: str = "") -> int | None:
        """Return how many reports were overdue when a day ended; None where nothing is known of that time."""
        ...

    def online(self, hours: Sequence[int]) -> list[int | None]:
        """Return how many cameras were online at the end of each hour of the city's clock; None where nothing is known."""
        ...


def total(days: Mapping[int, DayCounts], span: Span) -> DayCounts | None:
    """Return the sum over a stretch; None where the record has nothing of it at all, which is not 0."""
    inside = [counts for day, counts in days.items() if span.first <= day <= span.last]
    return DayCounts(*map(sum, zip(*inside, strict=True))) if inside else None


def on_time(counts: DayCounts | None) -> float | None:
    """Return the share in percent of closed reports that were closed within their original deadline (F8 A)."""
    return 100 * counts.on_time / counts.closed if counts is not None and counts.closed else None


def received(counts: DayCounts | None) -> float | None:
    """Return the reports received (F1)."""
    return None if counts is None else float(counts.received)


def satisfaction(counts: DayCounts | None) -> float | None:
    """Return the share in percent of ratings that were satisfied or acceptable (F10); None below thirty (UX-88)."""
    return 100 * counts.content / counts.rated if counts is not None and counts.rated >= LEAST_RATED else None
