"""Several reports at once, in either record: each is done or says why not, each by itself is taken back, nothing is done twice."""

import pytest
from sqlalchemy import Engine, text

from dashboard.errors import Missing
from dashboard.reports.acts import MOST_TOGETHER, UNDO_MS
from dashboard.reports.case import Asked, Case, Given, Illegal, Incomplete
from dashboard.reports.cases import Sought
from tests.cases import AN, BINH, WARD, Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def asked(action: str, reports: list[str], **more: object) -> list[Asked]:
    return [Asked(action, one, **more) for one in reports]  # type: ignore[arg-type]


def lines(office: Office) -> int:
    with office.engine.connect() as sql:
        return int(sql.scalar(text("SELECT count(*) FROM report_act")) or 0)


def test_each_is_done_or_refused_and_nothing_twice(office: Office) -> None:
    one, two, gone = office.told("R1"), office.told("R2"), office.told("R3")
    office.walk(gone, "verified")
    before = lines(office)
    wanted = asked("take", [one, two, gone, "reports/none"])
    done = office.cases.act_together(wanted, by=AN, key="together-1")
    assert [done[key].state for key in (one, two)] == ["verifying"] * 2  # type: ignore[union-attr]
    assert isinstance(done[gone], Illegal)
    assert isinstance(done["reports/none"], Missing)
    assert (office.case(one).owner, office.case(gone).state, lines(office)) == ("An", "verified", before + 2)
    again = office.cases.act_together(wanted[:2], by=AN, key="together-1")
    assert (again[one], lines(office)) == (done[one], before + 2)


def test_each_is_taken_back_by_itself_and_all_within_a_minute(office: Office) -> None:
    reports = [office.told(f"R{n}") for n in range(3)]
    done = office.cases.act_together(asked("take", reports), by=AN, key="together-1")
    office.act("undo", reports[0])
    office.act("verify", reports[1], by=BINH)
    versions = [(key, one.version) for key, one in done.items() if isinstance(one, Case)]
    back = office.cases.act_together([Asked("undo", key, version) for key, version in versions], by=AN, key="together-2")
    assert [isinstance(one, Illegal) for one in back.values()] == [True, True, False]
    assert [office.case(one).state for one in reports] == ["received", "verified", "received"]
    office.cases.act_together(asked("take", reports[2:]), by=AN, key="together-3")
    office.clock.at_ms += UNDO_MS + 1
    late = office.cases.act_together(asked("undo", reports[2:]), by=AN, key="together-4")[reports[2]]
    assert isinstance(late, Illegal)
    assert late.code == "too_late"


def test_what_would_happen_is_said_and_each_goes_by_the_rules(office: Office) -> None:
    reports = [office.told(f"R{n}") for n in range(3)]
    for one in reports:
        office.walk(one, "classified")
    before = lines(office)
    wanted = asked("forward", reports, by_rules=True)
    would = office.cases.would(wanted, by=AN)
    assert lines(office) == before
    done = office.cases.act_together(wanted, by=AN, key="together-1")
    named = {key: [part.unit for part in one.parts] for key, one in done.items() if isinstance(one, Case)}
    assert named == {key: [part.unit for part in one.parts] for key, one in would.items() if isinstance(one, Case)}
    assert all(named[key] for key in reports)
    again = office.cases.act_together(wanted, by=AN, key="together-2")
    assert all(isinstance(one, Incomplete) for one in again.values())
    office.hear()
    assert {office.board.reports[one].unit for one in reports} == {named[reports[0]][0]}


def test_a_unit_does_nothing_with_what_it_does_not_see(office: Office) -> None:
    mine, foreign = office.told("R1"), office.told("R2")
    office.walk(mine, "forwarded")
    done = office.cases.act_together(asked("note", [mine, foreign], why="đã xem"), by=WARD, key="together-1")
    assert isinstance(done[mine], Case)
    assert isinstance(done[foreign], Missing)


def test_fifty_at_once_take_no_longer_than_a_moment(office: Office) -> None:
    reports = [office.told(f"R{n}") for n in range(MOST_TOGETHER)]
    for action, more in (("verify", {}), ("classify", {}), ("forward", {"units": (Given("UB-1"), Given("HEPCO"))})):
        done = office.cases.act_together(asked(action, reports, **more), by=AN, key=f"all-{action}")
        assert all(isinstance(one, Case) for one in done.values())
    assert office.cases.listed(Sought(tab="in_progress", unit="UB-1"), by=AN).total == MOST_TOGETHER
