"""What the house itself says of cameras: that one is late, that somebody works on one, and that they no longer do (docs/cameras.md).

It is said as an event, recorded and folded like any other, so that a board which is loaded stands as the one that was folded.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from dashboard.board import Board
from dashboard.calendar import hour_of
from dashboard.cameras.maintenance import Work
from dashboard.city import Camera, City
from dashboard.events import HOUSE, CameraChanged, Heard, Standing
from dashboard.spot import Spot

SLICE_MS, HOUR_MS = 10 * 60_000, 3_600_000
FLOOR_MS, SLICES = 10 * 60_000, 36  # never late within ten minutes; six hours, in slices, are the most that is looked back
MISSED, LEAST = (
    6.0,
    1.0,
)  # so many events that usually come have not: by chance once in four hundred times; after six hours one is enough
DEAF_MS = 5 * 60_000  # where no camera at all was heard for as long, it is not the cameras that are late
Usual = Mapping[str, float]
NEVER = Spot()


def is_late(silent_ms: int, often: Sequence[float]) -> bool:
    """Return whether a camera is late. `often`: how many events an hour it usually has in each ten minutes back from now (36 of them)."""
    if silent_ms <= FLOOR_MS:
        return False
    slices = min(silent_ms // SLICE_MS, SLICES)
    missed = sum(often[:slices]) * SLICE_MS / HOUR_MS
    return missed >= (LEAST if slices == SLICES else MISSED)


class Care:
    """One board's care for its cameras. `usual` tells how often each usually speaks in an hour (its number), `works` which are worked on."""

    def __init__(
        self, usual: Callable[[int], Usual], works: Callable[[int], Mapping[str, Work]], *, zone: str, began_ms: int
    ) -> None:
        self._ask, self._works, self._zone, self._began_ms = usual, works, zone, began_ms
        self._usual: dict[int, Usual] = {}

    def told(self, board: Board, city: City) -> list[Heard]:
        """Return what is to be said at the board's own moment. Raises Away."""
        hours = [hour_of(board.now - back * SLICE_MS, self._zone) for back in range(SLICES)]
        self._usual = {hour: self._usual[hour] if hour in self._usual else self._ask(hour) for hour in dict.fromkeys(hours)}
        works, standing = self._works(board.now), [one for one in city.cameras if not one.gone]
        return [
            *self._worked_on(board, standing, works),
            *late(board, standing, [self._usual[hour] for hour in hours], began_ms=self._began_ms),
        ]

    def _worked_on(self, board: Board, cameras: list[Camera], works: Mapping[str, Work]) -> list[Heard]:
        told = []
        for camera in cameras:
            spot, work = board.cameras.get(camera.id, NEVER), works.get(camera.id)
            if work is not None and not spot.held:
                told.append(_said(camera, "maintenance", f"maintenance:{work.id}", board.now))
            elif work is None and spot.held:
                after = cast("Standing", spot.meanwhile or "late")
                told.append(_said(camera, after, f"maintained:{camera.id}:{spot.since}", board.now))
        return told


def late(board: Board, cameras: Iterable[Camera], usual: Sequence[Usual], *, began_ms: int) -> list[Heard]:
    """Return that cameras are late: online ones of which more events have not come than chance explains (`is_late`).

    No silence counts from before `began_ms`, when the board could hear nobody; and while nobody at all is heard, nobody is late.
    """
    newest = max((spot.last for spot in board.cameras.values()), default=0)
    if board.now - newest > DEAF_MS:
        return []
    told = []
    for camera in cameras:
        spot = board.cameras.get(camera.id)
        if spot is None or spot.state != "online":
            continue
        silent_ms = board.now - max(spot.last, began_ms)
        if silent_ms > FLOOR_MS and is_late(silent_ms, [often.get(camera.id, 0.0) for often in usual[: silent_ms // SLICE_MS]]):
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
