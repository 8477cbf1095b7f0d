"""The leader's figures against pandas over the same reports: tiles, comparisons, ranking, fields and trend, for every period."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine

from dashboard.board import turn
from dashboard.calendar import date_of, day_start_ms, number_of
from dashboard.catalogue import FIGURES
from dashboard.city import Ward
from dashboard.events import Path, ReportChanged
from dashboard.hearing import Hearing
from dashboard.items import OF_DAYS, OF_NOW, asked_for, count
from dashboard.leader import Leaders, page
from dashboard.past import DayCounts, Part
from dashboard.periods import PERIODS, Period, Span, before, chosen, period_of, span_of, year_before
from dashboard.ports import Reading
from dashboard.reports.clock import due_ms
from dashboard.wanted import Wanted
from data.history import SqlHistory
from data.items import SqlItems
from data.pack import load as pack
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.record import SqlStore
from data.store.tables import META
from tests.bench import filled as bench_filled
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
    st.sampled_from(["UB-A", "HEPCO", ""]),
    # Its path: eligible or not, by how many hours its deadline was moved, after how many hours it was extended first, whether it recurs.
    st.none()
    | st.tuples(
        st.sampled_from([None, True, False]), st.none() | st.integers(-30, 300), st.none() | st.integers(0, 400), st.booleans()
    ),
)
# Of the deadlines `first` decides what is on time, `due` what is overdue.
COLUMNS = ["report", "submitted", "closed", "first", "due", "service", "ward", "rating", "unit", "eligible", "extended", "recurs"]
FOREVER = 1 << 60
PARTS = [Part(), Part("ward", "A"), Part("unit", "HEPCO"), Part("service", "MT01")]
PARTS += [
    Part("ward", "A", (("service", "MT01"),)),
    Part("unit", "HEPCO", (("service", "strange"),)),
    Part("ward", "B", (("unit", ""), ("service", "KC01"))),
]


def at(today: date, hour: int) -> int:
    return day_start_ms(number_of(today), ZONE) + hour * HOUR


def filled(engine: Engine, told, today: date) -> pd.DataFrame:
    """Record the reports, each as it was sent and again as it ended, and return them as pandas sees them."""
    with engine.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())
    now, rows, first, heard = at(today, 20), [], [], []
    for number, (ago, hour, service, where, took, rating, unit, *way) in enumerate(told):
        submitted = min(at(today - timedelta(days=ago), hour), now)
        closed = None if took is None or submitted + took * HOUR > now else submitted + took * HOUR
        sent = ReportChanged(
            id=f"{number}@1",
            at=submitted,
            report=f"{number}",
            service=service,
            submitted=submitted,
            open=True,
            ward=where or None,
            unit=unit or None,
        )
        first.append(HEARING.hear("reports", submitted, sent))
        event = replace(
            sent, id=f"{number}@2", at=closed or submitted, open=closed is None, closed=closed, rating=rating if closed else None
        )
        heard.append(HEARING.hear("reports", now, event))
        due = latest = due_ms(CITY, SERVICES[service], submitted) if service in SERVICES else FOREVER
        eligible, more, granted, recurs = (way and way[0]) or (None, None, None, False)
        extended = None if granted is None else submitted + granted * HOUR
        if way and way[0]:
            moved = more is not None and due != FOREVER
            latest = due + more * HOUR if moved else due
            path = Path(eligible=eligible, original=due if moved else None, extended=extended, recurs=recurs)
            heard[-1] = HEARING.hear("reports", now, replace(event, due=latest if moved else None, path=path))
        row = (str(number), submitted, closed, min(due, latest), latest, service, where, event.rating, unit)
        rows.append((*row, eligible, extended, recurs))
    store = SqlStore(engine, city=CITY)
    board = store.record(turn(store.load(now), now), Reading(first, ()), "1-0")
    store.record(board, Reading(heard, ()), "2-0")
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["day"] = [day_in_words(one) for one in table.submitted]
    table["closed_day"] = [None if pd.isna(one) else day_in_words(int(one)) for one in table.closed]
    table["extended_day"] = [None if pd.isna(one) else day_in_words(int(one)) for one in table.extended]
    table["due_day"] = [None if due == FOREVER else day_in_words(due - 1) for due in table["first"]]
    table["on_time"] = table.closed.notna() & (table.closed <= table["first"])
    table["late"] = table.closed.notna() & ~table.on_time
    table["granted"] = table.late & (table.closed <= table.due)
    table["lapsed_day"] = [
        day_in_words(due) if due != FOREVER and not good else None
        for due, good in zip(table.due, table.on_time & (table.closed <= table.due) | table.granted, strict=True)
    ]
    table["eligible"] = table.eligible.astype(object)
    return table


def day_in_words(ms: int) -> date:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(ZONE)).date()


def within(days: pd.Series, span: tuple[date, date] | None) -> pd.Series:
    if span is None:
        return pd.Series(data=False, index=days.index, dtype=bool)
    return days.notna() & days.map(lambda day: day is not None and not pd.isna(day) and span[0] <= day <= span[1]).astype(bool)


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


def over(spans: list[tuple[date, date]], today: date) -> list[tuple[date, date] | None]:
    """The days of each that are over: all but the last where the first of them reaches into today."""
    first, last = spans[0]
    if last < today:
        return list(spans)
    if first == last:
        return [None] * 3
    return [(one, max(one, other - timedelta(days=1))) for one, other in spans]


def overdue_then(mine: pd.DataFrame, instant: int, *, live: bool) -> int:
    """Open and past its deadline at an instant, from each report's own story; what was closed in this very moment is closed."""
    is_open = mine.closed.isna() if live else mine.closed.isna() | (mine.closed >= instant)
    return int((is_open & (mine.due < instant)).sum())


def expected(
    mine: pd.DataFrame, span: tuple[date, date], ended: tuple[date, date] | None, *, now: int, live: bool
) -> dict[str, float | None]:
    """Every figure of the catalogue, counted plainly over the raw history."""
    sent, done, due = mine[within(mine.day, span)], mine[within(mine.closed_day, span)], mine[within(mine.due_day, ended)]
    known = any(within(mine[name], span).any() for name in ("day", "closed_day", "lapsed_day", "due_day", "extended_day"))
    rated, hours = done[done.rating.notna()], (done.closed - done.submitted).astype(float) / HOUR
    begins, ends = at(span[0], 0), now if live else at(span[1] + timedelta(days=1), 0)
    ever = any(
        mine[name].map(lambda day: day is not None and not pd.isna(day) and day <= span[1]).any()
        for name in ("day", "closed_day", "lapsed_day", "due_day")
    )
    carried = int(((mine.submitted < begins) & (mine.closed.isna() | (mine.closed >= begins))).sum())
    late_open = overdue_then(mine, ends, live=live) if ever else None
    opened = int((mine.closed.isna() if live else (mine.submitted < ends) & (mine.closed.isna() | (mine.closed >= ends))).sum())
    borne, fit, extended = len(sent) + carried, sent[sent.eligible.eq(True)], int(within(mine.extended_day, span).sum())  # noqa: FBT003  pandas' own

    def share(part: int, of: int, least: int = 1) -> float | None:
        return 100 * part / of if of >= least else None

    return {
        "reports_received": float(len(sent)) if known else None,
        "reports_in_time": float(opened - late_open) if late_open is not None else None,
        "reports_overdue": None if late_open is None else float(late_open),
        "reports_due_24h": float((mine.closed.isna() & (mine.due >= now) & (mine.due < now + 24 * HOUR)).sum())
        if live and ever
        else None,
        "closed_on_time": float(done.on_time.sum()) if known else None,
        "closed_late": float(done.late.sum()) if known else None,
        "reports_on_time": share(int(due.on_time.sum()), len(due)),
        "on_time_closed": share(int(done.on_time.sum()), len(done)),
        "on_time_borne": 100 * (1 - (int(done.late.sum()) + late_open) / borne) if known and borne else None,
        "mean_hours": hours.mean() if len(hours) else None,
        "satisfaction": share(int(rated.rating.isin(["satisfied", "acceptable"]).sum()), len(rated), 3),
        "rated_satisfied": share(int((rated.rating == "satisfied").sum()), len(rated), 3),
        "rated_acceptable": share(int((rated.rating == "acceptable").sum()), len(rated), 3),
        "rated_dissatisfied": share(int((rated.rating == "dissatisfied").sum()), len(rated), 3),
        "reports_eligible": float(len(fit)) if sent.eligible.notna().any() else None,
        "eligible_share": share(len(fit), len(sent)) if sent.eligible.notna().any() else None,
        "closed_extended": float(done.granted.sum()) if known else None,
        "on_time_granted": share(int((done.on_time | done.granted).sum()), len(done)),
        "handled_share": share(int(fit.closed.notna().sum()), len(fit)),
        "reports_extended": float(extended) if known else None,
        "extended_share": share(extended, borne) if known else None,
        "reports_recurring": float(sent.recurs.sum()) if known else None,
    }


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small samples count here: two to be ranked, three to be satisfied."""
    monkeypatch.setattr("dashboard.leader.LEAST_RANKED", 2)
    monkeypatch.setattr("dashboard.formulas.LEAST_RATED", 3)


def mine_of(table: pd.DataFrame, part: Part) -> pd.DataFrame:
    for dim, value in part.pairs:
        table = table[table[dim] == value]
    return table


def check(engine: Engine, told, today: date, period: Period, spans: list[tuple[date, date]], part: Part) -> None:
    table = filled(engine, told, today)
    mine, now = mine_of(table, part), at(today, 20)
    shown = page(SqlHistory(engine, ZONE), CITY, period, now_ms=now, today=number_of(today), part=part)
    assert (shown.first, shown.last) == tuple(one.isoformat() for one in spans[0])
    assert (shown.compared_first, shown.compared_last) == tuple(one.isoformat() for one in spans[1])
    ended, live = over(spans, today), spans[0][1] >= today
    assert shown.ended_last == (ended[0][1].isoformat() if ended[0] else "")
    three = [
        expected(mine, span, one, now=now, live=live and not n) for n, (span, one) in enumerate(zip(spans, ended, strict=True))
    ]
    figures = {one.key: one for one in shown.figures}
    assert set(figures) == {*three[0], "median_hours"} == {one.key for one in FIGURES if one.code not in {"F13", "F14"}}
    for key in three[0]:
        values = [figures[key].value, figures[key].previous, figures[key].last_year]
        assert values == [one[key] if one[key] is None else pytest.approx(one[key], abs=0.02) for one in three], key
    tiles = {tile.key: tile for tile in shown.tiles}
    assert len(tiles) == 6
    assert all(tile.value == figures[key].value for key, tile in tiles.items() if key != "cameras_online"), (
        "one number, wherever it stands"
    )
    assert tiles["satisfaction"].n == int(mine[within(mine.closed_day, spans[0])].rating.notna().sum())
    check_medians(tiles["median_hours"], mine, spans)
    for rows, dim in ((shown.ranking, "ward"), (shown.units, "unit")):
        check_ranking(rows, table, ended, dim, today, now)
    check_fields(shown, table, spans[0], ended[0], now)
    check_trend(shown, mine, spans[0])
    check_week(shown, mine, spans[0], part)
    check_lists(engine, table, Wanted(period, part), spans, ended, today, now)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(
    told=st.lists(report, max_size=40), today=st.sampled_from(TODAYS), name=st.sampled_from(PERIODS), part=st.sampled_from(PARTS)
)
def test_every_figure_equals_what_pandas_counts(sqlite: Engine, small: None, told, today: date, name, part: Part) -> None:
    check(sqlite, told, today, period_of(name, today), compared(name, today), part)


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(
    told=st.lists(report, max_size=40),
    today=st.sampled_from(TODAYS),
    ago=st.integers(0, 500),
    days=st.integers(1, 400),
    part=st.sampled_from(PARTS),
)
def test_so_it_does_for_any_days_on_either_database(
    engine: Engine, small: None, told, today: date, ago: int, days: int, part: Part
) -> None:
    last = today - timedelta(days=ago)
    first = last - timedelta(days=days - 1)
    year = pd.DateOffset(years=1)
    spans = [
        (first, last),
        (first - timedelta(days=days), first - timedelta(days=1)),
        ((pd.Timestamp(first) - year).date(), (pd.Timestamp(last) - year).date()),
    ]
    check(engine, told, today, chosen(first, last, today), spans, part)


def check_lists(engine: Engine, table: pd.DataFrame, told: Wanted, spans, ended, today: date, now: int) -> None:
    """Every list has the reports that pandas finds, each once, and as many as its number says."""
    mine, span, over_ = mine_of(table, told.part), spans[0], ended[0]
    done, late = within(mine.closed_day, span), mine.closed.isna() & (mine.due < now)
    chosen_rows = {
        "received": within(mine.day, span),
        "closed": done,
        "on_time": done & mine.on_time,
        "late": done & mine.late,
        "due": within(mine.due_day, over_),
        "met": within(mine.due_day, over_) & mine.on_time,
        "missed": within(mine.due_day, over_) & ~mine.on_time,
        "rated": done & mine.rating.notna(),
        "checked": within(mine.day, span) & mine.eligible.notna(),
        "eligible": within(mine.day, span) & mine.eligible.eq(True),  # noqa: FBT003  pandas' own
        "handled": within(mine.day, span) & mine.eligible.eq(True) & mine.closed.notna(),  # noqa: FBT003  as above
        "extended": within(mine.extended_day, span),
        "granted": done & mine.granted,
        "recurring": within(mine.day, span) & mine.recurs,
        **{level: done & (mine.rating == level) for level in ("satisfied", "acceptable", "dissatisfied")},
        "open": mine.closed.isna(),
        "overdue": late,
        "in_time": mine.closed.isna() & ~late,
        "due_24h": mine.closed.isna() & (mine.due >= now) & (mine.due < now + 24 * HOUR),
    }
    assert set(chosen_rows) == {*OF_DAYS, *OF_NOW}
    for name, rows in chosen_rows.items():
        expected_reports = set(mine[rows].report)
        found, number = walked(engine, name, told, today, now)
        assert sorted(found) == sorted(expected_reports), name
        assert number == len(expected_reports), name


def walked(engine: Engine, name: str, told: Wanted, today: date, now: int, field: str = "") -> tuple[list[str], int]:
    found, after, number = [], None, 0
    while True:
        asked = asked_for(name, told, CITY, field=field, today=number_of(today), now_ms=now, after=after)
        if asked is None:
            return [], 0
        number = count(SqlHistory(engine, ZONE), asked)
        rows, after = SqlItems(engine, ZONE).listed(asked)
        found += [one.report for one in rows]
        if after is None:
            return found, number


def test_a_long_list_goes_on_where_it_stopped(engine: Engine) -> None:
    today = date(2026, 11, 25)
    table = filled(engine, [(n % 3, n % 20, "MT01", "A", None, None, "") for n in range(130)], today)
    told = Wanted(period_of("month", today), Part("ward", "A"))
    for name in ("received", "open"):
        found, number = walked(engine, name, told, today, at(today, 20))
        assert (sorted(found), number) == (sorted(table.report), 130)
    assert walked(engine, "received", told._replace(part=Part()), today, at(today, 20), field="env")[1] == 130


def test_the_bench_fills_what_the_record_would(tmp_path) -> None:
    city, now = pack("hue").city, at(date(2026, 11, 25), 20)
    given = bench_filled.told(400, city, now_ms=now, days=150)
    url = bench_filled.fill(tmp_path, given, city)
    own = f"sqlite:///{tmp_path / 'own.db'}"
    migrate(own)
    store, hearing = SqlStore(connect(own), city=city), Hearing(city, locate=lambda *_: "")
    heard = [
        hearing.hear(
            "bench",
            now,
            ReportChanged(
                id=one.report,
                at=one.submitted,
                report=one.report,
                service=one.service,
                submitted=one.submitted,
                open=not one.closed,
                closed=one.closed or None,
                ward=one.ward,
                unit=one.unit,
                rating=one.rating if isinstance(one.rating, str) else None,
                path=bench_filled.path(one),
            ),
        )
        for one in given.rows.itertuples()
    ]
    store.record(turn(store.load(now), now), Reading(heard, ()), "1-0")
    for table in ("report_day", "report_hours", "report_slot", "report_pending"):
        kept = [set(map(tuple, connect(one).connect().exec_driver_sql(f"SELECT * FROM {table}"))) for one in (url, own)]
        assert sorted(kept[0] - kept[1])[:3] == sorted(kept[1] - kept[0])[:3], table
        assert kept[0] == kept[1], table
    columns = "key, report, service, ward, unit, submitted, due, closed, open, rating, promised, marks, extended"
    kept = [set(map(tuple, connect(one).connect().exec_driver_sql(f"SELECT {columns} FROM report"))) for one in (url, own)]
    assert kept[0] == kept[1]


def check_medians(tile, mine: pd.DataFrame, spans) -> None:
    for value, span in zip((tile.value, tile.previous, tile.last_year), spans, strict=True):
        hours = ((mine.closed - mine.submitted) / HOUR)[within(mine.closed_day, span)].astype(float)
        if hours.empty:
            assert value is None
            continue
        low, high = hours.quantile(0.5, interpolation="lower"), hours.quantile(0.5, interpolation="higher")
        assert low * 0.91 - 0.25 <= value <= high * 1.1 + 0.25


def check_ranking(rows, table: pd.DataFrame, ended, dim: str, today: date, now: int) -> None:
    late = table[table.closed.isna() & (table.due < now)]
    ranks = []
    for span in ended[:2]:
        due = table[within(table.due_day, span)]
        volume, good = due.groupby(dim).size(), due.groupby(dim).on_time.sum()
        listed = set(volume.index) | set(late[dim])
        if dim == "ward":
            listed = {one.code for one in WARDS if (one.valid_from or date.min) <= today <= (one.valid_to or date.max)}
        shares = pd.Series(
            {key: 100 * int(good[key]) / int(volume[key]) for key in volume.index if key in listed - {""} and volume[key] >= 2},
            dtype=float,
        )
        ranks.append((volume, shares, shares.rank(method="min", ascending=False)))
    (volume, shares, rank), (_, _, before) = ranks
    if dim == "ward":
        assert {one.code for one in rows} == {"A", "B", "C"} if today >= date(2025, 7, 1) else {"B", "GONE"}
    for one in rows:
        assert one.rank == (int(rank[one.code]) if one.code in rank.index else None)
        assert (one.due, one.on_time) == (int(volume.get(one.code, 0)), shares.get(one.code))
        assert one.overdue == int((late[dim] == one.code).sum())
        if one.moved is not None:
            assert one.moved == int(before[one.code]) - one.rank
    order = [(one.rank or 1 << 30, one.overdue) for one in rows if one.rank]
    assert order == sorted(order), "the ranked stand first, the best on top, and of equals the fewer overdue"


def check_fields(shown: Leaders, table: pd.DataFrame, span, ended, now: int) -> None:
    sent, due, late = (
        table[within(table.day, span)],
        table[within(table.due_day, ended)],
        table[table.closed.isna() & (table.due < now)],
    )
    field = {"MT01": "env", "KC01": "env"}

    def of(rows: pd.DataFrame) -> pd.Series:
        return rows.service.map(lambda code: field.get(code, code))

    assert {one.field: one.received for one in shown.fields if one.received} == of(sent).value_counts().to_dict()
    for one in shown.fields:
        mine = due[of(due) == one.field]
        assert one.on_time == (100 * int(mine.on_time.sum()) / len(mine) if len(mine) else None)
        assert one.overdue == int((of(late) == one.field).sum())


def check_trend(shown: Leaders, mine: pd.DataFrame, span) -> None:
    days = [one.date() for one in pd.date_range(*span)]
    assert shown.trend["day"] == [one.isoformat() for one in days]
    known = set(mine.day) | set(mine.closed_day) | set(mine.lapsed_day) | set(mine.due_day) | set(mine.extended_day)
    for name, column in (("received", "day"), ("closed", "closed_day")):
        counts = mine[column].value_counts()
        assert shown.trend[name] == [int(counts.get(day, 0)) if day in known else None for day in days]


def check_week(shown: Leaders, mine: pd.DataFrame, span, part: Part) -> None:
    if part.dim in {"unit", "service"} and not part.more:
        assert shown.week is None
        return
    hours = [datetime.fromtimestamp(one / 1000, ZoneInfo(ZONE)) for one in mine[within(mine.day, span)].submitted]
    assert shown.week == [sum(one.weekday() * 24 + one.hour == slot for one in hours) for slot in range(168)]


def test_a_city_that_has_told_nothing_has_no_figures_rather_than_noughts(sqlite: Engine) -> None:
    shown = page(
        SqlHistory(sqlite, ZONE),
        CITY,
        period_of("month", date(2026, 11, 25)),
        now_ms=at(date(2026, 11, 25), 8),
        today=number_of(date(2026, 11, 25)),
    )
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
    filled(sqlite, [(ago, ago % 24, "MT01", "A", ago * 3 % 200, "satisfied", "") for ago in range(500)], today)
    history = SqlHistory(sqlite, ZONE)
    for first, last in ((0, 499), (3, 40), (100, 131), (28, 59), (7, 7)):
        span = Span(number_of(today) - last, number_of(today) - first)
        days = history.days(span.first, span.last)
        assert history.by("ward", [span])[0]["A"] == DayCounts(*map(sum, zip(*days.values(), strict=True)))
        assert sum(history.hours([span])[0].values()) == sum(one.closed for one in days.values())
