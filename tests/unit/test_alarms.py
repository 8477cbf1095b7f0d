"""Alarms by themselves: seven states times every act, claims, shelving, undo, and what time does."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.access import GRANTS, PERMISSIONS
from dashboard.alarms.acts import (
    LEASE_MS,
    LONGEST_SHELF_MS,
    OUTCOMES,
    RULES,
    SECOND_MS,
    SHELF_MINUTES,
    STANDING_MS,
    STATES,
    UNDO_MS,
    Asked,
    Illegal,
    Incomplete,
    act,
)
from dashboard.alarms.alarm import Action, Alarm, Course, Undo
from dashboard.alarms.passing import ESCALATE_MS, due, passed
from dashboard.alarms.telling import again

NOW = 1_795_410_000_000
MINUTE = 60_000
ACTIONS = get_args(Action)
# Which act leads where, from each of the seven states: written down once more, by hand.
LEADS = {
    "acknowledge": {"new": "acknowledged", "returned": "closed"},
    "claim": {"new": "in_work", "acknowledged": "in_work", "returned": "in_work"},
    "take_over": {"acknowledged": "acknowledged", "in_work": "in_work"},
    "release": {"acknowledged": "acknowledged", "in_work": "acknowledged"},
    "shelve": {"new": "shelved", "acknowledged": "shelved", "in_work": "shelved", "shelved": "shelved"},
    "unshelve": {"shelved": "new"},
    "remove": dict.fromkeys(("new", "acknowledged", "in_work", "returned", "shelved"), "out_of_service"),
    "restore": {"out_of_service": "new"},
    "close": {"acknowledged": "closed", "in_work": "closed"},
    "escalate": {state: state for state in ("new", "acknowledged", "in_work", "returned")},
    "note": {state: state for state in STATES if state != "closed"},
    "review": {state: state for state in ("new", "acknowledged", "in_work", "returned")},
    "verify": {"new": "acknowledged", "acknowledged": "acknowledged", "in_work": "in_work", "returned": "closed"},
    "dispatch": {"new": "in_work", "acknowledged": "in_work", "in_work": "in_work"},
    "undo": dict.fromkeys(STATES, "new"),
}
OWNED = {"acknowledged", "in_work"}


def alarm(state: str = "new", *, owner: str = "", **more: object) -> Alarm:
    course = Course(
        state=state,  # type: ignore[arg-type]
        owner=owner,
        lease=NOW + LEASE_MS if owner else 0,
        shelved=NOW if state == "shelved" else 0,
        shelved_until=NOW + 5 * MINUTE if state == "shelved" else 0,
        closed=NOW if state == "closed" else 0,
    )
    base = {
        "id": "1",
        "group": "fire:H-001",
        "kind": "fire",
        "priority": 2,
        "camera": "H-001",
        "name": "",
        "ward": "1",
        "since": NOW,
        "last": NOW,
        "until": NOW + 900_000,
        "raised": NOW,
        "stays": True,
        "over": state == "returned",
        "course": course,
    }
    return Alarm(**(base | more))  # type: ignore[arg-type]


def asked(action: str, **more: object) -> Asked:
    full = {"why": "a reason", "minutes": 15, "outcome": "right" if action == "verify" else "handled", "unit": "FIRE"} | more
    return Asked(action, **full)  # type: ignore[arg-type]


def owner_for(action: str, state: str) -> str:
    """Who must have it so that the act is somebody's to do: `take_over` takes from another, `release` gives back one's own."""
    if state not in OWNED:
        return ""
    return "Bình" if action == "take_over" else "An"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
def test_every_act_from_every_state(state: str, action: str) -> None:
    undo = Undo("An", NOW, Course()) if action == "undo" else None
    since = NOW - STANDING_MS if action == "review" else NOW
    stands = alarm(state, owner=owner_for(action, state), since=since, verify=action == "verify")
    stands = replace(stands, undo=undo, over=state == "returned" and action != "undo")
    wanted = LEADS[action].get(state)
    if wanted is None:
        with pytest.raises(Illegal) as no:
            act(stands, asked(action), who="An", now_ms=NOW)
        assert (no.value.code, no.value.alarm) == ("state", stands)
        return
    after = act(stands, asked(action), who="An", now_ms=NOW)
    assert after.state == wanted
    assert after.version == stands.version + (action != "note")
    assert after.id == stands.id


def test_every_act_names_a_permission_and_only_the_shift_holds_it() -> None:
    assert set(RULES) == set(ACTIONS)
    for rule in RULES.values():
        assert rule.permission in PERMISSIONS
        holders = {role for role, held in GRANTS.items() if rule.permission in held}
        assert holders == ({"supervisor"} if rule.permission == "alarm.suppress" else {"operator", "supervisor"})


words = st.sampled_from(["An", "Bình", "Chi"])
asks = st.builds(
    Asked,
    action=st.sampled_from(ACTIONS),
    why=st.sampled_from(["", " ", "a reason"]),
    minutes=st.sampled_from([0, 5, 7, 15, 30, 60]),
    outcome=st.sampled_from(["", *OUTCOMES, "over"]),
)
steps = st.lists(st.tuples(asks, words, st.sampled_from([0, 1, 4000, 10_001, 2 * MINUTE, 11 * MINUTE, 3_600_000])), max_size=40)


@given(steps=steps, priority=st.sampled_from([1, 2, 3, 4]), stays=st.booleans(), ends=st.integers(0, 7_200_000))
def test_whatever_people_and_time_do_an_alarm_stays_itself(steps, priority: int, stays: bool, ends: int) -> None:
    stands = alarm(priority=priority, stays=stays, until=NOW + ends)
    now, shelvers = NOW, set()
    for ask, who, later in steps:
        now += later
        stands = [stands, *(after for _, after in passed(stands, now))][-1]
        assert due(stands, now) is None
        before = stands
        try:
            stands = act(stands, ask, who=who, now_ms=now)
        except (Illegal, Incomplete):
            assert stands == before
            continue
        course = stands.course
        assert stands.version == before.version + (ask.action != "note")
        assert before.state in RULES[ask.action].states
        assert bool(course.owner) <= (course.state in {"acknowledged", "in_work", "closed"})
        assert bool(course.shelved_until) == (course.state == "shelved")
        assert (course.state == "closed") == bool(course.closed)
        assert course.shelved_until - course.shelved <= LONGEST_SHELF_MS
        assert not (course.state == "new" and stands.over)
        if ask.action == "shelve" and priority == 1:
            shelvers.add(who)
        if priority == 1 and course.state == "shelved":
            assert len(shelvers) > 1
        if before.course.owner not in {"", who} and before.open:
            assert ask.action in {"take_over", "remove", "escalate", "note", "undo"}


def test_a_second_claimer_is_told_and_takes_over_only_with_a_reason() -> None:
    mine = act(alarm(), Asked("claim"), who="An", now_ms=NOW)
    for action in ("claim", "close", "shelve", "release"):
        with pytest.raises(Illegal) as no:
            act(replace(mine, course=replace(mine.course, state="acknowledged")), asked(action), who="Bình", now_ms=NOW)
        assert (no.value.code, no.value.alarm.course.owner) == ("held", "An")
    with pytest.raises(Incomplete):
        act(mine, Asked("take_over"), who="Bình", now_ms=NOW)
    theirs = act(mine, Asked("take_over", why="An is at the meal"), who="Bình", now_ms=NOW)
    assert (theirs.course.owner, theirs.state) == ("Bình", "in_work")
    with pytest.raises(Illegal):
        act(theirs, Asked("take_over", why="again"), who="Bình", now_ms=NOW)


def test_a_claim_returns_when_its_owner_does_nothing_and_a_note_keeps_it() -> None:
    mine = act(alarm(until=NOW + 10 * LEASE_MS), Asked("claim"), who="An", now_ms=NOW)
    assert due(mine, NOW + LEASE_MS - 1) is None
    kept = act(mine, Asked("note", why="the picture is clear"), who="An", now_ms=NOW + LEASE_MS - 1)
    assert due(kept, NOW + LEASE_MS) is None
    others = act(mine, Asked("note", why="I see it too"), who="Bình", now_ms=NOW + LEASE_MS - 1)
    assert due(others, NOW + LEASE_MS) == "lapse"
    ((action, free),) = passed(mine, NOW + LEASE_MS)
    assert (action, free.state, free.course.owner) == ("lapse", "acknowledged", "")


def test_a_claim_that_returns_after_all_is_over_waits_for_somebody_else() -> None:
    mine = act(alarm(priority=4, stays=False, until=NOW), Asked("claim"), who="An", now_ms=NOW)
    done = list(passed(mine, NOW + LEASE_MS))
    assert [(action, after.state) for action, after in done] == [("return", "in_work"), ("lapse", "returned")]


@pytest.mark.parametrize("minutes", SHELF_MINUTES)
def test_shelving_ends_by_itself_and_alarms_again(minutes: int) -> None:
    away = act(alarm(until=NOW + 9 * 3_600_000), asked("shelve", minutes=minutes), who="An", now_ms=NOW)
    assert not away.listed
    assert due(away, NOW + minutes * MINUTE - 1) is None
    at = NOW + minutes * MINUTE
    ((action, again),) = passed(away, at)
    assert (action, again.state, again.raised, again.listed) == ("unshelve", "new", at, True)


def test_shelving_needs_a_reason_a_listed_time_and_ends_after_eight_hours() -> None:
    for bad in (asked("shelve", why=""), asked("shelve", minutes=61), asked("shelve", minutes=0)):
        with pytest.raises(Incomplete):
            act(alarm(), bad, who="An", now_ms=NOW)
    stands, at = act(alarm(), asked("shelve", minutes=60), who="An", now_ms=NOW), NOW
    for _ in range(7):
        at += 60 * MINUTE - 1
        stands = act(stands, asked("shelve", minutes=60), who="An", now_ms=at)
    with pytest.raises(Illegal) as no:
        act(stands, asked("shelve", minutes=60), who="An", now_ms=at + 30 * MINUTE)
    assert no.value.code == "too_long"


def test_nobody_shelves_a_p1_alone() -> None:
    once = act(alarm(priority=1), asked("shelve"), who="An", now_ms=NOW)
    assert (once.state, once.course.asked) == ("new", "An")
    with pytest.raises(Illegal) as no:
        act(once, asked("shelve"), who="An", now_ms=NOW + 1)
    assert no.value.code == "second"
    assert act(once, asked("shelve"), who="Bình", now_ms=NOW + SECOND_MS).state == "shelved"
    late = act(once, asked("shelve"), who="Bình", now_ms=NOW + SECOND_MS + 1)
    assert (late.state, late.course.asked) == ("new", "Bình")


@pytest.mark.parametrize("action", ["acknowledge", "claim", "shelve", "remove"])
def test_an_act_is_undone_by_who_did_it_within_ten_seconds(action: str) -> None:
    done = act(alarm(), asked(action), who="An", now_ms=NOW)
    undone = act(done, Asked("undo"), who="An", now_ms=NOW + UNDO_MS)
    assert (undone.course, undone.version) == (Course(), 2)
    for who, at in (("Bình", NOW), ("An", NOW + UNDO_MS + 1)):
        with pytest.raises(Illegal) as no:
            act(done, Asked("undo"), who=who, now_ms=at)
        assert no.value.code == "too_late"
    with pytest.raises(Illegal):
        act(undone, Asked("undo"), who="An", now_ms=NOW + UNDO_MS)


def test_a_closing_is_undone_to_where_it_was_and_what_is_over_stays_over() -> None:
    mine = act(alarm(), Asked("claim"), who="An", now_ms=NOW)
    closed = act(mine, Asked("close", outcome="false_alarm"), who="An", now_ms=NOW)
    assert act(closed, Asked("undo"), who="An", now_ms=NOW + 9_000).course == mine.course
    seen = act(alarm(until=NOW + 1), Asked("acknowledge"), who="An", now_ms=NOW)
    ((_, gone),) = passed(seen, NOW + 5_000)
    assert gone.state == "closed"
    assert act(gone, Asked("undo"), who="An", now_ms=NOW + 9_000).state == "returned"


def test_an_act_on_what_was_seen_before_others_acted_is_refused() -> None:
    once = act(alarm(), Asked("acknowledge", version=0), who="An", now_ms=NOW)
    with pytest.raises(Illegal) as no:
        act(once, Asked("claim", version=0), who="An", now_ms=NOW)
    assert no.value.code == "outdated"
    assert act(once, Asked("note", why="no harm", version=0), who="Bình", now_ms=NOW).version == 1


@pytest.mark.parametrize(("priority", "limit_ms"), [(1, 60_000), (2, 180_000), (3, 900_000)])
def test_what_nobody_acknowledges_is_escalated_once(priority: int, limit_ms: int) -> None:
    assert ESCALATE_MS[priority] == limit_ms
    stands = alarm(priority=priority, until=NOW + 10**9)
    assert due(stands, NOW + limit_ms - 1) is None
    ((action, up),) = passed(stands, NOW + limit_ms)
    assert (action, up.escalated, up.state) == ("escalate", NOW + limit_ms, "new")
    assert due(act(stands, Asked("acknowledge"), who="An", now_ms=NOW + limit_ms - 1), NOW + limit_ms) is None
    with pytest.raises(Illegal):
        act(up, Asked("escalate"), who="An", now_ms=NOW)


def test_a_p4_waits() -> None:
    assert due(alarm(priority=4, until=NOW + 10**9), NOW + 10**8) is None


def test_over_and_unacknowledged_it_stays_or_goes_as_its_kind_says() -> None:
    for stays, state in ((True, "returned"), (False, "closed")):
        ((action, after),) = passed(alarm(stays=stays, priority=4, until=NOW), NOW + 1)
        assert (action, after.state, after.over) == ("return", state, True)
    for state in ("in_work", "shelved", "out_of_service"):
        (_, after), *_ = passed(alarm(state, until=NOW), NOW + 1)
        assert (after.state, after.over) == (state, True)


def test_only_what_stands_for_a_day_is_reviewed_and_it_comes_back_when_it_alarms_again() -> None:
    with pytest.raises(Illegal) as no:
        act(alarm(since=NOW - STANDING_MS + 1), asked("review"), who="An", now_ms=NOW)
    assert no.value.code == "young"
    old = act(alarm(since=NOW - STANDING_MS), asked("review"), who="An", now_ms=NOW)
    assert (old.reviewed, old.listed, old.open) == (NOW, False, True)
    assert again(old, NOW + 1).listed


def test_it_alarms_again_at_each_step_that_it_lasts_and_steps_that_passed_together_are_one() -> None:
    lasting = alarm("acknowledged", owner="An", steps=(NOW + 1000, NOW + 2000, NOW + 9000), priority=4)
    assert due(lasting, NOW + 999) is None
    ((action, after),) = passed(lasting, NOW + 2500)
    assert (action, after.state, after.again, after.steps, after.raised) == ("realarm", "new", 1, (NOW + 9000,), NOW + 2500)
    worked = replace(lasting, course=Course(state="in_work", owner="An"))
    ((_, after),) = passed(worked, NOW + 1000)
    assert (after.state, after.course.owner) == ("in_work", "An")
    assert due(replace(lasting, over=True), NOW + 2500) is None


def test_a_unit_is_told_only_once_it_can_no_longer_be_undone() -> None:
    sent = act(alarm("acknowledged", owner="An"), asked("dispatch"), who="An", now_ms=NOW)
    assert (sent.state, sent.course.units, sent.course.goes) == ("in_work", ("FIRE",), NOW + UNDO_MS + 1)
    assert due(sent, NOW + UNDO_MS) is None
    undone = act(sent, asked("undo"), who="An", now_ms=NOW + UNDO_MS)
    assert (undone.state, undone.course.units, undone.course.goes) == ("acknowledged", (), 0)
    ((action, told), *_) = passed(sent, NOW + UNDO_MS + 1)
    assert (action, told.course.goes, told.course.units) == ("send", 0, ("FIRE",))
    with pytest.raises(Illegal) as late:
        act(told, asked("undo"), who="An", now_ms=NOW + UNDO_MS + 2)
    assert late.value.code == "too_late"


def test_while_a_unit_is_about_to_be_told_nothing_else_is_done_and_nobody_sends_it_twice() -> None:
    sent = act(alarm(), asked("dispatch"), who="An", now_ms=NOW)
    for action in ("close", "shelve", "release"):
        with pytest.raises(Illegal) as no:
            act(sent, asked(action), who="An", now_ms=NOW + 1)
        assert no.value.code == "sending"
    assert act(sent, asked("note"), who="Bình", now_ms=NOW + 1).course.goes == sent.course.goes
    with pytest.raises(Illegal) as twice:
        act(sent, asked("dispatch"), who="An", now_ms=NOW + 1)
    assert twice.value.code == "dispatched"
    both = act(sent, asked("dispatch", unit="POLICE"), who="An", now_ms=NOW + 1)
    assert both.course.units == ("FIRE", "POLICE")
    with pytest.raises(Incomplete):
        act(alarm(), asked("dispatch", unit=""), who="An", now_ms=NOW)


def test_whom_it_was_dispatched_to_stays_whatever_becomes_of_the_claim() -> None:
    sent = replace(act(alarm(), asked("dispatch"), who="An", now_ms=NOW), undo=None)
    told = next(after for _, after in passed(sent, NOW + UNDO_MS + 1))
    released = act(told, asked("release"), who="An", now_ms=NOW + 20_000)
    lapsed = [after for _, after in passed(told, NOW + LEASE_MS)][-1]
    closed = act(told, asked("close"), who="An", now_ms=NOW + 20_000)
    assert released.course.units == lapsed.course.units == closed.course.units == ("FIRE",)


def test_nobody_is_sent_after_a_suspicion_before_a_person_has_verified_it() -> None:
    suspected = alarm(verify=True)
    with pytest.raises(Illegal) as no:
        act(suspected, asked("dispatch"), who="An", now_ms=NOW)
    assert no.value.code == "unverified"
    with pytest.raises(Incomplete):
        act(suspected, asked("verify", why=" "), who="An", now_ms=NOW)
    right = act(suspected, asked("verify"), who="An", now_ms=NOW)
    assert (right.state, right.course.owner, right.course.verified) == ("acknowledged", "An", True)
    assert act(right, asked("dispatch"), who="An", now_ms=NOW + 1).course.verified
    wrong = act(suspected, asked("verify", outcome="wrong"), who="An", now_ms=NOW)
    assert (wrong.state, wrong.course.outcome) == ("closed", "false_alarm")
    with pytest.raises(Illegal) as again_:
        act(right, asked("verify"), who="An", now_ms=NOW + 1)
    assert again_.value.code == "verified"
    assert not act(right, asked("undo"), who="An", now_ms=NOW + 1).course.verified


def test_several_at_once_is_no_p1_has_a_reason_and_only_some_acts() -> None:
    for action in ("acknowledge", "claim", "shelve", "close"):
        stands = alarm("acknowledged" if action == "close" else "new", owner="An")
        with pytest.raises(Illegal, match="alone"):
            act(replace(stands, priority=1), asked(action, together=True), who="An", now_ms=NOW)
        with pytest.raises(Incomplete, match="why"):
            act(replace(stands, priority=2), asked(action, together=True, why=" "), who="An", now_ms=NOW)
        assert act(replace(stands, priority=2), asked(action, together=True), who="An", now_ms=NOW).version == stands.version + 1
    for action in ("dispatch", "verify", "escalate", "remove", "note"):
        with pytest.raises(Illegal, match="alone"):
            act(replace(alarm(), priority=3), asked(action, together=True), who="An", now_ms=NOW)
    done = act(replace(alarm(), priority=3), asked("acknowledge", together=True), who="An", now_ms=NOW)
    grown = replace(done, priority=1)  # it became urgent meanwhile: what was done to it together is still taken back together
    assert act(grown, Asked("undo", together=True), who="An", now_ms=NOW + 5_000).state == "new"
