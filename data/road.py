"""How every adapter reaches Redis: no hidden retries, no endless waits, one word for failure."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from dashboard.errors import Away

DURABLE = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


def connect(url: str, *, timeout_s: float) -> Redis:
    """Return a client for `unix:///path`, `redis://` or `rediss://`. The library's own retries would send an XADD several times."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=1.0,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        health_check_interval=0,
    )


@contextmanager
def or_away() -> Iterator[None]:
    """Turn whatever Redis says when it is down, loading or full into Away."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Away(str(error)) from error


def not_durable(redis: Redis) -> list[str]:
    """Return in which settings a log could lose or drop what it acknowledged (R-03). Raises Away.

    A managed server that hides its settings answers nothing, and is believed.
    """
    with or_away():
        told = {str(key): str(value) for key, value in redis.config_get(*DURABLE).items()}
    told = {_text(key): _text(value) for key, value in told.items()}
    return [f"{key} is {told[key]}, must be {must}" for key, must in DURABLE.items() if key in told and told[key] != must]


def _text(value: str) -> str:
    return value.removeprefix("b'").removesuffix("'")
