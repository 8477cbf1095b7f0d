"""RTSP under guard: a library that follows redirects is given a door on this machine, behind which is the one place that was checked (S-15).

Until the picture flows, every answer of the camera is read here: one that sends us elsewhere ends it. From then on bytes are passed on
in few large pieces, since the time of a core is what a relay has least of.
"""

import re
import select
import socket
import threading
import time
from contextlib import suppress
from urllib.parse import quote

from data.outward.keys import Login
from data.outward.places import Checked
from data.outward.wire import Unreached, connect

HOST = "127.0.0.1"
MOST_HEAD, MOST_BODY = 16 * 1024, 256 * 1024
AT_ONCE, GATHER_S = 512 * 1024, 0.04  # so many bytes at a time, gathered for so long
LOOK_S = 0.5
_STATUS = re.compile(rb"RTSP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r\n")
_LENGTH = re.compile(rb"^content-length:\s*([0-9]{1,7})\s*$", re.IGNORECASE | re.MULTILINE)
MOVED = range(300, 400)


class Tunnel:
    """A door on this machine to one camera, for one visitor.

    `status` is the camera's last answer, `why` what ended it here ("": nothing), `heard` when the camera last said anything (epoch ms).
    """

    def __init__(self, place: Checked, *, seconds: float) -> None:
        """Connect. Raises Unreached."""
        self.status, self.why, self.heard = 0, "", 0
        self._place, self._flows = place, False
        self._there = connect(place, seconds)
        self._door = socket.create_server((HOST, 0), backlog=1)
        self._port = self._door.getsockname()[1]
        self._here: socket.socket | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(seconds,), daemon=True, name="tunnel")
        self._thread.start()

    def url(self, login: Login | None) -> str:
        """Return the address to open; it holds the password, and is written down nowhere."""
        who = f"{quote(login.user, safe='')}:{quote(login.password, safe='')}@" if login else ""
        return f"rtsp://{who}{HOST}:{self._port}{self._place.path}"

    def hang_up(self) -> None:
        """Let whoever reads at either end read an end."""
        self._over.set()
        for one in (self._here, self._there):
            if one is not None:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up and wait for the end."""
        self.hang_up()
        self._thread.join(5.0)

    def _run(self, seconds: float) -> None:
        try:
            self._here = self._visitor(seconds)
            self._pass_on(self._here)
        except Unreached as no:
            self.why = no.kind
        except OSError:
            self.why = self.why or "cut"
        finally:
            self.hang_up()
            for one in (self._here, self._there):
                if one is not None:
                    one.close()

    def _visitor(self, seconds: float) -> socket.socket:
        """Let the one visitor in; nobody else after that."""
        with self._door as door:
            door.settimeout(seconds)
            here, _ = door.accept()
        here.settimeout(seconds)
        return here

    def _pass_on(self, here: socket.socket) -> None:
        held = bytearray()
        while not self._over.is_set():
            ready, _, _ = select.select([here, self._there], [], [], LOOK_S)
            if here in ready and not _passed(here, self._there):
                return
            if self._there in ready:
                if self._flows:
                    time.sleep(GATHER_S)
                raw = self._there.recv(AT_ONCE)
                if not raw:
                    raise Unreached("cut", "hung up")
                self.heard = time.time_ns() // 1_000_000
                here.sendall(raw if self._flows else self._read(held, raw))

    def _read(self, held: bytearray, raw: bytes) -> bytes:
        """Return what of the camera's answers may be passed on. Raises Unreached."""
        held += raw
        passed = bytearray()
        while held and not self._flows:
            if held[:1] == b"$":
                self._flows = True
                break
            size = self._answer(held)
            if not size:
                return bytes(passed)
            passed += held[:size]
            del held[:size]
        passed += held
        held.clear()
        return bytes(passed)

    def _answer(self, held: bytearray) -> int:
        """Return how long the answer is that `held` begins with, 0 while it is not whole. Raises Unreached."""
        end = held.find(b"\r\n\r\n")
        if end < 0:
            if len(held) > MOST_HEAD:
                raise Unreached("large", f"answers with more than {MOST_HEAD} bytes of headers")
            return 0
        head = bytes(held[: end + 4])
        found, length = _STATUS.match(head), _LENGTH.search(head)
        if found is None:
            raise Unreached("protocol", "does not answer as RTSP does")
        self.status = int(found[1])
        if self.status in MOVED:
            raise Unreached("moved", "sends us to another address, where we do not go")
        body = int(length[1]) if length else 0
        if body > MOST_BODY:
            raise Unreached("large", f"answers with more than {MOST_BODY} bytes")
        return end + 4 + body if len(held) >= end + 4 + body else 0


def _passed(one: socket.socket, other: socket.socket) -> bool:
    """Pass on what `one` says; returns whether it said anything."""
    raw = one.recv(AT_ONCE)
    other.sendall(raw)
    return bool(raw)
