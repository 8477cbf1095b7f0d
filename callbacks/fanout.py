"""One frame to every browser: encoded once, written once per socket, and nobody may fall far behind."""

import time
from collections.abc import Iterable, Sequence
from logging import getLogger
from typing import Any

from engineio.packet import MESSAGE, Packet
from flask_socketio import SocketIO

from callbacks.wire import Direct, framed, queued_bytes, waits, write
from dashboard.frame import seal

SPACE = "/live"
MOST_QUEUED, MOST_QUEUED_BYTES = 1000, 1_000_000
MOST_LATE_S = 5.0
log = getLogger(__name__)


class Fanout:
    """Holds the latest packet of each topic: a browser that joins is given them all."""

    def __init__(self, socketio: SocketIO) -> None:
        self._server = socketio.server
        self._server.eio._async = self._server.eio._async | {"websocket": Direct}  # noqa: SLF001  the one seam it has
        self._latest: dict[str, bytes] = {}
        self._late_since: dict[str, float] = {}
        self._members: dict[str, str] = {}  # Engine.IO id to credential key
        self._on_duty: dict[str, str] = {}  # Engine.IO id to who sits there
        self.heads: dict[str, int] = {}
        self.sent = 0
        self.heard_s = 0.0
        self.closed = False

    def close(self) -> None:
        """Let what runs behind the sockets end with its next round."""
        self.closed = True

    @property
    def members(self) -> dict[str, str]:
        """Who is joined: Engine.IO id to the key of the credential shown."""
        return self._members

    @property
    def on_duty(self) -> set[str]:
        """Who sits at a console and may act about alarms."""
        self._on_duty = {sid: name for sid, name in self._on_duty.items() if sid in self._members}
        return set(self._on_duty.values())

    def join(self, sid: str, key: str, *, duty: str = "") -> None:
        """Let a browser in; `duty` names who sits at it, where they may act about alarms."""
        self._members[self.key_of(sid)] = key
        if duty:
            self._on_duty[self.key_of(sid)] = duty

    def leave(self, sid: str) -> None:
        """A browser has gone."""
        self._members.pop(self._server.manager.eio_sid_from_sid(sid, SPACE) or "", None)

    def round(self, rows: Sequence[tuple[str, int, bytes]]) -> None:
        """Keep each frame as its topic's latest, and send all of a round as one packet."""
        sealed = {topic: seal(body, seq) for topic, seq, body in rows}
        self.heard_s = time.monotonic()
        self._latest |= sealed
        self.heads |= {topic: seq for topic, seq, _ in rows}
        if sealed:
            self._send(_packet("frame", _listed(sealed.values())))

    def beat(self, body: bytes) -> None:
        """Say that we live, and how far we are."""
        self._send(_packet("heartbeat", body))

    def whole(self, sid: str, beat: bytes) -> None:
        """Send every topic's latest to one browser, then a beat: without one it has no clock, and before them it would ask for them."""
        if self._latest:
            self._server._send_eio_packet(self.key_of(sid), _packet("frame", _listed(self._latest.values())))  # noqa: SLF001  what emit calls
        self._server._send_eio_packet(self.key_of(sid), _packet("heartbeat", beat))  # noqa: SLF001  what emit calls

    def key_of(self, sid: str) -> str:
        """Return the Engine.IO id below a Socket.IO one."""
        return str(self._server.manager.eio_sid_from_sid(sid, SPACE))

    def _send(self, packet: Packet) -> None:
        """Give one packet to everybody: written where the socket is free, queued where it is not."""
        frame, sockets = framed(packet.encode().encode()), self._server.eio.sockets
        for eio_sid in list(self._members):
            socket = sockets.get(eio_sid)
            if socket is None or socket.closed:
                self._members.pop(eio_sid, None)
                continue
            try:
                self._give(socket, packet, frame)
            except Exception:  # one dying socket must not silence the others
                log.debug("a socket died", exc_info=True)
        self.sent += len(self._members)

    def _give(self, socket: Any, packet: Packet, frame: bytes) -> None:
        if not write(socket, frame, self._server.start_background_task):
            socket.send(packet)

    def drop_slow(self) -> int:
        """Close whoever has too much waiting, or waits too long; its next join gives it the whole picture (R-24)."""
        now_s = time.monotonic()
        sockets = [socket for eio_sid in self._members if (socket := self._server.eio.sockets.get(eio_sid)) is not None]
        slow = [socket for socket in sockets if self._too_slow(socket, now_s)]
        for socket in slow:
            self.drop(socket)
        return len(slow)

    def _too_slow(self, socket: Any, now_s: float) -> bool:
        if not waits(socket):
            self._late_since.pop(socket.sid, None)
            return False
        since = self._late_since.setdefault(socket.sid, now_s)
        late = now_s - since > MOST_LATE_S and hasattr(
            socket, "direct"
        )  # who polls has something waiting whenever it is not asking
        return late or socket.queue.qsize() > MOST_QUEUED or queued_bytes(socket) > MOST_QUEUED_BYTES

    def expel(self, keys: Iterable[str]) -> None:
        """Close the sockets of credentials that stand no more (S-03)."""
        gone = set(keys)
        for eio_sid in [one for one, key in self._members.items() if key in gone]:
            socket = self._server.eio.sockets.get(eio_sid)
            if socket is not None:
                self.drop(socket)

    def drop(self, socket: Any) -> None:
        """Close a socket now, whatever waits for it."""
        self._members.pop(socket.sid, None)
        self._late_since.pop(socket.sid, None)
        socket.close(wait=False, abort=True)
        self._server.eio.sockets.pop(socket.sid, None)
        while socket.queue.qsize():
            socket.queue.get(block=False)
        socket.queue.put(None)
        if hasattr(socket, "line"):
            socket.line.cut()


def _listed(sealed: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(sealed) + b"]"


def _packet(name: str, body: bytes) -> Packet:
    """Build the Socket.IO event by hand: `body` is JSON already."""
    return Packet(MESSAGE, f'2{SPACE},["{name}",{body.decode()}]')
