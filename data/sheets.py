"""Tables as files that spreadsheets open, written row by row and only ever on: what is written can be sent while the rest is not there yet.

A workbook is a ZIP of XML (ECMA-376): its sheets first, then what names them. Texts stand in their cells, so that nothing has to be
remembered; no cell is a formula or a link.
"""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Protocol
from xml.sax.saxutils import escape

from dashboard.reports.cases import Cell
from dashboard.sheets import safe

BLOCK = 65_536  # bytes that are written at once
WIDTH, LEVEL = 18, 3
MOST_ROWS, MOST_BYTES = 1_048_576, 1_500_000_000  # of a sheet: what spreadsheets open, and what a ZIP of the old kind holds
DAY_0, DAY_S = datetime(1899, 12, 30), 86_400  # noqa: DTZ001  a spreadsheet's days have no zone
PLAIN, STRONG, MOMENT = 0, 1, 2  # styles of cells, in their order
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>'
)
_NO_TEXT = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]")  # what XML 1.0 cannot say
_CODED = re.compile("_(x[0-9a-fA-F]{4}_)")  # which a spreadsheet would take for a letter


class Onward(Protocol):
    """What is only ever written on."""

    def write(self, some: bytes, /) -> int:
        """Add some bytes."""
        ...

    def flush(self) -> None:
        """Nothing waits in us."""
        ...


def write(form: str, file: Onward, rows: Iterable[Sequence[Cell]]) -> int:
    """Write a table, its first row the names of the columns. Return how many rows follow."""
    return {"csv": _csv, "xlsx": _xlsx}[form](file, rows)


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


def _csv(file: Onward, rows: Iterable[Sequence[Cell]]) -> int:
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


def _xlsx(file: Onward, rows: Iterable[Sequence[Cell]]) -> int:
    """Another sheet begins, with the names of the columns again, where one is full."""
    left, count, sheets = iter(rows), 0, 0
    head, ahead = next(left, ()), next(left, None)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as book:  # type: ignore[call-overload]  # it asks for no more
        while ahead is not None or not sheets:
            sheets += 1
            with book.open(f"xl/worksheets/sheet{sheets}.xml", "w") as sheet:
                wrote, ahead = _sheet(_Lines(sheet), head, chain([ahead] if ahead is not None else [], left))
            count += wrote
        for name, text in _around(sheets):
            book.writestr(name, text)
    return count


def _sheet(text: _Lines, head: Sequence[Cell], rows: Iterator[Sequence[Cell]]) -> tuple[int, Sequence[Cell] | None]:
    """Write one sheet; return how many rows it has, and the first that had no room."""
    text.write(
        f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{max(len(head), 1)}" width="{WIDTH}" customWidth="1"/></cols><sheetData>'
    )
    text.write(_row(head, STRONG))
    count, over = 0, None
    for row in rows:
        if count + 1 >= MOST_ROWS or text.total >= MOST_BYTES:
            over = row
            break
        text.write(_row(row, PLAIN))
        count += 1
    text.write("</sheetData></worksheet>")
    text.flush()
    return count, over


def _row(row: Sequence[Cell], style: int) -> str:
    return f"<row>{''.join([_cell(cell, style) for cell in row])}</row>"


def _cell(cell: Cell, style: int) -> str:
    if isinstance(cell, datetime):
        return f'<c s="{MOMENT}"><v>{(cell.replace(tzinfo=None) - DAY_0).total_seconds() / DAY_S:.10f}</v></c>'
    if isinstance(cell, int):
        return f"<c><v>{int(cell)}</v></c>"
    if not cell:
        return "<c/>"
    text = escape(_CODED.sub(r"_x005F_\1", _NO_TEXT.sub("", safe(cell)))).replace("\r", "_x000D_")
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{text}</t></is></c>'


def _around(sheets: int) -> Iterator[tuple[str, str]]:
    """Yield what makes sheets a workbook."""
    nths = range(1, sheets + 1)
    parts = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEET}.worksheet+xml"/>' for n in nths)
    named = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="r{n}"/>' for n in nths)
    related = "".join(f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in nths)
    yield "xl/workbook.xml", f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>'
    styles = f'<Relationship Id="r0" Type="{OFFICE}/styles" Target="styles.xml"/>'
    yield "xl/_rels/workbook.xml.rels", f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{related}{styles}</Relationships>'
    yield "xl/styles.xml", STYLES
    book = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    yield "_rels/.rels", f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{book}</Relationships>'
    kinds = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEET}.styles+xml"/>'
    )
    yield "[Content_Types].xml", f'{XML}<Types xmlns="{PACKAGE}/content-types">{kinds}{parts}</Types>'
