"""Real servers for the tests: Redis and PostgreSQL, one of each per worker, clean for every test."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import Engine

from data.embedded import command
from data.road import connect as connect_redis
from data.store.engine import connect
from data.store.migrate import migrate
from tests.ending import pytest_internalerror, pytest_runtest_logreport, pytest_unconfigure

__all__ = ["pytest_internalerror", "pytest_runtest_logreport", "pytest_unconfigure"]  # hooks of every run

WAIT_S = 40.0  # a machine of half the speed, with others at work on it, is no mistake of ours


def until(ready, *, seconds: float = WAIT_S, every_s: float = 0.02):
    """Wait for a condition, and fail loudly when it does not come."""
    end = time.monotonic() + seconds
    while True:
        found = ready()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(every_s)


def answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except Exception:  # not yet
        return False


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a path short enough for Unix sockets."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="kd"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A Redis of our own on a socket, that a test may kill, stop and start."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.socket = folder / "sock"
        self.argv = command(self.socket, folder, durable=durable)
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.argv, stdout=subprocess.DEVNULL)
        client = connect_redis(self.url, timeout_s=2.0)
        until(lambda: answers(client))
        client.close()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def log_server(short: Path) -> Iterator[Server]:
    server = Server(short / "log", durable=True)
    yield server
    server.kill()


@pytest.fixture
def redis_log(log_server: Server) -> Iterator[Redis]:
    client = connect_redis(log_server.url, timeout_s=5.0)
    for key in client.scan_iter():
        client.delete(key)
    yield client
    client.close()


@pytest.fixture(scope="session")
def wire_server(short: Path) -> Iterator[Server]:
    server = Server(short / "wire", durable=False)
    yield server
    server.kill()


@pytest.fixture
def redis_wire(wire_server: Server) -> Iterator[Redis]:
    client = connect_redis(wire_server.url, timeout_s=5.0)
    for key in client.scan_iter():
        client.delete(key)
    yield client
    client.close()


def _postgres_bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL is needed: apt-get install postgresql"
    return found[-1].parent


@pytest.fixture(scope="session")
def pg_server(short: Path) -> Iterator[str]:
    """A PostgreSQL cluster on a socket; it does not run as root, so it runs as postgres where we are root."""
    folder = short / "pg"
    folder.mkdir()
    as_other: dict[str, object] = {}
    if os.getuid() == 0:
        other = pwd.getpwnam("postgres")
        os.chown(folder, other.pw_uid, other.pw_gid)
        short.chmod(0o711)
        as_other = {"user": other.pw_uid, "group": other.pw_gid, "cwd": "/"}
    binaries, cluster = _postgres_bin(), folder / "c"
    made = [str(binaries / "initdb"), "-D", str(cluster), "-U", "kydai", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(made, check=True, capture_output=True, **as_other)  # type: ignore[call-overload]
    options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"]
    process = subprocess.Popen([str(binaries / "postgres"), "-D", str(cluster), *options], stderr=subprocess.DEVNULL, **as_other)  # type: ignore[call-overload]
    try:
        until(lambda: _answers_sql(folder))
        yield f"postgresql://kydai@/postgres?host={folder}"
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _answers_sql(folder: Path) -> bool:
    try:
        psycopg.connect(f"host={folder} user=kydai dbname=postgres").close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def sqlite_shaped(short: Path) -> Path:
    """A file with an empty record in its newest shape: every test is given a copy, and the migrations run once."""
    file = short / "shaped.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_shaped: Path) -> str:
    """The address of an empty SQLite record in its newest shape."""
    shutil.copyfile(sqlite_shaped, tmp_path / "kydai.db")
    return f"sqlite:///{tmp_path / 'kydai.db'}"


@pytest.fixture(scope="session")
def pg_shaped(pg_server: str) -> str:
    """The name of a database with an empty record in its newest shape, which those of the tests are copies of."""
    admin = connect(pg_server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as sql:
        sql.exec_driver_sql("CREATE DATABASE shaped")
    admin.dispose()
    migrate(pg_server.replace("/postgres?", "/shaped?"))
    return "shaped"


@pytest.fixture
def pg_url(pg_server: str, pg_shaped: str) -> Iterator[str]:
    """The address of an empty PostgreSQL record in its newest shape."""
    name = f"t{time.time_ns()}"
    admin = connect(pg_server).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as sql:
        sql.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {pg_shaped}")
    yield pg_server.replace("/postgres?", f"/{name}?")
    with admin.connect() as sql:
        sql.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def record_url(request: pytest.FixtureRequest) -> str:
    """The record's address on either database."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url"))


@pytest.fixture
def engine(record_url: str) -> Iterator[Engine]:
    """A record in its newest shape."""
    made = connect(record_url)
    yield made
    made.dispose()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Engine]:
    """An SQLite record in its newest shape."""
    made = connect(sqlite_url)
    yield made
    made.dispose()


@pytest.fixture(autouse=True)
def spools_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every spool that a test opens is closed after it, as by the end of a process."""
    import data.spool

    opened = []
    first_free = data.spool._first_free

    def remember(folder: Path):
        file = first_free(folder)
        opened.append(file)
        return file

    monkeypatch.setattr(data.spool, "_first_free", remember)
    yield
    for file in opened:
        file.close()
