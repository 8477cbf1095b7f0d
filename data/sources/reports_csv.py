"""Citizens' reports from a CSV of any shape, read by a mapping (docs/import.md). No name, number or address of a sender is taken over.

The mapping is TOML and travels with the payload, in the header `mapping`, so that reading stays pure.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2s
from json import dumps
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, ReportChanged
from data.mapped import place, time_ms
from data.mapping import NEEDED, Shape, composed, decoded, listed, same, shape_of
from data.source import Source, Unread

YES = frozenset({"1", "true", "yes", "y", "x"})
TIMES = ("submitted", "updated", "closed", "due")
DELIMITERS = ",;\t|"
OPEN = "a quote is opened in this row and never closed, so that it would hold all rows after it; close it, or double it"
NUL = "\x00"
Bounds = tuple[float, float, float, float] | None
_FIELD = re.compile(r" - at `\$(?:\.said)?\.(\w+)`$")
_NAMES = {"id": "report", "at": "submitted"}  # what is made of a column, and which


def parse(raw: bytes, headers: Mapping[str, str]) -> Sequence[AnyEvent | Unread]:
    """Read one CSV with its header line. Raises Rejected when the mapping or the file as a whole cannot be used."""
    shape = shape_of(headers.get("mapping", ""))
    text, before = decoded(raw, shape), _first_line(headers)
    lines = Lines(io.StringIO(text, newline=""))
    table = csv.reader(lines, delimiter=shape.delimiter)
    try:
        made = _made(shape, header_of(table), _bounds(headers), nul=NUL in text)
        lines.begin()
        rows, told = list(_rows(table, lines)), list[AnyEvent | Unread]()
    except csv.Error as error:
        raise Rejected(f"is no CSV at line {table.line_num + before}: {error}") from error
    if is_open(lines.row, shape):
        line = lines.first
        if rows and rows[-1][0] == line:
            rows.pop()
        told.append(
            Unread(
                _file(shape, [made.header]) + "".join(lines.row).encode(shape.encoding, "replace"), f"line {line + before}: {OPEN}"
            )
        )
    return [_row(made, row, line + before) for line, row in rows] + told


class Lines:
    """The lines of a file as a csv reader takes them; `row` holds those of the row that it read last, `first` is the number of their first."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines, self._old = iter(lines), False
        self.row: list[str] = []
        self.first = 1

    def begin(self) -> None:
        """Say that the row was taken: the next line is the first of another. Of a file that has ended the last row's lines stay."""
        self._old = True

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if self._old:
            self.row, self._old = [], False
        self.row.append(line)
        return line


def is_open(row: list[str], shape: Shape) -> bool:
    """Return whether a quote is opened in a row, which is the file's last, and never closed: it has swallowed whatever came after it."""
    try:
        for _ in csv.reader(row, delimiter=shape.delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def header_of(table: Iterable[list[str]]) -> list[str]:
    """Return the first row that says something. What Excel writes before it to say its separator does not."""
    return next((row for row in table if any(map(str.strip, row)) and not row[0].startswith("sep=")), [])


def _bounds(headers: Mapping[str, str]) -> Bounds:
    """Return where the city lies, if whoever sends the piece knows."""
    told = headers.get("bounds", "")
    try:
        west, south, east, north = map(float, told.split(","))
    except ValueError:
        return None
    return west, south, east, north


def _first_line(headers: Mapping[str, str]) -> int:
    """Return how many lines of the file stood before this piece of it."""
    told = headers.get("first-line", "0")
    return int(told) if re.fullmatch(r"-?[0-9]{1,12}", told) else 0


def _places(shape: Shape, header: list[str]) -> dict[str, list[int]]:
    """Return where each thing stands. Raises Rejected for a column that the file has not, or has twice."""
    names = [same(cell) for cell in header]
    wanted = {name: listed(column) for name, column in shape.columns.items()}
    every = sorted({one for columns in wanted.values() for one in columns})
    if lacking := [one for one in every if same(one) not in names and _numbered(one, names) is None]:
        has = f"it has {', '.join(names)[:300]}" if names else "it is empty"
        raise Rejected(f"has no column {', '.join(lacking)}; {has}{_hint(shape, header, every)}")
    if several := [one for one in every if names.count(same(one)) > 1]:
        cells = [str(nth) for nth, name in enumerate(names, 1) if name == same(several[0])]
        raise Rejected(
            f'has the column {several[0]} {len(cells)} times; say in the mapping which by its place: "#{cells[0]}" or "#{cells[-1]}"'
        )

    def at(one: str) -> int:
        nth = _numbered(one, names)
        return names.index(same(one)) if nth is None else nth

    return {name: [at(one) for one in columns] for name, columns in wanted.items()}


def _numbered(one: str, names: list[str]) -> int | None:
    """Return the place of a column that the mapping names by it, `#3` the third; None where a column has that name, or there are fewer."""
    found = re.fullmatch(r"#([1-9][0-9]{0,3})", one)
    return int(found[1]) - 1 if found and one not in names and int(found[1]) <= len(names) else None


def _hint(shape: Shape, header: list[str], every: list[str]) -> str:
    """Return what may be the matter where columns are lacking."""
    line, names = shape.delimiter.join(header), {same(one) for one in every}
    for other in DELIMITERS.replace(shape.delimiter, ""):
        if names <= {same(cell) for cell in next(csv.reader([line], delimiter=other), [])}:
            return f"; its cells seem to be separated by {other!r}: say delimiter = {dumps(other)} in the mapping"
    return "" if names & {same(cell) for cell in header} else "; the names of the columns must be the first line"


def _rows(table: Any, lines: Lines) -> Iterator[tuple[int, list[str]]]:
    """Yield each row under the line that it begins in; one without a filled cell is none. The last one's lines stay in `lines`."""
    line = table.line_num + 1
    for row in table:
        lines.first = line
        if any(map(str.strip, row)):
            yield line, row
        line = table.line_num + 1
        lines.begin()


class _Made(NamedTuple):
    """A mapping made ready for one file: where each thing stands, alone or in several columns, and what is the same for every row."""

    shape: Shape
    header: list[str]
    alone: list[tuple[str, int]]
    joined: list[tuple[str, list[int]]]
    services: dict[str, str]
    closed: frozenset[str]
    zone: ZoneInfo
    city: Bounds
    nul: bool


def _made(shape: Shape, header: list[str], city: Bounds, *, nul: bool) -> _Made:
    """Raises Rejected for a column that the file has not."""
    places = _places(shape, header)
    alone = [(name, at[0]) for name, at in places.items() if len(at) == 1]
    joined = [(name, at) for name, at in places.items() if len(at) != 1]
    services = {same(word): code for word, code in shape.services.items()}
    closed = frozenset(same(word).casefold() for word in shape.closed_words)
    return _Made(shape, header, alone, joined, services, closed, ZoneInfo(shape.zone), city, nul)


def _row(made: _Made, row: list[str], line: int) -> ReportChanged | Unread:
    shape, header = made.shape, made.header
    if len(row) != len(header) and (len(row) < len(header) or any(cell.strip() for cell in row[len(header) :])):
        return _unread(shape, header, row, f"line {line}: has {len(row)} cells, the header {len(header)}")
    cells = {**shape.constants, **{name: composed(row[at].strip()) for name, at in made.alone}}
    for name, places in made.joined:
        cells[name] = composed(" ".join(row[place].strip() for place in places).strip())
    try:
        return _report(made, cells)
    except msgspec.ValidationError as error:
        found = _FIELD.search(str(error))
        where = f"{shape.named(_NAMES.get(found[1], found[1]))}: " if found else ""
        return _unread(shape, header, row, f"line {line}: {where}{_FIELD.sub('', str(error))}")
    except (ValueError, OverflowError) as error:
        return _unread(shape, header, row, f"line {line}: {error}")


def _unread(shape: Shape, header: list[str], row: list[str], reason: str) -> Unread:
    """Keep a row as a file of its own, so that it can be replayed."""
    return Unread(_file(shape, [header, row]), reason)


def _file(shape: Shape, rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=shape.delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue().encode(shape.encoding, "replace")


def _check(made: _Made, cells: Mapping[str, str]) -> None:
    """Raise ValueError for a cell that is needed and empty, or that no database keeps."""
    if empty := next((name for name in NEEDED if not cells[name]), ""):
        raise ValueError(f"{made.shape.named(empty)} is empty")
    if made.nul and (found := next((name for name, cell in cells.items() if NUL in cell), "")):
        raise ValueError(f"{made.shape.named(found)} holds a NUL character; take it out")


def _report(made: _Made, cells: Mapping[str, str]) -> ReportChanged:
    shape = made.shape
    _check(made, cells)
    times = {name: time_ms(shape, made.zone, name, cells[name]) for name in TIMES if cells.get(name)}
    closed = times.get("closed")
    is_open = closed is None
    if "status" in cells and made.closed:
        is_open = same(cells["status"]).casefold() not in made.closed
    at = times.get("updated") or closed or times["submitted"]
    where, faults = place(shape, cells, made.city)
    if closed is not None and closed < times["submitted"]:
        faults.append("closed_before_submitted")
    if closed is None and not is_open:
        faults.append("closed_without_time")
    told = {
        "at": at,
        "report": cells["report"],
        "service": made.services.get(same(cells["service"]), cells["service"]),
        "submitted": times["submitted"],
        "closed": None if is_open else closed,
        "open": is_open,
        "due": times.get("due"),
        **where,
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


SOURCE = Source(key="reports_csv", parse=parse)
