"""An older record is carried to the newest: nothing of reports, cases and words is lost, and what is new means what it should."""

from collections.abc import Mapping
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from dashboard.calendar import DAY_MS
from dashboard.events import ReportChanged, Said
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from dashboard.reports.case import Asked, Given
from dashboard.reports.cases import Actor, Entry, Person, Sought
from data.atlas import Atlas
from data.memory import HandClock
from data.pack import load
from data.store.cases.acting import SqlCases
from data.store.migrate import config
from data.store.record import SqlStore

PACK = load("hue")
NOW = 1_795_410_000_000
AN = Actor("An", "operator")
KEPT = {  # what no step up or down may touch, and by what each row is found
    "report": "key",
    "report_words": "key",
    "report_case": "report",
    "report_part": "report, nth",
    "report_act": "seq",
    "report_person": "report",
    "event": "seq",
}
NEW = {"unread", "rating", "tab"}
ANEW = {"promised", "marks", "extended"}  # beside each report, for its figures: counted anew as the board begins


def rows(engine: Engine, table: str, order: str, columns: list[str]) -> list[tuple[Any, ...]]:
    with engine.connect() as sql:
        return [tuple(row) for row in sql.execute(text(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}"))]


def all_of(engine: Engine, *, but: set[str] = NEW) -> Mapping[str, list[tuple[Any, ...]]]:
    there = inspect(engine)
    names = [name for name in KEPT if there.has_table(name)]
    columns = {name: sorted({one["name"] for one in there.get_columns(name)} - but) for name in names}
    return {name: rows(engine, name, KEPT[name], columns[name]) for name in names}


def days(engine: Engine) -> list[tuple[Any, ...]]:
    columns = sorted(one["name"] for one in inspect(engine).get_columns("report_day"))
    return sorted(rows(engine, "report_day", "dim, day, value", columns))


class House:
    """A record in which reports of a source and of the centre are at several points of their path."""

    def __init__(self, engine: Engine, *, fence: int = 0) -> None:
        self.engine, self.atlas = engine, Atlas(PACK.folder, zone=PACK.city.zone)
        self.store = SqlStore(engine, city=PACK.city, fence=fence)
        self.cases = SqlCases(
            engine, HandClock(NOW), lambda: PACK.city, secret=b"0" * 32, locate=self.atlas.locate, nudge=lambda: None
        )

    def fill(self) -> str:
        hearing = Hearing(PACK.city, locate=self.atlas.locate)
        told = [
            ReportChanged(
                id=f"R{n}@1",
                at=NOW - n * DAY_MS,
                report=f"R{n}",
                service=("MT01", "DT01")[n % 2],
                submitted=NOW - (n + 1) * DAY_MS,
                open=n < 3,
                closed=None if n < 3 else NOW - n * DAY_MS,
                lon=107.5909,
                lat=16.4637,
                rating=None if n < 3 else "satisfied",
                said=Said(text=f"Rác dồn ở đầu kiệt {n}"),
            )
            for n in range(8)
        ]
        self.store.record(self.store.load(NOW), Reading([hearing.hear("old", NOW, one) for one in told], ()), "1-0")
        entry = Entry(
            "DT01", "Lấn chiếm vỉa hè", "Vỉa hè Lê Lợi", "", 107.5909, 16.4637, person=Person("Nguyễn Thị Mẫu", "0905123456")
        )
        report = self.cases.enter(entry, by=AN, key="k-enter-1").report
        for nth, (action, units) in enumerate((("verify", ()), ("classify", ()), ("forward", (Given("UB-19789"),)))):
            self.cases.act(Asked(action, report, units=units), by=AN, key=f"k-walk-{nth}")  # type: ignore[arg-type]
        self.store.record(self.store.load(NOW), Reading((), ()), "2-0")
        return report


@pytest.mark.parametrize("revision", ["0019", "0026"])
def test_an_older_record_is_carried_on_and_nothing_is_lost(engine: Engine, record_url: str, revision: str) -> None:
    house = House(engine)
    report = house.fill()
    before, whole, counted = all_of(engine, but=NEW | ANEW), all_of(engine), days(engine)
    assert all(before.values())
    command.downgrade(config(record_url), revision)
    old = {column["name"] for column in inspect(engine).get_columns("report_case")}
    assert "unread" not in old
    command.upgrade(config(record_url), "head")
    assert all_of(engine, but=NEW | ANEW) == before
    fresh = House(engine, fence=1)
    fresh.store.claim()  # as the board begins: what is counted anew is counted then
    assert days(engine) == counted
    assert all_of(engine) == whole
    assert {row[0] for row in rows(engine, "report_case", "report", ["unread"])} == {0}  # nobody has written since
    ratings = rows(engine, "report", "key", ["key", "rating"])
    if revision == "0026":
        assert {rating for _, rating in ratings} == {None, "satisfied"}
    shown = fresh.cases.shown(report, by=AN)
    assert (shown.line.case.state, shown.identified, shown.line.wording.title) == ("forwarded", True, "Vỉa hè Lê Lợi")
    assert [act.action for act in shown.acts] == ["enter", "verify", "classify", "forward"]
    assert {one.state for one in shown.sent.values()} <= {"no_channel", "kept"}
    found = fresh.cases.listed(Sought(words="via he le loi"), by=AN)
    assert [line.case.report for line in found.lines] == [
        report
    ]  # by words, also those that came before there was an index of them
    assert fresh.cases.listed(Sought(words="rac kiet"), by=AN).total == 3
    assert fresh.cases.listed(Sought(due="unread"), by=AN).total == 0
    fresh.cases.act(Asked("write", report, text="Trung tâm đã nhận"), by=AN, key="k-write-1")  # and it goes on
    assert fresh.cases.shown(report, by=AN).acts[-1].action == "write"
