"""What a command needs of the settings: where things lie."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.settings import Settings, intake_port, read

LONGEST_SOCKET = 90  # a Unix socket's path holds 107 bytes


def settings() -> Settings:
    """Return the settings that the environment gives. Raises dashboard.settings.BadSetting."""
    return read(os.environ)


def home(chosen: Settings) -> Path:
    """Return where everything lies that changes at run time, made if it was not there."""
    folder = Path(chosen.home).expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def record_url(chosen: Settings) -> str:
    """Return where the record is: the URL given, else an SQLite file at home."""
    return chosen.database_url or f"sqlite:///{home(chosen) / 'kydai.db'}"


def socket_of(chosen: Settings, name: str) -> Path:
    """Return where the embedded Redis `name` listens: at home, or in a short place where home's path is too long for a socket."""
    there = home(chosen) / name / "sock"
    if len(os.fsencode(there)) <= LONGEST_SOCKET:
        return there
    short = Path(tempfile.gettempdir()) / f"kydai-{os.getuid()}-{sha256(os.fsencode(there)).hexdigest()[:12]}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise PermissionError(f"{short} belongs to somebody else; choose a shorter KYDAI_HOME")
    return short / f"{name}.sock"


def log_url(chosen: Settings) -> str:
    """Return where the log is: KYDAI_REDIS_URL, else the embedded one."""
    return chosen.redis_url or f"unix://{socket_of(chosen, 'log')}"


def wire_url(chosen: Settings) -> str:
    """Return where the wire is: KYDAI_WIRE_URL, else the embedded one."""
    return chosen.wire_url or f"unix://{socket_of(chosen, 'wire')}"


def services(chosen: Settings, *, broker: bool = True) -> frozenset[tuple[str, int]]:
    """Return host and port of every service of our own that stands on the network: nobody is sent there in a camera's stead (S-15).

    Without `broker` ours is left out: it may well be the one through which a source is heard.
    """
    known = {"redis": 6379, "rediss": 6379, "postgresql": 5432, "mqtt": 1883, "mqtts": 8883, "ssl": 8883, "http": 80, "https": 443}
    urls = [chosen.redis_url, chosen.wire_url, chosen.database_url, chosen.public_url, *([chosen.mqtt_url] if broker else [])]
    places = [urlsplit(url) for url in urls]
    named = {(place.hostname, place.port or known.get(place.scheme.partition("+")[0], 0)) for place in places if place.hostname}
    return frozenset({*named, (chosen.host, chosen.port), (chosen.host, intake_port(chosen))})
