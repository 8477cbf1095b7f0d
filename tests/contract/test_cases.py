"""A report on its path, in either record: every step a line, the board told of what counts, nobody's name where it must not be."""

import threading
from base64 import b64encode
from datetime import date

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.city import Day
from dashboard.errors import Missing
from dashboard.events import Said
from dashboard.kinds import FOREVER
from dashboard.reports.acts import RULES, UNDO_MS
from dashboard.reports.case import STATES, TABS, Asked, Given, Illegal, Incomplete
from dashboard.reports.cases import Entry, Person, Sought
from dashboard.reports.units import own_of
from dashboard.reports.working import calendar_of
from dashboard.term import Term
from data.store.cases.acting import SqlCases
from data.store.cases.following import KNOWN_MS, forget, renew
from data.store.record import SqlStore
from data.store.words import Writer
from tests.cases import AN, BINH, OTHER, SECRET, TOWN, WARD, Office
from tests.town import words


def _bytes(cell: object) -> bytes:
    return bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def counted(office: Office, field: str) -> int:
    office.hear()
    with office.engine.connect() as sql:
        return int(sql.scalar(text(f"SELECT coalesce(sum({field}), 0) FROM report_day WHERE dim = 'all'")) or 0)


def test_a_report_walks_through_every_state_and_the_board_hears_of_it(office: Office) -> None:
    report = office.told("R1")
    assert office.listed(tab="received") == [report]
    case = office.walk(report, "closed")
    assert (case.state, case.rating, case.version) == ("closed", "satisfied", 10)
    lines = office.shown(report).acts
    assert [one.action for one in lines] == [
        "enter",
        "verify",
        "classify",
        "forward",
        "accept",
        "result",
        "approve",
        "publish",
        "rate",
        "close",
    ]
    assert [one.who for one in lines] == ["", "An", "An", "An", "Hà", "Hà", "An", "An", "An", "An"]
    assert lines[5].at == case.handled
    office.hear()
    assert office.board.reports == {}
    assert (counted(office, "received"), counted(office, "closed"), counted(office, "on_time"), counted(office, "content")) == (
        1,
        1,
        1,
        1,
    )
    assert (
        replace(SqlStore(office.engine, city=TOWN).load(office.clock.at_ms), duty=office.board.duty).reports == office.board.reports
    )


def test_the_board_knows_the_unit_and_that_a_clock_stands_still(office: Office) -> None:
    report = office.told("R1")
    due = office.case(report).deadline.due
    office.walk(report, "forwarded", units="UB-1 HEPCO")
    office.act("pause", report)
    office.hear()
    held = office.board.reports[report]
    assert (held.unit, held.due > 7_000_000_000_000) == ("UB-1", True)
    office.clock.at_ms += 3 * DAY_MS
    assert office.listed(tab="overdue") == []
    case = office.act("resume", report).after
    office.hear()
    assert case.deadline.due == office.board.reports[report].due > due == case.deadline.original
    assert [one.deadline.paused for one in case.parts] == [False, False]


BESIDE: dict[str, tuple[str, dict[str, str]]] = {
    "verifying": ("take", {}),
    "ineligible": ("refuse", {"text": "Không thuộc thẩm quyền"}),
    "outside": ("hand_outside", {"to": "Điện lực"}),
    "duplicate": ("merge", {}),
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_not_declared_is_refused_and_changes_nothing(sqlite: Engine, state: str) -> None:
    office = Office(sqlite)
    report, other = office.told("R1"), office.told("R2")
    if state in BESIDE:
        action, more = BESIDE[state]
        case = office.act(action, report, other=other, **more).after
    else:
        case = office.walk(report, state) if state != "received" else office.case(report)
    assert case.state == state
    for action, rule in RULES.items():
        if state not in rule.states:
            with pytest.raises(Illegal) as refused:
                office.act(action, report, text="x", units="UB-2", nth=1, other=other, rating="satisfied", to="x")
            assert refused.value.code == "state"
    assert office.case(report) == case


def test_each_unit_has_its_own_part_and_sees_no_other_report(office: Office) -> None:
    report, foreign = office.told("R1"), office.told("R2")
    office.walk(report, "forwarded", units="UB-1 HEPCO")
    office.walk(foreign, "forwarded", units="UB-2")
    assert office.case(report).state == "forwarded"
    assert office.listed(by=WARD) == [report]
    with pytest.raises(Missing):
        office.shown(foreign, by=WARD)
    with pytest.raises(Missing):
        office.act("accept", report, by=OTHER, nth=1)
    with pytest.raises(Incomplete, match="nth"):
        office.act("accept", report, by=WARD, nth=2)
    office.act("accept", report, by=WARD, nth=1)
    office.act("result", report, by=WARD, nth=1, text="Xong phần phường")
    assert office.case(report).state == "in_progress"
    office.act("withdraw", report, nth=2)
    assert office.case(report).state == "resulted"
    office.act("send_back", report, nth=1)
    assert (office.case(report).state, office.case(report).parts[0].state) == ("in_progress", "sent_back")
    assert office.act("result", report, by=WARD, nth=1, text="Xong thật").after.state == "resulted"


def seen(office: Office, tab: str, **sought: object) -> list[str]:
    """Return what a tab of UB-1's people holds, and hold its count and its rows to the list."""
    told = office.cases.listed(Sought(tab=tab, **sought), by=WARD)  # type: ignore[arg-type]
    assert told.total == len(told.lines) == told.counts[tab]
    assert all(one.part == own_of(one.case, frozenset({"UB-1", "UB-0"})) for one in told.lines)
    return [one.case.report for one in told.lines]


def test_a_unit_sees_sorts_and_counts_by_its_own_part(office: Office) -> None:
    """The centre's deadline lies weeks ahead; this unit's own has passed, and what it has handed in is not late for others' sake."""
    hour = Term(1, "hour")
    late, next_, both = office.told("R1"), office.told("R2"), office.told("R3")
    for report, hours, beside in ((late, 1, ()), (next_, 3, ()), (both, 2, (Given("HEPCO"),))):
        office.walk(report, "classified")
        office.act("forward", report, units=(Given("UB-1", "", Term(hours, "hour")), *beside))
    office.clock.at_ms += HOUR_MS + HOUR_MS // 2
    assert seen(office, "overdue") == seen(office, "in_progress", due="overdue") == [late]
    assert seen(office, "in_progress") == [late, both, next_]
    assert seen(office, "in_progress", due="soon") == [both, next_]
    assert office.listed(tab="overdue") == []  # the citizens' deadline is far away
    assert office.cases.listed(Sought(tab="overdue"), by=OTHER).counts["overdue"] == 0
    office.act("accept", both, by=WARD, nth=1)
    office.act("result", both, by=WARD, nth=1, text="Xong phần phường")
    office.clock.at_ms += 9 * HOUR_MS
    assert (office.case(both).state, seen(office, "to_approve")) == ("in_progress", [both])
    assert seen(office, "overdue") == [late, next_]
    office.act("pause", next_)
    assert (seen(office, "overdue"), seen(office, "in_progress", due="paused")) == ([late], [next_])
    office.act("decline", late, by=WARD, nth=1)
    assert (seen(office, "overdue"), seen(office, "closed")) == ([], [late])
    office.act("forward", late, units=(Given("UB-1", "", hour),))
    assert (seen(office, "in_progress"), seen(office, "closed")) == ([late, next_], [])
    assert office.shown(late, by=WARD).line.part == office.case(late).part(2)
    office.act("withdraw", late, nth=2)
    assert seen(office, "closed") == [late]


def test_a_unit_sees_its_part_to_the_end(office: Office) -> None:
    for state, tab in (("forwarded", "in_progress"), ("resulted", "to_approve"), ("published", "published"), ("closed", "closed")):
        report = office.told(state)
        office.walk(report, state)
        assert [name for name in TABS if report in seen(office, name)] == [tab]
    assert office.listed(tab="to_approve", by=WARD) == ["reports/resulted"]
    office.act("reopen", "reports/published")
    assert "reports/published" in seen(office, "closed")  # until the centre gives it to the unit anew


def test_a_unit_that_followed_another_has_its_reports(office: Office) -> None:
    """Boundaries changed: what the old ward's committee had is its successor's to see."""
    report = office.told("R1")
    city, office.city = office.city, replace(TOWN, units=tuple(replace(one, valid_to=None) for one in TOWN.units))
    office.walk(report, "forwarded", units="UB-0")
    office.city = city
    assert office.shown(report, by=WARD).line.case.parts[0].unit == "UB-0"
    office.walk(report := office.told("R2"), "classified")
    with pytest.raises(Incomplete, match="units"):
        office.act("forward", report, units="UB-0")


def test_more_time_is_asked_by_one_and_granted_by_another(office: Office) -> None:
    report = office.told("R1")
    case = office.walk(report, "in_progress")
    asked = office.act("ask_extension", report, by=WARD, nth=1, term=Term(5, "working_day"))
    assert asked.after.parts[0].request is not None
    granted = office.act("grant", report, by=BINH, nth=1).after
    assert (granted.parts[0].request, granted.deadline.original) == (None, case.deadline.original)
    assert granted.parts[0].deadline.due > case.parts[0].deadline.due
    assert granted.deadline.due > case.deadline.due
    office.act("ask_extension", report, by=BINH, term=Term(1, "working_day"))
    with pytest.raises(Illegal, match="second"):
        office.act("grant", report, by=BINH)
    refused = office.act("deny", report, by=AN).after
    assert (refused.request, refused.deadline.due) == (None, granted.deadline.due)


def test_duplicates_are_answered_together_and_can_be_taken_out_again(office: Office) -> None:
    main, one, two = office.told("R1"), office.told("R2"), office.told("R3")
    office.act("merge", one, other=main)
    office.act("merge", two, other=main)
    assert office.case(main).duplicates == (one, two)
    assert (counted(office, "closed"), len(office.board.reports)) == (2, 1)
    with pytest.raises(Illegal, match="has_duplicates"):
        office.act("merge", main, other=office.told("R4"))
    out = office.act("split", two).after
    assert (out.state, out.merged_into, office.case(main).duplicates) == ("received", "", (one,))
    assert (counted(office, "closed"), len(office.board.reports)) == (1, 3)
    office.walk(main, "published")
    assert office.case(one).answer.startswith("Kính gửi")
    assert [line.action for line in office.shown(one).acts] == ["enter", "merge", "answered"]


def test_what_one_has_done_may_be_taken_back_for_a_minute(office: Office) -> None:
    report = office.told("R1")
    before = office.walk(report, "classified")
    office.act("forward", report, units="UB-1")
    with pytest.raises(Illegal, match="too_late"):
        office.act("undo", report, by=BINH)
    after = office.act("undo", report).after
    assert (after.state, after.parts, after.version) == ("classified", (), before.version + 2)
    assert office.listed(by=WARD) == []
    office.act("forward", report, units="UB-1")
    office.clock.at_ms += UNDO_MS + 1
    with pytest.raises(Illegal, match="too_late"):
        office.act("undo", report)


def test_of_two_who_act_at_once_the_second_is_told(office: Office) -> None:
    report = office.told("R1")
    version, found = office.case(report).version, []

    def verify(name: str) -> None:
        try:
            found.append(office.cases.act(asked(version), by=AN._replace(name=name), key="twice-or-not"))
        except Illegal as no:
            found.append(no.code)

    def asked(seen: int) -> Asked:
        return Asked("verify", report, version=seen)

    both = [threading.Thread(target=verify, args=(name,)) for name in ("An", "Bình")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(isinstance(one, str) for one in found) == [False, True]
    assert "outdated" in found
    again = office.cases.act(
        asked(version), by=AN._replace(name=next(one.who for one in found if not isinstance(one, str))), key="twice-or-not"
    )
    assert again in found
    assert [one.action for one in office.shown(report).acts] == ["enter", "verify"]


def test_an_urgent_report_raises_an_alarm(office: Office) -> None:
    report = office.told("R1")
    office.act("urge", report)
    office.hear()
    assert [(one.kind, one.name, one.ward) for one in office.board.alarms.values()] == [("report_urgent", "R1", "19753")]
    assert office.board.reports[report].urgent
    assert office.board.unknown == {}


def test_who_sent_it_lies_sealed_and_whoever_looks_is_written_down(office: Office) -> None:
    report = office.enter(person=Person("Nguyễn Thị Mẫu", "0905123456"), channel="hotline")
    with office.engine.connect() as sql:
        for table in ("report_case", "report_act", "report_text", "report_person", "event", "report"):
            cells = [cell for row in sql.execute(text(f"SELECT * FROM {table}")) for cell in row]
            assert not any(b"0905123456" in _bytes(cell) for cell in cells)
    assert office.shown(report).identified
    with pytest.raises(Incomplete, match="why"):
        office.cases.identity(report, by=AN, why=" ", key="look-1")
    assert office.cases.identity(report, by=AN, why="gọi lại", key="look-2").phone == "0905123456"
    line = office.shown(report).acts[-1]
    assert (line.action, line.who, line.why) == ("reveal", "An", "gọi lại")
    stranger = SqlCases(office.engine, office.clock, lambda: TOWN, secret=b"x" * 32, locate=lambda *_: "", nudge=lambda: None)
    with pytest.raises(Missing):
        stranger.identity(report, by=AN, why="x", key="look-3")
    with pytest.raises(Missing):
        office.cases.identity(office.told("R9"), by=AN, why="x", key="look-4")


def test_a_report_that_is_entered_twice_under_one_key_is_one(office: Office) -> None:
    entry = Entry("MT01", "Rác", lon=107.58, lat=16.46)
    one, again = (office.cases.enter(entry, by=AN, key="same-key") for _ in range(2))
    assert one == again
    other = office.cases.enter(entry, by=AN, key="other-key")
    assert (one.report, other.report) == ("centre/261123-0001", "centre/261123-0002")
    for bad in (
        entry._replace(service="XX"),
        entry._replace(text=" "),
        entry._replace(lat=107.58, lon=16.46),
        entry._replace(lat=None),
    ):
        with pytest.raises(Incomplete):
            office.cases.enter(bad, by=AN, key="bad-key-1")
    office.hear()
    assert counted(office, "received") == 2


def test_a_source_has_the_word_until_somebody_here_has_worked_on_it(office: Office) -> None:
    own, ours = office.told("R1"), office.told("R2")
    office.clock.at_ms += HOUR_MS
    office.told("R1", open=False, closed=office.clock.at_ms, submitted=office.clock.at_ms - HOUR_MS)
    assert (office.case(own).state, office.case(own).changed_how) == ("closed", "source_closed")
    office.told("R1", submitted=office.clock.at_ms - HOUR_MS, id="again")
    assert office.case(own).state == "received"
    office.walk(ours, "published")
    office.hear()
    office.clock.at_ms += HOUR_MS
    office.told("R2", rating="dissatisfied")
    assert ours not in office.board.reports
    assert office.case(ours).state == "published"


def test_a_calendar_that_changes_moves_open_deadlines_and_says_why(office: Office) -> None:
    moved, settled, told = office.told("R1"), office.told("R2"), office.told("R3", due=office.clock.at_ms + HOUR_MS)
    office.walk(settled, "published")
    before = {report: office.case(report).deadline for report in (moved, settled, told)}
    day = Day(date=date(2026, 11, 24), name=words("Ngày Văn hóa"), working=False, status="expected")
    later = replace(TOWN, days=(*TOWN.days, day))
    with office.engine.begin() as sql:
        assert renew(sql, later, office.clock.at_ms) == 1
        assert renew(sql, later, office.clock.at_ms) == 0
    assert office.case(moved).deadline.due == before[moved].due + DAY_MS
    assert office.case(moved).deadline.provisional
    line = office.shown(moved).acts[-1]
    assert (line.action, line.who, line.before_due) == ("recalendar", "", before[moved].due)
    assert office.case(settled).deadline == before[settled]
    assert office.case(told).deadline.due == before[told].due
    assert office.case(told).deadline.calendar == calendar_of(later).version
    office.hear()
    assert office.board.reports[moved].due == before[moved].due + DAY_MS


def test_open_reports_of_an_older_record_get_their_cases(office: Office) -> None:
    report = office.told("R1")
    with office.engine.begin() as sql:
        for table in ("report_case", "report_act"):
            sql.execute(text(f"DELETE FROM {table}"))
        renew(sql, TOWN, office.clock.at_ms)
    assert office.case(report).state == "received"


def test_lists_by_tab_words_and_time_left(office: Office) -> None:
    late = office.told("R1", submitted=office.clock.at_ms - 30 * DAY_MS)
    soon = office.told("R2", submitted=office.clock.at_ms - 11 * DAY_MS)
    named = office.enter("Xà bần đổ trộm ở Thuận Hoá", title="Đống xà bần", place="12 Hoà Bình")
    office.act("pause", office.told("R3"))
    assert office.listed(tab="received") == [late, soon, named, "reports/R3"]
    assert office.listed(tab="overdue") == office.listed(due="overdue") == [late]
    assert office.listed(due="soon") == [soon]
    assert office.listed(due="paused") == ["reports/R3"]
    for words_ in ("thuan hoa", "Thuận Hóa", "THUẬN HOÁ xa ban", "hoà bình", "261123-0001"):
        assert office.listed(words=words_) == [named]
    assert office.listed(words="100%") == office.listed(words="_") == []
    told = office.cases.listed(Sought(tab="received", offset=1, limit=2), by=AN)
    assert ([one.case.report for one in told.lines], told.total) == ([soon, named], 4)
    assert (told.counts["received"], told.counts["overdue"], told.counts["closed"]) == (4, 1, 0)
    assert office.listed(service="KC01") == []
    assert office.listed(field="env", ward="19753", limit=1) == [late]
    with office.engine.connect() as sql:
        assert sql.scalar(text("SELECT due FROM report_case WHERE report = 'reports/R3'")) == FOREVER


def test_what_may_be_the_same_is_suggested(office: Office) -> None:
    mine = office.enter("Rác dồn ở đầu kiệt, bốc mùi")
    alike = office.enter("Rác chất đống đầu kiệt bốc mùi", lat=16.46018)
    office.enter("Rác dồn ở đầu kiệt, bốc mùi", lat=16.4610)  # 111 m
    office.enter("Chó thả rông cắn người", lat=16.4604)  # 44 m, and of something else
    silent = office.told("R7", lat=16.46002)
    assert [(one.line.case.report, one.again) for one in office.shown(mine).near] == [(alike, False), (silent, False)]
    office.walk(alike, "published")
    office.clock.at_ms += 8 * DAY_MS
    again = office.enter("Rác dồn đầu kiệt bốc mùi nữa")
    assert [(one.line.case.report, one.again) for one in office.shown(again).near] == [(alike, True)]
    assert office.act("recur", again, other=alike).after.recurs == alike
    with pytest.raises(Incomplete, match="other"):
        office.act("recur", mine, other=again)


def test_reopened_it_has_a_time_of_its_own_again(office: Office) -> None:
    report = office.told("R1")
    office.walk(report, "closed")
    office.clock.at_ms += 10 * DAY_MS
    case = office.act("reopen", report).after
    office.hear()
    assert (case.state, case.reopened, case.deadline.started, case.rating) == ("classified", 1, office.clock.at_ms, None)
    assert report in office.board.reports
    assert counted(office, "closed") == 0
    assert office.act("forward", report, units="UB-1").after.parts[-1].nth == 2


def test_two_years_after_it_was_settled_nobody_knows_who_sent_it(office: Office) -> None:
    settled, still = office.enter(person=Person("A")), office.enter(person=Person("B"))
    office.walk(settled, "published")
    with office.engine.begin() as sql:
        assert forget(sql, office.clock.at_ms + KNOWN_MS - DAY_MS) == 0
        assert forget(sql, office.clock.at_ms + KNOWN_MS + DAY_MS) == 1
    assert [office.shown(report).identified for report in (settled, still)] == [False, True]
    with pytest.raises(Missing):
        office.cases.identity(settled, by=AN, why="x", key="look-5")
    office.store.settle()
    assert office.shown(still).identified


def test_what_a_citizen_wrote_to_another_door_is_read_here_and_who_it_was_is_sealed_there_too(office: Office) -> None:
    who = b64encode(Writer(SECRET).close({"first_name": "Lan", "phone": "0905 123 456"}, report="reports/R1")).decode()
    report = office.told("R1", said=Said(text="Hố ga mất nắp trước chợ Đông Ba", address="Trần Hưng Đạo", sealed=who))
    bare = office.told("R2", said=Said(text="Đèn đường tối"))
    wording = office.shown(report).line.wording
    assert (wording.text, wording.place) == ("Hố ga mất nắp trước chợ Đông Ba", "Trần Hưng Đạo")
    assert office.listed(words="ho ga dong ba") == [report]
    assert [office.shown(one).identified for one in (report, bare)] == [True, False]
    told = office.cases.identity(report, by=AN, why="gọi lại cho người dân", key="look-open311")
    assert (told.name, told.phone) == ("Lan", "0905 123 456")
    assert office.shown(report).acts[-1].action == "reveal"
    office.clock.at_ms += HOUR_MS
    office.told("R1", submitted=office.clock.at_ms - HOUR_MS, open=False, closed=office.clock.at_ms)
    with office.engine.begin() as sql:
        assert forget(sql, office.clock.at_ms + KNOWN_MS - DAY_MS) == 0
        assert forget(sql, office.clock.at_ms + KNOWN_MS + DAY_MS) == 1
    assert not office.shown(report).identified
    assert office.shown(report).line.wording.text


def test_words_follow_what_is_done_and_what_is_let_go(office: Office) -> None:
    report = office.enter("Nước tràn", title="Cống nghẹt", place="12 Hoà Bình")
    assert office.listed(words="thuan hoa") == []
    office.walk(report, "forwarded")
    assert office.listed(words="thuan hoa nuoc") == office.listed(words="thuan", tab="in_progress", ward="19753") == [report]
    office.act("withdraw", report, nth=1)
    assert office.listed(words="cong nghet", tab="to_assign") == [report]
    assert (office.listed(words="ong"), office.listed(words="cong' OR nuoc:*"), office.listed(words='"')) == ([], [], [])
    with office.engine.begin() as sql:
        sql.execute(text("DELETE FROM report_case"))
    assert office.listed(words="nuoc") == []
