"""Cameras that work, of all that the city has."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value

WORKING = frozenset({"online", "late"})


def _read(board: Board, city: City) -> Value:
    known = [board.cameras[camera.id] for camera in city.cameras if camera.id in board.cameras]
    if not known:
        return Value(None, of=len(city.cameras))
    return Value(sum(spot.state in WORKING for spot in known), of=len(city.cameras))


PANEL = Kpi(
    key="cameras_online",
    title={"vi": "Camera đang hoạt động", "en": "Cameras online"},
    short={"vi": "Camera", "en": "Cameras"},
    formula={
        "vi": "Camera đang hoạt động trên tổng số camera trong danh mục; mục tiêu tính theo phần trăm.",
        "en": "Cameras online of all cameras in the registry; the target is in percent.",
    },
    feed="camera_events",
    read=_read,
    better="up",
    target="cameras_online",
)
