"""The rounds of layers by address: services are tried, a WFS is read anew when its time has come, old pictures are cleared away.

One process of all that serve screens under one home goes round (it holds the lock); the others look on.
"""

import fcntl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from logging import getLogger
from pathlib import Path
from typing import Any

from dashboard.errors import Away
from dashboard.layers.remote import TRY_EVERY_MS, Remote, Standing, Trouble
from dashboard.ports import Clock
from data.remote.kept import KeptPictures
from data.remote.served import RemotePictures

EVERY_S, SWEEP_EVERY_S = 20.0, 600.0
AGAIN_MS = 15 * 60_000  # after a WFS failed, where it is not due sooner
MOST_S = 1800.0
ROOT = Path(__file__).parents[2]
log = getLogger(__name__)


class Reader:
    """Reads a WFS in a process of its own (data.remote.job), and sees it to its end."""

    def __init__(self, kept: KeptPictures, clock: Clock) -> None:
        self._kept, self._clock = kept, clock
        self.running: dict[str, threading.Thread] = {}

    def __call__(self, key: str) -> None:
        """Begin to read one, unless that is done already."""
        if (held := self.running.get(key)) is not None and held.is_alive():
            return
        self.running[key] = threading.Thread(target=self.run, args=(key,), daemon=True, name=f"wfs {key}")
        self.running[key].start()

    def run(self, key: str) -> None:
        """Read one, and wait until it is read."""
        command = [sys.executable, "-m", "data.remote.job", key]
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603  our own module
        try:
            _, said = child.communicate(timeout=MOST_S)
        except subprocess.TimeoutExpired:
            child.kill()
            _, said = child.communicate()
        if child.returncode:
            log.warning("reading the layer %s ended with %d: %s", key, child.returncode, said[-500:].decode(errors="replace"))
            before, now_ms = self._kept.standing(key), self._clock.now_ms()
            since = before.since if before.code else now_ms
            how = Standing(good=before.good, tried=now_ms, code="broke", since=since, digest=before.digest)
            self._kept.stands(key, how)


class Rounds:
    """One who goes round."""

    def __init__(
        self, served: RemotePictures, home: Path, clock: Clock, read: Callable[[str], None], *, apart: Callable[..., Any]
    ) -> None:
        self._served, self._home, self._clock, self._read, self._apart = served, home, clock, read, apart
        self._swept_s = float("-inf")

    def go(self) -> None:
        """Go round for as long as this process lives."""
        with (self._home / "remote.lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.once()
                except BlockingIOError:
                    pass
                except Away as away:
                    log.warning("layers by address cannot be read: %s", away)
                except Exception:
                    log.exception("a round of the layers by address failed")
                time.sleep(EVERY_S)

    def once(self) -> None:
        """Go round once. Raises Away."""
        wanted = self._served.all()
        for one in wanted.values():
            if due(one, self._served.standing(one.key), self._clock.now_ms()):
                self._do(one)
        if time.monotonic() - self._swept_s > SWEEP_EVERY_S:
            self._swept_s = time.monotonic()
            self._apart(self._served.kept.sweep, (dict(wanted),))

    def _do(self, one: Remote) -> None:
        if one.kind == "wfs":
            self._read(one.key)
            return
        try:
            self._served.probe(one)
        except Trouble as trouble:
            log.info("%s: %s", one.key, trouble)


def due(one: Remote, stands: Standing, now_ms: int) -> bool:
    """Return whether a service is to be tried, or a WFS to be read."""
    if one.kind != "wfs":
        return now_ms - max(stands.tried, stands.good) >= TRY_EVERY_MS
    every_ms = one.fresh_s * 1000
    return now_ms - stands.tried >= (min(every_ms, AGAIN_MS) if stands.code else every_ms)
