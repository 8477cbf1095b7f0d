"""Real servers for the benchmark: they sync to the disk, as in production."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from redis import Redis

from data.embedded import command
from data.road import connect


def wait_for(ready: Callable[[], bool], *, seconds: float = 30.0, what: str = "it") -> None:
    """Wait until `ready` says so; raises TimeoutError."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.02)


def answers_http(url: str) -> bool:
    """Tell whether a page is served there."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder with a short path, for sockets."""
    made = Path(tempfile.mkdtemp(prefix="kdb"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def redis(where: Path, *, durable: bool) -> Iterator[Redis]:
    """Yield a client of a Redis of our own."""
    where.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(command(where / "sock", where, durable=durable), stdout=subprocess.DEVNULL)
    client = connect(f"unix://{where / 'sock'}", timeout_s=10.0)
    try:
        wait_for(lambda: _answers(client), what="redis")
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(20)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except Exception:  # not yet
        return False


@contextmanager
def postgres(where: Path) -> Iterator[str]:
    """Yield the address of a PostgreSQL of our own, with fsync on."""
    where.mkdir(parents=True, exist_ok=True)
    as_other: dict[str, object] = {}
    if os.getuid() == 0:
        other = pwd.getpwnam("postgres")
        os.chown(where, other.pw_uid, other.pw_gid)
        as_other = {"user": other.pw_uid, "group": other.pw_gid, "cwd": "/"}
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise FileNotFoundError("PostgreSQL is needed: apt-get install postgresql")
    binaries, cluster = found[-1].parent, where / "c"
    made = [str(binaries / "initdb"), "-D", str(cluster), "-U", "kydai", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(made, check=True, capture_output=True, **as_other)  # type: ignore[call-overload]
    argv = [str(binaries / "postgres"), "-D", str(cluster), "-k", str(where), "-c", "listen_addresses=", "-c", "max_wal_size=2GB"]
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL, **as_other)  # type: ignore[call-overload]
    try:
        wait_for(lambda: _answers_sql(where), what="postgres")
        yield f"postgresql://kydai@/postgres?host={where}"
    finally:
        process.terminate()
        process.wait(30)


def _answers_sql(where: Path) -> bool:
    try:
        psycopg.connect(f"host={where} user=kydai dbname=postgres").close()
    except psycopg.OperationalError:
        return False
    return True
