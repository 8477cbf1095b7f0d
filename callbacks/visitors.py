"""Order at the socket's door: nobody stands there unnamed, nobody shouts, nobody asks for the whole picture twice a second (S-04)."""

import time
from collections.abc import Container
from logging import getLogger
from typing import Any

MOST_A_S, BURST = 20.0, 40.0
UNNAMED_S = 10.0
WHOLE_EVERY_S = 1.0
log = getLogger(__name__)


class Visitors:
    """Stands between Engine.IO and Socket.IO of one server. Keys are Engine.IO ids."""

    def __init__(self, server: Any) -> None:
        self._sockets = server.eio.sockets
        self._hear = server.eio.handlers["message"]
        self._allowance: dict[str, tuple[float, float]] = {}  # what is left, and when that was
        self._since: dict[str, float] = {}
        self._given: dict[str, float] = {}
        server.eio.handlers["message"] = self._message

    def may_have_whole(self, key: str) -> bool:
        """Return whether somebody may be given the whole picture now. Who is refused hears the next beat, and asks again."""
        now_s = time.monotonic()
        if now_s - self._given.get(key, -WHOLE_EVERY_S) < WHOLE_EVERY_S:
            return False
        self._given[key] = now_s
        return True

    def sweep(self, members: Container[str]) -> list[Any]:
        """Forget who has gone; return the sockets of those who came a while ago and never said who they are."""
        now_s = time.monotonic()
        for known in (self._allowance, self._since, self._given):
            for key in known.keys() - self._sockets.keys():
                del known[key]
        came = {key: self._since.setdefault(key, now_s) for key in list(self._sockets) if key not in members}
        return [self._sockets[key] for key, at_s in came.items() if now_s - at_s > UNNAMED_S and key in self._sockets]

    def _message(self, key: str, told: object) -> Any:
        """Pass a message on; whoever shouts, or talks what is no Socket.IO, is shown the door without a line in the log."""
        if not self._quiet(key):
            return self._out(key, "says too much")
        try:
            return self._hear(key, told)
        except Exception as error:  # noqa: BLE001  whatever he sent, it is his mistake
            return self._out(key, f"talks nonsense: {type(error).__name__}")

    def _quiet(self, key: str) -> bool:
        now_s = time.monotonic()
        left, at_s = self._allowance.get(key, (BURST, now_s))
        left = min(BURST, left + (now_s - at_s) * MOST_A_S) - 1
        self._allowance[key] = (left, now_s)
        return left >= 0

    def _out(self, key: str, why: str) -> None:
        log.debug("a socket %s", why)
        socket = self._sockets.get(key)
        if socket is not None:
            socket.close(wait=False, abort=True)
