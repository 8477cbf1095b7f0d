"""Whether a Redis that can be reached over the network asks who comes (S-19)."""

from contextlib import closing, suppress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from redis.exceptions import RedisError

from dashboard.settings import BadSetting, Settings
from data.road import connect

NAMED = ("redis_url", "wire_url")


def open_to_all(url: str) -> bool:
    """Return whether a Redis answers whoever comes. One behind a Unix socket is guarded by its folder; one that is away is not known."""
    place = urlsplit(url)
    if place.scheme not in {"redis", "rediss"}:
        return False
    told = urlencode([(name, value) for name, value in parse_qsl(place.query) if name not in {"username", "password"}])
    stranger = connect(urlunsplit(place._replace(netloc=place.netloc.rpartition("@")[2], query=told)), timeout_s=2.0)
    with suppress(RedisError, OSError), closing(stranger):
        return bool(stranger.ping())
    return False


def check(settings: Settings) -> None:
    """Refuse, in production, a Redis that anybody on the network may write to. Raises BadSetting."""
    for name in NAMED:
        url = getattr(settings, name)
        if url and not settings.demo and open_to_all(url):
            raise BadSetting(
                f"KYDAI_{name.upper()}: this Redis lets in whoever comes. Set requirepass (or an ACL user) there and name it here: "
                "redis://user:password@host:port/0"
            )
