"""The relay: looks through every camera that somebody watches, and through none that nobody does."""

import time
from collections.abc import Callable, Mapping
from logging import getLogger

from dashboard.city import Camera
from dashboard.errors import Away
from dashboard.video import Seen, way
from data.lease import Lease
from data.outward import Checked, Login
from data.video.looking import DENIED_S, Look, StillLook, StreamLook, now_ms
from data.video.wire import RedisVideo

ROUND_S, LEASE_S = 0.2, 1.0
BUDGET = 128 * 1024 * 1024  # of the wire: frames need the rest
LOOKS = {"stream": StreamLook, "still": StillLook}
log = getLogger(__name__)


class Relay:
    """One Look for each camera that is watched, while this process is the one that looks."""

    def __init__(
        self,
        cameras: Mapping[str, Camera],
        video: RedisVideo,
        *,
        lease: Lease,
        dial: Callable[[str], Checked],
        who: Callable[[str, int], Login | None],
    ) -> None:
        self._cameras, self._video, self._lease, self._dial, self._who = cameras, video, lease, dial, who
        self.looks: dict[str, Look] = {}
        self._denied: dict[str, float] = {}
        self._ours, self._ask_s = False, 0.0

    def run(self, pause: Callable[[float], None]) -> None:
        """Look for ever."""
        while True:
            try:
                self.look()
            except Away:
                log.debug("the wire is away")
            except Exception as error:  # noqa: BLE001  the record, which holds the lease and the logins, is away: what runs runs on
                log.warning("who watches cannot be looked up now: %s", type(error).__name__)
            pause(ROUND_S)

    def look(self) -> None:
        """Start and stop what is watched now, and say how all pictures stand. Raises Away."""
        if not self._leads():
            self._leave(list(self.looks))
            return
        watched = {one for one in self._video.watched(now_ms()) if one in self._cameras}
        self._leave([camera for camera, one in self.looks.items() if camera not in watched or one.camera != self._cameras[camera]])
        told = {camera: self._full() for camera in watched - self.looks.keys() if not self._begin(self._cameras[camera])}
        self._video.tell({camera: one.seen() for camera, one in self.looks.items()} | told)

    def _leads(self) -> bool:
        """Whether this process is the one that looks; the record is asked now and then."""
        now_s = time.monotonic()
        if now_s >= self._ask_s:
            self._ours = self._lease.holds() or self._lease.take()
            self._ask_s = now_s + LEASE_S
        return self._ours

    def stop(self, seconds: float = 2.0) -> None:
        """Look no more."""
        looks = list(self.looks.values())
        for one in looks:
            one.stop()
        end_s = time.monotonic() + seconds
        for one in looks:
            one.join(max(end_s - time.monotonic(), 0.0))
        self._lease.close()

    def _begin(self, camera: Camera) -> bool:
        """Begin to look through a camera, if there is a way and room for its pieces; returns whether there was."""
        kind = LOOKS.get(way(camera))
        if kind is None or sum(one.held for one in self.looks.values()) > BUDGET:
            return kind is None
        one = self.looks[camera.id] = kind(camera, self._video, dial=self._dial, who=self._who)
        one.rest_s = max(self._denied.pop(camera.id, 0.0) - time.monotonic(), 0.0)
        one.start()
        return True

    @staticmethod
    def _full() -> Seen:
        return Seen(sight="lost", since=now_ms(), told=now_ms(), why="full")

    def _leave(self, cameras: list[str]) -> None:
        for camera in cameras:
            one = self.looks.pop(camera)
            if one.seen().why == "denied":  # whoever looks in again and again locks no account
                self._denied[camera] = time.monotonic() + DENIED_S
            one.stop()
            self._video.forget(camera)
