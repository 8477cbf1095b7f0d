"""Everything that cameras saw today, plate reads left out."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value
from dashboard.reading import is_camera_word, kinds_of, same_time_before, today


def _read(board: Board, city: City) -> Value:
    records = kinds_of(city, "record")
    return Value(
        today(board, lambda kind: kind not in records and not is_camera_word(kind)),
        ref=same_time_before(board, lambda kind: kind not in records and not is_camera_word(kind)),
    )


PANEL = Kpi(
    key="events_today",
    title={"vi": "Sự kiện hôm nay", "en": "Events today"},
    short={"vi": "Sự kiện", "en": "Events"},
    formula={
        "vi": "Số cảnh báo và sự kiện camera từ 0 giờ hôm nay; không kể bản ghi biển số.",
        "en": "Camera alarms and events since midnight; plate reads are not counted.",
    },
    feed="camera_events",
    read=_read,
    reference="yesterday",
)
