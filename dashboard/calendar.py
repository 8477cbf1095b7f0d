"""Hours and days as the city lives them, and which of them it works (deadlines: dashboard.reports.clock)."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dashboard.city import Day

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
QUARTER_MS = 900_000
EPOCH = date(1970, 1, 1)
COUNTED = frozenset({"confirmed", "law", "expected"})
THURSDAY = 3  # the weekday of day 0
FRIDAY = 4
OCTOBER = 10  # by which the plan of the next year's leave is made


@lru_cache(maxsize=4096)
def _offset_ms(zone: str, quarter: int) -> int:
    """Return how far the zone's clock is ahead of UTC. Offsets change on quarters of an hour, everywhere and always."""
    at = datetime.fromtimestamp(quarter * QUARTER_MS / 1000, ZoneInfo(zone))
    gap = at.utcoffset()
    return 0 if gap is None else round(gap.total_seconds() * 1000)


@lru_cache(maxsize=1 << 15)
def _steady_ms(zone: str, utc_day: int) -> int | None:
    """Return the offset of a whole day of UTC, None on one in which it changes. No zone changes its clock and back within a day."""
    first, last = (_offset_ms(zone, (utc_day + n) * DAY_MS // QUARTER_MS) for n in (0, 1))
    return first if first == last else None


def hour_of(at_ms: int, zone: str) -> int:
    """Return the number of the city's clock hour (hours since 1970-01-01 00:00 on the city's clock)."""
    steady = _steady_ms(zone, at_ms // DAY_MS)
    return (at_ms + (_offset_ms(zone, at_ms // QUARTER_MS) if steady is None else steady)) // HOUR_MS


def day_of(at_ms: int, zone: str) -> int:
    """Return the number of the city's day (days since 1970-01-01), cut at the city's midnight."""
    return hour_of(at_ms, zone) // 24


def date_of(day: int) -> date:
    """Return the calendar date of a day number."""
    return EPOCH + timedelta(days=day)


def number_of(on: date) -> int:
    """Return the day number of a calendar date."""
    return (on - EPOCH).days


@lru_cache(maxsize=4096)
def month_of(day: int) -> int:
    """Return the number of the calendar month that a day number lies in: twelve a year, January of year 0 is 0."""
    on = date_of(day)
    return on.year * 12 + on.month - 1


def month_start(month: int) -> int:
    """Return the number of a month's first day."""
    return number_of(date(month // 12, month % 12 + 1, 1))


@lru_cache(maxsize=1 << 15)
def day_start_ms(day: int, zone: str) -> int:
    """Return the instant of the city's midnight in which `day` begins."""
    midnight = datetime.combine(date_of(day), datetime.min.time(), ZoneInfo(zone))
    return round(midnight.astimezone(UTC).timestamp() * 1000)


class WorkingDays:
    """Which days the city works. Made once per city; `days` are those that differ from Monday to Friday."""

    def __init__(self, days: Iterable[Day]) -> None:
        told = {day.date: day.working for day in days if day.status in COUNTED}
        self._off = frozenset(on for on, working in told.items() if not working)
        self._on = frozenset(on for on, working in told.items() if working)

    def works(self, on: date) -> bool:
        """Return whether state offices work on that date."""
        if on in self._on:
            return True
        return on.weekday() <= FRIDAY and on not in self._off

    def after(self, on: date, count: int) -> date:
        """Return the `count`th working day after `on` (calendar.md §5); `on` itself does not count."""
        while count > 0:
            on += timedelta(days=1)
            count -= self.works(on)
        return on


def unannounced(days: Iterable[Day], on: date) -> int | None:
    """Return next year, where it is time to ask for its calendar and nobody has: from October, without a confirmed day of Tết (calendar.md §3).

    Of a pack that names no such days any confirmed one will do.
    """
    told = [day for day in days if day.date.year == on.year + 1]
    asked = [day for day in told if day.code.startswith("TET")] or told
    return on.year + 1 if on.month >= OCTOBER and not any(day.status == "confirmed" for day in asked) else None


def bucket_of(value: float, edges: tuple[float, ...]) -> int:
    """Return in which of the stretches between `edges` a value lies (0: below the first)."""
    return bisect_right(edges, value)
