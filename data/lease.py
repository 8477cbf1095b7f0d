"""One board writes; another stands by. Who may write is settled where the record is, so the two cannot disagree.

An SQLite file lives on one machine: the lease is a lock on a file beside it. A PostgreSQL record may be shared by machines: the lease
is an advisory lock that ends with the holder's connection. Either way the new holder raises the fencing number in the record
(`SqlStore.claim`), so that a holder that was only asleep is refused at its next commit.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from data.store.engine import is_sqlite
from data.store.tables import MARK

ASK_EVERY_S = 0.5
# "kydai", and the numbers after it
NUMBERS = {
    "board": 0x6B79_6461_69,
    "pull": 0x6B79_6461_6A,
    "darkroom": 0x6B79_6461_6B,
    "relay": 0x6B79_6461_6C,
    "messenger": 0x6B79_6461_6D,
}


class Lease:
    """Held from `wait` until `close`, or until the process ends. `name` tells the leases of one record apart."""

    def __init__(self, engine: Engine, home: Path, *, name: str = "board") -> None:
        self._engine, self._home = engine, home
        self._name, self._number = name, NUMBERS[name]
        self._file: int | None = None
        self._sql: Connection | None = None

    def wait(self, pause: Callable[[float], None]) -> int:
        """Return the fencing number to write under, as soon as nobody else holds the lease."""
        while not self.take():
            pause(ASK_EVERY_S)
        return self.next_fence()

    def take(self) -> bool:
        """Return whether the lease is ours now."""
        return self._take_file() if is_sqlite(self._engine) else self._take_lock()

    def holds(self) -> bool:
        """Return whether the lease is still ours: a lock in PostgreSQL ends with its connection."""
        if self._sql is None:
            return self._file is not None
        try:
            return bool(self._sql.scalar(text("SELECT 1")) == 1)
        except DBAPIError:
            self.close()
            return False

    def close(self) -> None:
        """Let go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._sql is not None:
            self._sql.close()
            self._sql = None

    def _take_file(self) -> bool:
        handle = os.open(self._home / f"{self._name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._file = handle
        return True

    def _take_lock(self) -> bool:
        sql = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if sql.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": self._number}):
            self._sql = sql
            return True
        sql.close()
        return False

    def next_fence(self) -> int:
        """Return the fencing number of whoever takes the lease now."""
        with self._engine.connect() as sql:
            return (sql.scalar(select(MARK.c.fence)) or 0) + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
