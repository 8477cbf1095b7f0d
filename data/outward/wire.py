"""One connection, as HTTP/1.1 has it: written by hand, so that every wait has an end and nothing that comes is larger than it may be."""

import hashlib
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from data.outward.places import Checked

# No more is taken at once than can be read without keeping others waiting.
MOST_HEAD, MOST_LINES, CHUNK = 16 * 1024, 100, 16 * 1024
SECURED = frozenset({"https", "mqtts"})
MOST_INTERIM = 4  # answers of 100 Continue and the like
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")


class Unreached(Exception):  # noqa: N818  the network's verdict
    """A place that did not answer, or not as HTTP does.

    `kind`: connect, tls, slow, cut, large, protocol; of those who listen also denied, absent, status, silent, stopped. `after_s`: it
    wants to be left alone for so long.
    """

    def __init__(self, kind: str, reason: str, *, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.kind, self.after_s = kind, after_s


class Head(NamedTuple):
    """An answer's status and headers, their names in small letters."""

    status: int
    headers: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key == name]

    def one(self, name: str) -> str:
        """Return the first value of a header, "" for none."""
        return next(iter(self.all(name)), "")


class Wire:
    """A connection to a place that was checked. Whatever is waited for ends `until` (monotonic seconds), which may be set anew."""

    def __init__(self, place: Checked, *, seconds: float, pin: str = "") -> None:
        self.until = time.monotonic() + seconds
        self._held = bytearray()
        self._socket: socket.socket = connect(place, seconds)
        if place.scheme in SECURED:
            self._socket = _wrap(self._socket, place, pin)

    @property
    def underneath(self) -> socket.socket:
        """The connection itself, for who speaks another protocol over it."""
        return self._socket

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()

    def hang_up(self) -> None:
        """Let whoever reads from it, in another thread, read an end."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def say(self, raw: bytes) -> None:
        """Send. Raises Unreached."""
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(raw)
        except OSError as error:
            raise _told(error) from error

    def head(self) -> Head:
        """Return the answer's status and headers. Raises Unreached."""
        for _ in range(MOST_INTERIM):
            told = self._one_head()
            if told.status >= 200:  # noqa: PLR2004  the first that is an answer
                return told
        raise Unreached("protocol", "answers and never comes to the point")

    def _one_head(self) -> Head:
        while (at := _end(self._held)) < 0:
            if len(self._held) > MOST_HEAD:
                raise Unreached("large", f"answers with more than {MOST_HEAD} bytes of headers")
            self._more()
        lines = bytes(self._held[:at]).split(b"\n")[:-1]
        del self._held[:at]
        found = _STATUS.fullmatch(lines[0].rstrip())
        if found is None or len(lines) > MOST_LINES:
            raise Unreached("protocol", "does not answer as HTTP does")
        return Head(int(found[1]), [_header(line) for line in lines[1:] if line.strip()])

    def body(self, head: Head) -> Iterator[bytes]:
        """Yield the body as it comes: in chunks, of a stated length, or until the end. Raises Unreached."""
        if "chunked" in head.one("transfer-encoding").lower():
            yield from self._chunked()
            return
        told = head.one("content-length")
        if told.isascii() and told.isdigit() and len(told) < 16:  # noqa: PLR2004  a petabyte
            yield from self._exactly(int(told))
            return
        while raw := self._some(CHUNK):
            yield raw

    def _chunked(self) -> Iterator[bytes]:
        while True:
            size = int(self._line(), 16)
            if not size:
                return
            yield from self._exactly(size)
            if self._line(empty=True):
                raise Unreached("protocol", "sends chunks that are not as long as they say")

    def _line(self, *, empty: bool = False) -> bytes:
        """Return a chunk's length, or what stands behind a chunk."""
        while (at := self._held.find(b"\n")) < 0:
            if len(self._held) > 1_000:  # noqa: PLR2004  more than any chunk's extensions
                raise Unreached("protocol", "sends chunks without their lengths")
            self._more()
        line = bytes(self._held[:at]).partition(b";")[0].strip()
        del self._held[: at + 1]
        if not empty and not _SIZE.fullmatch(line):
            raise Unreached("protocol", "sends chunks without their lengths")
        return line

    def _exactly(self, left: int) -> Iterator[bytes]:
        while left:
            raw = self._some(min(left, CHUNK))
            if not raw:
                raise Unreached("cut", "the answer ended early")
            left -= len(raw)
            yield raw

    def _some(self, most: int) -> bytes:
        """Return what is there, or comes next; b"" at the end."""
        if not self._held:
            return self._receive(most)
        raw = bytes(self._held[:most])
        del self._held[:most]
        return raw

    def _more(self) -> None:
        raw = self._receive(CHUNK)
        if not raw:
            raise Unreached("cut", "hung up before it had answered")
        self._held += raw

    def _receive(self, most: int) -> bytes:
        try:
            self._socket.settimeout(self._left())
            return self._socket.recv(most)
        except OSError as error:
            raise _told(error) from error

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise Unreached("slow", "took too long")
        return left


def connect(place: Checked, seconds: float) -> socket.socket:
    """Connect to the address that was checked, and to no name: a name may mean another place by now."""
    made = socket.socket(socket.AF_INET6 if ":" in place.ip else socket.AF_INET)
    made.settimeout(seconds)
    try:
        made.connect((place.ip, place.port))
    except OSError as error:
        made.close()
        raise Unreached("connect", f"{place.ip}:{place.port} cannot be reached: {_told(error)}") from error
    return made


def _wrap(plain: socket.socket, place: Checked, pin: str) -> socket.socket:
    """Speak TLS: with a certificate that the system trusts, or with the very one that was pinned, which cameras sign themselves."""
    context = ssl.create_default_context()
    if pin:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        secured = context.wrap_socket(plain, server_hostname=place.host)
    except (OSError, ValueError) as error:
        plain.close()
        raise Unreached("tls", _untrusted(error)) from error
    shown = hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()
    if pin and shown != pin:
        secured.close()
        raise Unreached("tls", f"shows another certificate than the pinned one: SHA-256 {shown}")
    return secured


def _untrusted(error: Exception) -> str:
    why = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    return f"TLS failed: {why}"


def shown(place: Checked, *, seconds: float) -> str:
    """Return the SHA-256 of the certificate that a place shows, so that a person can compare and pin it. Raises Unreached."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with connect(place, seconds) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=place.host) as secured:
                return hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()
        except OSError as error:
            raise Unreached("tls", _untrusted(error)) from error


def _end(held: bytearray) -> int:
    """Return where the head ends, or -1."""
    found = [at + len(gap) for gap in (b"\r\n\r\n", b"\n\n") if (at := held.find(gap)) >= 0]
    return min(found, default=-1)


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(":")
    return name.strip().lower(), value.strip()


def _told(error: OSError) -> Unreached:
    if isinstance(error, TimeoutError):
        return Unreached("slow", "took too long")
    if isinstance(error, ssl.SSLError):
        return Unreached("tls", _untrusted(error))
    return Unreached("cut", (error.strerror or str(error) or type(error).__name__).lower())
