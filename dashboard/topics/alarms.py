"""Open alarms: the most urgent first, then the newest. Those that are shelved or out of service stand aside."""

from collections.abc import Iterable

from dashboard.alarms.alarm import Alarm
from dashboard.alarms.passing import STANDING_MS
from dashboard.board import Board
from dashboard.city import City
from dashboard.masking import hidden, plate
from dashboard.places import Places, places_of
from dashboard.topic import Topic

MOST, MOST_ASIDE = 100, 50
# What is left out of a row where it says nothing.
USUAL: dict[str, object] = {
    "owner": "",
    "lease": 0,
    "until": 0,
    "asked": "",
    "over": False,
    "escalated": 0,
    "version": 0,
    "notes": 0,
}


def row(alarm: Alarm, places: Places) -> dict[str, object]:
    """Return an alarm as everybody may see it."""
    course = alarm.course
    told: dict[str, object] = {
        "id": alarm.id,
        "kind": alarm.kind,
        "prio": alarm.priority,
        "ix": places.of(alarm.camera),
        "name": "" if alarm.camera else hidden(alarm.name),
        "ward": alarm.ward,
        "since": alarm.since,
        "last": alarm.last,
        "count": alarm.count,
        "score": alarm.score,
        "plate": plate(alarm.plate),
        "state": alarm.state,
        "owner": course.owner,
        "lease": course.lease,
        "until": course.shelved_until,
        "asked": course.asked,
        "over": alarm.over,
        "escalated": alarm.escalated,
        "version": alarm.version,
        "notes": alarm.notes,
    }
    return {key: value for key, value in told.items() if key not in USUAL or USUAL[key] != value}


def _ranked(alarms: Iterable[Alarm]) -> list[Alarm]:
    return sorted(alarms, key=lambda alarm: (alarm.priority, -alarm.since, alarm.group))


def _draw(board: Board, city: City) -> object:
    _, places = places_of(city)
    listed = _ranked(alarm for alarm in board.alarms.values() if alarm.listed)
    aside = _ranked(alarm for alarm in board.alarms.values() if not alarm.listed)
    return {
        "open": {str(priority): sum(alarm.priority == priority for alarm in listed) for priority in (1, 2, 3, 4)},
        "shelved": sum(alarm.state == "shelved" for alarm in aside),
        "out_of_service": sum(alarm.state == "out_of_service" for alarm in aside),
        "standing": sum(alarm.since <= board.now - STANDING_MS for alarm in listed),
        "rate10": len(board.raised),
        "rows": [row(alarm, places) for alarm in listed[:MOST]],
        "aside": [row(alarm, places) for alarm in aside[:MOST_ASIDE]],
    }


TOPIC = Topic(key="alarms", reads=("alarms", "raised", "minute"), draw=_draw)
