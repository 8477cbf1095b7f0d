"""Tables as files that spreadsheets open, written row by row: what is in memory does not grow with them."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

from dashboard.reports.cases import Cell
from dashboard.sheets import safe

WIDTH, MOMENT = 18, "yyyy-mm-dd hh:mm"
# Nothing that somebody wrote becomes a formula, a link or a number; rows go to the disk as they come.
CAREFUL = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write(form: str, file: IO[bytes], rows: Iterable[Sequence[Cell]], *, folder: str) -> int:
    """Write a table, its first row the names of the columns. `folder` holds what is written meanwhile. Return how many rows follow."""
    return {"csv": _csv, "xlsx": _xlsx}[form](file, rows, folder)


def _csv(file: IO[bytes], rows: Iterable[Sequence[Cell]], _folder: str) -> int:
    """The first sign is the mark by which spreadsheets know UTF-8."""
    text, count = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False), -1
    text.write("\ufeff")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
        count += 1
    text.detach()  # flushed; the file stays open
    return count


def _written(cell: Cell) -> Any:
    return cell.strftime("%Y-%m-%d %H:%M") if isinstance(cell, datetime) else safe(cell)


def _xlsx(file: IO[bytes], rows: Iterable[Sequence[Cell]], folder: str) -> int:
    book = xlsxwriter.Workbook(file, {**CAREFUL, "tmpdir": folder})
    sheet, strong, moment = book.add_worksheet(), book.add_format({"bold": True}), book.add_format({"num_format": MOMENT})
    sheet.freeze_panes(1, 0)
    count = -1
    for nth, row in enumerate(rows):
        if nth == 0:
            sheet.set_column(0, len(row) - 1, WIDTH)
        for at, cell in enumerate(row):
            _put(sheet, nth, at, cell, moment=moment, style=strong if nth == 0 else None)
        count = nth
    book.close()
    return count


def _put(sheet: Any, nth: int, at: int, cell: Cell, *, moment: Any, style: Any) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(nth, at, cell, moment)
    elif isinstance(cell, int):
        sheet.write_number(nth, at, cell)
    elif cell:
        sheet.write_string(nth, at, safe(cell), style)
