"""Asking a device: one answer, or a stream that goes on. Digest where it is asked for; a redirect is an answer and is not followed."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from types import MappingProxyType
from typing import NamedTuple

from data.outward.keys import Keys, Login
from data.outward.places import Checked
from data.outward.wire import Head, Unreached, Wire

SECONDS, MOST = 3.0, 5 * 1024 * 1024  # S-15
UNAUTHORIZED, TRIES = 401, 3  # without a key, with one, with one for a nonce that is not stale


class Line(Keys):
    """Keys in use, and a way for another thread to end whatever is being waited for with them."""

    def __init__(self, login: Login | None) -> None:
        super().__init__(login)
        self._wire: Wire | None = None
        self.over = False

    def hold(self, wire: Wire) -> None:
        """Remember what may have to be hung up. Raises Unreached when it is over already."""
        self._wire = wire
        if self.over:
            raise Unreached("stopped", "was to be left")

    def hang_up(self) -> None:
        """Let whoever waits on this line wait no longer, now and from now on."""
        self.over = True
        if self._wire is not None:
            self._wire.hang_up()


class Answer(NamedTuple):
    """What a device answered, whole. Any status may be in it, a redirect's too."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """What it says that its body is."""
        return self.headers.get("content-type", "")


class Flow:
    """An answer that goes on. `silent_s` is how long nothing at all may come; who reads decides what is worth hearing."""

    def __init__(self, wire: Wire, head: Head, *, silent_s: float) -> None:
        self._wire, self._head, self._silent_s = wire, head, silent_s
        self.status, self.content_type = head.status, head.one("content-type")

    def pieces(self) -> Iterator[bytes]:
        """Yield what comes, as it comes. Raises Unreached when nothing does for too long, and when it ends, however it does."""
        self._wire.until = time.monotonic() + self._silent_s
        for raw in self._wire.body(self._head):
            yield raw
            self._wire.until = time.monotonic() + self._silent_s
        raise Unreached("cut", "hung up")


def get(
    place: Checked, *, keys: Keys | Login | None = None, cookie: str = "", seconds: float = SECONDS, most: int = MOST
) -> Answer:
    """Return what a device answers. Raises Unreached: also when it takes longer than `seconds` in all, or sends more than `most` bytes.

    `cookie` is `name=value`, as the device itself gave it.
    """
    return _whole(place, "GET", keys, b"", {"Cookie": cookie} if cookie else {}, seconds=seconds, most=most)


def post(
    place: Checked,
    body: bytes,
    content_type: str,
    *,
    keys: Keys | Login | None = None,
    seconds: float = SECONDS,
    most: int = MOST,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """Return what a device answers to a body. `headers` are our own words, one line each. Raises Unreached."""
    return _whole(place, "POST", keys, body, {"Content-Type": content_type, **headers}, seconds=seconds, most=most)


@contextmanager
def stream(place: Checked, *, keys: Keys | Login | None = None, seconds: float = SECONDS, silent_s: float = 30.0) -> Iterator[Flow]:
    """Lend an answer that goes on; it must begin within `seconds`. Raises Unreached."""
    with _asked(place, "GET", _held(keys), b"", {"Connection": "keep-alive"}, seconds=seconds) as (wire, head):
        yield Flow(wire, head, silent_s=silent_s)


def _whole(
    place: Checked, method: str, keys: Keys | Login | None, body: bytes, more: dict[str, str], *, seconds: float, most: int
) -> Answer:
    with _asked(place, method, _held(keys), body, more, seconds=seconds) as (wire, head):
        found = bytearray()
        for raw in wire.body(head):
            found += raw
            if len(found) > most:
                raise Unreached("large", f"answers with more than {most} bytes")
        return Answer(head.status, dict(reversed(head.headers)), bytes(found))


def _held(keys: Keys | Login | None) -> Keys:
    return keys if isinstance(keys, Keys) else Keys(keys)


@contextmanager
def _asked(
    place: Checked, method: str, keys: Keys, body: bytes, more: dict[str, str], *, seconds: float
) -> Iterator[tuple[Wire, Head]]:
    """Lend the connection and the head of the answer that counts: the one after all asking for keys."""
    end = time.monotonic() + seconds
    for tried in range(TRIES):
        with closing(Wire(place, seconds=max(end - time.monotonic(), 0.001), pin=keys.login.pin if keys.login else "")) as wire:
            if isinstance(keys, Line):
                keys.hold(wire)
            wire.say(_request(place, method, keys, body, more))
            head = wire.head()
            if head.status == UNAUTHORIZED and keys.learn(head.all("www-authenticate")) and tried < TRIES - 1:
                continue
            yield wire, head
            return


def _request(place: Checked, method: str, keys: Keys, body: bytes, more: dict[str, str]) -> bytes:
    told = {"Host": place.authority, "User-Agent": "kydai", "Accept": "*/*", "Connection": "close", **more}
    if method == "POST":
        told["Content-Length"] = str(len(body))
    if shown := keys.header(method, place.path):
        told["Authorization"] = shown
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {place.path} HTTP/1.1\r\n{lines}\r\n".encode() + body
