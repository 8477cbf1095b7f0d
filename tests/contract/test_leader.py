"""The leader's figures against pandas over the same reports: tiles, comparisons, ranking, fields and trend, for every period."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.board import turn
from dashboard.calendar import date_of, day_start_ms, number_of
from dashboard.city import Ward
from dashboard.events import ReportChanged
from dashboard.hearing import Hearing
from dashboard.leader import Leaders, page
from dashboard.past import DayCounts
from dashboard.periods import PERIODS, Span, before, span_of, year_before
from dashboard.ports import Reading
from dashboard.reports.clock import due_ms
from data.history import SqlHistory
from data.store.record import SqlStore
from data.store.tables import META
from tests.town import ZONE, town, words


def ward(code: str, first: date | None, last: date | None) -> Ward:
    return Ward(code=code, name=words(code), short=words(code), valid_from=first, valid_to=last)


WARDS = (
    ward("A", date(2025, 7, 1), None),
    ward("B", None, None),
    ward("C", date(2025, 7, 1), None),
    ward("GONE", None, date(2025, 6, 30)),
)
CITY = town(wards=WARDS)
SERVICES = {one.code: one for one in CITY.services}
HEARING = Hearing(CITY, locate=lambda *_: "")
HOUR = 3_600_000
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
TODAYS = (
    date(2026, 11, 25),
    date(2026, 3, 31),
    date(2024, 2, 29),
    date(2025, 1, 1),
    date(2024, 12, 31),
    date(2026, 11, 23),
    date(2025, 3, 1),
)

report = st.tuples(
    st.one_of(st.integers(0, 40), st.integers(0, 800)),  # days ago
    st.integers(0, 23),
    st.sampled_from(["MT01", "KC01", "strange"]),
    st.sampled_from(["A", "B", "C", "GONE", ""]),
    st.none() | st.integers(0, 400),  # hours to close
    st.sampled_from([None, "satisfied", "acceptable", "dissatisfied"]),
)


def at(today: date, hour: int) -> int:
    return day_start_ms(number_of(today), ZONE) + hour * HOUR


def filled(engine: Engine, told, today: date) -> pd.DataFrame:
    """Record the reports, and return them as pandas sees them."""
    with engine.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())
    now, rows, heard = at(today, 20), [], []
    for number, (ago, hour, service, where, took, rating) in enumerate(told):
        submitted = min(at(today - timedelta(days=ago), hour), now)
        closed = None if took is None or submitted + took * HOUR > now else submitted + took * HOUR
        event = ReportChanged(
            id=f"{number}",
            at=closed or submitted,
            report=f"{number}",
            service=service,
            submitted=submitted,
            open=closed is None,
            closed=closed,
            ward=where or None,
            rating=rating if closed else None,
        )
        heard.append(HEARING.hear("reports", now, event))
        due = due_ms(CITY, SERVICES[service], submitted) if service in SERVICES else 1 << 60
        rows.append((submitted, closed, due, service, where, event.rating))
    store = SqlStore(engine, city=CITY)
    store.record(turn(store.load(now), now), Reading(heard, ()), "1-0")
    table = pd.DataFrame(rows, columns=["submitted", "closed", "due", "service", "ward", "rating"])
    table["day"] = [day_in_words(one) for one in table.submitted]
    table["closed_day"] = [None if pd.isna(one) else day_in_words(int(one)) for one in table.closed]
    late = [due < (1 << 60) and (pd.isna(closed) or closed > due) for due, closed in zip(table.due, table.closed, strict=True)]
    table["lapsed_day"] = [day_in_words(due) if lapsed else None for due, lapsed in zip(table.due, late, strict=True)]
    table["on_time"] = table.closed.notna() & (table.closed <= table.due)
    return table


def day_in_words(ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(ZONE)).date()


def within(days: pd.Series, span: tuple[date, date]) -> pd.Series:
    return days.notna() & days.map(lambda day: day is not None and not pd.isna(day) and span[0] <= day <= span[1])


def compared(name: str, today: date) -> list[tuple[date, date]]:
    """The period so far, the same elapsed part before, and the same days a year before: by pandas' own calendar."""
    stamp = pd.Timestamp(today)
    first = {"day": stamp, "week": stamp - pd.Timedelta(days=stamp.weekday())}.get(name)
    if first is None:
        first = stamp.to_period({"month": "M", "quarter": "Q", "year": "Y"}[name]).start_time
    year = pd.DateOffset(years=1)
    ago = (first - year, stamp - year)
    if name in {"day", "week"}:
        back = pd.Timedelta(days=1 if name == "day" else 7)
        earlier = (first - back, stamp - back)
    elif name == "year":
        earlier = ago
    else:
        start = first - pd.DateOffset(months=1 if name == "month" else 3)
        earlier = (start, min(start + (stamp - first), first - pd.Timedelta(days=1)))
    return [(one.date(), other.date()) for one, other in ((first, stamp), earlier, ago)]


def figures(table: pd.DataFrame, span: tuple[date, date]) -> dict[str, float | None]:
    sent, closed, lapsed = (within(table[name], span) for name in ("day", "closed_day", "lapsed_day"))
    done, rated = table[closed], table[closed & table.rating.notna()]
    return {
        "reports_received": float(sent.sum()) if (sent | closed | lapsed).any() else None,
        "reports_on_time": 100 * int(done.on_time.sum()) / len(done) if len(done) else None,
        "satisfaction": 100 * int(rated.rating.isin(["satisfied", "acceptable"]).sum()) / len(rated) if len(rated) >= 3 else None,
    }


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small samples count here: two to be ranked, three to be satisfied."""
    monkeypatch.setattr("dashboard.leader.LEAST_RANKED", 2)
    monkeypatch.setattr("dashboard.past.LEAST_RATED", 3)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(
    told=st.lists(report, max_size=40), today=st.sampled_from(TODAYS), name=st.sampled_from(PERIODS), of=st.sampled_from(["", "A"])
)
def test_every_figure_equals_what_pandas_counts(sqlite: Engine, small: None, told, today: date, name, of: str) -> None:
    table = filled(sqlite, told, today)
    mine, now = (table[table.ward == of] if of else table), at(today, 20)
    shown = page(SqlHistory(sqlite), CITY, name, now_ms=now, today=today, ward=of)
    spans = compared(name, today)
    assert (shown.first, shown.last) == tuple(one.isoformat() for one in spans[0])
    assert (shown.compared_first, shown.compared_last) == tuple(one.isoformat() for one in spans[1])
    tiles = {tile.key: tile for tile in shown.tiles}
    assert len(tiles) == 6
    told_figures = [figures(mine, span) for span in spans]
    for key in ("reports_received", "reports_on_time", "satisfaction"):
        assert [tiles[key].value, tiles[key].previous, tiles[key].last_year] == [one[key] for one in told_figures], key
    assert tiles["reports_overdue"].value == (int((mine.closed.isna() & (mine.due < now)).sum()) if len(mine) else None)
    check_medians(tiles["median_hours"], mine, spans)
    check_ranking(shown, table, spans, of, now)
    check_fields(shown, table, spans[0])
    check_trend(shown, mine, spans[0])


def check_medians(tile, mine: pd.DataFrame, spans) -> None:
    for value, span in zip((tile.value, tile.previous, tile.last_year), spans, strict=True):
        hours = ((mine.closed - mine.submitted) / HOUR)[within(mine.closed_day, span)].astype(float)
        if hours.empty:
            assert value is None
            continue
        low, high = hours.quantile(0.5, interpolation="lower"), hours.quantile(0.5, interpolation="higher")
        assert low * 0.91 - 0.25 <= value <= high * 1.1 + 0.25


def check_ranking(shown: Leaders, table: pd.DataFrame, spans, of: str, now: int) -> None:
    done = table[within(table.closed_day, spans[0])]
    closed, good = done.groupby("ward").size(), done.groupby("ward").on_time.sum()
    today = date.fromisoformat(shown.last)
    in_force = {one.code for one in WARDS if (one.valid_from or date.min) <= today <= (one.valid_to or date.max)}
    assert {one.ward for one in shown.ranking} == in_force
    shares = pd.Series(
        {key: 100 * int(good[key]) / int(closed[key]) for key in closed.index if key in in_force and closed[key] >= 2}, dtype=float
    )
    ranks = shares.rank(method="min", ascending=False)
    late = table[table.closed.isna() & (table.due < now)]
    for one in shown.ranking:
        assert one.rank == (int(ranks[one.ward]) if one.ward in ranks.index else None)
        assert (one.closed, one.on_time) == (int(closed.get(one.ward, 0)), shares.get(one.ward))
        assert one.overdue == (int((late.ward == one.ward).sum()) if of in {"", one.ward} else 0)
    order = [one.rank for one in shown.ranking]
    assert order == sorted(order, key=lambda rank: rank or 1 << 30), "the ranked stand first, the best on top"


def check_fields(shown: Leaders, table: pd.DataFrame, span) -> None:
    sent, done = table[within(table.day, span)], table[within(table.closed_day, span)]
    field = {"MT01": "env", "KC01": "env"}
    expected = sent.service.map(lambda code: field.get(code, code)).value_counts().to_dict()
    assert {one.field: one.received for one in shown.fields if one.received} == expected
    for one in shown.fields:
        mine = done[done.service.map(lambda code: field.get(code, code)) == one.field]
        assert one.on_time == (100 * int(mine.on_time.sum()) / len(mine) if len(mine) else None)


def check_trend(shown: Leaders, mine: pd.DataFrame, span) -> None:
    days = [one.date() for one in pd.date_range(*span)]
    assert shown.trend["day"] == [one.isoformat() for one in days]
    for name, column in (("received", "day"), ("closed", "closed_day")):
        counts = mine[column].value_counts()
        known = set(mine.day) | set(mine.closed_day) | set(mine.lapsed_day)
        assert shown.trend[name] == [int(counts.get(day, 0)) if day in known else None for day in days]


def test_a_city_that_has_told_nothing_has_no_figures_rather_than_noughts(sqlite: Engine) -> None:
    shown = page(SqlHistory(sqlite), CITY, "month", now_ms=at(date(2026, 11, 25), 8), today=date(2026, 11, 25))
    assert [tile.value for tile in shown.tiles] == [None] * 6
    assert {tile.verdict for tile in shown.tiles} == {"none"}
    assert all(one.rank is None for one in shown.ranking)


@pytest.mark.parametrize(
    ("name", "today", "previous", "last_year"),
    [
        ("month", date(2026, 11, 23), ("2026-10-01", "2026-10-23"), ("2025-11-01", "2025-11-23")),
        ("month", date(2026, 3, 31), ("2026-02-01", "2026-02-28"), ("2025-03-01", "2025-03-31")),
        ("month", date(2024, 2, 29), ("2024-01-01", "2024-01-29"), ("2023-02-01", "2023-02-28")),
        ("day", date(2024, 2, 29), ("2024-02-28", "2024-02-28"), ("2023-02-28", "2023-02-28")),
        ("day", date(2025, 1, 1), ("2024-12-31", "2024-12-31"), ("2024-01-01", "2024-01-01")),
        ("week", date(2026, 11, 25), ("2026-11-16", "2026-11-18"), ("2025-11-23", "2025-11-25")),
        ("quarter", date(2026, 11, 25), ("2026-07-01", "2026-08-25"), ("2025-10-01", "2025-11-25")),
        ("year", date(2024, 12, 31), ("2023-01-01", "2023-12-31"), ("2023-01-01", "2023-12-31")),
        ("year", date(2024, 3, 1), ("2023-01-01", "2023-03-01"), ("2023-01-01", "2023-03-01")),
    ],
)
def test_a_period_under_way_is_compared_with_the_same_part(name, today: date, previous, last_year) -> None:
    span = span_of(name, today)
    assert tuple(date_of(day).isoformat() for day in before(name, span)) == previous
    assert tuple(date_of(day).isoformat() for day in year_before(span)) == last_year


@settings(max_examples=200, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(PERIODS))
def test_no_day_of_any_century_is_without_its_comparison(today: date, name) -> None:
    span = span_of(name, today)
    for other in (before(name, span), year_before(span)):
        assert other.first <= other.last < span.first or name == "year"
        assert other.last < span.last
        assert abs(other.days - span.days) <= 1 or name in {"month", "quarter"}


def test_sums_by_month_equal_sums_by_day(sqlite: Engine) -> None:
    today = date(2026, 11, 25)
    filled(sqlite, [(ago, ago % 24, "MT01", "A", ago * 3 % 200, "satisfied") for ago in range(500)], today)
    history = SqlHistory(sqlite)
    for first, last in ((0, 499), (3, 40), (100, 131), (28, 59), (7, 7)):
        span = Span(number_of(today) - last, number_of(today) - first)
        days = history.days(span.first, span.last)
        assert history.by("ward", *span)["A"] == DayCounts(*map(sum, zip(*days.values(), strict=True)))
        assert sum(history.hours(*span).values()) == sum(one.closed for one in days.values())
