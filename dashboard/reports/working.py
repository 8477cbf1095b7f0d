"""Working days and hours of each clock of the city, made once a calendar and asked by number."""

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from dashboard.calendar import DAY_MS, MINUTE_MS, WorkingDays, date_of, day_of, day_start_ms, number_of
from dashboard.city import City, Day, OfficeHours

ALWAYS, OFFICE = "24x7", "office"
UNSURE = frozenset({"expected", "unannounced"})
FIRST, LAST = (
    number_of(date(1970, 1, 1)),
    number_of(date(2240, 1, 1)),
)  # events are told until 2200, and no deadline is forty years long
DAY_MINUTES = 24 * 60


class Clock:
    """The working time of one profile. Days are day numbers (dashboard.calendar), instants epoch ms."""

    def __init__(self, days: WorkingDays, hours: Sequence[OfficeHours], *, zone: str, unsure: Iterable[int], always: bool) -> None:
        every, some = (always or (bool(hours) and of(one.every_day for one in hours)) for of in (all, any))
        self.zone, self._hours, self._always = zone, hours, always
        self._days = array(
            "i", (n for n in range(FIRST, LAST) if every or days.works(on := date_of(n)) or (some and self._every(on)))
        )
        self._unsure = () if every else tuple(sorted(unsure))

    def last_day(self, day: int, count: int) -> int:
        """Return the `count`th working day after `day`, which itself does not count (calendar.md §5)."""
        return self._days[min(bisect_right(self._days, day) + count, len(self._days)) - 1] if count > 0 else day

    def between(self, first: int, last: int) -> int:
        """Return how many working days begin after day `first` and not after day `last`."""
        return max(bisect_right(self._days, last) - bisect_right(self._days, first), 0)

    def unsure(self, first: int, last: int) -> bool:
        """Return whether a day that nobody has announced yet lies after day `first` and not after day `last`."""
        return bisect_right(self._unsure, first) != bisect_right(self._unsure, last)

    def spans(self, day: int) -> list[tuple[int, int]]:
        """Return the opening hours of a day, as instants."""
        at = bisect_left(self._days, day)
        if at == len(self._days) or self._days[at] != day:
            return []
        start, told = day_start_ms(day, self.zone), self._minutes(date_of(day))
        if day_start_ms(day + 1, self.zone) - start == DAY_MS:
            return [(start + opens * MINUTE_MS, start + shuts * MINUTE_MS) for opens, shuts in told]
        return [(self._at(day, opens), self._at(day, shuts)) for opens, shuts in told]

    def _at(self, day: int, minute: int) -> int:
        """Return the instant of a minute on the clock on the wall, on a day on which that clock is changed."""
        if minute == DAY_MINUTES:
            return day_start_ms(day + 1, self.zone)
        wall = datetime.combine(date_of(day), time(*divmod(minute, 60)), ZoneInfo(self.zone))
        return round(wall.timestamp() * 1000)

    def _minutes(self, on: date) -> Sequence[tuple[int, int]]:
        if self._always:
            return ((0, DAY_MINUTES),)
        told = self._told(on)
        return told.spans if told else ((0, DAY_MINUTES),)  # the pack tells no hours of that season: the day counts whole

    def _told(self, on: date) -> OfficeHours | None:
        """Return the hours of a season."""
        for one in self._hours:
            if (one.valid_from or date.min) <= on <= (one.valid_to or date.max) and on.month in one.months:
                return one
        return None

    def _every(self, on: date) -> bool:
        told = self._told(on)
        return told is not None and told.every_day

    def after(self, at_ms: int, work_ms: int) -> int:
        """Return the instant at which `work_ms` of working time have passed since `at_ms`: at once, where that is none."""
        day = day_of(at_ms, self.zone)
        while work_ms > 0 and day < LAST:
            for opens, shuts in self.spans(day):
                since = max(opens, at_ms)
                if since < shuts and work_ms <= shuts - since:
                    return since + work_ms
                work_ms -= max(shuts - since, 0)
            day += 1
        return at_ms if work_ms <= 0 else day_start_ms(LAST, self.zone)

    def worked(self, since_ms: int, until_ms: int) -> int:
        """Return how much working time (ms) lies between two instants."""
        days = range(day_of(since_ms, self.zone), day_of(until_ms, self.zone) + 1)
        spans = (span for day in days for span in self.spans(day))
        return sum(max(min(shuts, until_ms) - max(opens, since_ms), 0) for opens, shuts in spans)


class Calendar:
    """A city's working time. `version` changes with whatever a deadline may hang on, and with nothing else of the pack."""

    def __init__(self, days: Sequence[Day], hours: Sequence[OfficeHours], zone: str) -> None:
        self.version, self.zone, self._hours = version_of(days, hours, zone), zone, hours
        self._days = WorkingDays(days)
        self._unsure = [number_of(day.date) for day in days if day.status in UNSURE]
        self._clocks: dict[str, Clock] = {}

    def clock(self, profile: str) -> Clock:
        """Return the clock of a unit's profile. One that the pack tells no hours of goes by the offices'."""
        if profile not in self._clocks:
            rows = [one for one in self._hours if one.clock == profile]
            always = profile == ALWAYS and not rows
            hours = rows or [one for one in self._hours if one.clock == OFFICE]
            self._clocks[profile] = Clock(self._days, hours, zone=self.zone, unsure=self._unsure, always=always)
        return self._clocks[profile]


def version_of(days: Sequence[Day], hours: Sequence[OfficeHours], zone: str) -> str:
    """Return a name for what a calendar says. Names and marks of its rows are not part of it; how sure a row is, is."""
    told = (zone, sorted((day.date, day.working, day.status) for day in days), sorted(map(_told, hours), key=repr))
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:12]


def _told(one: OfficeHours) -> tuple[object, ...]:
    return (one.clock, one.valid_from, one.valid_to, one.months, one.spans, one.every_day)


MOST = 8
_of: dict[int, tuple[City, Calendar]] = {}


def calendar_of(city: City) -> Calendar:
    """Return a city's calendar, made once; a city that has only adopted a camera keeps it."""
    held = _of.get(id(city))
    if held is None or held[0] is not city:
        held = _of[id(city)] = (city, _of_facts(city))
        for old in list(_of)[:-MOST]:
            del _of[old]
    return held[1]


_by_version: dict[str, Calendar] = {}


def _of_facts(city: City) -> Calendar:
    version = version_of(city.days, city.office_hours, city.zone)
    if version not in _by_version:
        _by_version[version] = Calendar(city.days, city.office_hours, city.zone)
        for old in list(_by_version)[:-MOST]:
            del _by_version[old]
    return _by_version[version]
