"""What is overdue (SqlHistory.late) against a plain loop over the reports' rows, on either database."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, select

from dashboard.board import turn
from dashboard.calendar import DAY_MS, HOUR_MS, MINUTE_MS, day_start_ms, number_of
from dashboard.events import ReportChanged
from dashboard.hearing import Hearing
from dashboard.past import PARTS, Late, Overdue, Part
from dashboard.ports import Reading
from dashboard.rollups import FAR
from data.history import SqlHistory
from data.store.record import SqlStore
from data.store.tables import META, REPORT
from tests.contract.test_leader import TODAYS, WARDS, ZONE
from tests.town import town

CITY = town(wards=WARDS)
HEARING = Hearing(CITY, locate=lambda *_: "")
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
NOON = day_start_ms(number_of(TODAYS[0]), ZONE) + 12 * HOUR_MS
# The whole hour and what lies about it; the instant of the deadline itself is in time.
NOWS = (NOON, NOON + 1, NOON - 1, NOON + 17 * MINUTE_MS, NOON + HOUR_MS - 1)
# How long before now a deadline was: years, hours that are whole or not, this very moment, and what is not due yet.
AGO = st.one_of(
    st.sampled_from([0, 1, -1, HOUR_MS, HOUR_MS - 1, HOUR_MS + 1, MINUTE_MS, DAY_MS, 8 * HOUR_MS, 512 * HOUR_MS]),
    st.integers(-3 * HOUR_MS, 3 * HOUR_MS),
    st.integers(-30 * DAY_MS, 900 * DAY_MS),
)
report = st.tuples(
    AGO,
    st.booleans(),  # open
    st.sampled_from(["A", "B", ""]),
    st.sampled_from(["UB-A", "HEPCO", ""]),
    st.sampled_from(["MT01", "KC01", "strange"]),
)
ONE_EACH = [Part(), Part("ward", "B"), Part("ward", "GONE"), Part("unit", "HEPCO"), Part("unit", ""), Part("service", "KC01")]
SEVERAL = [
    Part("ward", "A", (("unit", "UB-A"),)),
    Part("ward", "A", (("unit", "HEPCO"), ("service", "MT01"))),
    Part("unit", "HEPCO", (("service", "strange"),)),
    Part("ward", "GONE", (("unit", "HEPCO"),)),
]


def recorded(engine: Engine, told: list, now_ms: int) -> None:
    """Record the reports: each as it came, open, and then as it stands."""
    with engine.begin() as sql:
        for table in reversed(META.sorted_tables):
            sql.execute(table.delete())
    came, stands = [], []
    for number, (ago, is_open, ward, unit, service) in enumerate(told):
        due = now_ms - ago
        submitted = due - 40 * DAY_MS
        sent = ReportChanged(
            id=f"{number}@1",
            at=submitted,
            report=f"{number}",
            service=service,
            submitted=submitted,
            open=True,
            ward=ward or None,
            unit=unit or None,
            due=due + 5 * DAY_MS,
        )
        came.append(HEARING.hear("reports", submitted, sent))
        closed = None if is_open else min(due, now_ms)
        now = replace(sent, id=f"{number}@2", at=submitted + 1, due=due, open=is_open, closed=closed)
        stands.append(HEARING.hear("reports", now_ms, now))
    store = SqlStore(engine, city=CITY)
    board = store.record(turn(store.load(now_ms), now_ms), Reading(came, ()), "1-0")
    store.record(board, Reading(stands, ()), "2-0")


def counted(engine: Engine, now_ms: int, part: Part) -> Late:
    """Go through every row, and count what is open and past its deadline."""
    by: dict[str, Counter[str]] = {dim: Counter() for dim in PARTS}
    mine: list[int] = []
    with engine.connect() as sql:
        for row in sql.execute(select(REPORT)).mappings():
            if not row["open"] or row["due"] >= FAR or row["due"] >= now_ms:
                continue
            for dim in PARTS:
                by[dim][row[dim]] += 1
            if all(row[dim] == value for dim, value in part.pairs):
                mine.append(row["due"])
    return Late(*(by[dim] for dim in PARTS), Overdue(len(mine), min(mine, default=None)))


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(told=st.lists(report, max_size=25), now_ms=st.sampled_from(NOWS), part=st.sampled_from([*ONE_EACH, *SEVERAL]))
def test_what_is_overdue_is_what_a_walk_through_all_reports_finds(engine: Engine, told: list, now_ms: int, part: Part) -> None:
    recorded(engine, told, now_ms)
    found = SqlHistory(engine, ZONE).of(part).late(now_ms, part=part)
    assert found == counted(engine, now_ms, part)
