"""The newest alarms and events, newest first."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.rows import listed
from dashboard.topic import Topic


def _draw(board: Board, city: City) -> object:
    return listed(board.latest, city)


TOPIC = Topic(key="events", reads=("latest",), draw=_draw)
