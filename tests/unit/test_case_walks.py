"""People of every role do whatever comes to their minds with three reports of one matter: nothing undeclared, nothing lost, everybody answered."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.city import City
from dashboard.handling import Allowance, Policy
from dashboard.reports.acts import RULES, decide, legal, may_act
from dashboard.reports.case import ACTIONS, LIVE, SETTLED, STATES, Asked, Case, Given, Illegal, Incomplete
from dashboard.reports.changing import by_calendar
from dashboard.reports.following import entered
from dashboard.reports.parts import WITH_UNITS, state_of
from dashboard.reports.rule import Standing
from dashboard.reports.units import working_for
from dashboard.reports.working import calendar_of
from dashboard.term import Term
from tests.cases import AN, BINH, OTHER, TOWN, WARD, telling
from tests.keep import START
from tests.town import town

KEYS = ("reports/1", "reports/2", "reports/3")
WORDS = frozenset({"note", "write", "hear", "send_again", "bounced"})
ONWARD = {
    "received": ["verify"],
    "verifying": ["verify"],
    "verified": ["classify"],
    "classified": ["forward"],
    "forwarded": ["accept", "result", "decline", "result"],
    "in_progress": ["result", "accept", "result", "decline", "classify"],
    "resulted": ["approve", "approve", "send_back"],
    "approved": ["publish"],
    "published": ["reopen", "rate", "close"],
    "rated": ["reopen", "close"],
    "closed": ["reopen"],
}
UNITS = {"UB-1": "office", "UB-2": "office", "HEPCO": "utility", "CA": "24x7"}
OFFICE = next(iter(town().services)).code
units = st.lists(st.sampled_from([*UNITS, "UB-0", "?"]), max_size=3)


class Walks(RuleBasedStateMachine):
    """A centre of two, two units, three reports; every act is asked for as a browser would, right or wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.lines, self.told = START, list[tuple[str, Case]](), dict[str, list[str]]()
        self.cases = {key: entered("reports", "1", telling(key[-1], START, service=OFFICE), TOWN) for key in KEYS}

    @rule(
        of=st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)),
        by=st.sampled_from([AN, BINH, WARD, OTHER]),
        given=units,
        hours=st.integers(0, 60),
        wild=st.integers(0, 4),
        data=st.data(),
    )
    def act(self, *, of: tuple[str, str], by: Any, given: list[str], hours: int, wild: int, data: st.DataObject) -> None:
        """Four in five are asked for as a page would, the others as nobody should."""
        case, before = self.cases[of[0]], dict(self.cases)
        live = [one for one in case.parts if one.state in LIVE]
        able = [] if wild == 0 else [one for one in legal(case, by.role) if one not in WORDS and (case.undo or one != "undo")]
        action, nth = data.draw(st.sampled_from(able or ACTIONS)), data.draw(st.integers(0, 4))
        if wild > 1 and case.state in ONWARD:
            action, part = data.draw(st.sampled_from(ONWARD[case.state])), data.draw(st.sampled_from(live or [None]))
            nth, unit = (part.nth, part.unit) if part else (0, "")
            by = {"UB-1": WARD, "UB-2": OTHER}.get(unit, BINH) if action in {"accept", "result", "decline"} else BINH
        said = data.draw(st.sampled_from(["", " ", "vì thế"])) if wild == 0 else "đã xong"
        stale = wild or data.draw(st.integers(0, 1))
        if wild:
            given = sorted({"UB-1", "UB-2"} & set(given) - {one.unit for one in live}) or ["UB-2"]
        self.now += hours * HOUR_MS // 40
        if not may_act(by.role, action):
            return
        version = case.version if stale else case.version - 1
        asked = Asked(
            action,
            of[0],
            version=version,
            why=said,
            nth=nth,
            units=tuple(Given(one) for one in given),
            term=Term(hours, "working_day"),
            text=said,
            rating="satisfied",
            other=of[1],
            to=said,
        )
        other = case.merged_into if action == "split" else of[1]
        stands = Standing(
            case=case,
            who=by.name,
            now_ms=self.now,
            city=TOWN,
            calendar=calendar_of(TOWN),
            services=frozenset(one.code for one in TOWN.services),
            units=UNITS,
            mine=working_for(TOWN, by),
            other=self.cases.get(other),
            members=[self.cases[one] for one in case.duplicates],
        )
        try:
            steps = decide(stands, asked)
        except (Illegal, Incomplete):
            assert self.cases == before
            return
        assert action in legal(case, by.role)
        assert case.state in RULES[action].states
        for step in steps:
            self._parts_are_kept(before[step.after.report], step.after, undone=action == "undo")
            self.cases[step.after.report] = step.after
            self.lines.append((step.after.report, step.after))

    @rule(of=st.sampled_from(KEYS))
    def the_citizen_writes(self, of: str) -> None:
        self.cases[of] = replace(self.cases[of], unread=self.cases[of].unread or self.now)
        self.lines.append((of, self.cases[of]))

    @rule()
    def the_calendar_changes(self) -> None:
        for key, case in self.cases.items():
            fresh = by_calendar(replace(case, deadline=replace(case.deadline, calendar="?")), calendar_of(TOWN), now_ms=self.now)
            if case.settled:
                assert fresh.deadline.due == case.deadline.due
            else:
                assert fresh.deadline.due == case.deadline.due, "computed anew by the same calendar it is the same"
            assert key == fresh.report

    def _parts_are_kept(self, before: Case, after: Case, *, undone: bool) -> None:
        """No assignment is lost, and none is given to another unit."""
        if undone:
            assert after.version > before.version
            assert after.unread == before.unread, "what a citizen wrote meanwhile waits on"
            return
        assert len(after.parts) >= len(before.parts)
        for old, new in zip(before.parts, after.parts, strict=False):
            assert (new.nth, new.unit, new.given, new.task) == (old.nth, old.unit, old.given, old.task)
            assert new.result or not old.result
            assert new.deadline.original == old.deadline.original, "what was promised at first stays"
            assert len(new.deadline.pauses) >= len(old.deadline.pauses)
        assert after.version >= before.version

    @invariant()
    def every_state_is_declared_and_agrees_with_the_parts(self) -> None:
        for case in self.cases.values():
            live = [one for one in case.parts if one.state in LIVE]
            assert case.state in STATES
            assert [one.nth for one in case.parts] == [*range(1, len(case.parts) + 1)]
            assert bool(live) == (case.state in WITH_UNITS), (case.state, [one.state for one in case.parts])
            assert not live or state_of(case.parts) == case.state
            assert len({one.unit for one in live}) == len(live)
            assert not live or case.lead in {one.unit for one in live}, "who has it in hand leads"
            assert not (case.settled and live)
            assert bool(case.closed) == (case.state in SETTLED)
            assert bool(case.handled) <= (case.settled or case.state == "approved")

    @invariant()
    def clocks_stand_still_together(self) -> None:
        for case in self.cases.values():
            stand = {one.deadline.paused for one in case.parts if one.state in LIVE}
            assert stand <= {case.deadline.paused}

    @invariant()
    def what_is_merged_hangs_on_one_that_is_worked_on_and_everybody_is_answered(self) -> None:
        for key, case in self.cases.items():
            assert (case.state == "duplicate") == bool(case.merged_into)
            for one in case.duplicates:
                assert self.cases[one].merged_into == key
                assert not self.cases[one].duplicates, "chains are refused"
                if case.settled and case.answer:
                    assert self.cases[one].answer == case.answer
            if case.merged_into:
                assert key in self.cases[case.merged_into].duplicates

    @invariant()
    def the_history_ends_as_they_stand(self) -> None:
        last = dict(self.lines)
        assert {key: self.cases[key] for key in last} == last

    @invariant()
    def figures_are_never_in_the_future(self) -> None:
        for case in self.cases.values():
            assert max(case.handled, case.closed, case.published, case.checked) <= self.now < case.submitted + 4000 * DAY_MS


Walks.TestCase.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
TestWalks = Walks.TestCase


def acted(case: Case, action: Any, *, by: Any = AN, city: City = TOWN, others: tuple[Case, ...] = (), **asked: Any) -> list[Case]:
    stands = Standing(
        case=case,
        who=by.name,
        now_ms=START,
        city=city,
        calendar=calendar_of(city),
        services=frozenset(one.code for one in TOWN.services),
        units=UNITS,
        mine=working_for(city, by),
        other=others[0] if others else None,
        members=others,
    )
    told = {"why": "vì thế", "text": "đã xong", "nth": 1, "units": (Given("UB-1"),), "to": "Điện lực"} | asked
    return [step.after for step in decide(stands, Asked(action, case.report, **told))]


def walked(*actions: Any, case: Case | None = None) -> Case:
    held = case or entered("reports", "1", telling("1", START, service=OFFICE), TOWN)
    for action in actions:
        held = acted(held, action, by=WARD if action in {"accept", "result", "decline"} else AN)[0]
    return held


def test_what_is_classified_anew_stays_with_its_units() -> None:
    """A unit that has it in hand could neither accept nor hand in a result any more."""
    given = walked("verify", "classify", "forward")
    (again,) = acted(given, "classify", priority="urgent", service=TOWN.services[-1].code)
    assert (again.state, again.parts) == ("forwarded", given.parts)
    assert walked("accept", "classify", "result", case=again).state == "resulted"


def test_what_was_approved_before_a_reopening_is_no_result() -> None:
    again = walked("verify", "classify", "forward", "result", "approve", "publish", "reopen")
    (given,) = acted(again, "forward", units=(Given("UB-2"),))
    assert (again.state, given.state, given.lead) == ("classified", "forwarded", "UB-2")
    (declined,) = acted(given, "decline", by=OTHER, nth=2)
    assert declined.state == "classified"


def test_what_stands_still_and_is_made_urgent_goes_on_standing() -> None:
    soon = Policy(allowances=(Allowance(of="report", term=Term(1, "hour"), priority="urgent"),))
    (urgent,) = acted(walked("verify", "classify", "forward", "pause"), "urge", city=replace(TOWN, reports=soon))
    assert urgent.deadline.due == START + HOUR_MS
    assert urgent.deadline.paused
    running = walked("resume", case=urgent)
    assert (running.deadline.paused, running.parts[0].deadline.paused) == (False, False)


def test_who_takes_an_act_back_takes_no_word_of_the_citizens_with_it() -> None:
    held = walked("verify", "classify")
    assert walked("undo", case=replace(held, unread=START)).unread == START


def test_whoever_reported_the_same_is_told_of_a_refusal_too() -> None:
    one, two = walked("verify"), replace(walked(), report="reports/2")
    gone, main = acted(two, "merge", others=(one,))
    for action, state in (("refuse", "ineligible"), ("hand_outside", "outside")):
        after, answered = acted(main, action, others=(gone,), text="Không thuộc thẩm quyền")
        assert (after.state, answered.report, answered.state) == (state, "reports/2", "duplicate")
        assert answered.answer == after.answer == "Không thuộc thẩm quyền"
        assert answered.handled == START
