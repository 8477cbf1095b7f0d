"""How many ask one service at once, and when it is left alone for a while: whoever hangs keeps none but itself waiting."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dashboard.layers.remote import Trouble

AT_ONCE, MOST_WAITING, WAIT_S = 6, 60, 10.0
TRIES, FIRST_S, LONGEST_S = 3, 5.0, 120.0  # so many failures one after the other, then it rests, twice as long each time


class Gate:
    """One service's gate."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._room, self._waiting = threading.BoundedSemaphore(AT_ONCE), 0
        self._failed, self._until_s = 0, 0.0
        self._lock = threading.Lock()

    @contextmanager
    def within(self) -> Iterator[None]:
        """Ask while there is room. Raises Trouble at once where too many wait, or while it rests."""
        self._refuse()
        with self._lock:
            if self._waiting >= MOST_WAITING:
                raise Trouble("crowded")
            self._waiting += 1
        try:
            if not self._room.acquire(timeout=WAIT_S):
                raise Trouble("crowded")
        finally:
            with self._lock:
                self._waiting -= 1
        try:
            self._refuse()  # it may have failed for those who went before
            yield
        finally:
            self._room.release()

    def _refuse(self) -> None:
        if self._now_s() < self._until_s:
            raise Trouble("resting")

    def good(self) -> None:
        """Say that it answered."""
        self._failed, self._until_s = 0, 0.0

    def bad(self) -> None:
        """Say that it did not."""
        self._failed += 1
        if self._failed >= TRIES:
            self._until_s = self._now_s() + min(FIRST_S * (1 << min(self._failed - TRIES, 10)), LONGEST_S)


class Flights:
    """One question for many who ask the same at the same time."""

    def __init__(self) -> None:
        self._flying: dict[object, tuple[threading.Event, list[bytes | Trouble]]] = {}
        self._lock = threading.Lock()

    def once(self, what: object, do: Callable[[], bytes], *, seconds: float) -> bytes:
        """Do it, or wait for whoever does it already. Raises what it raises; Trouble where that takes too long."""
        with self._lock:
            mine = what not in self._flying
            over, ended = self._flying.setdefault(what, (threading.Event(), []))
        if not mine:
            if not over.wait(seconds):
                raise Trouble("crowded")
            return _ended(ended[0])
        made: bytes | Trouble = Trouble("cut")
        try:
            made = do()
        except Trouble as trouble:
            made = trouble
        finally:
            ended.append(made)
            with self._lock:
                del self._flying[what]
            over.set()
        return _ended(made)


def _ended(made: bytes | Trouble) -> bytes:
    if isinstance(made, Trouble):
        raise made
    return made
