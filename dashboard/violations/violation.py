"""A violation and its way: detected, reviewed (confirmed, or none), handed to an authority, decided. A machine decides nothing."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeVar, get_args

from msgspec import Struct
from msgspec.structs import replace

T = TypeVar("T", bound=str)
State = Literal["detected", "confirmed", "none", "handed", "decided"]
Action = Literal["confirm", "reject", "hand", "decide", "reopen"]
Reason = Literal["", "misread", "unclear", "exempt", "no_violation", "double"]
Outcome = Literal["", "fined", "warned", "dropped"]
STATES: tuple[State, ...] = get_args(State)
REASONS: tuple[Reason, ...] = get_args(Reason)[1:]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)[1:]
FROM: Mapping[Action, frozenset[State]] = {
    "confirm": frozenset({"detected"}),
    "reject": frozenset({"detected", "confirmed"}),
    "hand": frozenset({"confirmed"}),
    "decide": frozenset({"handed"}),
    "reopen": frozenset({"confirmed", "none"}),  # what was handed over is the authority's
}
AFTER: Mapping[Action, State] = {
    "confirm": "confirmed",
    "reject": "none",
    "hand": "handed",
    "decide": "decided",
    "reopen": "detected",
}


class Unclear(Exception):  # noqa: N818  an answer, not a mistake
    """What was asked lacks something that it needs: a reason, an authority, an outcome."""


class Late(Exception):  # noqa: N818  an answer, not a mistake
    """It does not stand so any more: somebody was first. `violation` is how it stands."""

    def __init__(self, violation: "Violation") -> None:
        super().__init__(violation.state)
        self.violation = violation


class Violation(Struct, frozen=True, kw_only=True):
    """One, by the number (`seq`) of its event. Times are epoch ms, 0: not yet.

    `reason` is why it is none, `unit` to which authority it was handed, `outcome` what that decided, `paper` under which number.
    """

    seq: int
    kind: str
    camera: str
    at: int
    state: State = "detected"
    reviewer: str = ""
    reviewed: int = 0
    reason: Reason = ""
    unit: str = ""
    handed: int = 0
    decided: int = 0
    outcome: Outcome = ""
    paper: str = ""


class Asked(NamedTuple):
    """What somebody does about it."""

    action: Action
    reason: str = ""
    unit: str = ""
    outcome: str = ""
    paper: str = ""


def done(held: Violation, asked: Asked, *, who: str, now_ms: int) -> Violation:
    """Return a violation after an act. Raises Late, Unclear."""
    if held.state not in FROM[asked.action]:
        raise Late(held)
    state = AFTER[asked.action]
    match asked.action:
        case "confirm":
            return replace(held, state=state, reviewer=who, reviewed=now_ms)
        case "reject":
            return replace(held, state=state, reviewer=who, reviewed=now_ms, reason=_one_of(asked.reason, REASONS, "reason"))
        case "hand":
            if not asked.unit:
                raise Unclear("unit")
            return replace(held, state=state, unit=asked.unit, handed=now_ms)
        case "decide":
            outcome = _one_of(asked.outcome, OUTCOMES, "outcome")
            return replace(held, state=state, decided=now_ms, outcome=outcome, paper=asked.paper.strip())
    return Violation(seq=held.seq, kind=held.kind, camera=held.camera, at=held.at)


def _one_of(told: str, among: tuple[T, ...], name: str) -> T:
    found = next((one for one in among if one == told), None)
    if found is None:
        raise Unclear(name)
    return found
