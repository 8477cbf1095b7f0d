"""The figures of reports' paths: what people did, counted plainly over the history, against the leader's page, on either record.

The history alone is read here (`report_act`), as somebody would who knows nothing of roll-ups; a record of before is filled in the same way.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from alembic import command
from msgspec.structs import replace
from sqlalchemy import Engine, text

from dashboard.calendar import DAY_MS, HOUR_MS, number_of
from dashboard.items import asked_for, count
from dashboard.leader import page
from dashboard.past import Part
from dashboard.periods import chosen
from dashboard.term import Term
from dashboard.wanted import Wanted
from data.history import SqlHistory
from data.items import SqlItems
from data.store.cases.tables import decode_act
from data.store.judge import decode, encode
from data.store.migrate import config
from data.store.record import SqlStore
from tests.cases import AN, BINH, TOWN, WARD, Office
from tests.keep import START

ZONE = TOWN.zone
LISTS = {
    "reports_eligible": "eligible",
    "closed_extended": "granted",
    "reports_extended": "extended",
    "reports_recurring": "recurring",
    "closed_on_time": "on_time",
    "closed_late": "late",
}
PARTS = (Part(), Part("unit", "UB-1"), Part("service", "MT01"), Part("ward", "19753", (("unit", "UB-1"),)))


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def extend(office: Office, report: str, days: int, *, nth: int = 0) -> None:
    """Ask for more time and grant it: for the whole report, or for a unit's part."""
    office.act("ask_extension", report, by=WARD if nth else AN, nth=nth, term=Term(days, "working_day"))
    office.act("grant", report, by=BINH, nth=nth)


def hand_in(office: Office, report: str, nth: int = 1) -> None:
    office.act("result", report, by=WARD, nth=nth, text="Đã dọn sạch")
    office.act("approve", report)
    office.act("publish", report, text="Đã xử lý xong.")


def live_through(office: Office) -> None:
    """Some weeks at the centre: everything that figures of paths ask about, and what takes it back."""
    told = [office.told(f"R{n}") for n in range(12)]
    done, late, granted, reopened, paused, refused, undone, merged, again, parted, source, _ = told
    for report in (late, granted, reopened, paused, parted):
        office.walk(report, "in_progress")
    office.walk(done, "closed")
    office.act("refuse", refused, text="Không thuộc thẩm quyền")
    office.act("verify", undone)
    office.act("undo", undone)
    office.act("verify", merged)
    office.act("merge", merged, other=late)
    office.act("verify", source)
    office.act("recur", again, other=done)
    office.act("pause", paused)
    extend(office, granted, 10)
    extend(office, parted, 5, nth=1)
    office.clock.at_ms += 3 * DAY_MS
    extend(office, granted, 3)
    extend(office, reopened, 2)
    office.told("R10", submitted=START, open=False, closed=office.clock.at_ms)  # the house works on it: its word stands
    office.told("R11", submitted=START, open=False, closed=office.clock.at_ms)
    hand_in(office, reopened)
    office.clock.at_ms += 9 * DAY_MS
    for report in (late, granted):
        hand_in(office, report)
    office.act("resume", paused)
    office.act("reopen", reopened)
    office.act("reopen", refused)
    office.act("verify", refused)
    office.told("R20", service="KC01")
    office.hear()


def history(office: Office) -> pd.DataFrame:
    """Every report by what was done with it, line by line."""
    with office.engine.connect() as sql:
        lines = [decode_act(body) for body in sql.scalars(text("SELECT body FROM report_act ORDER BY seq"))]
        told = {row.key: row for row in sql.execute(text("SELECT key, unit, ward FROM report"))}
    rows = []
    for report in {one.report for one in lines}:
        mine = [one for one in lines if one.report == report]
        rows.append({"report": report, **lived(mine), "unit": told[report].unit, "ward": told[report].ward})
    return pd.DataFrame(rows)


def lived(lines: list) -> dict[str, object]:
    """What became of one report, from its lines alone."""
    found: dict[str, object] = {"eligible": None, "extended": None, "recurs": False, "closed": None}
    last = lines[-1].after
    for at, one in enumerate(lines):
        if one.action in {"verify", "refuse"}:
            found["eligible"] = one.action == "verify"
        if one.action == "reopen" and lines[at - 1].action == "refuse":
            found["eligible"] = None
        if one.action == "undo" and lines[at - 1].action == "verify":
            found["eligible"] = None
        moved = one.action == "grant" and one.after.deadline.due != lines[at - 1].after.deadline.due
        if moved and found["extended"] is None:
            found["extended"] = one.at
        found["recurs"] = found["recurs"] or one.action == "recur"
        if one.action in {"publish", "refuse", "merge", "source_closed"}:
            results = [each.at for each in lines[: at + 1] if each.action == "result"]
            found["closed"] = results[-1] if one.action == "publish" else one.after.closed
        if one.action == "answered":
            found["closed"] = one.after.handled
        if one.action == "reopen":
            found["closed"] = None
    promised, due = last.deadline.original, last.deadline.due
    stands = {"submitted": last.submitted, "service": last.service, "first": min(promised, due)}
    return found | stands | {"due": due if not last.deadline.paused else 1 << 50}


def days_of(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, unit="ms", utc=True).dt.tz_convert(ZONE).dt.date


def figures_of(table: pd.DataFrame, first, last) -> dict[str, float | None]:
    """The figures of the paths by pandas."""
    sent = table[days_of(table.submitted).between(first, last)]
    closed_at = pd.to_numeric(table.closed)
    done = table[closed_at.notna() & days_of(closed_at).between(first, last)]
    known, fit = sent.eligible.notna().any(), sent[sent.eligible.eq(True)]  # noqa: FBT003  pandas' own
    begins = pd.Timestamp(first, tz=ZONE).value // 1_000_000
    carried = int(((table.submitted < begins) & (closed_at.isna() | (closed_at >= begins))).sum())
    extended = int(days_of(pd.to_numeric(table.extended)).between(first, last).sum())
    on_time, granted = done.closed <= done["first"], (done.closed > done["first"]) & (done.closed <= done.due)
    share = lambda part, of: 100 * part / of if of else None  # noqa: E731
    return {
        "reports_eligible": float(len(fit)) if known else None,
        "eligible_share": share(len(fit), len(sent)) if known else None,
        "handled_share": share(int(fit.closed.notna().sum()), len(fit)),
        "closed_on_time": float(on_time.sum()),
        "closed_late": float((~on_time).sum()),
        "closed_extended": float(granted.sum()),
        "on_time_granted": share(int((on_time | granted).sum()), len(done)),
        "reports_extended": float(extended),
        "extended_share": share(extended, len(sent) + carried),
        "reports_recurring": float(sent.recurs.sum()),
    }


def check(office: Office) -> None:
    now = office.clock.at_ms
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(ZONE)).date()
    table, past, items = history(office), SqlHistory(office.engine, ZONE), SqlItems(office.engine, ZONE)
    for first, last in ((12, 0), (30, 0), (12, 12), (9, 0), (5, 0), (3, 1)):
        days = tuple((pd.Timestamp(today) - pd.Timedelta(days=ago)).date() for ago in (first, last))
        for part in PARTS:
            mine = table
            for dim, value in part.pairs:
                mine = mine[mine[dim] == value]
            period = chosen(*days, today)
            shown = page(past, TOWN, period, now_ms=now, today=number_of(today), part=part)
            told = {one.key: one.value for one in shown.figures}
            if told["reports_received"] is None:
                continue
            wanted = figures_of(mine, *days)
            assert {key: told[key] for key in wanted} == pytest.approx(wanted, nan_ok=True), (days, part)
            for key, name in LISTS.items():
                asked = asked_for(name, Wanted(period, part), TOWN, field="", today=number_of(today), now_ms=now, after=None)
                assert len(items.listed(asked)[0]) == count(past, asked) == int(told[key] or 0), (name, days, part)


def test_every_figure_of_the_path_equals_what_pandas_counts_over_the_history(office: Office) -> None:
    live_through(office)
    check(office)
    with office.engine.connect() as sql:
        sums = sql.execute(
            text("SELECT sum(eligible), sum(extended), sum(granted), sum(recurring) FROM report_day WHERE dim = 'all'")
        )
        assert [int(one) for one in sums.one()] == [9, 3, 1, 1], "there is something of each"


def test_a_record_of_before_knows_them_once_its_board_has_begun(office: Office, record_url: str) -> None:
    live_through(office)
    office.engine.dispose()
    command.downgrade(config(record_url), "0032")
    with office.engine.begin() as sql:  # as the board of that day would have told it: no word of the path
        for key, body in sql.execute(text("SELECT key, body FROM report")).all():
            one = decode(body)
            bare = {"b": encode(replace(one, event=replace(one.event, path=None))), "k": key}
            sql.execute(text("UPDATE report SET body = :b WHERE key = :k"), bare)
    command.upgrade(config(record_url), "head")
    store = SqlStore(office.engine, city=TOWN, fence=1)
    store.claim()
    check(office)
    office.store, office.board = store, store.load(office.clock.at_ms)
    report = office.told("R30")
    office.act("verify", report)
    office.hear()
    office.clock.at_ms += HOUR_MS
    check(office)
