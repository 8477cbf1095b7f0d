"""Deadlines against a clock that walks minute by minute, over calendars made up: holidays, swapped days, seasons, nights, changes of the clock."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.calendar import HOUR_MS, MINUTE_MS
from dashboard.city import Day, OfficeHours
from dashboard.reports.clock import begun, extended, paused, recomputed, resumed
from dashboard.reports.working import Calendar
from dashboard.term import Term
from tests.town import words

YEAR = tuple(range(1, 13))
ZONES = ("Asia/Ho_Chi_Minh", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC")


class Walked(NamedTuple):
    """A calendar, and how it is walked."""

    zone: str
    days: list[Day]
    hours: list[OfficeHours]

    def local(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(self.zone))

    def row(self, on: date) -> OfficeHours:
        there = (one for one in self.hours if (one.valid_from or date.min) <= on <= (one.valid_to or date.max))
        return next(one for one in there if on.month in one.months)

    def works(self, on: date) -> bool:
        told = {one.date: one.working for one in self.days if one.status != "unannounced"}
        return told.get(on, on.weekday() < 5) or self.row(on).every_day

    def is_open(self, ms: int) -> bool:
        at = self.local(ms)
        return self.works(at.date()) and any(a <= at.hour * 60 + at.minute < b for a, b in self.row(at.date()).spans)

    def after(self, ms: int, minutes: int) -> int:
        while minutes > 0:
            minutes -= self.is_open(ms)
            ms += MINUTE_MS
        return ms

    def days_after(self, ms: int, count: int) -> int:
        on = self.local(ms).date()
        while count > 0:
            on += timedelta(days=1)
            count -= self.works(on)
        return round(datetime.combine(on + timedelta(days=1), datetime.min.time(), ZoneInfo(self.zone)).timestamp() * 1000)

    def began(self, since: int, until: int) -> int:
        first, last = self.local(since).date(), self.local(until).date()
        return sum(self.works(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


@st.composite
def walks(draw: st.DrawFn) -> tuple[Walked, int]:
    """Return a calendar around the days on which clocks are changed, and an instant in it."""
    zone, start = draw(st.sampled_from(ZONES)), draw(st.sampled_from([date(2026, 3, 1), date(2026, 10, 20), date(2027, 1, 25)]))
    statuses = st.sampled_from(["confirmed", "law", "expected", "unannounced"])
    rows = draw(st.lists(st.tuples(st.integers(0, 30), st.booleans(), statuses), max_size=12, unique_by=lambda row: row[0]))
    days = [Day(date=start + timedelta(days=n), name=words("x"), working=on, status=status) for n, on, status in rows]  # type: ignore[arg-type]

    def spans() -> tuple[tuple[int, int], ...]:
        cuts = sorted(draw(st.lists(st.integers(16, 96), min_size=2, max_size=6, unique=True)))
        return tuple((a * 15, b * 15) for a, b in zip(cuts[::2], cuts[1::2], strict=False))

    def hours(*, months: tuple[int, ...] = YEAR, until: date | None = None, every: bool = False) -> OfficeHours:
        told = ((0, 1440),) if draw(st.integers(0, 4)) == 0 else spans()
        return OfficeHours(clock="office", valid_from=None, valid_to=until, months=months, spans=told, every_day=every)

    ends = start + timedelta(days=draw(st.integers(0, 40)))
    seasons = [hours(until=ends, every=draw(st.booleans())), hours(months=(3, 10)), hours(months=(1, 2, 4, 5, 6, 7, 8, 9, 11, 12))]
    begins = datetime.combine(start, datetime.min.time(), ZoneInfo(zone)).timestamp() * 1000
    return Walked(zone, days, seasons), round(begins) + draw(st.integers(0, 20 * 1440)) * MINUTE_MS


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(walks(), st.integers(1, 40), st.integers(1, 12), st.integers(0, 6 * 1440), st.integers(0, 4 * 1440))
def test_deadlines_pauses_and_more_time_are_those_of_a_walk(
    walk: tuple[Walked, int], hours: int, count: int, gone: int, stood: int
) -> None:
    walked, at = walk
    calendar = Calendar(walked.days, walked.hours, walked.zone)
    by_hours, by_days = begun(calendar, at, Term(hours, "working_hour")), begun(calendar, at, Term(count, "working_day"))
    assert (by_hours.due, by_days.due) == (walked.after(at, hours * 60), walked.days_after(at, count))
    since, until = at + gone * MINUTE_MS, at + (gone + stood) * MINUTE_MS
    open_minutes, began = sum(map(walked.is_open, range(since, until, MINUTE_MS))), walked.began(since, until)
    for held in (by_hours, by_days):
        run = resumed(paused(held, at=since, why="x"), calendar, at=until)
        due = walked.after(held.due, open_minutes) if held is by_hours else walked.days_after(held.due - 1, began)
        assert run.due == (held.due if since >= held.due else due)
        assert (recomputed(run, calendar), recomputed(held, calendar)) == (run, held)
        more = extended(held, calendar, Term(2, "working_day"), at=at)
        assert more.due == walked.days_after(held.due - 1, 2)


def office(*spans: tuple[int, int], every_day: bool = False, months: tuple[int, ...] = YEAR) -> OfficeHours:
    return OfficeHours(clock="office", valid_from=None, valid_to=None, months=months, spans=spans, every_day=every_day)


MORNING = (450, 690)  # 07:30-11:30


def test_a_pause_at_night_moves_no_deadline() -> None:
    calendar = Calendar([], [office(MORNING)], "Asia/Ho_Chi_Minh")
    held = begun(calendar, round(datetime(2026, 11, 23, 0, 30, tzinfo=UTC).timestamp() * 1000), Term(4, "working_hour"))
    closes = round(datetime(2026, 11, 23, 4, 30, tzinfo=UTC).timestamp() * 1000)
    assert held.due == closes
    assert resumed(paused(held, at=closes - 20 * HOUR_MS, why="x"), calendar, at=closes - 10 * HOUR_MS).due == closes


def test_offices_open_by_the_clock_on_the_wall_when_it_is_changed() -> None:
    every = Calendar([], [office(MORNING, every_day=True)], "Europe/Berlin")
    saturday = round(datetime(2026, 3, 28, 20, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)
    due = begun(every, saturday, Term(1, "working_hour")).due
    assert datetime.fromtimestamp(due / 1000, ZoneInfo("Europe/Berlin")).isoformat() == "2026-03-29T08:30:00+02:00"


def test_rest_days_are_worked_in_the_season_that_says_so() -> None:
    calendar = Calendar([], [office(MORNING, every_day=True, months=(7,)), office(MORNING, months=(6, 8))], "UTC")

    def opened(month: int, day: int) -> bool:
        return bool(calendar.clock("office").spans((date(2026, month, day) - date(1970, 1, 1)).days))

    assert [opened(6, 27), opened(7, 4), opened(7, 5), opened(8, 1)] == [False, True, True, False]


@pytest.mark.parametrize("unit", ["hour", "day", "working_day", "working_hour"])
def test_what_is_not_announced_makes_a_deadline_provisional_however_it_came_into_it(unit: str) -> None:
    holiday = Day(date=date(2026, 11, 24), name=words("x"), working=False, status="expected")
    calendar = Calendar([holiday], [office(MORNING)], "Asia/Ho_Chi_Minh")
    friday = round(datetime(2026, 11, 20, 1, tzinfo=UTC).timestamp() * 1000)
    held = begun(calendar, friday, Term(1, unit))  # type: ignore[arg-type]
    assert not held.provisional
    assert extended(held, calendar, Term(2, "working_day"), at=friday).provisional
    on_the_day = begun(calendar, friday + 96 * HOUR_MS, Term(1, "working_hour"))
    assert on_the_day.provisional
    assert recomputed(on_the_day, calendar) == on_the_day
    assert resumed(paused(on_the_day, at=friday + 97 * HOUR_MS, why="x"), calendar, at=friday + 98 * HOUR_MS).provisional


def test_a_clock_that_never_runs_ends_where_calendars_do() -> None:
    """No pack that is checked has one; whoever makes one is not waited for."""
    never = Calendar([], [office()], "UTC").clock("office")
    assert never.after(0, HOUR_MS) == never.after(HOUR_MS, 1) > 8_000_000_000_000
    assert never.last_day(0, 10_000_000) > 90_000
