"""The leader's figures in cities whose clock changes, also in the middle of a night, a quarter or at midnight: against pandas, as in test_leader."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.hearing import Hearing
from dashboard.periods import PERIODS, period_of
from tests.contract import test_leader as there
from tests.town import town

ZONES = ("Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe")
# The days on which these clocks change, the days after, and a leap day.
TODAYS = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 11, 2),
    date(2024, 2, 29),
    date(2026, 4, 5),
)


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small samples count here, as they do there; the city lives by another clock."""
    city = town(wards=there.WARDS, zone=request.param)
    for name, value in (
        ("ZONE", request.param),
        ("CITY", city),
        ("SERVICES", {one.code: one for one in city.services}),
        ("HEARING", Hearing(city, locate=lambda *_: "")),
    ):
        monkeypatch.setattr(there, name, value)
    monkeypatch.setattr("dashboard.leader.LEAST_RANKED", 2)
    monkeypatch.setattr("dashboard.formulas.LEAST_RATED", 3)
    return str(request.param)


@settings(max_examples=8, deadline=None, suppress_health_check=there.SLOW)
@given(
    told=st.lists(there.report, max_size=30),
    today=st.sampled_from(TODAYS),
    name=st.sampled_from(PERIODS),
    part=st.sampled_from(there.PARTS),
)
def test_so_it_does_where_the_clock_changes(sqlite: Engine, zone: str, told, today: date, name, part) -> None:
    there.check(sqlite, told, today, period_of(name, today), there.compared(name, today), part)
