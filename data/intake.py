"""The intake's one promise: what it answered 2xx is on a disk."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from logging import getLogger
from threading import Event, Lock
from typing import NamedTuple

from dashboard.errors import Away
from dashboard.ports import Clock, Payload, Stream
from data.spool import Spool

SHUN_S = 1.0
MOST_TOGETHER = 200
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
        self._queue: list[_Waiting] = []
        self._writing = Lock()

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
            if not mine.done.is_set():
                self._write()
        if mine.error is not None:
            raise mine.error
        return Kept(payload.receipt, mine.where)

    def _write(self) -> None:
        """Keep whatever waits, as one round."""
        batch, self._queue = self._queue[:MOST_TOGETHER], self._queue[MOST_TOGETHER:]
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
        if self._spool.empty or self._clock.monotonic_s() < self._shut_until_s:
            return 0
        with self._writing:
            return self._spool.drain(self._stream.append)

    def drain_for_ever(self, sleep: Callable[[float], None]) -> None:
        """Empty the spool whenever the road is open."""
        while True:
            try:
                sleep(0.0 if self.drain() else 0.1)
            except Away:
                sleep(0.5)
