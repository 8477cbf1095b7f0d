"""Devices for the tests: real HTTP servers on loopback that ask for Basic or Digest and then do whatever a test wants of them."""

import base64
import hashlib
import re
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

USER, PASSWORD = "kydai", "sai:cổng 7"
HOLD_S = 20.0


@dataclass
class Request:
    """What a device was asked. `hold` waits until whoever asked hangs up, or the line is cut."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    hold: Callable[[], None]


@dataclass
class Device:
    """One device. `answer(request, say)` is what it does once whoever asks is let in; `auth` is none, basic, md5, sha256, or md5-old (no qop)."""

    answer: Callable[[Request, Callable[[bytes], None]], None]
    auth: str = "none"
    uses: int = 1 << 30  # how often a nonce is good
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    asked: list[Request] = field(default_factory=list)
    refused: int = 0
    open_now: int = 0

    def __post_init__(self) -> None:
        self.over = threading.Event()
        self._nonces: dict[str, int] = {}
        self._counts: set[tuple[str, str]] = set()
        self._lock, self._peers = threading.Lock(), set[socket.socket]()
        self._listener = socket.create_server((self.host, 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def drop(self) -> None:
        """Cut every connection, as a device that loses its power."""
        with self._lock:
            peers = list(self._peers)
        for peer in peers:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for one in self._threads:
            one.join(HOLD_S)

    def _listen(self) -> None:
        while not self.over.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with self._lock:
            self._peers.add(peer)
            self.open_now += 1
        try:
            with suppress(OSError):
                peer.settimeout(HOLD_S)
                if self.tls:
                    peer = self.tls.wrap_socket(peer, server_side=True)
                request = _read(peer)
                if request is not None:
                    self._answer(request, peer)
        finally:
            with self._lock:
                self._peers.discard(peer)
                self.open_now -= 1
            peer.close()

    def _answer(self, request: Request, peer: socket.socket) -> None:
        challenge = self._challenge(request)
        if challenge:
            self.refused += 1
            peer.sendall(f"HTTP/1.1 401 No\r\n{challenge}Content-Length: 2\r\n\r\nno".encode())
            return
        self.asked.append(request)
        self.answer(request, peer.sendall)

    def _challenge(self, request: Request) -> str:
        """Return the headers that ask for keys, "" when the right ones were shown."""
        told = request.headers.get("authorization", "")
        if self.auth == "none":
            return ""
        if self.auth == "basic":
            right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            return "" if told == right else 'WWW-Authenticate: Basic realm="device"\r\n'
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', told))
        stale = False
        if told.startswith("Digest ") and fields.get("response") == self._response(request, fields):
            with self._lock:
                left = self._nonces.get(fields["nonce"], 0)
                replay = (fields["nonce"], fields.get("nc", "")) in self._counts and self.auth != "md5-old"
                self._counts.add((fields["nonce"], fields.get("nc", "")))
                self._nonces[fields["nonce"]] = left - 1
            if left > 0 and not replay:
                return ""
            stale = True
        return self._ask(stale=stale)

    def _ask(self, *, stale: bool) -> str:
        nonce = secrets.token_hex(8)
        self._nonces[nonce] = self.uses
        more = "" if self.auth == "md5-old" else ', qop="auth", opaque="a,b"'
        algorithm = ", algorithm=SHA-256" if self.auth == "sha256" else ""
        told = f'Digest realm="IP Camera(C1234)", nonce="{nonce}"{more}{algorithm}{", stale=true" if stale else ""}'
        return f"WWW-Authenticate: {told}\r\nWWW-Authenticate: Bearer\r\n"

    def _response(self, request: Request, fields: dict[str, str]) -> str:
        def hashed(text: str) -> str:
            return hashlib.new("sha256" if self.auth == "sha256" else "md5", text.encode()).hexdigest()

        who = hashed(f"{USER}:IP Camera(C1234):{PASSWORD}")
        what = hashed(f"{request.method}:{request.path}")
        if self.auth == "md5-old":
            return hashed(f"{who}:{fields.get('nonce')}:{what}")
        return hashed(f"{who}:{fields.get('nonce')}:{fields.get('nc')}:{fields.get('cnonce')}:auth:{what}")


def _read(peer: socket.socket) -> Request | None:
    held = b""
    while b"\r\n\r\n" not in held:
        raw = peer.recv(65536)
        if not raw:
            return None
        held += raw
    head, _, body = held.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += peer.recv(65536)
    return Request(method, path, headers, body, lambda: _hold(peer))


def _hold(peer: socket.socket) -> None:
    while peer.recv(65536):
        pass


def plain(body: bytes, *, status: str = "200 OK", content_type: str = "text/plain", more: str = "") -> bytes:
    """Return a whole answer."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


@contextmanager
def device(answer: Callable[[Request, Callable[[bytes], None]], None], **more: object) -> Iterator[Device]:
    made = Device(answer, **more)
    try:
        yield made
    finally:
        made.close()
