"""The city's days, and deadlines by its working calendar (the vectors are those of the calendar's own page)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.calendar import HOUR_MS, WorkingDays, day_of, day_start_ms, hour_of, unannounced
from dashboard.reports.clock import due_ms
from data.pack import load

HUE = load("hue").city
VECTORS = [
    ("2024-04-22", "2024-05-04"),
    ("2024-08-20", "2024-08-29"),
    ("2025-04-22", "2025-05-05"),
    ("2025-08-25", "2025-09-05"),
    ("2025-11-21", "2025-12-02"),
    ("2025-12-29", "2026-01-09"),
    ("2026-02-09", "2026-02-25"),
    ("2026-04-20", "2026-05-04"),
    ("2026-08-14", "2026-08-24"),
    ("2026-08-20", "2026-08-28"),
    ("2026-11-16", "2026-11-26"),
    ("2027-01-29", "2027-02-15"),
    ("2027-04-26", "2027-05-07"),
]


@pytest.mark.parametrize(("sent", "due"), VECTORS)
def test_seven_working_days(sent: str, due: str) -> None:
    assert WorkingDays(HUE.days).after(date.fromisoformat(sent), 7) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("on", "year"), [("2026-09-30", None), ("2026-10-01", 2027), ("2026-12-31", 2027), ("2025-11-01", None), ("2030-10-01", 2031)]
)
def test_from_october_next_years_leave_is_asked_for(on: str, year: int | None) -> None:
    assert unannounced(HUE.days, date.fromisoformat(on)) == year


def test_a_confirmed_new_year_is_no_confirmed_tet() -> None:
    days = [replace(day, status="confirmed") if day.date == date(2027, 1, 1) else day for day in HUE.days]
    assert unannounced(days, date(2026, 11, 1)) == 2027
    days = [replace(day, status="confirmed") if day.date == date(2027, 2, 5) else day for day in HUE.days]
    assert unannounced(days, date(2026, 11, 1)) is None
    assert unannounced([replace(day, code="") for day in days], date(2026, 11, 1)) is None


def test_without_the_expected_day_off_the_deadline_is_a_day_sooner() -> None:
    sure = [replace(day, status="unannounced") if day.date == date(2026, 11, 24) else day for day in HUE.days]
    assert WorkingDays(sure).after(date(2026, 11, 16), 7) == date(2026, 11, 25)


def test_a_deadline_in_days_ends_with_its_last_day() -> None:
    service = next(one for one in HUE.services if one.deadline_unit == "working_day" and one.deadline_value == 7)
    sent = datetime(2024, 8, 20, 15, 30, tzinfo=ZoneInfo(HUE.zone))
    due = datetime.fromtimestamp(due_ms(HUE, service, round(sent.timestamp() * 1000)) / 1000, ZoneInfo(HUE.zone))
    assert due == datetime(2024, 8, 30, tzinfo=ZoneInfo(HUE.zone))


def test_a_deadline_in_hours_runs_day_and_night() -> None:
    service = next(one for one in HUE.services if one.deadline_unit == "hour")
    assert due_ms(HUE, service, 1_000) == 1_000 + service.deadline_value * HOUR_MS


def test_today_is_cut_at_the_citys_midnight() -> None:
    before = round(datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC).timestamp() * 1000)
    assert day_of(before + 1000, "Asia/Ho_Chi_Minh") == day_of(before, "Asia/Ho_Chi_Minh") + 1


@given(
    st.integers(0, 4_000_000_000),
    st.sampled_from(["Asia/Ho_Chi_Minh", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns", "UTC"]),
)
def test_hours_and_days_are_the_clocks_own(at_s: int, zone: str) -> None:
    local = datetime.fromtimestamp(at_s, ZoneInfo(zone)).replace(tzinfo=None) - datetime(1970, 1, 1)  # noqa: DTZ001  a wall clock
    assert hour_of(at_s * 1000, zone) == local // timedelta(hours=1)
    assert day_of(at_s * 1000, zone) == local.days
    assert day_start_ms(local.days, zone) <= at_s * 1000
