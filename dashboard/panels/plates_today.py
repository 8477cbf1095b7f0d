"""Plates read today."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value
from dashboard.reading import same_time_before, today

PLATES = frozenset({"plate_read"})


def _read(board: Board, _city: City) -> Value:
    return Value(today(board, PLATES.__contains__), ref=same_time_before(board, PLATES.__contains__))


PANEL = Kpi(
    key="plates_today",
    title={"vi": "Biển số đã đọc hôm nay", "en": "Plates read today"},
    short={"vi": "Biển số", "en": "Plates"},
    formula={
        "vi": "Số lượt đọc biển số từ 0 giờ hôm nay, mỗi lượt xe một lần.",
        "en": "Plate reads since midnight, one a passing vehicle.",
    },
    feed="camera_events",
    read=_read,
    reference="yesterday",
)
