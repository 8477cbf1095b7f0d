"""Events of class alarm today."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value
from dashboard.reading import kinds_of, same_time_before, today


def _read(board: Board, city: City) -> Value:
    alarms = kinds_of(city, "alarm")
    return Value(today(board, alarms.__contains__), ref=same_time_before(board, alarms.__contains__))


PANEL = Kpi(
    key="alarms_today",
    title={"vi": "Cảnh báo hôm nay", "en": "Alarms today"},
    short={"vi": "Cảnh báo", "en": "Alarms"},
    formula={"vi": "Số sự kiện thuộc lớp Cảnh báo từ 0 giờ hôm nay.", "en": "Events of class Alarm since midnight."},
    feed="camera_events",
    read=_read,
    reference="yesterday",
)
