"""Citizens' reports from a CSV of any shape, read by a mapping (docs/import.md). No name, number or address of a sender is taken over.

The mapping is TOML and travels with the payload, in the header `mapping`, so that reading stays pure.
"""

import codecs
import csv
import io
import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2s
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, ReportChanged
from data.source import Source, Unread

NEEDED = ("report", "service", "submitted")
TAKEN = (*NEEDED, "updated", "closed", "due", "status", "lon", "lat", "ward", "unit", "channel", "urgent", "text", "address")
EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
NUMBERS = {
    "%d": ("day", r"([0-9]{1,2})"),
    "%m": ("month", r"([0-9]{1,2})"),
    "%Y": ("year", r"([0-9]{4})"),
    "%H": ("hour", r"([0-9]{1,2})"),
    "%M": ("minute", r"([0-9]{1,2})"),
    "%S": ("second", r"([0-9]{1,2})"),
}
YES = frozenset({"1", "true", "yes", "y", "x"})
ANY_DAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
NO_CHARACTERS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
_FIELD = re.compile(r" - at `\$(?:\.said)?\.(\w+)`$")
Column = str | list[str]


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mapping says: which column is what, how times are written and where, and what its words mean here.

    Several columns for one thing are joined by a space. `constants` stand for what the file has no column for.
    """

    columns: dict[str, Column]
    formats: Annotated[list[str], msgspec.Meta(min_length=1)]
    zone: str
    constants: dict[str, str] = {}
    services: dict[str, str] = {}
    closed_words: list[str] = []
    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = ","
    decimal: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = "."
    encoding: str = "utf-8-sig"
    bounds: tuple[float, float, float, float] | None = None  # west, south, east, north: where the file's places lie

    def named(self, name: str) -> str:
        """Return the column of a thing, as people find it in the file."""
        return f"column {', '.join(_listed(self.columns.get(name, name)))!r}"


def parse(raw: bytes, headers: Mapping[str, str]) -> Sequence[AnyEvent | Unread]:
    """Read one CSV with its header line. Raises Rejected when the mapping or the file as a whole cannot be used."""
    shape = shape_of(headers.get("mapping", ""))
    table = csv.reader(io.StringIO(decoded(raw, shape), newline=""), delimiter=shape.delimiter)
    before = _first_line(headers)
    try:
        header = [cell.strip() for cell in next(filter(None, table), [])]
        made = _made(shape, header)
        return [_row(made, row, line + before) for line, row in _rows(table)]
    except csv.Error as error:
        raise Rejected(f"is no CSV at line {table.line_num + before}: {error}") from error


def shape_of(text: str) -> Shape:
    """Return a mapping. Raises Rejected with what is wrong in it."""
    try:
        shape = msgspec.convert(tomllib.loads(text), Shape)
        ZoneInfo(shape.zone)
        _check_encoding(shape.encoding)
        csv.reader((), delimiter=shape.delimiter)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, OSError, ValueError, KeyError, LookupError, TypeError) as error:
        raise Rejected(f"mapping: {error}") from error
    if wrong := [form for form in shape.formats if not _is_form(form)]:
        raise Rejected(f"mapping: formats has {', '.join(map(repr, wrong))}, which is no format of a time")
    given = {**shape.columns, **shape.constants}
    if lacking := [name for name in NEEDED if name not in given]:
        raise Rejected(f"mapping: columns lacks {', '.join(lacking)}")
    if strangers := sorted(set(given) - set(TAKEN)):
        raise Rejected(f"mapping: columns knows no {', '.join(strangers)}; there are {', '.join(TAKEN)}")
    return shape


def _check_encoding(name: str) -> None:
    """Raise ValueError or LookupError where this is no encoding of characters: some codecs are escapes, and slow on long texts."""
    "".encode(name)
    if codecs.lookup(name).name in NO_CHARACTERS:
        raise ValueError(f"{name} is no encoding of a file")


def _is_form(form: str) -> bool:
    try:
        return form == "iso" or datetime.strptime(ANY_DAY.strftime(form), form).year == ANY_DAY.year  # noqa: DTZ007  only its shape counts
    except (ValueError, re.error):
        return False


def decoded(raw: bytes, shape: Shape) -> str:
    """Return a file as text, each line ended by a line feed. Raises Rejected with the place of what is in another encoding."""
    try:
        text = raw.decode(shape.encoding)
    except UnicodeDecodeError as error:
        line, column = raw.count(b"\n", 0, error.start) + 1, error.start - raw.rfind(b"\n", 0, error.start)
        raise Rejected(
            f"is not {shape.encoding} at line {line}, byte {column}: {error.reason}; say encoding in the mapping"
        ) from error
    except UnicodeError as error:
        raise Rejected(f"is not {shape.encoding}: {error}") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _first_line(headers: Mapping[str, str]) -> int:
    """Return how many lines of the file stood before this piece of it."""
    told = headers.get("first-line", "0")
    return int(told) if re.fullmatch(r"-?[0-9]{1,12}", told) else 0


def _listed(column: Column) -> list[str]:
    return [column] if isinstance(column, str) else column


def _places(shape: Shape, header: list[str]) -> dict[str, list[int]]:
    """Return where each thing stands. Raises Rejected for a column that the file has not."""
    wanted = {name: [one.strip() for one in _listed(column)] for name, column in shape.columns.items()}
    if lacking := sorted({one for columns in wanted.values() for one in columns} - set(header)):
        raise Rejected(f"has no column {', '.join(lacking)}; it has {', '.join(header)[:300]}")
    return {name: [header.index(one) for one in columns] for name, columns in wanted.items()}


def _rows(table: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield each row under the line that it begins in."""
    line = table.line_num + 1
    for row in table:
        if row:
            yield line, row
        line = table.line_num + 1


class _Made(NamedTuple):
    """A mapping made ready for one file: where each thing stands, alone or in several columns, and what is the same for every row."""

    shape: Shape
    header: list[str]
    alone: list[tuple[str, int]]
    joined: list[tuple[str, list[int]]]
    closed: frozenset[str]
    zone: ZoneInfo


def _made(shape: Shape, header: list[str]) -> _Made:
    """Raises Rejected for a column that the file has not."""
    places = _places(shape, header)
    alone = [(name, at[0]) for name, at in places.items() if len(at) == 1]
    joined = [(name, at) for name, at in places.items() if len(at) != 1]
    return _Made(shape, header, alone, joined, frozenset(word.casefold() for word in shape.closed_words), ZoneInfo(shape.zone))


def _row(made: _Made, row: list[str], line: int) -> ReportChanged | Unread:
    shape, header = made.shape, made.header
    if len(row) != len(header) and (len(row) < len(header) or any(cell.strip() for cell in row[len(header) :])):
        return _unread(shape, header, row, f"line {line}: has {len(row)} cells, the header {len(header)}")
    cells = {**shape.constants, **{name: row[at].strip() for name, at in made.alone}}
    for name, places in made.joined:
        cells[name] = " ".join(row[place].strip() for place in places).strip()
    try:
        return _report(made, cells)
    except msgspec.ValidationError as error:
        found = _FIELD.search(str(error))
        where = f"{shape.named('report' if found[1] == 'id' else found[1])}: " if found else ""
        return _unread(shape, header, row, f"line {line}: {where}{_FIELD.sub('', str(error))}")
    except (ValueError, OverflowError) as error:
        return _unread(shape, header, row, f"line {line}: {error}")


def _unread(shape: Shape, header: list[str], row: list[str], reason: str) -> Unread:
    """Keep a row as a file of its own, so that it can be replayed."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=shape.delimiter, lineterminator="\n").writerows([header, row])
    return Unread(out.getvalue().encode(shape.encoding, "replace"), reason)


def _report(made: _Made, cells: Mapping[str, str]) -> ReportChanged:
    shape = made.shape
    times = {name: _time(made, name, cells[name]) for name in ("submitted", "updated", "closed", "due") if cells.get(name)}
    if "submitted" not in times:
        raise ValueError(f"{shape.named('submitted')} is empty")
    closed = times.get("closed")
    is_open = closed is None
    if "status" in cells and made.closed:
        is_open = cells["status"].casefold() not in made.closed
    at = times.get("updated") or closed or times["submitted"]
    place, faults = _place(shape, cells)
    if closed is not None and closed < times["submitted"]:
        faults.append("closed_before_submitted")
    told = {
        "at": at,
        "report": cells["report"],
        "service": shape.services.get(cells["service"], cells["service"]),
        "submitted": times["submitted"],
        "closed": None if is_open else closed,
        "open": is_open,
        "due": times.get("due"),
        **place,
        **{name: cells[name] for name in ("ward", "unit", "channel") if cells.get(name)},
        "urgent": cells.get("urgent", "").lower() in YES,
        **_said(cells, faults),
    }
    mark = blake2s(repr(sorted(told.items())).encode(errors="replace"), digest_size=6).hexdigest()
    return msgspec.convert(told | {"id": f"{cells['report']}@{at}/{mark}"}, ReportChanged)


def _said(cells: Mapping[str, str], faults: list[str]) -> dict[str, Any]:
    """Return what the citizen wrote, and what was wrong with the row and taken all the same; nothing where there is neither."""
    told = {name: cells[name] for name in ("text", "address") if cells.get(name)} | ({"faults": faults} if faults else {})
    return {"said": told} if told else {}


def _place(shape: Shape, cells: Mapping[str, str]) -> tuple[dict[str, float], list[str]]:
    """Return lon and lat, where both are given, and what is wrong with them; that a file has no such columns is no fault. A latitude beyond ±90 is a longitude in the wrong column.

    Where the mapping says the bounds, so is one that lies within them the other way round; a place beyond them is let go and said.
    """
    if not (cells.get("lon") and cells.get("lat")):
        return {}, ["no_coordinates"] if "lon" in cells and "lat" in cells else []
    lon, lat = (_number(shape, name, cells[name]) for name in ("lon", "lat"))
    inside = shape.bounds is None or within(shape.bounds, lon, lat)
    if abs(lat) > 90 >= abs(lon) or (not inside and shape.bounds and within(shape.bounds, lat, lon)):  # noqa: PLR2004  degrees
        raise ValueError(f"{shape.named('lat')}: longitude and latitude seem to be swapped in the mapping")
    if not inside and abs(lon) <= 180 and abs(lat) <= 90:  # noqa: PLR2004  degrees
        return {}, ["outside_bounds"]
    return {"lon": lon, "lat": lat}, []


def within(bounds: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    """Return whether a place (degrees) lies within west, south, east, north."""
    west, south, east, north = bounds
    return west <= lon <= east and south <= lat <= north


def _number(shape: Shape, name: str, text: str) -> float:
    try:
        number = float(text.replace(shape.decimal, "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{shape.named(name)}: {text[:40]!r} is no number")
    return number


def _read(form: str, text: str) -> datetime:
    """Return a time written in a form. Raises ValueError. Forms of numbers alone, which nearly all are, need not ask the locale."""
    if form == "iso":
        return datetime.fromisoformat(text)
    numbers = _numbers(form)
    if numbers is None or (found := numbers[0].fullmatch(text)) is None:
        return datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
    return datetime(**{name: int(told) for name, told in zip(numbers[1], found.groups(), strict=True)})  # type: ignore[arg-type]  # noqa: DTZ001


@lru_cache(maxsize=64)
def _numbers(form: str) -> tuple[re.Pattern[str], tuple[str, ...]] | None:
    """Return a form as a pattern and what its groups are; None where it has more than a whole date and numbers of a time."""
    pieces = re.split(r"(%.)", form)
    marks = [one for one in pieces if one.startswith("%")]
    whole = {"%d", "%m", "%Y"} <= set(marks) <= set(NUMBERS) and len(set(marks)) == len(marks)
    if not whole or not all(pieces[2:-1:2]):  # numbers that touch each other can be read in two ways
        return None
    text = "".join(NUMBERS[one][1] if one in NUMBERS else re.escape(one) for one in pieces)
    return re.compile(text, re.ASCII), tuple(NUMBERS[one][0] for one in marks)


def _time(made: _Made, name: str, text: str) -> int:
    """Return a time written in one of the mapping's formats, in its zone unless it says its own."""
    for form in made.shape.formats:
        try:
            at = _read(form, text)
        except ValueError:
            continue
        aware = at if at.tzinfo else at.replace(tzinfo=made.zone)
        return (aware - EPOCH) // MILLISECOND
    raise ValueError(f"{made.shape.named(name)}: {text[:40]!r} is in none of the mapping's formats")


SOURCE = Source(key="reports_csv", parse=parse)
