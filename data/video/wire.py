"""Pictures on the wire Redis: they are kept for seconds, in memory alone, and every web process can serve every camera."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from redis import Redis

from dashboard.video import Seen
from data.road import or_away

WATCHED, PULSE = "kydai:watched", "kydai:relay"
PULSE_S = 5
HEAD_S, PIECE_S, INIT_S = 120, 15, 600
_ENCODE, _DECODE = msgspec.json.Encoder(), msgspec.json.Decoder(Seen)


class RedisVideo:
    """Who watches what, how each picture stands, and its pieces."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def watch(self, cameras: Iterable[str], *, until_ms: int) -> None:
        """Say that somebody looks through these cameras, until then at the longest (epoch ms). Raises Away."""
        told = dict.fromkeys(cameras, until_ms)
        if told:
            with or_away():
                self._redis.zadd(WATCHED, told)

    def watched(self, now_ms: int) -> list[str]:
        """Return through which cameras somebody looks. Raises Away."""
        with or_away():
            pipe = self._redis.pipeline(transaction=False)
            pipe.zremrangebyscore(WATCHED, "-inf", now_ms)
            pipe.zrange(WATCHED, 0, -1)
            return [one.decode() for one in pipe.execute()[1]]

    def tell(self, seen: Mapping[str, Seen]) -> None:
        """Say how pictures stand, and that there is a relay. Raises Away."""
        with or_away():
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(PULSE, msgspec.json.encode(Counter(one.sight for one in seen.values())), ex=PULSE_S)
            for camera, one in seen.items():
                pipe.set(_key(camera, "head"), _ENCODE.encode(one), ex=HEAD_S)
            pipe.execute()

    def felt(self) -> dict[str, int] | None:
        """Return how many pictures stand how, or None where no relay has spoken lately. Raises Away."""
        with or_away():
            told: Any = self._redis.get(PULSE)
        return None if told is None else msgspec.json.decode(told, type=dict[str, int])

    def forget(self, camera: str) -> None:
        """Let go of how a picture stood: nobody watches any more. Raises Away."""
        with or_away():
            self._redis.delete(_key(camera, "head"), _key(camera, "still"))

    def seen(self, cameras: Sequence[str]) -> list[Seen | None]:
        """Return how each picture stands, None where nothing was told of it. Raises Away."""
        if not cameras:
            return []
        with or_away():
            got: Any = self._redis.mget([_key(camera, "head") for camera in cameras])
        return [None if one is None else _DECODE.decode(one) for one in got]

    def keep(self, camera: str, name: str, body: bytes, *, lasting: bool = False) -> None:
        """Keep a piece for a while. Raises Away."""
        with or_away():
            self._redis.set(_key(camera, name), body, ex=INIT_S if lasting else PIECE_S)

    def piece(self, camera: str, name: str) -> bytes | None:
        """Return a piece of a camera's stream, or its last single picture (`still`); None when it is gone. Raises Away."""
        with or_away():
            got: Any = self._redis.get(_key(camera, name))
        return None if got is None else bytes(got)


def _key(camera: str, name: str) -> str:
    return f"kydai:video:{camera}:{name}"
