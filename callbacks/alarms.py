"""POST /alarms/act, /alarms/act-together and GET /alarms/<alarm>: what a person does about an alarm, and what was done (docs/alarms.md)."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from flask import Blueprint, Response, g, request
from msgspec import DecodeError, Meta, Struct, ValidationError, json

from dashboard.access import may
from dashboard.accounts import Who
from dashboard.alarms.acts import MOST_TOGETHER, RULES, Asked, Illegal, Incomplete
from dashboard.alarms.alarm import Acted, Action, Alarm
from dashboard.alarms.messages import Message
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.masking import hidden
from dashboard.places import places_of
from dashboard.ports import Alarms, Refusal
from dashboard.topics.alarms import row


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted. `key` is the browser's own id of the act: posted twice, it is done once."""

    alarm: Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]
    action: Action
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    why: Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00]*$")] = ""
    minutes: Annotated[int, Meta(ge=0, le=480)] = 0
    outcome: Annotated[str, Meta(max_length=20)] = ""
    unit: Annotated[str, Meta(max_length=60)] = ""
    version: Annotated[int, Meta(ge=0, le=1 << 31)] | None = None


class Seen(Struct, frozen=True, forbid_unknown_fields=True):
    """One of several alarms, and the version of it that was seen."""

    alarm: Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]
    version: Annotated[int, Meta(ge=0, le=1 << 31)] | None = None


class Together(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted about several alarms at once: each of them named, one act, one reason (UX-49)."""

    alarms: Annotated[list[Seen], Meta(min_length=1, max_length=MOST_TOGETHER)]
    action: Literal["acknowledge", "claim", "shelve", "close", "undo"]
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    why: Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00]*$")] = ""
    minutes: Annotated[int, Meta(ge=0, le=480)] = 0
    outcome: Annotated[str, Meta(max_length=20)] = ""

    def asked(self) -> dict[str, Asked]:
        """Return what is asked of each alarm."""
        return {
            one.alarm: Asked(self.action, self.why, self.minutes, self.outcome, one.version, together=True) for one in self.alarms
        }


def door(alarms: Alarms, city_now: Callable[[], City]) -> Blueprint:
    """Return the door. Only people act, never a token: every act has a name."""
    blueprint, units = Blueprint("alarms", __name__), {unit.code for unit in city_now().units}

    def told_of(alarm: Alarm) -> Mapping[str, object]:
        return row(alarm, places_of(city_now())[1])

    @blueprint.post("/alarms/act")
    def act() -> Response:
        who: Who = g.who
        try:
            told = json.decode(request.get_data(), type=Body)
        except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _no(400, "bad_request", str(error))
        if who.kind != "session" or not may(who.role, RULES[told.action].permission):
            return _no(403, "forbidden", "This act is not for you.")
        asked = Asked(told.action, told.why, told.minutes, told.outcome, told.version, told.unit)
        try:
            if told.unit and told.unit not in units:
                raise Incomplete("unit")  # noqa: TRY301  answered below, with all that lacks something
            done = alarms.act(told.alarm, asked, who=who.name, key=told.key)
        except Illegal as illegal:
            last = _last(alarms, illegal.alarm.id)
            return _no(409, illegal.code, "The alarm does not stand so any more.", alarm=told_of(illegal.alarm), last=last)
        except Incomplete as lacks:
            return _no(400, "incomplete", f"{lacks} is needed", lacks=str(lacks))
        except Missing:
            return _no(404, "not_found", "There is no such alarm.")
        return _answer({"seq": done.seq, "at": done.at, "alarm": told_of(done.alarm)})

    @blueprint.post("/alarms/act-together")
    def act_together() -> Response:
        return _together(alarms, g.who, told_of)

    @blueprint.get("/alarms/<alarm>")
    def history(alarm: str) -> Response:
        return _history(alarms, alarm, told_of)

    return blueprint


def _together(alarms: Alarms, who: Who, told_of: Callable[[Alarm], Mapping[str, object]]) -> Response:
    """Do one act about several alarms; answer for each."""
    try:
        told = json.decode(request.get_data(), type=Together)
    except (ValidationError, DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _no(400, "bad_request", str(error))
    if who.kind != "session" or not may(who.role, RULES[told.action].permission):
        return _no(403, "forbidden", "This act is not for you.")
    done = alarms.act_together(told.asked(), who=who.name, key=told.key)
    return _answer({"results": [_result(alarm, one, alarms, told_of) for alarm, one in done.items()]})


def _result(
    alarm: str, one: Acted | Refusal, alarms: Alarms, told_of: Callable[[Alarm], Mapping[str, object]]
) -> dict[str, object]:
    """Return what became of one of several: done, or refused and why."""
    if isinstance(one, Acted):
        return {"alarm": alarm, "done": True, "seq": one.seq, "at": one.at, "row": told_of(one.alarm)}
    told: dict[str, object] = {"alarm": alarm, "done": False}
    if isinstance(one, Illegal):
        return told | {"code": one.code, "row": told_of(one.alarm), "last": _last(alarms, alarm)}
    return told | ({"code": "incomplete", "lacks": str(one)} if isinstance(one, Incomplete) else {"code": "not_found"})


def _told(one: Acted) -> dict[str, object]:
    """Return an act as it is read: plates and telephone numbers in what people wrote are masked."""
    course = one.alarm.course
    told = {"seq": one.seq, "action": one.action, "who": one.who, "at": one.at, "why": hidden(one.why), "state": one.alarm.state}
    if one.action == "shelve":
        told["until"] = course.shelved_until
    if unit := one.unit or (course.units[-1] if one.action in {"dispatch", "send"} else ""):
        told["unit"] = unit
    return told | ({"outcome": course.outcome} if course.outcome else {})


def _history(alarms: Alarms, alarm: str, told_of: Callable[[Alarm], Mapping[str, object]]) -> Response:
    acts = alarms.history(alarm)
    if not acts:
        return _no(404, "not_found", "There is no such alarm.")
    messages = [_message(one) for one in alarms.messages(alarm)]
    return _answer({"alarm": told_of(acts[-1].alarm), "acts": [_told(one) for one in acts], "messages": messages})


def _message(one: Message) -> dict[str, object]:
    """Return how a message to a unit stands; its words are those of the act that dispatched."""
    told = {"unit": one.unit, "state": one.state, "at": one.at, "tries": one.tries, "reason": one.reason}
    return told | ({"due": one.due} if one.state == "waiting" and one.tries else {}) | ({"ended": one.ended} if one.ended else {})


def _last(alarms: Alarms, alarm: str) -> dict[str, object] | None:
    """Return the last act of a person: who was first, and when."""
    return next((_told(one) for one in reversed(alarms.history(alarm)) if one.who), None)


def _answer(told: Mapping[str, object], status: int = 200) -> Response:
    return Response(json.encode(told), status, mimetype="application/json")


def _no(status: int, code: str, message: str, **more: object) -> Response:
    return _answer({"error": {"code": code, "message": message}, **more}, status)
