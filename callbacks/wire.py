"""Writes a ready WebSocket frame straight to a socket: a third of what a packet costs through Engine.IO's queue and encoder.

A socket that cannot take a frame whole is *late* until it has; to a late socket, or one with anything queued, packets go the ordinary
way. It reaches below simple-websocket, so `tests/web/test_fanout.py` holds it to the versions in use; TLS is nginx's work.
"""

from collections.abc import Callable
from typing import Any

from engineio.async_drivers.gevent import WebSocketWSGI

TEXT, SHORT, LONG = 0x81, 126, 127
SHORTEST, SHORTER = 126, 65_536


class Direct(WebSocketWSGI):  # type: ignore[misc]  # engineio has no types
    """Remembers, on the Engine.IO socket, the wire below it."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        handler.__self__.direct = self


def framed(body: bytes) -> bytes:
    """Return `body` as one unmasked WebSocket text frame (RFC 6455 §5.2)."""
    size = len(body)
    if size < SHORTEST:
        return bytes([TEXT, size]) + body
    short = size < SHORTER
    return bytes([TEXT, SHORT if short else LONG]) + size.to_bytes(2 if short else 8, "big") + body


def ready(socket: Any) -> bool:
    """Return whether a socket may be written to directly now."""
    return hasattr(socket, "direct") and not socket.queue.qsize() and not getattr(socket, "late", False)


def write(socket: Any, frame: bytes, spawn: Callable[..., Any]) -> None:
    """Write a frame without waiting; what does not fit is written by a task of its own, and the socket is late meanwhile."""
    wire = socket.direct.ws.sock
    try:
        sent = wire._sock.send(frame)  # noqa: SLF001  gevent's own socket would wait
    except BlockingIOError:
        sent = 0
    except OSError:
        return
    if sent < len(frame):
        socket.late = True
        spawn(_rest, socket, frame[sent:])


def _rest(socket: Any, rest: bytes) -> None:
    try:
        socket.direct.ws.sock.sendall(rest)
    except OSError:
        return
    socket.late = False
