"""What the house itself says of cameras: that one is late, that somebody works on one, and that they no longer do (docs/cameras.md).

It is said as an event, recorded and folded like any other, so that a board which is loaded stands as the one that was folded.
"""

from collections.abc import Callable, Mapping

from dashboard.board import Board
from dashboard.calendar import hour_of
from dashboard.cameras.maintenance import Work
from dashboard.city import Camera, City
from dashboard.events import HOUSE, CameraChanged, Heard, Standing
from dashboard.spot import Spot

FLOOR_MS, CEILING_MS = 10 * 60_000, 6 * 3_600_000
GAPS = 6  # of its usual gaps: what comes by chance is that late once in four hundred times
DEAF_MS = 5 * 60_000  # where no camera at all was heard for as long, it is not the cameras that are late
HOUR_MS = 3_600_000


def late_after_ms(usual: float) -> int:
    """Return after how much silence (ms) a camera is late that usually speaks so often in an hour.

    Never within ten minutes, and after six hours at the latest.
    """
    return round(min(max(GAPS * HOUR_MS / usual, FLOOR_MS), CEILING_MS))


class Care:
    """One board's care for its cameras. `usual` tells how often each usually speaks in an hour (its number), `works` which are worked on."""

    def __init__(
        self, usual: Callable[[int], Mapping[str, float]], works: Callable[[int], Mapping[str, Work]], *, zone: str, began_ms: int
    ) -> None:
        self._ask, self._works, self._zone, self._began_ms = usual, works, zone, began_ms
        self._hour, self._usual = -1, dict[str, float]()

    def told(self, board: Board, city: City) -> list[Heard]:
        """Return what is to be said at the board's own moment. Raises Away."""
        hour = hour_of(board.now, self._zone)
        if hour != self._hour:
            self._usual, self._hour = dict(self._ask(hour)), hour
        works, standing = self._works(board.now), [one for one in city.cameras if not one.gone]
        return [
            *self._worked_on(board, standing, works),
            *late(board, standing, self._usual, began_ms=self._began_ms),
        ]

    def _worked_on(self, board: Board, cameras: list[Camera], works: Mapping[str, Work]) -> list[Heard]:
        told = []
        for camera in cameras:
            spot, work = board.cameras.get(camera.id, Spot()), works.get(camera.id)
            if work is not None and not spot.held:
                told.append(_said(camera, "maintenance", f"maintenance:{work.id}", board.now))
            elif work is None and spot.held:
                heard = spot.last >= spot.since
                told.append(_said(camera, "online" if heard else "late", f"maintained:{camera.id}:{spot.since}", board.now))
        return told


def late(board: Board, cameras: list[Camera], usual: Mapping[str, float], *, began_ms: int) -> list[Heard]:
    """Return that cameras are late: online ones, silent for longer than they usually are in this hour.

    No silence counts from before `began_ms`, when the board could hear nobody; and while nobody at all is heard, nobody is late.
    """
    newest = max((spot.last for spot in board.cameras.values()), default=0)
    if board.now - newest > DEAF_MS:
        return []
    told = []
    for camera in cameras:
        spot, often = board.cameras.get(camera.id), usual.get(camera.id, 0.0)
        if spot is None or spot.state != "online" or not often:
            continue
        if board.now - max(spot.last, began_ms) > late_after_ms(often):
            told.append(_said(camera, "late", f"late:{camera.id}:{spot.last}", board.now))
    return told


def _said(camera: Camera, state: Standing, key: str, now_ms: int) -> Heard:
    return Heard(
        key=f":{key}",
        source=HOUSE,
        received=now_ms,
        counted=now_ms,
        quarantined=False,
        camera=camera.id,
        ward=camera.ward,
        event=CameraChanged(id=key, at=now_ms, camera=camera.id, state=state),
    )
