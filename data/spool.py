"""Where the intake keeps what Redis cannot take now: a file, fsynced before anyone is answered."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from logging import getLogger
from pathlib import Path
from typing import BinaryIO

import msgspec

from dashboard.ports import Payload

MOST_BYTES = 500 * 1024 * 1024
LEAST_FREE = 0.05
AT_ONCE = 200
HEAD = 4
log = getLogger(__name__)
_decode = msgspec.msgpack.Decoder(tuple[str, int, bytes, dict[str, str], str]).decode
_encode = msgspec.msgpack.Encoder().encode


class Full(Exception):  # noqa: N818  a state of the disk, not a mistake
    """The spool or its disk is full: refuse, so that the sender keeps what it has."""


class Spool:
    """Append-only and drained in order. A crash while draining sends twice; the record knows the second by its key."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._most = folder, most_bytes
        self._file = _first_free(folder)
        self._sent = 0
        self._size = self._sound_end()
        self._file.truncate(self._size)

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return self._sent == self._size

    @property
    def waiting_bytes(self) -> int:
        """How much waits."""
        return self._size - self._sent

    def append(self, payloads: Sequence[Payload]) -> None:
        """Keep payloads; on the disk when this returns. Raises Full."""
        body = b"".join(_framed(one) for one in payloads)
        try:
            self._check_room(len(body))
            self._file.seek(self._size)
            self._file.write(body)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise Full(str(error)) from error
        self._size += len(body)

    def drain(self, send: Callable[[Sequence[Payload]], object], *, at_once: int = AT_ONCE) -> int:
        """Send one portion in order; returns how many. What `send` refused by raising stays for the next time."""
        if self.empty:
            return 0
        found = list(islice(self._read(self._sent), at_once))
        send([Payload(*_decode(body)) for _, body in found if _whole(body)])
        self._sent = found[-1][0]
        if self.empty:
            self._file.truncate(0)
            os.fsync(self._file.fileno())
            self._sent = self._size = 0
        return len(found)

    def adopt(self) -> bool:
        """While nothing waits here, take over a file that a dead process left with something in it; returns whether there was one."""
        for path in sorted(self._folder.glob("*.spool")) if self.empty else ():
            if path.stat().st_size and (file := _locked(path)) is not None:
                self._file.close()
                self._file, self._sent = file, 0
                self._size = self._sound_end()
                self._file.truncate(self._size)
                log.warning("taking over %s: %d bytes that were promised", path.name, self._size)
                return not self.empty
        return False

    def close(self) -> None:
        """Let another process take the file over."""
        self._file.close()

    def _check_room(self, more: int) -> None:
        disk = shutil.disk_usage(self._folder)
        if self._size + more > self._most:
            raise Full(f"the spool holds {self._size} bytes, at most {self._most}")
        if disk.free < disk.total * LEAST_FREE:
            raise Full("less than 5 % of the disk is free")

    def _read(self, at: int) -> Iterator[tuple[int, bytes]]:
        self._file.seek(at)
        while len(head := self._file.read(HEAD)) == HEAD:
            size = int.from_bytes(head, "big")
            body = self._file.read(size)
            if len(body) < size:
                return
            at += HEAD + size
            yield at, body
            self._file.seek(at)

    def _sound_end(self) -> int:
        """Where the last whole payload ends; a torn tail was never answered 2xx."""
        return max((end for end, body in self._read(0) if _whole(body)), default=0)


def _framed(payload: Payload) -> bytes:
    body = _encode((payload.source, payload.received, payload.raw, dict(payload.headers), payload.receipt))
    return len(body).to_bytes(HEAD, "big") + body


def _whole(body: bytes) -> bool:
    try:
        _decode(body)
    except msgspec.DecodeError:
        log.error("the disk garbled %d bytes of the spool", len(body))  # noqa: TRY400  no trace helps here
        return False
    return True


def _first_free(folder: Path) -> BinaryIO:
    """Return the first spool file that no living process holds, so that a dead one's is taken over."""
    for number in count():
        if (file := _locked(folder / f"{number}.spool")) is not None:
            return file
    raise AssertionError


def _locked(path: Path) -> BinaryIO | None:
    """Return a spool file, ours alone; None where somebody holds it."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
