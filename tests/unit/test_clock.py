"""The clocks of reports: the vectors of the calendar's own page, pauses, extensions, and a calendar that changes under open ones."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.calendar import DAY_MS, HOUR_MS, MINUTE_MS, WorkingDays, date_of, day_of
from dashboard.city import City
from dashboard.reports.clock import (
    Deadline,
    Left,
    begun,
    due_ms,
    ends_with,
    extended,
    left,
    paused,
    recomputed,
    resumed,
)
from dashboard.reports.working import ALWAYS, calendar_of
from dashboard.term import TERM_UNITS, Term
from data.pack import load
from layouts.left import due_text, left_text
from layouts.words import Vocabulary

HUE, DONG_HOI = load("hue").city, load("dong_hoi").city
ZONE = ZoneInfo(HUE.zone)
SEVEN = Term(7, "working_day")
# Distributed, due with the calendar as it is, with only sure rows, without swaps, on a plain Monday-to-Friday week.
VECTORS = [
    ("2024-04-22", "2024-05-04", "2024-05-04", "2024-05-03", "2024-05-01"),
    ("2024-08-20", "2024-08-29", "2024-08-29", "2024-08-29", "2024-08-29"),
    ("2025-04-22", "2025-05-05", "2025-05-05", "2025-05-05", "2025-05-01"),
    ("2025-08-25", "2025-09-05", "2025-09-05", "2025-09-05", "2025-09-03"),
    ("2025-11-21", "2025-12-02", "2025-12-02", "2025-12-02", "2025-12-02"),
    ("2025-12-29", "2026-01-09", "2026-01-09", "2026-01-08", "2026-01-07"),
    ("2026-02-09", "2026-02-25", "2026-02-25", "2026-02-25", "2026-02-18"),
    ("2026-04-20", "2026-05-04", "2026-05-04", "2026-05-04", "2026-04-29"),
    ("2026-08-14", "2026-08-24", "2026-08-24", "2026-08-25", "2026-08-25"),
    ("2026-08-20", "2026-08-28", "2026-08-28", "2026-08-31", "2026-08-31"),
    ("2026-11-16", "2026-11-26", "2026-11-25", "2026-11-26", "2026-11-25"),
    ("2027-01-29", "2027-02-15", "2027-02-11", "2027-02-15", "2027-02-09"),
    ("2027-04-26", "2027-05-07", "2027-05-07", "2027-05-07", "2027-05-05"),
]


def at(text: str, city: City = HUE) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(city.zone)).timestamp() * 1000)


def last(deadline: Deadline) -> str:
    day = ends_with(deadline.due, HUE.zone)
    assert day is not None
    return date_of(day).isoformat()


def begin(told: str, term: Term = SEVEN, *, city: City = HUE, profile: str = "office") -> Deadline:
    return begun(calendar_of(city), at(told, city), term, profile=profile)


def without(*, swaps: bool) -> City:
    """The city as if nothing were swapped (a day off and the Saturday worked for it), or with only what is sure."""
    if swaps:
        paired = {date(2024, 4, 29), date(2024, 5, 4), date(2025, 4, 26), date(2025, 5, 2), date(2026, 1, 2), date(2026, 1, 10)}
        paired |= {date(2026, 8, 22), date(2026, 8, 31)}
        return replace(HUE, days=tuple(day for day in HUE.days if day.date not in paired))
    return replace(HUE, days=tuple(day for day in HUE.days if day.status in {"confirmed", "law"}))


@pytest.mark.parametrize(("sent", "due", "sure", "unswapped", "plain"), VECTORS)
def test_the_vectors_of_the_calendar(sent: str, due: str, sure: str, unswapped: str, plain: str) -> None:
    for hour in ("T00:00", "T10:00", "T23:59:59"):
        assert last(begin(sent + hour)) == due
        assert last(begin(sent + hour, city=without(swaps=False))) == sure
        assert last(begin(sent + hour, city=without(swaps=True))) == unswapped
        assert last(begin(sent + hour, city=replace(HUE, days=()))) == plain


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        ("2024-02-05", "2024-02-21"),  # three days before Tết 2024, off 08-14/02
        ("2024-02-07", "2024-02-23"),
        ("2025-01-24", "2025-02-11"),  # the last day before Tết 2025, off 27-31/01
        ("2026-02-13", "2026-03-03"),
        ("2027-02-04", "2027-02-19"),  # off 05-10/02 as it is expected
    ],
)
def test_around_tet(sent: str, due: str) -> None:
    assert last(begin(f"{sent}T16:59")) == due


def test_the_day_is_the_citys_own() -> None:
    """23:59 on Sunday and 00:00 on Monday are two days in Huế, and one in UTC."""
    assert last(begin("2024-08-18T23:59:59", Term(1, "working_day"))) == "2024-08-19"
    assert last(begin("2024-08-19T00:00:00", Term(1, "working_day"))) == "2024-08-20"


def test_hours_run_day_and_night_whoever_has_them() -> None:
    for profile in ("office", ALWAYS, "utility"):
        held = begin("2026-02-16T22:00", Term(4, "hour"), profile=profile)
        assert (held.due, held.provisional) == (at("2026-02-17T02:00"), False)


@pytest.mark.parametrize(
    ("told", "hours", "due"),
    [
        ("2026-03-30T16:00", 4, "2026-03-31T10:30"),  # winter hours end on 31 March: 07:30-11:30, 13:00-17:00
        ("2026-03-31T16:00", 6, "2026-04-01T14:30"),  # summer begins: 13:30-17:30
        ("2025-12-31T17:00", 1, "2026-01-05T08:00"),  # New Year and its swapped Friday, and the hours of 2026
        ("2026-08-21T17:00", 1, "2026-08-22T08:00"),  # the Saturday that is worked
        ("2026-01-07T12:00", 4, "2026-01-07T17:00"),  # told at noon
    ],
)
def test_working_hours_follow_seasons_holidays_and_swaps(told: str, hours: int, due: str) -> None:
    assert begin(told, Term(hours, "working_hour")).due == at(due)


def test_each_unit_has_a_clock_of_its_own() -> None:
    told = "2026-02-13T10:00"  # the Friday before Tết
    assert last(begin(told, Term(3, "working_day"))) == "2026-02-25"
    assert last(begin(told, Term(3, "working_day"), profile=ALWAYS)) == "2026-02-16"
    assert begin(told, Term(2, "working_hour"), profile="utility").due == at("2026-02-13T13:30")
    assert begin("2026-02-14T23:30", Term(2, "working_hour"), profile=ALWAYS).due == at("2026-02-15T01:30")
    every = tuple(replace(one, every_day=True) if one.clock == "utility" else one for one in HUE.office_hours)
    assert last(begin(told, Term(3, "working_day"), profile="utility", city=replace(HUE, office_hours=every))) == "2026-02-16"


def test_a_deadline_is_provisional_while_a_day_in_it_is_not_announced() -> None:
    assert begin("2026-11-16T09:00").provisional  # 24/11 is expected
    assert not begin("2026-11-12T09:00").provisional  # ends with 23/11
    assert begin("2027-01-29T09:00").provisional
    assert not begin("2027-01-29T09:00", profile=ALWAYS).provisional
    confirmed = tuple(replace(day, status="confirmed") for day in HUE.days)
    assert not begin("2026-11-16T09:00", city=replace(HUE, days=confirmed)).provisional


def test_when_the_calendar_changes_a_deadline_is_computed_anew_from_what_it_began_with() -> None:
    held = extended(begin("2026-11-16T09:00"), calendar_of(HUE), Term(2, "working_day"), at=at("2026-11-20T09:00"))
    assert last(held) == "2026-11-30"
    off = tuple(day for day in HUE.days if day.date != date(2026, 11, 24))
    again = recomputed(held, calendar_of(replace(HUE, days=off)))
    assert (last(again), again.provisional, ends_with(again.original, HUE.zone)) == (
        "2026-11-27",
        False,
        day_of(at("2026-11-25T01:00"), HUE.zone),
    )
    assert again.calendar != held.calendar
    assert recomputed(again, calendar_of(HUE)) == held


def test_the_version_is_of_the_calendar_alone() -> None:
    renamed = tuple(replace(day, name={"vi": "x", "en": "x"}) for day in HUE.days)
    assert calendar_of(replace(HUE, days=renamed, zoom=12.0)).version == calendar_of(HUE).version
    surer = tuple(replace(day, status="confirmed") for day in HUE.days)
    assert calendar_of(replace(HUE, days=surer)).version != calendar_of(HUE).version
    assert calendar_of(DONG_HOI).version != calendar_of(HUE).version


def test_a_pause_gives_back_the_days_that_began_in_it() -> None:
    held = begin("2024-08-20T09:00")  # a Tuesday, due with Thursday 29/08
    still = paused(held, at=at("2024-08-21T10:00"), why="waits for the citizen")
    assert (still.paused, still.due) == (True, held.due)
    assert paused(still, at=at("2024-08-22T10:00"), why="again") == still
    run = resumed(still, calendar_of(HUE), at=at("2024-08-23T15:00"))
    assert (run.paused, last(run), run.original) == (False, "2024-09-04", held.original)  # two days, and 2-3/09 are off
    assert last(resumed(still, calendar_of(HUE), at=at("2024-08-21T17:00"))) == "2024-08-29"


def test_a_pause_of_hours_is_given_back_whole_and_one_after_the_end_is_not() -> None:
    held = begin("2026-02-16T22:00", Term(4, "hour"))
    run = resumed(paused(held, at=held.due - HOUR_MS, why="x"), calendar_of(HUE), at=held.due + HOUR_MS)
    assert run.due == held.due + 2 * HOUR_MS
    late = resumed(paused(held, at=held.due + 1, why="x"), calendar_of(HUE), at=held.due + DAY_MS)
    assert late.due == held.due


def test_an_extension_keeps_what_was_promised_at_first() -> None:
    held = begin("2024-08-20T09:00")
    more = extended(held, calendar_of(HUE), Term(3, "working_day"), at=at("2024-08-28T09:00"))
    assert (last(more), more.original) == ("2024-09-05", held.due)
    assert extended(held, calendar_of(HUE), Term(5, "hour"), at=1).due == held.due + 5 * HOUR_MS


def test_what_is_left_is_told_in_days_and_hours_then_hours_and_minutes() -> None:
    due = at("2022-11-08T00:00")
    assert left(due, due - 28 * HOUR_MS) == Left(over=False, days=1, hours=4, minutes=0)
    assert left(due, due + 3 * HOUR_MS + MINUTE_MS) == Left(over=True, days=0, hours=3, minutes=1)
    assert left(due, due) == Left(over=False, days=0, hours=0, minutes=0)


def test_midnight_is_the_end_of_the_day_before() -> None:
    assert date_of(ends_with(at("2022-11-08T00:00"), HUE.zone) or 0) == date(2022, 11, 7)
    assert ends_with(at("2022-11-08T00:01"), HUE.zone) is None


@given(
    st.integers(1_700_000_000_000, 1_810_000_000_000),
    st.sampled_from(TERM_UNITS),
    st.integers(1, 60),
    st.integers(0, 10),
    st.sampled_from(["office", ALWAYS]),
)
def test_a_longer_term_never_ends_earlier(started: int, unit: str, value: int, more: int, profile: str) -> None:
    calendar = calendar_of(HUE)
    short, long = (begun(calendar, started, Term(n, unit), profile=profile) for n in (value, value + more))  # type: ignore[arg-type]
    assert started < short.due <= long.due
    since, until = sorted((short.due - DAY_MS, started + more * DAY_MS))
    assert resumed(paused(short, at=since, why="x"), calendar, at=until).due >= short.due
    assert extended(short, calendar, Term(1 + more, unit), at=started).due > short.due  # type: ignore[arg-type]


@given(st.dates(date(2023, 12, 1), date(2028, 1, 31)), st.integers(1, 40))
def test_the_index_agrees_with_counting_days_one_by_one(on: date, count: int) -> None:
    day = (on - date(1970, 1, 1)).days
    assert date_of(calendar_of(HUE).clock("office").last_day(day, count)) == WorkingDays(HUE.days).after(on, count)
    assert calendar_of(HUE).clock("office").between(day, day + count) == sum(
        WorkingDays(HUE.days).works(on + timedelta(days=n)) for n in range(1, count + 1)
    )


def test_a_services_deadline_is_that_of_its_term() -> None:
    for service in HUE.services:
        sent = at("2026-08-14T09:00")
        assert due_ms(HUE, service, sent) == begin("2026-08-14T09:00", Term(service.deadline_value, service.deadline_unit)).due


@pytest.mark.parametrize(
    ("after_ms", "vi", "en"),
    [
        (-28 * HOUR_MS, "còn 1 ngày 4 giờ", "1 d 4 h left"),
        (3 * HOUR_MS, "quá hạn 3 giờ", "3 h overdue"),
        (-17 * HOUR_MS - 18 * MINUTE_MS, "còn 17 giờ 18 phút", "17 h 18 min left"),
        (2 * DAY_MS + 59 * MINUTE_MS, "quá hạn 2 ngày", "2 d overdue"),
        (0, "còn 0 phút", "0 min left"),
    ],
)
def test_what_is_left_in_words(after_ms: int, vi: str, en: str) -> None:
    due = at("2022-11-08T00:00")
    assert [left_text(Vocabulary(tongue), due, due + after_ms) for tongue in ("vi", "en")] == [vi, en]


def test_a_deadline_is_printed_as_the_portal_does_and_as_it_is_meant() -> None:
    assert due_text(Vocabulary("vi"), at("2022-11-08T00:00"), HUE.zone) == "00:00 08/11/2022 (hết 07/11)"
    assert due_text(Vocabulary("en"), at("2022-11-08T00:00"), HUE.zone) == "00:00 08/11/2022 (end of 07/11)"
    assert due_text(Vocabulary("vi"), at("2022-11-08T10:30"), HUE.zone) == "10:30 08/11/2022"
