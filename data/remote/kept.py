"""What lies on the disk of layers by address: their pictures, each with its age, in a bounded room; and how each service stands.

Every process of the web role under one home shares it. A picture is a file whose time is when it was fetched; an empty one says that nothing
is there.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from logging import getLogger
from pathlib import Path
from typing import NamedTuple

from msgspec import DecodeError, ValidationError, json

from dashboard.layers.remote import Remote, Standing

FOLDER, STATE = "remote_tiles", "state.json"
MOST_BYTES, LOW = 1 << 30, 0.8  # of all pictures together, and to what they are brought down
FREE_BYTES = 1 << 30  # of the disk, which is never filled
log = getLogger(__name__)


class Picture(NamedTuple):
    """A picture as it lies there, and when it was fetched (epoch ms)."""

    body: bytes
    at: int


class KeptPictures:
    """The pictures under one home."""

    def __init__(self, home: Path, *, most_bytes: int = MOST_BYTES, free: Callable[[Path], int] | None = None) -> None:
        self._room, self._most = home / FOLDER, most_bytes
        self._free = free or (lambda at: shutil.disk_usage(at).free)

    def _file(self, one: Remote, zoom: int, x: int, y: int) -> Path:
        return self._room / one.key / str(one.since) / str(zoom) / str(x) / str(y)

    def read(self, one: Remote, zoom: int, x: int, y: int) -> Picture | None:
        """Return a picture, None where there is none."""
        file = self._file(one, zoom, x, y)
        try:
            with file.open("rb") as held:
                return Picture(held.read(), os.fstat(held.fileno()).st_mtime_ns // 1_000_000)
        except OSError:
            return None

    def write(self, one: Remote, zoom: int, x: int, y: int, body: bytes, *, at_ms: int) -> None:
        """Keep a picture; a disk that is full keeps none, and nobody waits for it."""
        file = self._file(one, zoom, x, y)
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._free(self._room) > FREE_BYTES:
                _put(file, body)
                os.utime(file, ns=(at_ms * 1_000_000, at_ms * 1_000_000))
        except OSError as error:
            log.warning("a picture of %s is not kept: %s", one.key, error)

    def standing(self, key: str) -> Standing:
        """Return how a service stands."""
        try:
            return json.decode((self._room / key / STATE).read_bytes(), type=Standing)
        except (OSError, DecodeError, ValidationError):
            return Standing()

    def stands(self, key: str, how: Standing) -> None:
        """Say how a service stands."""
        try:
            (self._room / key).mkdir(parents=True, exist_ok=True, mode=0o700)
            _put(self._room / key / STATE, json.encode(how))
        except OSError as error:
            log.warning("how %s stands is not kept: %s", key, error)

    def sweep(self, wanted: Mapping[str, Remote]) -> None:
        """Clear away what belongs to no layer any more; then the oldest pictures, where there are too many."""
        if not self._room.is_dir():
            return
        for folder in self._room.iterdir():
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            for inner in folder.iterdir():
                if inner.is_dir() and inner.name != str(wanted[folder.name].since):
                    shutil.rmtree(inner, ignore_errors=True)
        held = sorted(self._all())
        over = sum(size for _, size, _ in held) - self._most
        if over <= 0:
            return
        over += int((1 - LOW) * self._most)
        for _, size, path in held:
            if over <= 0:
                break
            with suppress(OSError):
                Path(path).unlink()
            over -= size

    def _all(self) -> Iterator[tuple[float, int, str]]:
        for folder, _, names in os.walk(self._room):
            for name in names:
                if name == STATE:
                    continue
                with suppress(OSError):
                    about = os.stat(path := os.path.join(folder, name))  # noqa: PTH116, PTH118  many of them
                    yield about.st_mtime, max(about.st_blocks * 512, 512), path


def _put(file: Path, body: bytes) -> None:
    new = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_ident()}")
    new.write_bytes(body)
    new.replace(file)
