"""The areas and routes that people have drawn, until they end; which of them hold already, each screen's clock says."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.marks.telling import told
from dashboard.topic import Topic


def _draw(board: Board, _city: City) -> object:
    return {"rows": [told(mark) for _, mark in sorted(board.marks.items())]}


TOPIC = Topic(key="marks", reads=("marks",), draw=_draw)
