"""The figures of the city that other systems count (dashboard.indicators)."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.indicators import views
from dashboard.topic import Topic


def _draw(board: Board, city: City) -> object:
    return {"rows": [{"key": key, **told} for key, told in views(city, board.indicators).items()]}


TOPIC = Topic(key="indicators", reads=("indicators",), draw=_draw)
