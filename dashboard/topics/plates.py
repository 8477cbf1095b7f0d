"""The newest plate reads, newest first: they come by the thousand, and would carry the other list along each time."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.rows import listed
from dashboard.topic import Topic


def _draw(board: Board, city: City) -> object:
    return listed(board.records, city)


TOPIC = Topic(key="plates", reads=("records",), draw=_draw)
