"""Entries of a watch list from a table: CSV with a header, as a spreadsheet saves it (docs/watch-lists.md)."""

import csv
from collections.abc import Iterator
from typing import Any, NamedTuple

from dashboard.errors import Unfit
from dashboard.watch.entry import LEVELS, USUAL_DAYS, USUAL_SCORE, WHATS, Content, Proposal, checked

NEEDED = ("subject", "purpose", "basis", "origin")
COLUMNS = (*NEEDED, "what", "level", "days", "least")
MOST_ROWS = 100_000


class Mistake(NamedTuple):
    """What is wrong in a table: in which line (the header is the first), in which column, and why in one word."""

    line: int
    field: str
    why: str


def read(text: str) -> tuple[list[Proposal], list[Mistake]]:
    """Return the proposals of a table and every mistake in it; where there is one, nothing of the table is to be kept."""
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines:
        return [], [Mistake(1, "subject", "missing")]
    rows = csv.DictReader(lines, delimiter=max(",;\t", key=lines[0].count), strict=True)
    header = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    if wrong := list(_header(header)):
        return [], wrong
    rows.fieldnames = header
    return _rows(rows)


def _header(header: list[str]) -> Iterator[Mistake]:
    yield from (Mistake(1, name, "missing") for name in NEEDED if name not in header)
    yield from (Mistake(1, name[:40], "unknown") for name in header if name not in COLUMNS)


def _rows(rows: "csv.DictReader[str]") -> tuple[list[Proposal], list[Mistake]]:
    found: list[Proposal] = []
    wrong: list[Mistake] = []
    try:
        for row in rows:
            if len(found) >= MOST_ROWS:
                return [], [Mistake(rows.line_num, "subject", "too_many")]
            try:
                found.append(_proposal(row))
            except Unfit as unfit:
                wrong.append(Mistake(rows.line_num, unfit.field, unfit.why))
    except csv.Error:
        wrong.append(Mistake(rows.line_num, "subject", "no_table"))
    return found, wrong or ([] if found else [Mistake(2, "subject", "missing")])


def _proposal(row: "dict[str | Any, str | Any]") -> Proposal:
    """Return one row's proposal. Raises Unfit."""
    if None in row:
        raise Unfit("subject", "too_many_cells")
    told = {name: (row.get(name) or "").strip() for name in COLUMNS}
    what, level = told["what"].lower() or "plate", told["level"].lower() or "watch"
    if what not in WHATS:
        raise Unfit("what", "unknown")
    if level not in LEVELS:
        raise Unfit("level", "unknown")
    content = Content(**{name: told[name] for name in NEEDED})
    days, least = _number(told, "days", USUAL_DAYS), _number(told, "least", USUAL_SCORE)
    return checked(Proposal(what=what, level=level, content=content, days=int(days), least=least))


def _number(told: dict[str, str], name: str, usual: float) -> float:
    try:
        return float(told[name].replace(",", ".")) if told[name] else usual
    except ValueError as error:
        raise Unfit(name, "no_number") from error
