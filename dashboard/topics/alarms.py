"""Open alarms, grouped by kind and camera: the most urgent first, then the newest."""

from dashboard.board import Board, OpenAlarm
from dashboard.city import City
from dashboard.masking import hidden, plate
from dashboard.places import Places, places_of
from dashboard.topic import Topic

MOST = 100
RATE_MS = 600_000


def _row(key: str, alarm: OpenAlarm, places: Places) -> dict[str, object]:
    return {
        "id": hidden(key),
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
    }


def _draw(board: Board, city: City) -> object:
    _, places = places_of(city)
    ranked = sorted(board.alarms.items(), key=lambda item: (item[1].priority, -item[1].since, item[0]))
    counts = {str(priority): sum(alarm.priority == priority for alarm in board.alarms.values()) for priority in (1, 2, 3, 4)}
    return {
        "open": counts,
        "rate10": sum(alarm.since > board.now - RATE_MS for alarm in board.alarms.values()),
        "rows": [_row(key, alarm, places) for key, alarm in ranked[:MOST]],
    }


TOPIC = Topic(key="alarms", reads=("alarms", "minute"), draw=_draw)
