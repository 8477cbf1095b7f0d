"""How the record is reached."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

BUSY_MS = 5000
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}", "temp_store=MEMORY", "cache_size=-32000")


def connect(url: str) -> Engine:
    """Return an engine for `sqlite:///path` or `postgresql://…`.

    SQLite runs in WAL, so that readers never wait. `synchronous=NORMAL` is safe: the stream keeps what is not settled.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=4, max_overflow=4, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_MS / 1000})
    event.listen(engine, "connect", _tune)
    return engine


def _tune(raw: Any, _record: object) -> None:
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}").close()


def is_sqlite(engine: Engine) -> bool:
    """Return whether the record is an SQLite file."""
    return engine.dialect.name == "sqlite"
