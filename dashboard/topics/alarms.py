"""Open alarms: the most urgent first, then the newest. Those that are shelved or out of service stand aside."""

from collections import Counter
from collections.abc import Iterable

from dashboard.alarms.acts import STANDING_MS
from dashboard.alarms.alarm import Alarm
from dashboard.alarms.ledger import TOGETHER
from dashboard.board import Board
from dashboard.city import City
from dashboard.joining import ENTRY
from dashboard.masking import hidden, plate
from dashboard.places import Places, places_of
from dashboard.topic import Topic

MOST, MOST_ASIDE, MOST_LOST = 100, 50, 40
LOW, MOST_ROWS = 3, 12  # in a flood: from which priority rows are counted together, and how many rows there may be
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
    "cameras": 1,
    "again": 0,
    "chatters": False,
    "reviewed": 0,
    "units": (),
    "goes": 0,
    "untold": (),
    "verify": False,
    "watch": "",
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
        "cameras": max(len(alarm.cameras), 1),
        "again": alarm.again,
        "chatters": alarm.chatters,
        "reviewed": alarm.reviewed,
        "units": course.units,
        "goes": course.goes,
        "untold": alarm.untold,
        "verify": alarm.verify and not course.verified,
        "watch": alarm.subject if ENTRY.fullmatch(alarm.subject) else "",
    }
    if alarm.kind == TOGETHER:
        told |= {"line": alarm.name, "lost": [places.of(camera) for camera in alarm.cameras[:MOST_LOST]]}
    return {key: value for key, value in told.items() if key not in USUAL or USUAL[key] != value}


def _ranked(alarms: Iterable[Alarm]) -> list[Alarm]:
    return sorted(alarms, key=lambda alarm: (alarm.priority, -alarm.since, alarm.group))


def groups(listed: Iterable[Alarm]) -> list[dict[str, object]]:
    """Return what stands together while alarms come too fast: those of priority 3 and 4, by kind and ward.

    Beside those that stand alone there is room for so many rows; where wards would take more, only kinds are told apart (UX-42).
    """
    alarms = list(listed)
    low = [alarm for alarm in alarms if alarm.priority >= LOW]
    room = max(MOST_ROWS - (len(alarms) - len(low)), 1)
    by_ward = Counter((alarm.priority, alarm.kind, alarm.ward) for alarm in low)
    counts = by_ward if len(by_ward) <= room else Counter((alarm.priority, alarm.kind, "") for alarm in low)
    return [{"prio": prio, "kind": kind, "ward": ward, "n": n} for (prio, kind, ward), n in sorted(counts.items())]


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
        "duty": board.duty,
        **({"flood": board.flood, "groups": groups(listed)} if board.flood else {}),
        "rows": [row(alarm, places) for alarm in listed[:MOST]],
        "aside": [row(alarm, places) for alarm in aside[:MOST_ASIDE]],
    }


TOPIC = Topic(key="alarms", reads=("alarms", "raised", "minute", "flood", "duty"), draw=_draw)
