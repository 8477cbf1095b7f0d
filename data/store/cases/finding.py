"""Reports found by words of theirs: each word from its beginning, without diacritics, in any order (migration 0024).

SQLite has the words in FTS5 and, beside each report's row there, what its tab is and when it is due: whoever looks for words alone reads
no report. PostgreSQL has them in a GIN index. Neither keeps a text of its own, or anything of who sent a report.
"""

import re
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, column, literal_column, select, table, text

from dashboard.plain import plain
from data.store.cases.tables import CASE

MOST_WORDS = 8
SEARCH = table("report_search", *(column(name) for name in ("id", "report", "tab", "due", "open", "closed")))
# Written as in the index: only then is it used.
VECTOR = "to_tsvector('simple', regexp_replace(report_case.plain, '[^[:alnum:]]+', ' ', 'g'))"
_WORD = re.compile(r"[^\W_]+")


def words_of(sought: str) -> list[str]:
    """Return the words that are looked for."""
    return _WORD.findall(plain(sought))[:MOST_WORDS]


def found(sql: Connection, words: list[str]) -> ColumnElement[bool]:
    """Return what is true of reports that have words which begin so, for a statement on CASE."""
    if sql.dialect.name == "sqlite":
        return CASE.c.report.in_(select(SEARCH.c.report).where(matched(words)))
    asked = " & ".join(f"'{word}':*" for word in words)
    return literal_column(VECTOR).op("@@")(text("to_tsquery('simple', :asked)").bindparams(bindparam("asked", asked)))


def matched(words: list[str]) -> ColumnElement[bool]:
    """Return the same for a statement on SEARCH; SQLite alone."""
    asked: Any = text("SELECT rowid FROM report_fts WHERE report_fts MATCH :words")
    return SEARCH.c.id.in_(asked.bindparams(words=" ".join(f'"{word}"*' for word in words)).columns(column("rowid")))
