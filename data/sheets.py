"""Tables as files that spreadsheets open, written row by row: what is in memory does not grow with them.

A CSV can be sent while it is being written. A workbook is there when it is whole: its sheet goes to the disk row by row, and into the file at its end.
"""

import csv
import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import xlsxwriter  # type: ignore[import-untyped]

from dashboard.reports.cases import Cell
from dashboard.sheets import safe

BLOCK = 65_536  # bytes that are written at once
WIDTH, MOMENT = 18, "yyyy-mm-dd hh:mm"
# Nothing that somebody wrote becomes a formula, a link or a number; rows go to the disk as they come.
CAREFUL = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NO_TEXT = re.compile("[\\ud800-\\udfff]")  # halves of signs, which no file of text can say


class Onward(Protocol):
    """What is only ever written on."""

    def write(self, some: bytes, /) -> int:
        """Add some bytes."""
        ...

    def flush(self) -> None:
        """Nothing waits in us."""
        ...


def write(form: str, file: Onward, rows: Iterable[Sequence[Cell]], *, folder: str) -> int:
    """Write a table, its first row the names of the columns. `folder` holds what is written meanwhile. Return how many rows follow."""
    return {"csv": _csv, "xlsx": _xlsx}[form](file, rows, folder)


class _Lines:
    """Texts on their way into a file, some at a time."""

    def __init__(self, file: Any) -> None:
        self._file, self._waiting, self._size, self.total = file, list[str](), 0, 0

    def write(self, text: str) -> None:
        self._waiting.append(text)
        self._size += len(text)
        if self._size >= BLOCK:
            self.flush()

    def flush(self) -> None:
        some = "".join(self._waiting).encode("utf-8", "replace")
        self._file.write(some)
        self._waiting, self._size, self.total = [], 0, self.total + len(some)


def _csv(file: Onward, rows: Iterable[Sequence[Cell]], _folder: str) -> int:
    """The first sign is the mark by which spreadsheets know UTF-8."""
    text, count = _Lines(file), -1
    text.write("\ufeff")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
        count += 1
    text.flush()
    return count


def _written(cell: Cell) -> Any:
    return cell.strftime("%Y-%m-%d %H:%M") if isinstance(cell, datetime) else safe(cell)


def _xlsx(file: Onward, rows: Iterable[Sequence[Cell]], folder: str) -> int:
    """What is written meanwhile is gone afterwards, however that ends."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        book = xlsxwriter.Workbook(file, {**CAREFUL, "tmpdir": own})
        sheet, strong, moment = book.add_worksheet(), book.add_format({"bold": True}), book.add_format({"num_format": MOMENT})
        sheet.freeze_panes(1, 0)
        count = -1
        try:
            for nth, row in enumerate(rows):
                if nth == 0:
                    sheet.set_column(0, max(len(row) - 1, 0), WIDTH)
                for at, cell in enumerate(row):
                    _put(sheet, nth, at, cell, moment=moment, style=strong if nth == 0 else None)
                count = nth
        except BaseException:
            sheet.row_data_fh.close()  # the book closes it only with a whole book
            raise
        book.close()
    return count


def _put(sheet: Any, nth: int, at: int, cell: Cell, *, moment: Any, style: Any) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(nth, at, cell.replace(tzinfo=None), moment)
    elif isinstance(cell, int):
        sheet.write_number(nth, at, cell)
    elif cell and (text := _NO_TEXT.sub("", safe(cell))):
        sheet.write_string(nth, at, text, style)
