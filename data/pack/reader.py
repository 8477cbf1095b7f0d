"""Reads a pack's files with their line numbers, and gathers every mistake instead of stopping at the first."""

import csv
import io
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from dashboard.errors import Mistake

T = TypeVar("T")
LONGEST_FILE = 64 * 1024 * 1024


@dataclass
class Reader:
    """One pack's folder, and the mistakes found so far."""

    folder: Path
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, file: str, line: int, name: str, text: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(file, line, name, text))

    def text(self, file: str) -> str:
        """Return a file's text, or "" with a mistake noted."""
        path = self.folder / file
        try:
            raw = path.read_bytes()[: LONGEST_FILE + 1]
        except OSError as error:
            self.wrong(file, 0, "-", f"cannot be read: {error.strerror}")
            return ""
        if len(raw) > LONGEST_FILE:
            self.wrong(file, 0, "-", "is larger than 64 MB")
            return ""
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.wrong(file, raw[: error.start].count(b"\n") + 1, "-", "is not UTF-8; save it as UTF-8")
            return ""
        self._check_nfc(file, text)
        return text

    def _check_nfc(self, file: str, text: str) -> None:
        if not unicodedata.is_normalized("NFC", text):
            lines = text.splitlines()
            at = next(n for n, one in enumerate(lines, 1) if not unicodedata.is_normalized("NFC", one))
            self.wrong(file, at, "-", "has letters in decomposed form (NFD); save it in NFC")

    def toml(self, file: str) -> "Toml":
        """Return a TOML file; empty with a mistake noted when it cannot be read."""
        text = self.text(file)
        try:
            return Toml(self, file, text, tomllib.loads(text))
        except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
            found = re.search(r"line (\d+)", str(error))
            self.wrong(file, int(found[1]) if found else 1, "-", f"is no TOML: {error}")
            return Toml(self, file, text, {})

    def json(self, file: str) -> Any:
        """Return a JSON file, or None with a mistake noted."""
        text = self.text(file)
        try:
            return json.loads(text) if text else None
        except (ValueError, RecursionError) as error:
            self.wrong(file, getattr(error, "lineno", 1), "-", f"is no JSON: {error}")
            return None

    def rows(self, file: str, *, needs: frozenset[str]) -> Iterator["Row"]:
        """Yield a CSV's rows with their line numbers; columns that are missing are one mistake each."""
        text = self.text(file)
        if not text:
            return
        table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        try:
            if lacking := sorted(needs - set(table.fieldnames or ())):
                self.wrong(file, 1, ", ".join(lacking), "column is missing")
                return
            for cells in table:
                if None in cells or None in cells.values():
                    self.wrong(file, table.line_num, "-", "has not as many cells as the header")
                    continue
                yield Row(self, file, table.line_num, {str(key): str(value) for key, value in cells.items()})
        except csv.Error as error:
            self.wrong(file, table.line_num, "-", f"is no CSV: {error}")


@dataclass
class Row:
    """One row (or table) of named texts, with what is needed to say where a mistake is."""

    reader: Reader
    file: str
    line: int
    cells: Mapping[str, Any]

    def wrong(self, name: str, text: str) -> None:
        """Note a mistake in a field of this row."""
        self.reader.wrong(self.file, self.line, name, text)

    def text(self, name: str, *, needed: bool = False, most: int = 0) -> str:
        """Return a text; noted when it is needed and empty, or longer than `most` letters."""
        value = str(self.cells.get(name, "")).strip()
        if needed and not value:
            self.wrong(name, "is empty")
        if most and len(value) > most:
            self.wrong(name, f"has {len(value)} letters, at most {most}: {value}")
        return value

    def words(self, name: str, *, needed: bool = True, most: int = 0) -> dict[str, str]:
        """Return a text in both languages, from `name_vi` and `name_en` or from a table."""
        inner = self.cells.get(name)
        if isinstance(inner, Mapping):
            row = Row(self.reader, self.file, self.line, {f"{name}_{key}": value for key, value in inner.items()})
            return row.words(name, needed=needed, most=most)
        return {tongue: self.text(f"{name}_{tongue}", needed=needed, most=most) for tongue in ("vi", "en")}

    def number(self, name: str, *, low: float, high: float, default: float | None = None) -> float:
        """Return a number within bounds; `default` stands for an empty cell, None meaning that it must be there."""
        return self._read(name, float, low=low, high=high, default=default, what="a number")

    def whole(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number within bounds."""
        return int(self._read(name, lambda text: float(int(text)), low=low, high=high, default=default, what="a whole number"))

    def _read(self, name: str, read: Callable[[str], float], *, low: float, high: float, default: float | None, what: str) -> float:
        text = str(self.cells.get(name, "")).strip()
        if not text and default is not None:
            return default
        try:
            value = read(text)
        except (ValueError, OverflowError):
            self.wrong(name, f"must be {what}: {text!r}")
            return low
        if not low <= value <= high:
            self.wrong(name, f"must lie between {low:g} and {high:g}: {text}")
            return low
        return value

    def choice(self, name: str, *among: str) -> str:
        """Return one of the given words."""
        value = self.text(name)
        if value not in among:
            self.wrong(name, f"must be one of {', '.join(among)}: {value!r}")
            return among[0]
        return value

    def day(self, name: str) -> date | None:
        """Return a date written YYYY-MM-DD, or None where the cell is empty."""
        value = self.cells.get(name, "")
        if isinstance(value, date):
            return value
        text = str(value).strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.wrong(name, f"must be a date YYYY-MM-DD: {text!r}")
            return None

    def flag(self, name: str) -> bool:
        """Return whether the cell says 1."""
        return self.choice(name, "0", "1") == "1"

    def split(self, name: str) -> tuple[str, ...]:
        """Return a list written with semicolons."""
        return tuple(part.strip() for part in self.text(name).split(";") if part.strip())


class Toml(Row):
    """A TOML file: its top level is a row, its arrays of tables are rows with their own lines."""

    def __init__(self, reader: Reader, file: str, source: str, cells: Mapping[str, Any]) -> None:
        super().__init__(reader, file, 1, cells)
        self._lines = source.splitlines()

    def table(self, name: str) -> Row:
        """Return the table [name]."""
        cells = self.cells.get(name)
        if not isinstance(cells, Mapping):
            self.wrong(name, "table is missing")
            return Row(self.reader, self.file, 1, {})
        return Row(self.reader, self.file, self._line(rf"\[{name}\]", 0), cells)

    def tables(self, name: str) -> list[Row]:
        """Return the array of tables [[name]]."""
        found = self.cells.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            self.wrong(name, f"must be written as [[{name}]]")
            return []
        return [Row(self.reader, self.file, self._line(rf"\[\[{name}\]\]", n), cells) for n, cells in enumerate(found)]

    def numbers(self, name: str, *, count: int) -> tuple[float, ...]:
        """Return a list of so many numbers."""
        found = self.cells.get(name)
        if not isinstance(found, list) or len(found) != count or not all(isinstance(n, int | float) for n in found):
            self.wrong(name, f"must be a list of {count} numbers")
            return (0.0,) * count
        return tuple(float(n) for n in found)

    def _line(self, pattern: str, nth: int) -> int:
        lines = [n for n, line in enumerate(self._lines, 1) if re.match(rf"\s*{pattern}", line)]
        return lines[nth] if nth < len(lines) else 1
