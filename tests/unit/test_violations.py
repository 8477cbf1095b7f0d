"""The way of a violation, and the funnel that many of them make."""

import pytest

from dashboard.violations.funnel import FEWEST, Counted, rules, stages
from dashboard.violations.violation import FROM, OUTCOMES, REASONS, STATES, Asked, Late, Unclear, Violation, done
from tests.town import kind

ONE = Violation(seq=1, kind="red_light", camera="H-001", at=5)
WAYS = {
    "detected": ONE,
    "confirmed": done(ONE, Asked("confirm"), who="lan", now_ms=10),
    "none": done(ONE, Asked("reject", reason="misread"), who="lan", now_ms=10),
}
WAYS["handed"] = done(WAYS["confirmed"], Asked("hand", unit="CA"), who="minh", now_ms=20)
WAYS["decided"] = done(WAYS["handed"], Asked("decide", outcome="fined", paper=" 12/QD "), who="minh", now_ms=30)
FULL = {"reason": "unclear", "unit": "CA", "outcome": "warned"}


@pytest.mark.parametrize("action", FROM)
@pytest.mark.parametrize("state", STATES)
def test_every_act_from_every_state(state: str, action: str) -> None:
    asked = Asked(action, **FULL)  # type: ignore[arg-type]
    if state in FROM[action]:  # type: ignore[index]
        assert done(WAYS[state], asked, who="lan", now_ms=40).state != state
    else:
        with pytest.raises(Late) as late:
            done(WAYS[state], asked, who="lan", now_ms=40)
        assert late.value.violation == WAYS[state]


def test_what_is_told_on_the_way_is_kept() -> None:
    one = WAYS["decided"]
    assert (one.reviewer, one.reviewed, one.unit, one.handed, one.decided, one.outcome, one.paper) == (
        "lan", 10, "CA", 20, 30, "fined", "12/QD",
    )  # fmt: skip
    assert done(WAYS["none"], Asked("reopen"), who="an", now_ms=50) == ONE


@pytest.mark.parametrize(
    ("state", "asked"),
    [
        ("detected", Asked("reject")),
        ("detected", Asked("reject", reason="because")),
        ("confirmed", Asked("hand")),
        ("handed", Asked("decide", outcome="x")),
    ],
)
def test_what_an_act_lacks_is_said(state: str, asked: Asked) -> None:
    with pytest.raises(Unclear):
        done(WAYS[state], asked, who="lan", now_ms=1)


def test_each_stage_holds_the_next() -> None:
    told = [Counted("a", "c", state, n) for n, state in enumerate(STATES, 1)]
    assert stages(told) == {"detected": 15, "reviewed": 14, "confirmed": 11, "handed": 9, "decided": 5}
    assert stages([]) == dict.fromkeys(stages(told), 0)


def test_a_rule_is_judged_once_it_was_reviewed_often_enough_by_its_kinds_own_share() -> None:
    kinds = {"red_light": kind("red_light", "event"), "parking": kind("parking", "event")}
    told = [
        Counted("red_light", "H-1", "none", 7), Counted("red_light", "H-1", "confirmed", 13), Counted("red_light", "H-1", "detected", 99),
        Counted("red_light", "H-2", "none", FEWEST - 1),
        Counted("parking", "H-1", "none", 6), Counted("parking", "H-1", "handed", 14),
    ]  # fmt: skip
    found = rules(told, kinds)
    assert [(one.kind, one.camera, one.reviewed, one.percent, one.doubted) for one in found] == [
        ("red_light", "H-1", 20, 35.0, True),
        ("parking", "H-1", 20, 30.0, False),
    ]


def test_every_reason_and_outcome_is_taken() -> None:
    assert {done(ONE, Asked("reject", reason=one), who="a", now_ms=1).reason for one in REASONS} == set(REASONS)
    assert {done(WAYS["handed"], Asked("decide", outcome=one), who="a", now_ms=1).outcome for one in OUTCOMES} == set(OUTCOMES)
