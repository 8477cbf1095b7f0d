"""The ordered log of raw payloads, in a Redis stream read from a mark that the record keeps."""

from collections.abc import Sequence
from typing import Any

import msgspec
from redis import Redis

from dashboard.ports import Clock, Payload, Stream, Taken, entry_number
from data.road import or_away

KEY = "kydai:intake"
START = "0-0"
COUNT = 500
_headers = msgspec.json.Decoder(dict[str, str])
_encode = msgspec.json.Encoder().encode


class RedisStream:
    """Nothing to acknowledge, no group to recover: the mark is committed with the events themselves (docs/decisions/001)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._checked = False

    def append(self, payloads: Sequence[Payload]) -> list[str]:
        """Add in order; when this returns they are on the disk (appendfsync always)."""
        with or_away():
            pipe = self._redis.pipeline(transaction=False)
            for one in payloads:
                fields: Any = {"s": one.source, "t": one.received, "i": one.receipt, "h": _encode(dict(one.headers)), "r": one.raw}
                pipe.xadd(KEY, fields)
            return [entry.decode() for entry in pipe.execute()]

    def take(self, after: str, *, wait_s: float) -> list[Taken]:
        """Return what stands after `after`, waiting at most `wait_s` for the first (BLOCK 0 would be for ever)."""
        wait_ms = max(int(wait_s * 1000), 1)
        try:
            with or_away():
                after = after if self._checked else self._start(after)
                self._checked = True
                got: Any = self._redis.xread({KEY: after}, count=COUNT, block=wait_ms)
        except Exception:
            self._checked = False
            raise
        return [_taken(row) for _, rows in got or () for row in rows]

    def trim(self, before: str) -> None:
        """Let go of what the record surely holds: entries up to and with `before`."""
        with or_away():
            self._redis.xtrim(KEY, minid=before, approximate=True)

    def last(self) -> str:
        """Return the newest entry's id: what is taken after it is still to come."""
        with or_away():
            newest: Any = self._redis.xrevrange(KEY, count=1)
            return newest[0][0].decode() if newest else START

    def length(self) -> int:
        """Return how many entries the log holds."""
        with or_away():
            return int(self._redis.xlen(KEY))

    def _start(self, after: str) -> str:
        """Read all of a Redis that lost its past and numbers anew: the record knows what it has."""
        if not self._redis.exists(KEY):
            return START
        told: Any = self._redis.xinfo_stream(KEY)
        return START if entry_number(after) > entry_number(told["last-generated-id"].decode()) else after


def nudge(stream: Stream, clock: Clock) -> None:
    """Wake whoever reads the log: the record holds an act. Raises Away."""
    stream.append([Payload("", clock.now_ms(), b"", {}, "")])


def _taken(row: tuple[bytes, dict[bytes, bytes]]) -> Taken:
    entry, fields = row
    headers = _headers.decode(fields.get(b"h", b"{}"))
    payload = Payload(fields[b"s"].decode(), int(fields[b"t"]), fields[b"r"], headers, fields.get(b"i", b"").decode())
    return Taken(entry.decode(), payload)
