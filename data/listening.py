"""How a process of ours listens: nobody holds a connection by saying nothing, and who stops lets the begun requests end."""

import os
import signal
from collections.abc import Callable
from logging import getLogger
from typing import Any, ClassVar

import gevent
from gevent import Timeout
from gevent.pywsgi import WSGIHandler, WSGIServer

IDLE_S, HEAD_S, WHOLE_S = 75.0, 10.0, 120.0
LEAVE_S = 2.0
# On answers that come from below Flask too: Engine.IO's, and the intake's own (S-06).
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
log = getLogger(__name__)


class Visit(WSGIHandler):  # type: ignore[misc]  # gevent has no types
    """One connection. What a visitor sends wrong is his affair: it costs a line in the log at DEBUG and no more."""

    busy: ClassVar[int] = 0

    def read_requestline(self) -> str:
        """Wait for the next request, not for ever."""
        with Timeout(IDLE_S, exception=False):
            return str(super().read_requestline())
        return ""

    def read_request(self, raw_requestline: str) -> bool:
        """Read the head in one go, and refuse what two servers in a row might read differently."""
        with Timeout(HEAD_S, exception=False):
            if not super().read_request(raw_requestline):
                return False
            told = self.headers.get("transfer-encoding", "").lower()
            return told in {"", "chunked"} and len(set(self._lengths)) <= (0 if told else 1)
        return False

    def handle_one_response(self) -> None:
        """Answer, unless body and answer together take too long. A WebSocket lasts as it lasts."""
        if "HTTP_UPGRADE" in self.environ:
            super().handle_one_response()
            return
        Visit.busy += 1
        try:
            with Timeout(WHOLE_S):
                super().handle_one_response()
        except Timeout:
            self.close_connection = True
        finally:
            Visit.busy -= 1

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Begin the answer, with what goes with every one of ours."""
        told = {name.lower() for name, _ in headers}
        more = [(name, value) for name, value in ALWAYS.items() if name.lower() not in told]
        return super().start_response(status, [*headers, *more], exc_info)

    def handle_error(self, t: Any, v: Any, tb: Any) -> None:
        """Say what fell over; that a visitor was too slow is no error."""
        if issubclass(t, Timeout):
            self.close_connection = True
            return
        log.error("an answer failed", exc_info=(t, v, tb))
        self._send_error_response_if_possible(500)

    def log_error(self, msg: str, *_args: object) -> None:
        """Keep what a visitor sent out of the log: it may be a key."""
        log.debug("%s: %s", self.client_address, msg.split("%", maxsplit=1)[0])

    def MessageClass(self, file: Any, seekable: int) -> Any:  # noqa: N802  gevent's own name
        """Read the headers, and remember whether a length was among them: gevent lets it go where the body is chunked."""
        headers = super().MessageClass(file, seekable)
        self._lengths = headers.get_all("content-length", [])
        return headers


def listen(server: Any, host: str, port: int, *, leave: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM: then nobody new is let in, who is being answered is answered, `leave` has its turn, and the process ends."""
    listener = WSGIServer((host, port), server, handler_class=Visit, log=None)
    gevent.signal_handler(signal.SIGTERM, _leave, listener, os._exit, leave)
    listener.serve_forever()
    gevent.sleep(LEAVE_S + 1)  # the one who leaves ends the process


def _leave(listener: Any, end: Callable[[int], Any], leave: Callable[[], None]) -> None:
    listener.close()
    with Timeout(LEAVE_S, exception=False):
        leave()
        while Visit.busy:
            gevent.sleep(0.01)
    end(0)
