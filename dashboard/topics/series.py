"""Events a minute over the last hour, by class."""

from dashboard.board import MINUTES, Board
from dashboard.calendar import MINUTE_MS
from dashboard.city import City
from dashboard.topic import Topic

CLASSES = ("alarm", "event", "record")


def _draw(board: Board, _city: City) -> object:
    start = board.now // MINUTE_MS - MINUTES + 1
    windows = [board.minutes.get(minute, {}) for minute in range(start, start + MINUTES)]
    return {"start": start} | {name: [window.get(name, 0) for window in windows] for name in CLASSES}


TOPIC = Topic(key="series", reads=("minutes", "minute"), draw=_draw, every_s=5.0)
