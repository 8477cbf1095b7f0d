"""The simulated cameras' own little web server: one picture each, as a camera without RTSP gives it. On loopback alone, and only in a demonstration."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from dashboard.city import City
from data.simulator.addresses import HOST
from data.simulator.scene import seen

WAIT_S = 5.0
State = Callable[[str], str]


class Street:
    """Answers for the cameras of a simulated city. `state` says how a camera is: "" or "online", "frozen", or anything else, which is silence."""

    def __init__(self, city: City, port: int, *, state: State) -> None:
        zone, known = ZoneInfo(city.zone), {camera.id for camera in city.cameras}
        stood: dict[str, float] = {}

        class Camera(BaseHTTPRequestHandler):
            timeout = WAIT_S

            def do_GET(self) -> None:
                key = unquote(self.path.strip("/")).removesuffix(".jpg")
                told = state(key) or "online"
                if key not in known or told not in {"online", "frozen"}:
                    self.send_error(404 if key not in known else 503)
                    return
                if told == "online":
                    stood.pop(key, None)
                moment = stood.setdefault(key, time.time()) if told == "frozen" else time.time()
                jpeg = seen(key, datetime.fromtimestamp(moment, zone), moment=moment).jpeg
                self.send_response(200)
                self.send_header("Content-Type", "image/jpeg")
                self.send_header("Content-Length", str(len(jpeg)))
                self.end_headers()
                self.wfile.write(jpeg)

            def log_message(self, *_told: object) -> None:
                """Say nothing: a picture every two seconds is no news."""

        self._server = ThreadingHTTPServer((HOST, port), Camera)
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """The port on which it answers."""
        return int(self._server.server_address[1])

    def open(self) -> None:
        """Answer from now on, beside whatever else this process does."""
        threading.Thread(target=self._server.serve_forever, name="street", daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


def states(told: Mapping[str, tuple[int, str]]) -> State:
    """Return how cameras are, from what a town says of those that are not well."""
    return lambda key: told.get(key, (0, ""))[1]
