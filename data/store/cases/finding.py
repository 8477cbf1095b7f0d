"""Reports found by words of theirs: each word from its beginning, without diacritics, in any order (migrations 0030, 0034).

SQLite has the words in FTS5, PostgreSQL in tsvectors with a GIN index; among them is what lists are cut by, so that words and filters are one
question (data.store.cases.by_words). Neither keeps a text of its own, or anything of who sent a report.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, column, select, table, text

from dashboard.city import City
from dashboard.plain import plain
from dashboard.reports.cases import Sought, codes
from data.store.cases.by_vectors import ROOM, Query, Vectors
from data.store.cases.by_words import ByWords, Fts
from data.store.cases.tables import CASE

MOST_WORDS = 8
Cuts = Sequence[Sequence[str]]
SEARCH = table("report_search", *(column(name) for name in ("id", "report", "words")))
NOBODY = "\ue000"  # what a filter's word begins with: no word of a text does, and nobody can look for one
_WORD = re.compile(r"[^\W_]+")


def words_of(sought: str) -> list[str]:
    """Return the words that are looked for."""
    return _WORD.findall(plain(sought))[:MOST_WORDS]


def found(sql: Connection, words: Iterable[str], cuts: Cuts = ()) -> ColumnElement[bool]:
    """Return what is true of reports that have words which begin so, for a statement on CASE. `cuts` make it shorter."""
    if sql.dialect.name == "sqlite":
        asked: Any = text("SELECT rowid FROM report_fts WHERE report_fts MATCH :words")
        rows = asked.bindparams(words=match(words, cuts)).columns(column("rowid"))
        return CASE.c.report.in_(select(SEARCH.c.report).where(SEARCH.c.id.in_(rows)))
    sql.exec_driver_sql(ROOM)
    query = vectors(words, cuts)
    names = [f"asked_{nth}" for nth in range(len(query.told))]
    which = SEARCH.c.words.op("@@")(
        text(query.sql % tuple(f"CAST(:{name} AS text)" for name in names)).bindparams(**dict(zip(names, query.told, strict=True)))
    )
    return CASE.c.report.in_(select(SEARCH.c.report).where(which))


def by_words(sql: Connection, words: Iterable[str], cuts: Cuts, sought: Sought, now_ms: int) -> ByWords:
    """Return a list of the centre's, by words or filters or both."""
    if sql.dialect.name == "sqlite":
        return Fts(sql, match(words, cuts), sought, now_ms)
    return Vectors(sql, vectors(words, cuts), sought, now_ms)


def match(words: Iterable[str], cuts: Cuts) -> str:
    """Return what FTS5 is asked for: all words, each from its beginning, and of every cut one code."""
    either = (" OR ".join(f'"{code}"' for code in named) for named in cuts)
    return " AND ".join([*(f'"{word}"*' for word in words), *(f"({named})" for named in either)])


def vectors(words: Iterable[str], cuts: Cuts) -> Query:
    """Return the same for tsvectors."""
    begun = " & ".join(f"'{word}':*" for word in words)
    either = " & ".join("('" + "' | '".join(named) + "')" for named in cuts)
    told = [(form, one) for form, one in (("to_tsquery('simple', %s)", begun), ("(%s)::tsquery", either)) if one]
    return Query(f"({' && '.join(form for form, _ in told)})", tuple(one for _, one in told))


def cuts_of(sought: Sought, city: City, mine: frozenset[str] | None = None) -> list[Sequence[str]]:
    """Return what is asked for beside the words, so that a list is cut by service, field, ward, priority and units: of each, one of these."""
    fields = codes(sought.field)
    told: tuple[tuple[str, object, Iterable[str]], ...] = (
        ("s", sought.service, codes(sought.service)),
        ("s", sought.field, [one.code for one in city.services if one.field in fields]),
        ("w", sought.ward, codes(sought.ward)),
        ("p", sought.priority, codes(sought.priority)),
        ("u", sought.unit, codes(sought.unit)),
        ("u", mine is not None, sorted(mine or ())),
    )
    return [_coded(kind, named) for kind, given, named in told if given]


def _coded(kind: str, named: Iterable[str]) -> Sequence[str]:
    """Return codes as the index has them; one that nothing has where there is none."""
    return [f"{NOBODY}{kind}{code.encode().hex()}" for code in named] or [f"{NOBODY}none"]
