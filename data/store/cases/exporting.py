"""Lists of reports as files, and the book of who took which: one line each, only ever added to."""

import os
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from logging import getLogger
from pathlib import Path
from typing import Any

from msgspec import json
from sqlalchemy import BigInteger, Column, Connection, Engine, Integer, String, Table

from dashboard.city import City
from dashboard.masking import hidden
from dashboard.ports import Clock
from dashboard.reports.cases import Actor, Cell, Exported, Line, Sought, TooMany
from dashboard.reports.units import working_for
from data.sheets import write
from data.store.cases.asking import counted, every
from data.store.engine import connect, is_sqlite, or_away
from data.store.tables import META, NUMBER

MOST = {"csv": 1_000_000, "xlsx": 100_000}  # rows of a file; a workbook is whole before any of it goes
FOLDER, BLOCK, LOOK_EVERY_S = "exports", 65_536, 0.05
log = getLogger(__name__)

# What was taken away: by whom, in which form, which list, how many rows, how many bytes once it was written whole.
EXPORT = Table(
    "report_export",
    META,
    Column("seq", NUMBER, primary_key=True, autoincrement=True),
    Column("who", String, nullable=False),
    Column("role", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("form", String, nullable=False),
    Column("sought", String, nullable=False),  # JSON; plates and telephone numbers in it are masked
    Column("rows", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
)


class Left(Exception):  # noqa: N818  no mistake
    """Nobody reads what is being written any more."""


class _Growing:
    """A file without a name that one thread writes on, and another reads as far as it is written: when both are done it is gone."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  closed by whoever reads
        self.size, self.done, self.left = 0, False, False
        self.error: BaseException | None = None

    def write(self, some: bytes) -> int:
        if self.left:
            raise Left
        self._file.write(some)
        self.size += len(some)
        return len(some)

    def flush(self) -> None:
        """Nothing waits."""

    def blocks(self, pause: Callable[[float], None]) -> Iterator[bytes]:
        """Yield what is written, until all is. Raises what the writer fell over."""
        sent = 0
        try:
            while True:
                done, size = self.done, self.size  # in this order: what was written before the end is sent
                while sent < size:
                    block = os.pread(self._file.fileno(), min(BLOCK, size - sent), sent)
                    sent += len(block)
                    yield block
                if done and self.error is not None:
                    raise self.error
                if done:
                    return
                pause(LOOK_EVERY_S)
        finally:
            self.left = True
            self._file.close()


class SqlExports:
    """Files of lists. `apart` runs beside the loop whatever takes long and waits for it, `start` does not wait."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        living: Callable[[], City],
        *,
        folder: Path,
        apart: Callable[..., Any] | None = None,
        start: Callable[..., object] | None = None,
        most: Mapping[str, int] = MOST,
    ) -> None:
        self._engine, self._clock, self._living = engine, clock, living
        self._folder, self._most = folder / FOLDER, most
        self._apart, self._start = apart or _here, start or _begun

    def written(
        self, sought: Sought, form: str, *, by: Actor, head: Sequence[Cell], row: Callable[[Line], Sequence[Cell]]
    ) -> Exported:
        """Begin to write the whole list, and enter it in the book before anybody has any of it. Raises TooMany, Away."""
        city, now_ms = self._living(), self._clock.now_ms()
        listing = _Listing(connect(self._engine.url.render_as_string(hide_password=False)), sought, city, now_ms, by)
        try:
            total: int = self._apart(listing.begin, (self._most[form],))
            seq = self._enter(sought, form, by, now_ms, total)
            file = _Growing(self._folder)
        except BaseException:
            listing.end()
            raise
        self._start(self._write, file, listing, form, head, row, seq)
        return Exported(file.blocks(time.sleep), total)

    def _enter(self, sought: Sought, form: str, by: Actor, now_ms: int, total: int) -> int:
        told = {name: hidden(value) for name, value in sought._asdict().items() if isinstance(value, str) and value}
        line = {"who": by.name, "role": by.role, "unit": by.unit, "at": now_ms, "form": form, "rows": total, "size": 0}
        with or_away(), self._engine.begin() as sql:
            done = sql.execute(EXPORT.insert().values(sought=json.encode(told).decode(), **line))
        return int(done.inserted_primary_key[0]) if done.inserted_primary_key else 0

    def _write(
        self,
        file: _Growing,
        listing: "_Listing",
        form: str,
        head: Sequence[Cell],
        row: Callable[[Line], Sequence[Cell]],
        seq: int,
    ) -> None:
        """Write the file to its end, however slowly it is read; or until nobody reads it any more."""
        try:
            with closing(listing.lines()) as lines:
                write(form, file, chain([head], map(row, lines)), folder=str(self._folder))
            with or_away(), self._engine.begin() as sql:
                sql.execute(EXPORT.update().where(EXPORT.c.seq == seq).values(size=file.size))
        except Left:
            log.info("a list that was being taken away as %s was not wanted any more", form)
        except BaseException as error:  # whoever reads the file is told, and falls over it there
            log.exception("a list could not be written as %s", form)
            file.error = error
        finally:
            file.done = True
            listing.end()


class _Listing:
    """One list as it stands at an instant, whatever is written meanwhile: what is counted is what is written."""

    def __init__(self, own: Engine, sought: Sought, city: City, now_ms: int, by: Actor) -> None:
        self._own, self._sought, self._city, self._now_ms = own, sought, city, now_ms
        self._mine = working_for(city, by)
        self._sql: Connection | None = None

    def begin(self, most: int) -> int:
        """Hold the record still and return how long the list is. Raises TooMany, Away."""
        with or_away():
            self._sql = self._own.connect()
            _still(self._sql)
            total = counted(self._sql, self._sought, self._city, self._now_ms, mine=self._mine)
        _short(total, most)
        return total

    def lines(self) -> Generator[Line]:
        """Yield the list."""
        assert self._sql is not None  # noqa: S101  begun
        with or_away(), closing(every(self._sql, self._sought, self._city, self._now_ms, mine=self._mine)) as lines:
            yield from lines

    def end(self) -> None:
        """Let go of it."""
        if self._sql is not None:
            self._sql.close()
        self._own.dispose()


def _short(total: int, most: int) -> None:
    if total > most:
        raise TooMany(total, most)


def _still(sql: Connection) -> None:
    """See the record as it stands now until the end, whatever is written meanwhile: what is counted is what is written."""
    if is_sqlite(sql.engine):
        sql.exec_driver_sql("BEGIN")
    else:
        sql.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        sql.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")  # others may be written first


def _here(work: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    return work(*args)


def _begun(work: Callable[..., Any], *args: Any) -> None:
    work(*args)
