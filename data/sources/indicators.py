"""What systems that count tell of the city's indicators (docs/indicators.md): one reading, a list of them, or `{"readings": […]}`."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import msgspec

from dashboard.errors import Rejected
from dashboard.events import AnyEvent, Measured
from data.source import Source, Unread

MOST = 1000
FIELDS = frozenset({"indicator", "value", "of", "at", "unit"})
DECIMAL = re.compile(r"-?[0-9]+,[0-9]+")  # as Vietnamese sheets write numbers
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def parse(raw: bytes, _headers: Mapping[str, str]) -> list[AnyEvent | Unread]:
    """Read one payload. Raises Rejected when nothing of it can be read."""
    try:
        whole = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(f"is no JSON: {error}") from error
    if isinstance(whole, dict) and "readings" in whole:
        whole = whole["readings"]
    pieces = whole if isinstance(whole, list) else [whole]
    if not 0 < len(pieces) <= MOST:
        raise Rejected(f"has {len(pieces)} readings, at most {MOST} and at least one")
    return [_read(piece) for piece in pieces]


def _read(piece: Any) -> AnyEvent | Unread:
    try:
        return measured(piece)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        return Unread(_encode(piece), str(error))


def measured(piece: Any) -> Measured:
    """Return one reading. Raises ValueError, OverflowError, or msgspec's ValidationError."""
    if not isinstance(piece, dict):
        raise ValueError("a reading is an object with indicator and value")  # noqa: TRY004  said of the payload, not of our code
    if strange := set(piece) - FIELDS:
        raise ValueError(f"a reading has no {min(strange)!r}; it has {', '.join(sorted(FIELDS))}")
    at = _millis(piece.get("at", 0))
    numbers = {name: piece[name] for name in ("value", "of") if piece.get(name) is not None}
    if any(not isinstance(one, int | float) or isinstance(one, bool) or not isfinite(one) for one in numbers.values()):
        raise ValueError("value and of are numbers")
    told = {"indicator": piece.get("indicator"), "id": f"{piece.get('indicator')}@{at}", "at": at, **numbers}
    if piece.get("unit") is not None:
        told["unit"] = piece["unit"]
    return msgspec.convert(told, Measured)


def rows(raw: bytes) -> Iterator[tuple[int, Measured | str]]:
    """Yield each row of a CSV under its line: a reading, or why it is none. Raises Rejected where the file as a whole cannot be read.

    Between its cells stand commas, or, as spreadsheets write where numbers have a decimal comma, semicolons or tabs.
    """
    try:
        text = raw.decode("utf-8-sig")
        led = text.lstrip().partition("\n")[0]
        between = "," if "," in led else next((one for one in (";", "\t") if one in led), ",")
        table = csv.DictReader(io.StringIO(text, newline=""), delimiter=between)
        table.fieldnames = [name.strip() for name in table.fieldnames or ()]
        names = set(table.fieldnames)
        if not {"indicator", "at", "value"} <= names <= FIELDS:
            raise Rejected(
                f"has the columns {', '.join(sorted(names))}; indicator, at, value and, if you like, of and unit are read"
            )
        for row in table:
            yield table.line_num, _row(row, comma=between != ",")
    except (UnicodeDecodeError, csv.Error) as error:
        raise Rejected(f"is no CSV in UTF-8: {error}") from error


def _row(row: Mapping[str | None, Any], *, comma: bool) -> Measured | str:
    if None in row or None in row.values():
        return "has not as many cells as the header"
    told = {str(name): str(cell).strip() for name, cell in row.items()}
    at = told["at"]
    try:
        numbers = {name: _number(told[name], comma=comma) for name in ("value", "of") if told.get(name)}
        unit = {"unit": told["unit"]} if told.get("unit") else {}
        one = measured({"indicator": told["indicator"], "at": int(at) if at.isdecimal() else at, **numbers, **unit})
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        return str(error)
    return one if one.at else "at is needed"


def _number(cell: str, *, comma: bool) -> float:
    try:
        return float(cell.replace(",", ".") if comma and DECIMAL.fullmatch(cell) else cell)
    except ValueError:
        raise ValueError(f"{cell[:40]!r} is no number") from None


def written(told: Sequence[Measured]) -> Iterator[bytes]:
    """Yield payloads of at most a thousand readings each, as they are posted."""
    names = ("indicator", "at", "value", "of", "unit")
    for at in range(0, len(told), MOST):
        yield _encode([{name: getattr(one, name) for name in names} for one in told[at : at + MOST]])


def _millis(told: Any) -> int:
    """Return a time as epoch ms; 0 says that it is of now."""
    if isinstance(told, int) and not isinstance(told, bool):
        return told
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(f"at is no time with its offset, nor epoch ms: {str(told)[:40]!r}")
    return round(at.astimezone(UTC).timestamp() * 1000)


SOURCE = Source(key="indicators", parse=parse)
