"""Cameras that work, of all that the city has."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value

WORKING = frozenset({"online", "late"})


def _read(board: Board, city: City) -> Value:
    ours = [camera.id for camera in city.cameras if not camera.gone]
    known = [board.cameras[camera] for camera in ours if camera in board.cameras]
    if not known:
        return Value(None, of=len(ours))
    return Value(sum(spot.state in WORKING for spot in known), of=len(ours))


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
