"""The doors of violations: what waits, what is done about it, and the funnel in figures (docs/violations.md)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from callbacks.replies import answer, no
from dashboard.access import may
from dashboard.city import City, Kind
from dashboard.errors import Missing
from dashboard.places import places_of
from dashboard.ports import Clock
from dashboard.rows import row
from dashboard.violations.funnel import Counted, rules, stages
from dashboard.violations.lists import Seen, Violations
from dashboard.violations.violation import STATES, Action, Asked, Late, State, Unclear

MOST, MOST_AT_ONCE = 200, 100
DAY_MS, MOST_DAYS, USUAL_DAYS = 86_400_000, 366, 30
NEEDS: Mapping[Action, str] = {
    "confirm": "violation.review",
    "reject": "violation.review",
    "reopen": "violation.review",
    "hand": "violation.hand",
    "decide": "violation.hand",
}


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted: the same act about one or several, by the numbers of their events."""

    seqs: Annotated[list[Annotated[int, Meta(ge=1, le=1 << 53)]], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    action: Action
    reason: Annotated[str, Meta(max_length=20)] = ""
    unit: Annotated[str, Meta(max_length=60)] = ""
    outcome: Annotated[str, Meta(max_length=20)] = ""
    paper: Annotated[str, Meta(max_length=80, pattern=r"^[^\x00]*$")] = ""


def door(violations: Violations, clock: Clock, living: Callable[[], City]) -> Blueprint:
    """Return the doors. Only people with a session act: every decision has a name. `living` returns the city as it stands now."""
    blueprint = Blueprint("violations", __name__)
    kinds, units = {kind.key: kind for kind in living().kinds}, {unit.code for unit in living().units}

    @blueprint.get("/violations/list")
    def listed() -> Response:
        state, kind, camera = (request.args.get(name, "")[:60] for name in ("state", "kind", "camera"))
        if state not in STATES:
            return no(400, "bad_request")
        found = violations.listed(state, kind=kind, camera=camera, most=MOST)
        return answer({"rows": [_told(one, living()) for one in found], "cut": len(found) == MOST})

    @blueprint.get("/violations/figures")
    def figures() -> Response:
        days, now_ms = _days(request.args.get("days", "")), clock.now_ms()
        counted = violations.counted(now_ms - days * DAY_MS, now_ms + DAY_MS)
        return answer(_figures(counted, kinds) | {"days": days, "waiting": violations.waiting()._asdict()})

    @blueprint.post("/violations/act")
    def act() -> Response:
        try:
            told = json.decode(request.get_data(), type=Body)
        except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
            return no(400, "bad_request")
        if g.who.kind != "session" or not may(g.who.role, NEEDS[told.action]):
            return no(403, "forbidden")
        if told.unit and told.unit not in units:
            return no(400, "incomplete", lacks="unit")
        return _acted(violations, told)

    return blueprint


def _days(told: str) -> int:
    """Return over how many days is counted: thirty, unless 1 to 366 is asked for."""
    asked = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else USUAL_DAYS  # noqa: PLR2004  three digits
    return min(max(asked, 1), MOST_DAYS)


def _figures(counted: Sequence[Counted], kinds: Mapping[str, Kind]) -> dict[str, object]:
    by_state = {state: sum(one.n for one in counted if one.state == state) for state in STATES}
    return {"stages": stages(counted), "states": by_state, "rules": [one._asdict() for one in rules(counted, kinds)]}


def _acted(violations: Violations, told: Body) -> Response:
    asked = Asked(told.action, told.reason, told.unit, told.outcome, told.paper)
    try:
        after = violations.act(told.seqs, asked, who=g.who.name)
    except Late as late:
        return no(409, "late", seq=late.violation.seq, state=late.violation.state, reviewer=late.violation.reviewer)
    except Unclear as lacks:
        return no(400, "incomplete", lacks=str(lacks))
    except Missing:
        return no(404, "not_found")
    return answer({"n": len(after)})


def _told(one: Seen, city: City) -> dict[str, object]:
    """Return a violation with its event as everybody may see it: the plate masked."""
    held, (kinds, places) = one.violation, places_of(city)
    state: State = held.state
    told = {
        "state": state,
        "reviewer": held.reviewer,
        "reviewed": held.reviewed,
        "reason": held.reason,
        "unit": held.unit,
        "handed": held.handed,
        "decided": held.decided,
        "outcome": held.outcome,
        "paper": held.paper,
    }
    return row(one.event, kinds, places) | told
