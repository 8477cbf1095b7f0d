"""The funnel in figures: how many came how far, what waits and for how long, and which camera's rule is wrong too often."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dashboard.city import Kind
from dashboard.violations.violation import STATES, State

FEWEST = 20  # reviewed ones of a camera and rule below which their share says nothing
REACHED: Mapping[str, frozenset[State]] = {  # a stage, and the states of what has come so far
    "detected": frozenset(STATES),
    "reviewed": frozenset({"confirmed", "none", "handed", "decided"}),
    "confirmed": frozenset({"confirmed", "handed", "decided"}),
    "handed": frozenset({"handed", "decided"}),
    "decided": frozenset({"decided"}),
}


class Counted(NamedTuple):
    """So many violations of one kind at one camera stand so."""

    kind: str
    camera: str
    state: State
    n: int


class Rule(NamedTuple):
    """What one camera's rule was worth: of so many reviewed so many were none. `doubted`: more than its kind allows."""

    kind: str
    camera: str
    reviewed: int
    none: int
    percent: float
    doubted: bool


def stages(counted: Iterable[Counted]) -> dict[str, int]:
    """Return how many came how far; each stage holds the next."""
    told = list(counted)
    return {stage: sum(one.n for one in told if one.state in states) for stage, states in REACHED.items()}


def rules(counted: Iterable[Counted], kinds: Mapping[str, Kind]) -> list[Rule]:
    """Return every camera's rule that was reviewed often enough to be judged, the worst first."""
    reviewed: dict[tuple[str, str], int] = {}
    none: dict[tuple[str, str], int] = {}
    for one in counted:
        if one.state in REACHED["reviewed"]:
            key = (one.kind, one.camera)
            reviewed[key] = reviewed.get(key, 0) + one.n
            none[key] = none.get(key, 0) + (one.n if one.state == "none" else 0)
    found = [_rule(kind, camera, n, none[kind, camera], kinds.get(kind)) for (kind, camera), n in reviewed.items() if n >= FEWEST]
    return sorted(found, key=lambda rule: (-rule.percent, rule.kind, rule.camera))


def _rule(kind: str, camera: str, reviewed: int, none: int, known: Kind | None) -> Rule:
    percent = 100 * none / reviewed
    return Rule(kind, camera, reviewed, none, percent, doubted=percent > (known.false_share if known else 100))
