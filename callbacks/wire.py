"""Writes a ready WebSocket frame straight to a socket: a third of what a packet costs through Engine.IO's queue and encoder.

Every write to a socket goes through its `Line`, whole or not at all begun, so that a frame of ours never falls into the middle of one of
Engine.IO's. While a line is busy, packets go the ordinary way. It reaches below simple-websocket, so `tests/web/test_fanout.py` holds
it to the versions in use; TLS is nginx's work.
"""

from collections.abc import Callable
from contextlib import suppress
from socket import SHUT_RDWR
from typing import Any

import simple_websocket
from engineio.async_drivers.gevent import WebSocketWSGI
from gevent.lock import Semaphore

TEXT, SHORT, LONG = 0x81, 126, 127
SHORTEST, SHORTER = 126, 65_536


class Line:
    """A socket that is written to by one at a time, and to the end: the library's own `send` may stop half-way and not say so."""

    def __init__(self, sock: Any) -> None:
        self._sock, self._turn = sock, Semaphore()
        self._give = sock._sock.send  # noqa: SLF001  gevent's own send would wait
        self.busy = False  # somebody is writing, and waits for the other end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def send(self, body: bytes) -> int:
        """Write all of it, waiting for our turn and for the other end."""
        with self._turn:
            self.busy = True
            try:
                self._sock.sendall(body)
            finally:
                self.busy = False
        return len(body)

    def now(self, body: bytes, spawn: Callable[..., Any]) -> None:
        """Write without waiting; what does not fit is written by a task of its own, and the line is busy meanwhile."""
        try:
            sent = self._give(body)
        except BlockingIOError:
            sent = 0
        except OSError:
            return
        if sent < len(body):
            self._turn.acquire()
            self.busy = True
            spawn(self._rest, body[sent:])

    def cut(self) -> None:
        """End the connection now: the server's own files still hold the socket, so that closing it would not reach the other end."""
        with suppress(OSError):
            self._sock.shutdown(SHUT_RDWR)
        self._sock.close()

    def _rest(self, rest: bytes) -> None:
        try:
            self._sock.sendall(rest)
        except OSError:
            return
        finally:
            self.busy = False
            self._turn.release()


class Direct(WebSocketWSGI):  # type: ignore[misc]  # engineio has no types
    """Remembers, on the Engine.IO socket, the `line` below it."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self._socket = handler.__self__

    def __call__(self, environ: Any, _start_response: Any) -> Any:
        """Serve one WebSocket until it ends."""
        self.ws = simple_websocket.Server(environ, **self.server_args)
        self.ws.sock = self._socket.line = Line(self.ws.sock)
        return self.app(self)


def framed(body: bytes) -> bytes:
    """Return `body` as one unmasked WebSocket text frame (RFC 6455 §5.2)."""
    size = len(body)
    if size < SHORTEST:
        return bytes([TEXT, size]) + body
    short = size < SHORTER
    return bytes([TEXT, SHORT if short else LONG]) + size.to_bytes(2 if short else 8, "big") + body


def waits(socket: Any) -> bool:
    """Return whether something for this socket has not left yet."""
    return socket.queue.qsize() > 0 or (hasattr(socket, "line") and socket.line.busy)


def queued_bytes(socket: Any) -> int:
    """Return how much waits in a socket's queue (the end of a queue is told by None)."""
    return sum(len(packet.data) for packet in list(socket.queue.queue) if packet is not None and packet.data)


def write(socket: Any, frame: bytes, spawn: Callable[..., Any]) -> bool:
    """Write a frame without waiting; return whether that could be done, because the line is free and nothing is queued before it."""
    line = getattr(socket, "line", None)
    if line is None or line.busy or socket.queue.qsize():
        return False
    line.now(frame, spawn)
    return True
