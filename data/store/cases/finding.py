"""Reports found by words of theirs: each word from its beginning, without diacritics, in any order (migrations 0024, 0030).

SQLite has the words in FTS5, and among them what lists are cut by, so that words and filters are one question (data.store.cases.by_words);
PostgreSQL has them in a GIN index. Neither keeps a text of its own, or anything of who sent a report.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, column, literal_column, select, table, text

from dashboard.city import City
from dashboard.plain import plain
from dashboard.reports.cases import Sought
from data.store.cases.tables import CASE

MOST_WORDS = 8
SEARCH = table("report_search", *(column(name) for name in ("id", "report", "at", "cut")))
# Written as in the index: only then is it used.
VECTOR = "to_tsvector('simple', regexp_replace(report_case.plain, '[^[:alnum:]]+', ' ', 'g'))"
NOBODY = "\ue000"  # what a filter's word begins with: no word of a text does, and nobody can look for one
_WORD = re.compile(r"[^\W_]+")


def words_of(sought: str) -> list[str]:
    """Return the words that are looked for."""
    return _WORD.findall(plain(sought))[:MOST_WORDS]


def found(sql: Connection, words: list[str], cuts: Iterable[str] = ()) -> ColumnElement[bool]:
    """Return what is true of reports that have words which begin so, for a statement on CASE. `cuts` make it shorter on SQLite."""
    if sql.dialect.name == "sqlite":
        asked: Any = text("SELECT rowid FROM report_fts WHERE report_fts MATCH :words")
        rows = asked.bindparams(words=match(words, cuts)).columns(column("rowid"))
        return CASE.c.report.in_(select(SEARCH.c.report).where(SEARCH.c.id.in_(rows)))
    # A bitmap of a common word that has no room forgets rows and keeps pages, and then every text on them is taken apart again.
    sql.exec_driver_sql("SET LOCAL work_mem = '64MB'")
    asked_ = " & ".join(f"'{word}':*" for word in words)
    return literal_column(VECTOR).op("@@")(text("to_tsquery('simple', :asked)").bindparams(bindparam("asked", asked_)))


def match(words: Iterable[str], cuts: Iterable[str]) -> str:
    """Return what FTS5 is asked for: all words, each from its beginning, and all cuts."""
    return " AND ".join([*(f'"{word}"*' for word in words), *cuts])


def cuts_of(sought: Sought, city: City, mine: frozenset[str] | None = None) -> list[str]:
    """Return what FTS5 is asked for beside the words, so that a list is cut by service, field, ward, priority and units."""
    field = [one.code for one in city.services if one.field == sought.field]
    told: tuple[tuple[str, object, Iterable[str]], ...] = (
        ("s", sought.service, (sought.service,)),
        ("s", sought.field, field),
        ("w", sought.ward, (sought.ward,)),
        ("p", sought.priority, (sought.priority,)),
        ("u", sought.unit, (sought.unit,)),
        ("u", mine is not None, sorted(mine or ())),
    )
    return [_either(kind, codes) for kind, given, codes in told if given]


def _either(kind: str, codes: Iterable[str]) -> str:
    """Return what is true of reports that have one of these codes; of none where there is no code."""
    named = " OR ".join(f'"{NOBODY}{kind}{code.encode().hex()}"' for code in codes)
    return f"({named})" if named else f'"{NOBODY}none"'
