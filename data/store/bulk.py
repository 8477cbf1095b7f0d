"""Many rows at once, past SQLAlchemy's per-row work, which was half of what a stored event cost.

The texts are built from the tables' own declarations, for whichever of the two databases it is; values always travel as parameters.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table

Row = tuple[Any, ...]
MOST_PARAMETERS = 900


@cache
def _upsert_text(mark: str, table: Table, keys: tuple[str, ...], add: tuple[str, ...]) -> str:
    names = [column.name for column in table.columns]
    text = f"INSERT INTO {table.name} ({', '.join(map(_quoted, names))}) VALUES ({', '.join([mark] * len(names))})"  # noqa: S608  our own names
    if not keys:
        return text
    others = [name for name in names if name not in keys]
    sets = [f"{_quoted(name)} = {_sum(table, name) if name in add else f'excluded.{_quoted(name)}'}" for name in others]
    action = f"DO UPDATE SET {', '.join(sets)}" if sets else "DO NOTHING"
    return f"{text} ON CONFLICT ({', '.join(map(_quoted, keys))}) {action}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _sum(table: Table, name: str) -> str:
    return f"{table.name}.{_quoted(name)} + excluded.{_quoted(name)}"


def _mark(sql: Connection) -> str:
    return "?" if sql.dialect.name == "sqlite" else "%s"


def insert(sql: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; values in the order of the table's columns."""
    if rows:
        sql.exec_driver_sql(_upsert_text(_mark(sql), table, (), ()), list(rows))


def upsert(sql: Connection, table: Table, rows: Sequence[Row], *, add: Iterable[str] = ()) -> None:
    """Insert rows or, where their primary key exists, replace the other columns; those in `add` are added to what is there."""
    if rows:
        keys = tuple(column.name for column in table.primary_key)
        sql.exec_driver_sql(_upsert_text(_mark(sql), table, keys, tuple(add)), list(rows))


def upsert_together(sql: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Do the same with rows that have different keys: on PostgreSQL in one statement, which is what its triggers are called for."""
    if not rows or sql.dialect.name == "sqlite":
        return upsert(sql, table, rows)
    types = [column.type.compile(sql.dialect) for column in table.columns]
    told = f"SELECT * FROM unnest({', '.join(f'%s::{one}[]' for one in types)})"  # noqa: S608  our own types
    keys = tuple(column.name for column in table.primary_key)
    head, _, action = _upsert_text("%s", table, keys, ()).partition(" ON CONFLICT ")
    into = head.partition(" VALUES ")[0]
    sql.exec_driver_sql(f"{into} {told} ON CONFLICT {action}", tuple(map(list, zip(*rows, strict=True))))
    return None


def insert_new(sql: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert rows whose primary key is not there yet. Returns how many there were."""
    if not rows:
        return 0
    keys = ", ".join(_quoted(column.name) for column in table.primary_key)
    text = f"{_upsert_text(_mark(sql), table, (), ())} ON CONFLICT ({keys}) DO NOTHING"
    return sum(sql.exec_driver_sql(text, row).rowcount for row in rows)


def fetch(sql: Connection, columns: str, table: Table, key: str, values: Sequence[str]) -> list[Row]:
    """Return `columns` of the rows whose `key` is one of `values`."""
    asked = f"SELECT {columns} FROM {table.name} WHERE {key}"  # noqa: S608  our own names
    if sql.dialect.name == "postgresql":
        return [tuple(row) for row in sql.exec_driver_sql(f"{asked} = ANY(%s)", (list(values),))]
    found: list[Row] = []
    for at in range(0, len(values), MOST_PARAMETERS):
        some = tuple(values[at : at + MOST_PARAMETERS])
        holes = ", ".join("?" * len(some))
        found += [tuple(row) for row in sql.exec_driver_sql(f"{asked} IN ({holes})", some)]
    return found
