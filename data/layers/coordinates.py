"""A table (CSV) whose rows have places: its columns of coordinates found, every number read as people write them."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dashboard.layers.layer import LayerRefused
from data.layers.legacy import converted, recognised

MOST_ROWS = 2_000_000
EAST = ("lon", "lng", "long", "longitude", "kinh do", "kinhdo", "kinh_do", "x", "east", "easting")
NORTH = ("lat", "latitude", "vi do", "vido", "vi_do", "y", "north", "northing")
WRONG_SHOWN = 3
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:[.,]\d+)?")


class Rows(NamedTuple):
    """What a table holds: its columns, each with a text a row, and where each row stands (east, north)."""

    names: list[str]
    columns: list[list[str]]
    xy: "np.ndarray[tuple[int, int], np.dtype[np.float64]]"
    encoding: str


def read(path: Path, *, lon: str = "", lat: str = "") -> Rows:
    """Return a table's rows. Raises LayerRefused with the lines that cannot be read."""
    text, encoding = _text(path)
    table = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    try:
        head = [name.strip() for name in next(table, [])]
        east, north = _column(head, lon, EAST, "--lon"), _column(head, lat, NORTH, "--lat")
        rows = list(_rows(table, width=len(head)))
    except csv.Error as error:
        raise LayerRefused(f"{path.name} is no CSV: line {table.line_num}: {error}.") from error
    if not rows:
        raise LayerRefused(f"{path.name} has a header and no rows.")
    xy = _places(rows, east, north, path.name)
    kept = [n for n in range(len(head)) if n not in (east, north)]
    return Rows([head[n] for n in kept], [[cells[n] for _, cells in rows] for n in kept], xy, encoding)


def _text(path: Path) -> tuple[str, str]:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
        encoding = recognised(text.splitlines()[:4000])
        if not encoding:
            raise LayerRefused(f"{path.name} is neither UTF-8 nor TCVN3 nor VNI. Save it as CSV UTF-8.") from None
        return "\n".join(converted(line, encoding) for line in text.splitlines()), encoding


def _dialect(text: str) -> type[csv.Dialect]:
    first = text.split("\n", 1)[0]

    class Chosen(csv.excel):
        delimiter = max(",;\t", key=first.count)
        strict = True

    return Chosen


def _rows(table: Iterator[list[str]], *, width: int) -> Iterator[tuple[int, list[str]]]:
    for n, cells in enumerate(table, 2):
        if n > MOST_ROWS:
            raise LayerRefused(f"The table has more than {MOST_ROWS:,} rows. Split it into several layers.")
        if any(cells):
            yield n, (cells + [""] * width)[:width]


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).strip()


def _column(head: Sequence[str], named: str, known: Sequence[str], option: str) -> int:
    wanted = [_plain(named)] if named else known
    plain = [_plain(name) for name in head]
    found = next((plain.index(name) for name in wanted if name in plain), None)
    if found is None:
        told = f"no column {named!r}" if named else f"no column called {known[0]}, {known[-3]} or the like"
        raise LayerRefused(f"The table has {told}. Say which with {option}; there are: {', '.join(head[:30])}.")
    return found


def _places(
    rows: Sequence[tuple[int, list[str]]], east: int, north: int, name: str
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    read_ones = [(_number(cells[east]), _number(cells[north])) for _, cells in rows]
    wrong = [line for (line, _), place in zip(rows, read_ones, strict=True) if None in place]
    if wrong:
        shown = ", ".join(str(line) for line in wrong[:WRONG_SHOWN])
        raise LayerRefused(
            f"{name}: {len(wrong):,} row{' has' if len(wrong) == 1 else 's have'} no coordinates that are numbers, first in line {shown}. Mend them or leave them out."
        )
    return np.array(read_ones, dtype=np.float64)


def _number(text: str) -> float | None:
    """Return a number written with a point or, as in Vietnam, with a comma."""
    bare = text.strip().replace("\u00a0", "")
    return float(bare.replace(",", ".")) if _NUMBER.fullmatch(bare) else None
