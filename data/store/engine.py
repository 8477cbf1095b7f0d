"""How the record is reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from dashboard.errors import Away, TooLong

BUSY_MS = 5000
LONGEST_S = 5.0  # of one question (S-24)
STEPS = 20_000  # of SQLite's machine between two looks at the clock: some tenth of a millisecond
ASLEEP_MS = 5000
PASSING = ("locked", "busy", "is full")  # what SQLite says of a state that passes
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}", "temp_store=MEMORY", "cache_size=-32000")


def connect(url: str) -> Engine:
    """Return an engine for `sqlite:///path` or `postgresql://…`.

    SQLite runs in WAL, so that readers never wait. `synchronous=NORMAL` is safe: the stream keeps what is not settled.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_size=4, max_overflow=4, pool_pre_ping=True, hide_parameters=True
        )
        event.listen(engine, "connect", _limit)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_MS / 1000}, hide_parameters=True)
    event.listen(engine, "connect", _tune)
    return engine


def _limit(raw: Any, _record: object) -> None:
    """A board that hangs in the middle of a transaction holds the mark's row: the server lets go of it, so that another can take over."""
    raw.execute(f"SET idle_in_transaction_session_timeout = {ASLEEP_MS}")
    raw.commit()


def _tune(raw: Any, _record: object) -> None:
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}").close()


@contextmanager
def roomy(engine: Engine) -> Iterator[None]:
    """Give whoever writes very much more of the memory, and let a longer log go over into SQLite's file at once: 200 MB and 64 MB."""
    if not is_sqlite(engine):
        yield
        return

    def more(raw: Any, _record: object, _proxy: object) -> None:
        raw.execute("PRAGMA cache_size=-200000").close()
        raw.execute("PRAGMA wal_autocheckpoint=16000").close()

    event.listen(engine, "checkout", more)
    try:
        yield
    finally:
        event.remove(engine, "checkout", more)
        engine.dispose()


@contextmanager
def or_away() -> Iterator[None]:
    """Turn what a database says while it is locked, full or gone into Away: it is to be asked again."""
    try:
        yield
    except DBAPIError as error:
        if not _passes(error):
            raise
        raise Away(str(error.orig).strip()) from error


@contextmanager
def asking(engine: Engine, *, seconds: float = LONGEST_S) -> Iterator[Connection]:
    """Lend a connection to ask on, and stop what takes too long, so that nobody's question holds the record (S-24).

    The bound is that of all statements together on SQLite, of each on PostgreSQL. Raises TooLong, Away.
    """
    with or_away(), engine.connect() as sql:
        try:
            with _bounded(sql, seconds):
                yield sql
        except DBAPIError as error:
            if not _stopped(error):
                raise
            raise TooLong(f"took longer than {seconds:g} s") from error


@contextmanager
def _bounded(sql: Connection, seconds: float) -> Iterator[None]:
    if sql.dialect.name != "sqlite":
        sql.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))
        yield
        return
    raw: Any = sql.connection.dbapi_connection
    end_s = monotonic() + seconds
    raw.set_progress_handler(lambda: monotonic() > end_s, STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)  # the next who is lent it may write


def _stopped(error: DBAPIError) -> bool:
    """Return whether the database says that it was stopped: SQLite in a word, PostgreSQL by its number (query_canceled)."""
    return str(error.orig) == "interrupted" or getattr(error.orig, "sqlstate", "") == "57014"


def _passes(error: DBAPIError) -> bool:
    if error.connection_invalidated or not isinstance(error, OperationalError):
        return bool(error.connection_invalidated)
    told = str(error.orig)
    return not type(error.orig).__module__.startswith("sqlite3") or any(word in told for word in PASSING)


def is_sqlite(engine: Engine) -> bool:
    """Return whether the record is an SQLite file."""
    return engine.dialect.name == "sqlite"
