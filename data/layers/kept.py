"""Where a version of a layer lies: one SQLite file, written whole before anybody sees it, and only read from then on.

It holds the features (WGS 84), an R*-tree over where they are, and the tiles of the map.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from dashboard.errors import Away, Missing
from data.layers.tiles import Tile

FOLDER = "layers"
SHAPES_OF_FILE = """
CREATE TABLE feature (id INTEGER PRIMARY KEY, name TEXT NOT NULL, colour INTEGER NOT NULL, body TEXT NOT NULL, shape BLOB NOT NULL);
CREATE VIRTUAL TABLE place USING rtree(id, west, east, south, north);
CREATE TABLE known (name TEXT, id INTEGER, PRIMARY KEY (name, id)) WITHOUT ROWID;
CREATE TABLE tile (zoom INTEGER, x INTEGER, y INTEGER, body BLOB NOT NULL, PRIMARY KEY (zoom, x, y)) WITHOUT ROWID;
"""
Box = tuple[float, float, float, float]  # west, south, east, north
Values = Sequence[Any]


class Feature(NamedTuple):
    """One feature: its number in this version, what it is called, the values of its fields, its shape as WKB."""

    id: int
    name: str
    values: list[Any]
    shape: bytes

    def geometry(self) -> Any:
        """Return the shape as GeoJSON."""
        return json.loads(shapely.to_geojson(shapely.from_wkb(self.shape)))


class Found(NamedTuple):
    """A page of features, and how many are in the box in all: None where no box was given."""

    features: list[Feature]
    matched: int | None


def file_of(home: Path, key: str, version: int) -> Path:
    """Return where a version of a layer lies."""
    return home / FOLDER / key / f"{version}.db"


def write(
    to: Path, features: Iterable[tuple[str, int, Values, shapely.Geometry]], tiles: Iterable[Tile], *, known: Sequence[str] = ()
) -> None:
    """Write a version; it is there whole or not at all. `known` is what the city calls each feature, in their order.

    Raises OSError and sqlite3.Error, and leaves nothing then.
    """
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = to.with_suffix(".new")
    new.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(new, isolation_level=None)) as sql:
            sql.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=8192; {SHAPES_OF_FILE}")
            sql.execute("BEGIN")
            _fill(sql, features, tiles)
            sql.executemany("INSERT INTO known VALUES (?, ?)", ((name, n) for n, name in enumerate(known, 1) if name))
            sql.execute("COMMIT")
            sql.execute("ANALYZE")
        _settle(new)
        new.replace(to)
        _settle(to.parent)
    finally:
        new.unlink(missing_ok=True)


def _fill(sql: sqlite3.Connection, features: Iterable[tuple[str, int, Values, shapely.Geometry]], tiles: Iterable[Tile]) -> None:
    for n, (name, colour, values, shape) in enumerate(features, 1):
        body = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
        west, south, east, north = shapely.bounds(shape).tolist()
        sql.execute("INSERT INTO feature VALUES (?, ?, ?, ?, ?)", (n, name, colour, body, shapely.to_wkb(shape)))
        sql.execute("INSERT INTO place VALUES (?, ?, ?, ?, ?)", (n, west, east, south, north))
    sql.executemany("INSERT INTO tile VALUES (?, ?, ?, ?)", tiles)


def _settle(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


class Kept:
    """The versions of all layers under one home, read from any thread."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._tile: Callable[[str, int, int, int, int], bytes | None] = lru_cache(512)(self._read_tile)

    @contextmanager
    def _opened(self, key: str, version: int) -> Iterator[sqlite3.Connection]:
        path = file_of(self._home, key, version)
        if not path.is_file():
            raise Missing(f"layer {key}, version {version}, is not on this machine: {path.name}")
        try:
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as sql:
                yield sql
        except sqlite3.DatabaseError as error:
            raise Away(f"layer {key}, version {version}: {error}") from error

    def tile(self, key: str, version: int, zoom: int, x: int, y: int) -> bytes | None:
        """Return a tile, packed with gzip, or None where nothing is. Raises Missing, Away."""
        return self._tile(key, version, zoom, x, y)

    def _read_tile(self, key: str, version: int, zoom: int, x: int, y: int) -> bytes | None:
        with self._opened(key, version) as sql:
            row = sql.execute("SELECT body FROM tile WHERE zoom = ? AND x = ? AND y = ?", (zoom, x, y)).fetchone()
        return None if row is None else bytes(row[0])

    def feature(self, key: str, version: int, number: int) -> Feature:
        """Return one feature. Raises Missing, Away."""
        with self._opened(key, version) as sql:
            row = sql.execute("SELECT id, name, body, shape FROM feature WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise Missing(f"layer {key} has no feature {number}")
        return _feature(row)

    def called(self, key: str, version: int, name: str) -> Feature:
        """Return the feature that the city calls so, the first where several are. Raises Missing, Away."""
        with self._opened(key, version) as sql:
            row = sql.execute(_CALLED, (name,)).fetchone()
        if row is None:
            raise Missing(f"layer {key} has no feature of that name")
        return _feature(row)

    def page(self, key: str, version: int, *, box: Box | None = None, after: int = 0, skip: int = 0, most: int) -> Found:
        """Return features in the order of their numbers after `after`, those whose bounds touch `box` where one is given. Raises Missing, Away."""
        inside, given = ("", ()) if box is None else (_WITHIN, (box[2], box[0], box[3], box[1]))
        with self._opened(key, version) as sql:
            matched = sql.execute(f"SELECT count(*) FROM place WHERE {_TOUCHES}", given).fetchone()[0] if given else None  # noqa: S608  our own text
            rows = sql.execute(
                f"SELECT id, name, body, shape FROM feature WHERE id > ? {inside} ORDER BY id LIMIT ? OFFSET ?",  # noqa: S608  our own text
                (after, *given, most, min(skip, 1 << 40)),
            ).fetchall()
        return Found([_feature(row) for row in rows], matched)

    def near(self, key: str, version: int, box: Box, *, most: int) -> list[Feature]:
        """Return at most so many features whose bounds touch a box, those whose middle is nearest to its middle. Raises Missing, Away."""
        lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        with self._opened(key, version) as sql:
            rows = sql.execute(_NEAREST, (box[2], box[0], box[3], box[1], lon, lat, most)).fetchall()
        return [_feature(row) for row in rows]

    def forget(self, key: str, version: int) -> None:
        """Remove a version's file."""
        file_of(self._home, key, version).unlink(missing_ok=True)

    def all(self, key: str, version: int) -> Iterator[Feature]:
        """Yield every feature, some hundreds at a time. Raises Missing, Away."""
        after = 0
        while found := self.page(key, version, after=after, most=500).features:
            yield from found
            after = found[-1].id


_TOUCHES = "west <= ? AND east >= ? AND south <= ? AND north >= ?"
_WITHIN = f"AND id IN (SELECT id FROM place WHERE {_TOUCHES})"  # noqa: S608  our own text
_CALLED = """
SELECT feature.id, feature.name, body, shape FROM known JOIN feature ON feature.id = known.id WHERE known.name = ? ORDER BY known.id LIMIT 1
"""
_NEAREST = """
SELECT feature.id, name, body, shape FROM place JOIN feature ON feature.id = place.id
WHERE west <= ? AND east >= ? AND south <= ? AND north >= ?
ORDER BY abs(west + east - 2 * ?) + abs(south + north - 2 * ?) LIMIT ?
"""


def _feature(row: Any) -> Feature:
    return Feature(row[0], row[1], json.loads(row[2]), row[3])


def shapes_of(features: Iterable[Feature]) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """Return the shapes of features, in their order."""
    shapes: np.ndarray[Any, np.dtype[np.object_]] = shapely.from_wkb(np.array([one.shape for one in features], dtype=object))
    return shapes
