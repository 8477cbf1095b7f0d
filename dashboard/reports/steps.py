"""How a deadline came about, day by day: what of the calendar counted, what did not, and why. For people who test the city's rules."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from dashboard.calendar import date_of, day_of, day_start_ms
from dashboard.city import City, Day
from dashboard.reports.clock import Deadline
from dashboard.reports.working import UNSURE, Clock, calendar_of

SATURDAY = 5
Kind = Literal["begins", "runs", "counts", "closed", "weekend", "off", "swapped"]


class Stretch(NamedTuple):
    """Days on end of which the same holds. `since` and `until` are epoch ms, `until` is where it ends; `day` is as the calendar names it.

    `begins` does not count, on `closed` the office has no hours left, `off` is a day off that the calendar names, `swapped` one that is
    worked although it lies on a weekend. `counted` is in days, or in ms of working time (`runs`).
    """

    kind: Kind
    since: int
    until: int
    counted: int
    day: Day | None = None

    @property
    def unsure(self) -> bool:
        """Whether nobody has announced that day yet."""
        return self.day is not None and self.day.status in UNSURE


def steps(city: City, deadline: Deadline) -> list[Stretch]:
    """Return how a clock that has only begun comes to its end; pauses and extensions are no part of it."""
    unit, clock = deadline.term.unit, calendar_of(city).clock(deadline.profile)
    if unit in {"hour", "instant"}:
        return [Stretch("runs", deadline.started, deadline.original, deadline.original - deadline.started)]
    if unit == "working_hour":
        return _joined(_hours(city, clock, deadline))
    return list(_days(city, clock, deadline))


def _joined(told: Iterable[Stretch]) -> list[Stretch]:
    """Return the same with days off that follow each other as one."""
    found: list[Stretch] = []
    for one in told:
        if found and one.counted == 0 and (found[-1].kind, found[-1].day) == (one.kind, one.day):
            found[-1] = found[-1]._replace(until=one.until)
        else:
            found.append(one)
    return found


def _days(city: City, clock: Clock, deadline: Deadline) -> Iterator[Stretch]:
    first, last = day_of(deadline.started, city.zone), day_of(deadline.original - 1, city.zone)
    yield Stretch("begins", deadline.started, day_start_ms(first + 1, city.zone), 0)
    every = deadline.term.unit == "day"
    yield from _grouped(city, first + 1, last, lambda day: "counts" if every else _kind(city, clock, day))


def _grouped(city: City, first: int, last: int, kind_of: Callable[[int], Kind]) -> Iterator[Stretch]:
    """Yield the days from `first` to `last`, those on end of which the same holds together."""
    named = {one.date: one for one in city.days}

    def about(day: int) -> tuple[Kind, Day | None]:
        kind = kind_of(day)
        return kind, named.get(date_of(day)) if kind in {"off", "swapped"} else None

    for (kind, day), told in groupby(range(first, last + 1), about):
        days = list(told)
        count = len(days) if kind in {"counts", "swapped"} else 0
        yield Stretch(kind, day_start_ms(days[0], city.zone), day_start_ms(days[-1] + 1, city.zone), count, day)


def _kind(city: City, clock: Clock, day: int) -> Kind:
    """Return what a day is to a clock."""
    on = date_of(day)
    named = next((one for one in city.days if one.date == on), None)
    if clock.spans(day):
        return "swapped" if on.weekday() >= SATURDAY and named is not None and named.working else "counts"
    return "off" if named is not None and not named.working else "weekend"


def _hours(city: City, clock: Clock, deadline: Deadline) -> Iterator[Stretch]:
    """Yield the opening hours that were used, and what lay between them."""
    for day in range(day_of(deadline.started, city.zone), day_of(deadline.original, city.zone) + 1):
        if not clock.spans(day):
            yield from _grouped(city, day, day, lambda one: _kind(city, clock, one))
            continue
        used = False
        for opens, shuts in clock.spans(day):
            since, until = max(opens, deadline.started), min(shuts, deadline.original)
            if since < until:
                used = True
                yield Stretch("runs", since, until, until - since)
        if not used:
            yield Stretch("closed", max(deadline.started, day_start_ms(day, city.zone)), day_start_ms(day + 1, city.zone), 0)
