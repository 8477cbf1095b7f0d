"""Citizens' reports from a CSV of any shape, read by a mapping (docs/import.md). No name, number or address of a sender is taken over.

The mapping is TOML and travels with the payload, in the header `mapping`, so that reading stays pure.
"""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, ReportChanged
from data.source import Source, Unread

NEEDED = ("report", "service", "submitted")
TAKEN = (*NEEDED, "closed", "due", "status", "lon", "lat", "ward", "unit", "channel", "urgent")
YES = frozenset({"1", "true", "yes", "y", "x"})


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mapping says: which column is what, how times are written and where, and what its words mean here."""

    columns: dict[str, str]
    formats: list[str]
    zone: str
    services: dict[str, str] = {}
    closed_words: list[str] = []
    delimiter: str = ","
    encoding: str = "utf-8-sig"


def parse(raw: bytes, headers: Mapping[str, str]) -> Sequence[AnyEvent | Unread]:
    """Read one CSV with its header line. Raises Rejected when the mapping or the file as a whole cannot be used."""
    shape = shape_of(headers.get("mapping", ""))
    text = _text(raw, shape)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=shape.delimiter)
    lacking = sorted(set(shape.columns.values()) - set(table.fieldnames or ()))
    if lacking:
        raise Rejected(f"has no column {', '.join(lacking)}; it has {', '.join(table.fieldnames or ())[:300]}")
    zone = ZoneInfo(shape.zone)
    try:
        return [_row(shape, zone, row, table.line_num + _first_line(headers)) for row in table]
    except csv.Error as error:
        raise Rejected(f"is no CSV at line {table.line_num}: {error}") from error


def shape_of(text: str) -> Shape:
    """Return a mapping. Raises Rejected with what is wrong in it."""
    try:
        shape = msgspec.convert(tomllib.loads(text), Shape)
        ZoneInfo(shape.zone)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, OSError, ValueError, KeyError) as error:
        raise Rejected(f"mapping: {error}") from error
    if lacking := [name for name in NEEDED if name not in shape.columns]:
        raise Rejected(f"mapping: columns lacks {', '.join(lacking)}")
    if strangers := sorted(set(shape.columns) - set(TAKEN)):
        raise Rejected(f"mapping: columns knows no {', '.join(strangers)}; there are {', '.join(TAKEN)}")
    return shape


def _text(raw: bytes, shape: Shape) -> str:
    try:
        return raw.decode(shape.encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Rejected(f"is not {shape.encoding}: {error}") from error


def _first_line(headers: Mapping[str, str]) -> int:
    """Return how many lines of the file stood before this piece of it."""
    told = headers.get("first-line", "0")
    return int(told) if told.isdigit() else 0


def _row(shape: Shape, zone: tzinfo, row: Mapping[str, Any], line: int) -> ReportChanged | Unread:
    cells = {name: (row.get(column) or "").strip() for name, column in shape.columns.items()}
    try:
        return _report(shape, zone, cells)
    except (ValueError, OverflowError, msgspec.ValidationError) as error:
        return Unread(shape.delimiter.join(str(cell) for cell in row.values()).encode(), f"line {line}: {error}")


def _report(shape: Shape, zone: tzinfo, cells: Mapping[str, str]) -> ReportChanged:
    submitted = _time(shape, zone, "submitted", cells["submitted"])
    closed = _time(shape, zone, "closed", cells["closed"]) if cells.get("closed") else None
    is_open = closed is None
    if "status" in cells and shape.closed_words:
        is_open = cells["status"] not in shape.closed_words
    due = _time(shape, zone, "due", cells["due"]) if cells.get("due") else None
    told = {
        "id": f"{cells['report']}@{closed or submitted}/{'open' if is_open else 'closed'}",
        "at": closed or submitted,
        "report": cells["report"],
        "service": shape.services.get(cells["service"], cells["service"]),
        "submitted": submitted,
        "closed": None if is_open else closed,
        "open": is_open,
        "due": due,
        **_place(cells),
        **{name: cells[name] for name in ("ward", "unit", "channel") if cells.get(name)},
        "urgent": cells.get("urgent", "").lower() in YES,
    }
    return msgspec.convert(told, ReportChanged)


def _place(cells: Mapping[str, str]) -> dict[str, float]:
    """Return lon and lat, where both are given. A latitude beyond ±90 is a longitude in the wrong column."""
    if not (cells.get("lon") and cells.get("lat")):
        return {}
    lon, lat = float(cells["lon"]), float(cells["lat"])
    if abs(lat) > 90 >= abs(lon):  # noqa: PLR2004  degrees
        raise ValueError("longitude and latitude seem to be swapped in the mapping")
    return {"lon": lon, "lat": lat}


def _time(shape: Shape, zone: tzinfo, name: str, text: str) -> int:
    """Return a time written in one of the mapping's formats, in its zone unless it says its own."""
    for form in shape.formats:
        try:
            at = datetime.strptime(text, form) if form != "iso" else datetime.fromisoformat(text)  # noqa: DTZ007  the zone follows
        except ValueError:
            continue
        aware = at if at.tzinfo else at.replace(tzinfo=zone)
        return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    raise ValueError(f"{name} is in none of the mapping's formats: {text[:40]!r}")


SOURCE = Source(key="reports_csv", parse=parse)
