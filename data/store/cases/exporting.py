"""Lists of reports as files, and the book of who took which: one line each, only ever added to."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
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

MOST = 1_000_000  # rows of a file: a sheet has room for 1,048,576
FOLDER = "exports"

# What was taken away: by whom, in which form, which list, how many rows, how many bytes.
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


class SqlExports:
    """Files of lists. `apart` runs the whole of one beside the loop, over connections of its own."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        living: Callable[[], City],
        *,
        folder: Path,
        apart: Callable[..., Any] | None = None,
        most: int = MOST,
    ) -> None:
        self._engine, self._clock, self._living = engine, clock, living
        self._folder, self._apart, self._most = folder / FOLDER, apart or _here, most

    def written(
        self, sought: Sought, form: str, *, by: Actor, head: Sequence[Cell], row: Callable[[Line], Sequence[Cell]]
    ) -> Exported:
        """Write the whole list, and enter it in the book before anybody has it. Raises TooMany, Away."""
        city, now_ms = self._living(), self._clock.now_ms()
        done: Exported = self._apart(self._file, (sought, form, city, now_ms, by, head, row))
        told = {name: hidden(value) for name, value in sought._asdict().items() if isinstance(value, str) and value}
        line = {"who": by.name, "role": by.role, "unit": by.unit, "at": now_ms, "form": form}
        try:
            with or_away(), self._engine.begin() as sql:
                book = EXPORT.insert().values(sought=json.encode(told).decode(), rows=done.rows, size=done.size, **line)
                sql.execute(book)
        except BaseException:
            done.file.close()
            raise
        return done

    def _file(
        self,
        sought: Sought,
        form: str,
        city: City,
        now_ms: int,
        by: Actor,
        head: Sequence[Cell],
        row: Callable[[Line], Sequence[Cell]],
    ) -> Exported:
        """Write the file. It has no name: when it is closed, or this process ends, it is gone."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = connect(self._engine.url.render_as_string(hide_password=False))
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  whoever is given it closes it
        try:
            with or_away(), own.connect() as sql:
                _still(sql)
                mine = working_for(city, by)
                _short(counted(sql, sought, city, now_ms, mine=mine), self._most)
                rows = write(form, file, _rows(head, row, every(sql, sought, city, now_ms, mine=mine)), folder=str(self._folder))
        except BaseException:
            file.close()
            raise
        finally:
            own.dispose()
        size = file.seek(0, 2)
        file.seek(0)
        return Exported(file, size, rows)


def _short(total: int, most: int) -> None:
    if total > most:
        raise TooMany(total, most)


def _rows(head: Sequence[Cell], row: Callable[[Line], Sequence[Cell]], lines: Iterator[Line]) -> Iterator[Sequence[Cell]]:
    yield head
    yield from map(row, lines)


def _still(sql: Connection) -> None:
    """See the record as it stands now until the end, whatever is written meanwhile: what is counted is what is written."""
    if is_sqlite(sql.engine):
        sql.exec_driver_sql("BEGIN")
    else:
        sql.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _here(work: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    return work(*args)
