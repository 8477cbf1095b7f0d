"""Messages to units (UX-60, UX-70): written with the act that dispatches, held while it can be undone, then sent until they arrive or are given up."""

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from dashboard.alarms.alarm import Alarm, Course
from dashboard.city import City
from dashboard.masking import hidden, plate

State = Literal["held", "waiting", "sent", "given_up", "undone", "by_phone"]
STATES: tuple[State, ...] = get_args(State)
MOST_REASON = 200
# After how many seconds it is tried again, each time it has failed. Whoever is sent is wanted there in minutes: after these nine a
# person has to call.
AGAIN_S = (5, 15, 30, 60, 120, 300)


class Message(Struct, frozen=True, kw_only=True):
    """One message to one unit. Times are epoch ms, 0: not yet.

    `seq` is the number of the act that dispatched. It is *held* while that can be undone; *waiting* to be sent, again at `due` where it
    failed `tries` times, last for `reason`; `ended` when it was *sent*, *given_up*, *undone*, or found to be for the telephone
    (*by_phone*: the unit has no address).
    """

    seq: int
    alarm: str
    unit: str
    who: str
    at: int
    text: str
    state: State = "held"
    tries: int = 0
    due: int = 0
    reason: str = ""
    ended: int = 0

    @property
    def id(self) -> str:
        """Return its name for whoever receives it: the same however often it is sent."""
        return f"msg_{self.at:x}_{self.seq}"


def fate(unit: str, course: Course) -> State:
    """Return how a held message to `unit` stands after an act that led to `course`."""
    if unit not in course.units:
        return "undone"
    return "held" if course.goes else "waiting"


def failed(message: Message, reason: str, now_ms: int, *, for_good: bool = False) -> Message:
    """Return a message that did not arrive: to be sent again, or given up. `for_good`: the receiver said never to ask again."""
    tries, told = message.tries + 1, reason[:MOST_REASON]
    if for_good or tries > len(AGAIN_S):
        return replace(message, state="given_up", tries=tries, reason=told, ended=now_ms)
    return replace(message, tries=tries, reason=told, due=now_ms + 1000 * AGAIN_S[tries - 1])


def delivered(alarm: Alarm, unit: str) -> Alarm:
    """Return an alarm one of whose units has been told."""
    return replace(alarm, untold=tuple(one for one in alarm.untold if one != unit))


def undelivered(alarm: Alarm, unit: str, now_ms: int) -> Alarm:
    """Return an alarm one of whose units could not be told: it goes to the shift's lead."""
    if not alarm.open:
        return alarm
    return replace(alarm, untold=(*(one for one in alarm.untold if one != unit), unit), escalated=alarm.escalated or now_ms)


def told(message: Message, alarm: Alarm, city: City) -> Mapping[str, object]:
    """Return what a unit is sent (docs/dispatch.md). Plates and telephone numbers are masked: it leaves the house (P-01)."""
    kind = next((one for one in city.kinds if one.key == alarm.kind), None)
    camera = next((one for one in city.cameras if one.id == alarm.camera), None)
    place = {"camera": camera.id, "name": camera.name, "lon": camera.lon, "lat": camera.lat} if camera else {}
    return {
        "type": "alarm.dispatched",
        "id": message.id,
        "city": city.key,
        "unit": message.unit,
        "at": message.at,
        "by": message.who,
        "text": hidden(message.text),
        "alarm": {
            "id": alarm.id,
            "kind": alarm.kind,
            "name": kind.name if kind else {},
            "priority": alarm.priority,
            "since": alarm.since,
            "ward": alarm.ward,
            "plate": plate(alarm.plate),
            "within_s": kind.response_s if kind else 0,
            **({"place": place} if place else {}),
        },
    }
