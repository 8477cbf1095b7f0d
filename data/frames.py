"""The latest frame of each topic: one Redis stream of length one per topic, on a Redis that keeps nothing.

So joining, catching up and following live are one and the same read, and whoever is slow skips.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from redis import Redis

from data.road import or_away

BLOCK_MS = 1000
BELL, ROUND = "kydai:bell", "#"
PULSE, DUTY = "kydai:board", "kydai:duty"
Row = tuple[str, int, bytes]


class RedisFrames:
    """`seq` is the entry's Redis id as one number, so it outlives the process that drew the frame."""

    def __init__(self, redis: Redis, topics: Sequence[str]) -> None:
        self._redis = redis
        self._topics = tuple(topics)
        self._round = time.time_ns()  # another publisher's rounds follow on none of ours

    def publish(self, frames: Mapping[str, bytes]) -> None:
        """Replace the latest of each given topic, in one round trip; the bell is rung last, and carries the round to whoever waits."""
        self._round += 1
        with or_away():
            pipe = self._redis.pipeline(transaction=False)
            for topic, body in frames.items():
                pipe.xadd(_key(topic), {"b": body}, maxlen=1, approximate=False)
            round_: Any = {ROUND: self._round, **frames}
            pipe.xadd(BELL, round_, maxlen=1, approximate=False)
            pipe.execute()

    def follow(self) -> Iterator[list[Row]]:
        """Yield the latest of every topic, then what each new round changed; nothing within a second: an empty list.

        Waiting on the topics themselves would return after the first of a round: we wait on the bell. Who missed a round reads the
        latest of every topic anew.
        """
        bell, expected = "0-0", -1
        while True:
            with or_away():
                rung: Any = self._redis.xread({BELL: bell}, block=BLOCK_MS)
                if not rung:
                    yield []
                    continue
                entry, fields = rung[0][1][-1]
                bell, number = entry, int(fields.pop(ROUND.encode()))
                rows = (
                    [(topic.decode(), _seq(entry), body) for topic, body in fields.items()] if number == expected else self._all()
                )
            expected = number + 1
            yield rows

    def _all(self) -> list[Row]:
        got: Any = self._redis.xread({_key(topic): "0-0" for topic in self._topics})
        return [(_topic(key), _seq(rows[-1][0]), rows[-1][1][b"b"]) for key, rows in got]

    def pulse(self, counts: Mapping[str, float]) -> None:
        """Say in figures how the board is; read by /metrics and /readyz."""
        with or_away():
            self._redis.set(PULSE, msgspec.json.encode(dict(counts)), ex=60)

    def felt(self) -> dict[str, float] | None:
        """Return the board's last pulse, or None where there was none within a minute."""
        with or_away():
            told: Any = self._redis.get(PULSE)
        return None if told is None else msgspec.json.decode(told, type=dict[str, float])

    def attend(self, names: Iterable[str], *, until_ms: int) -> None:
        """Say who is at an operator's console, until then at the longest (epoch ms)."""
        told = dict.fromkeys(names, until_ms)
        if told:
            with or_away():
                self._redis.zadd(DUTY, told)

    def attending(self, now_ms: int) -> int:
        """Return how many people are at a console. Raises Away."""
        with or_away():
            self._redis.zremrangebyscore(DUTY, "-inf", now_ms)
            return int(self._redis.zcard(DUTY))

    def lives(self) -> bool:
        """Tell whether Redis answers. Raises Away."""
        with or_away():
            return bool(self._redis.ping())

    def latest(self, topic: str) -> Any:
        """Return the data of a topic's last frame, or None where there was none. Raises Away."""
        with or_away():
            got: Any = self._redis.xrevrange(_key(topic), count=1)
        return msgspec.json.decode(got[0][1][b"b"])["data"] if got else None


def _key(topic: str) -> str:
    return f"kydai:frame:{topic}"


def _topic(key: bytes) -> str:
    return key.decode().rsplit(":", 1)[1]


def _seq(entry: bytes) -> int:
    ms, _, n = entry.partition(b"-")
    return int(ms) * 1000 + int(n)
