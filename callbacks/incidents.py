"""The doors of incidents: what stands, one with its whole timeline, what something belongs to, and what is done (docs/incidents.md)."""

from collections.abc import Callable, Mapping
from typing import Annotated

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, convert, json

from callbacks.replies import answer
from dashboard.access import may
from dashboard.accounts import Who
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.incidents.incident import MOST_MEMBERS, MOST_TITLE, Action, Asked, Illegal, Incomplete, Member, What
from dashboard.incidents.incidents import Home, Incidents, Shown
from dashboard.incidents.telling import brief, line_told, names_of, near_told, subject_told
from dashboard.places import Places, places_of

Number = Annotated[int, Meta(ge=0, le=1 << 53)]
Key = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]
Seen = Annotated[int, Meta(ge=0, le=1 << 53)] | None
CHANGING = ["PUT", "PATCH", "DELETE"]
RULES = ("/incidents", "/incidents/list", "/incidents/of", "/incidents/<int:incident>", "/incidents/act")


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that may belong to an incident, as a screen calls it."""

    what: What
    key: Key


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted. `key` is the browser's own id of the act: posted twice, it is done once."""

    action: Action
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    incident: Number = 0
    version: Seen = None
    why: Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00]*$")] = ""
    title: Annotated[str, Meta(max_length=MOST_TITLE, pattern=r"^[^\x00]*$")] = ""
    members: Annotated[list[Named], Meta(max_length=MOST_MEMBERS)] = []
    other: Number = 0
    other_version: Seen = None
    to: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")] = ""
    outcome: Annotated[str, Meta(max_length=20)] = ""

    def asked(self, *, lead: bool) -> Asked:
        """Return it as the core asks for it. Raises Incomplete where an act names no incident."""
        if (self.action == "open") != (self.incident == 0):
            raise Incomplete("incident")
        members = tuple(Member(one.what, one.key) for one in self.members)
        return Asked(
            self.action,
            self.incident,
            self.version,
            self.why,
            self.title,
            members,
            self.other,
            self.other_version,
            self.to,
            self.outcome,
            lead,
        )


def door(incidents: Incidents, living: Callable[[], City]) -> Blueprint:
    """Return the doors. Only people with a session act here, never a token: every line of a timeline has a name."""
    blueprint = Blueprint("incidents", __name__)

    def places() -> Places:
        return places_of(living())[1]

    @blueprint.get("/incidents/list")
    def listed() -> Response:
        found = incidents.listed()
        told = [brief(one, places()) | {"prio": found.priorities.get(one.id, 0)} for one in found.incidents]
        return answer({"incidents": told, "me": g.who.name, "cut": found.cut})

    @blueprint.get("/incidents/<int:incident>")
    def shown(incident: int) -> Response:
        acts = may(g.who.role, "incident.act")
        return _or_no(lambda: _whole(incidents.shown(incident), places()) | {"people": incidents.people() if acts else []})

    @blueprint.get("/incidents/of")
    def of() -> Response:
        return _or_no(lambda: _home(incidents.home(_member()), places()))

    @blueprint.post("/incidents/act")
    def act() -> Response:
        who: Who = g.who
        if who.kind != "session" or not may(who.role, "incident.act"):
            return _no(403, "forbidden")
        return _or_no(lambda: _acted(incidents, who, places()), places())

    for rule in RULES:
        blueprint.add_url_rule(rule, f"never {rule}", _never, methods=CHANGING)
    return blueprint


def _never(**_told: object) -> Response:
    """Answer whoever would change or remove what was written: a timeline only grows (UX-67)."""
    answer = _no(405, "never")
    answer.headers["Allow"] = "POST" if request.path == "/incidents/act" else "GET"
    return answer


def _member() -> Member:
    named = convert({"what": request.args.get("what", ""), "key": request.args.get("key", "")}, Named)
    return Member(named.what, named.key)


def _acted(incidents: Incidents, who: Who, places: Places) -> Mapping[str, object]:
    told = json.decode(request.get_data(), type=Body)
    done = incidents.act(told.asked(lead=may(who.role, "incident.lead")), who=who.name, key=told.key)
    return {"seq": done.seq, "at": done.at, "other": done.other, "incident": brief(done.after, places)}


def _whole(shown: Shown, places: Places) -> dict[str, object]:
    names = names_of(shown.subjects)
    return {
        "incident": brief(shown.incident, places),
        "members": [subject_told(one, places) for one in shown.subjects],
        "lines": [line_told(one, names) for one in shown.lines],
        "swallowed": shown.swallowed,
        "near": [near_told(one, places) for one in shown.near],
    }


def _home(home: Home, places: Places) -> Mapping[str, object]:
    return {
        "incident": brief(home.incident, places) if home.incident else None,
        "past": [brief(one, places) for one in home.past],
        "near": [near_told(one, places) for one in home.near],
    }


def _or_no(do: Callable[[], Mapping[str, object]], places: Places | None = None) -> Response:
    """Answer what was asked for, or what stands in its way."""
    try:
        return answer(do())
    except Illegal as illegal:
        held = illegal.incident
        last = {"who": held.changed_by, "at": held.changed, "action": held.changed_how}
        return _no(409, illegal.code, incident=brief(held, places) if places else None, last=last)
    except Incomplete as lacks:
        return _no(400, "incomplete", lacks=str(lacks))
    except Missing:
        return _no(404, "not_found")
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError):
        return _no(400, "bad_request")


def _no(status: int, code: str, **more: object) -> Response:
    error = {"code": code} | ({"lacks": more.pop("lacks")} if "lacks" in more else {})
    return answer({"error": error, **more}, status)
