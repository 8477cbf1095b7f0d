"""The intake's one promise: what it answered 2xx is on a disk."""

import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from logging import getLogger
from threading import Event, Lock
from typing import NamedTuple

from dashboard.errors import Away
from dashboard.ports import Clock, Payload, Stream
from data.spool import Spool

SHUN_S = 1.0
MOST_TOGETHER = 200
LOOK_EVERY_S = 10.0
log = getLogger(__name__)


class Kept(NamedTuple):
    """Under which receipt a payload was kept, and where: `stream` or `spool`."""

    receipt: str
    where: str


class _Waiting:
    """One payload that waits to be kept together with others."""

    __slots__ = ("done", "error", "payload", "where")

    def __init__(self, payload: Payload) -> None:
        self.payload, self.done = payload, Event()
        self.where, self.error = "", None  # type: str, Exception | None


class Intake:
    """Payloads go down the road; while it is shut, and until the spool is empty again, to the spool: that is what keeps the order.

    Payloads that come while one round is being written share the next one: one round trip and one fsync for all of them, and no
    delay for a lone one.
    """

    def __init__(self, *, stream: Stream, spool: Spool, clock: Clock) -> None:
        self._stream, self._spool, self._clock = stream, spool, clock
        self._shut_until_s = 0.0
        self._queue: deque[_Waiting] = deque()
        self._writing = Lock()
        self._looked_s = clock.monotonic_s()

    @property
    def spooled_bytes(self) -> int:
        """How much waits in the spool."""
        return self._spool.waiting_bytes

    def accept(self, source: str, raw: bytes, headers: Mapping[str, str]) -> Kept:
        """Keep one payload. When this returns, it is safe. Raises data.spool.Full."""
        payload = Payload(source, self._clock.now_ms(), raw, headers, secrets.token_hex(12))
        mine = _Waiting(payload)
        self._queue.append(mine)
        with self._writing:
            while not mine.done.is_set():  # more may wait than one round takes
                self._write()
        if mine.error is not None:
            raise mine.error
        return Kept(payload.receipt, mine.where)

    def _write(self) -> None:
        """Keep whatever waits, as one round."""
        batch = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_TOGETHER))]
        try:
            where, error = self._keep([one.payload for one in batch]), None
        except Exception as told:  # noqa: BLE001  whatever it is, every sender of this round is told
            where, error = "", told
        for one in batch:
            one.where, one.error = where, error
            one.done.set()

    def _keep(self, payloads: Sequence[Payload]) -> str:
        if self._spool.empty and self._clock.monotonic_s() >= self._shut_until_s:
            try:
                self._stream.append(payloads)
            except Away as away:
                log.warning("the log is away, keeping on disk: %s", away)
                self._shut_until_s = self._clock.monotonic_s() + SHUN_S
            else:
                return "stream"
        self._spool.append(payloads)
        return "spool"

    def drain(self) -> int:
        """Send one portion of the spool down the road; returns how many went. Raises Away."""
        if self._clock.monotonic_s() < self._shut_until_s or (self._spool.empty and not self._found_more()):
            return 0
        with self._writing:
            return self._spool.drain(self._stream.append)

    def _found_more(self) -> bool:
        """Whether a process that is gone left something behind; looked for now and then."""
        now_s = self._clock.monotonic_s()
        if now_s - self._looked_s < LOOK_EVERY_S:
            return False
        self._looked_s = now_s
        with self._writing:
            return self._spool.adopt()

    def drain_for_ever(self, sleep: Callable[[float], None]) -> None:
        """Empty the spool whenever the road is open."""
        while True:
            try:
                wait_s = 0.0 if self.drain() else 0.1
            except Away:
                wait_s = 0.5
            except Exception:  # a drain that ended would keep back what was promised
                log.exception("the spool cannot be drained now, will try again")
                wait_s = LOOK_EVERY_S
            sleep(wait_s)
