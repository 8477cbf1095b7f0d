"""The centre's lists by words and filters, counted and cut within what they are found by: what is not shown is never read.

Each report there has a cell: its tab's place and the day by which the tab is sorted (when it is due; in `published` and `closed` when it
was closed). So each tab is a stretch of cells, in the order of the list but for the hours of a day; only a day that is torn by a moment, and
the days of the window, are looked at to the millisecond. On SQLite that is FTS5 (migration 0030), where the cell leads a report's number; on
PostgreSQL see data.store.cases.by_vectors.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from dashboard.calendar import DAY_MS
from dashboard.kinds import FOREVER
from dashboard.reports.case import TABS
from dashboard.reports.cases import Sought

DAYS, NUMBERS = 20, 32  # bits of the day and of a report's own number
LAST, EVER = (1 << DAYS) - 1, 1 << 62
PLACES = {name: nth for nth, name in enumerate(TABS)}  # as migration 0030 has them
KNOWN = frozenset({"tab", "words", "service", "field", "ward", "unit", "due", "priority", "offset", "limit"})
ENDED = ("published", "closed")
OPEN = tuple(nth for name, nth in PLACES.items() if name not in ENDED)
MATCH = "SELECT {what} FROM report_fts WHERE report_fts MATCH ? AND rowid BETWEEN ? AND ?"
COUNT = MATCH.format(what="count(*)")
EXACT = f"SELECT count(*) FROM report_search WHERE id IN ({MATCH.format(what='rowid')}) AND at >= ? AND at < ?"  # noqa: S608  our own words
NEAR = f"{MATCH.format(what='rowid')} ORDER BY rowid {{way}} LIMIT ? OFFSET ?"
DAY = f"((rowid >> {NUMBERS}) & {LAST})"
ACROSS = f"{MATCH.format(what='rowid')} AND {DAY} BETWEEN ? AND ? ORDER BY {DAY} LIMIT ? OFFSET ?"
CELLS = f"SELECT cell >> {DAYS}, sum(n) FROM report_tally"  # noqa: S608  a number
TORN = "SELECT tab, count(*) FROM report_case WHERE {open} AND due >= ? AND due < ? GROUP BY tab"
ROWS = "SELECT report FROM report_search WHERE id IN ({rows}) ORDER BY at {way}, report {way} LIMIT ? OFFSET ?"


class Span(NamedTuple):
    """What a tab is sorted by, from `since` until before `until` (epoch ms)."""

    since: int = 0
    until: int = EVER

    @property
    def days(self) -> tuple[int, int]:
        """The first day of it and the last."""
        return _day(self.since), _day(self.until - 1)

    @property
    def torn(self) -> set[int]:
        """Those of the two that are not in it whole."""
        first, last = self.days
        return {day for day, is_torn in ((first, self.since > first * DAY_MS), (last, self.until < _end(last))) if is_torn}


ALL = Span()


class ByWords(ABC):
    """One list, whatever finds it."""

    def __init__(self, sql: Connection, sought: Sought, now_ms: int) -> None:
        self._sql, self._sought = sql, sought
        self._span = spans(now_ms).get(sought.due, ALL)
        self._late = Span(self._span.since, min(self._span.until, now_ms))

    def counts(self) -> dict[str, int]:
        """Return how many there are behind each tab."""
        tabs = OPEN if self._sought.due else PLACES.values()
        counts = {name: self._count(place, self._span) if place in tabs else 0 for name, place in PLACES.items()}
        late = self._late.since < self._late.until
        return counts | {"overdue": sum(self._count(place, self._late) for place in OPEN) if late else 0}

    def window(self, total: int) -> list[str]:
        """Return the reports of a window of a tab that has so many."""
        overdue, offset = self._sought.tab == "overdue", self._sought.offset
        places, span = (OPEN, self._late) if overdue else ((PLACES[self._sought.tab],), self._span)
        limit = min(self._sought.limit, total - offset)
        if limit <= 0:
            return []
        down = self._sought.tab in ENDED
        first, last = span.days
        if first in span.torn:  # those that are due before come first, and are not in the list
            offset += sum(self._exact(place, first, Span(0, span.since)) for place in places)
        days = self._days(places, span, down=down, limit=limit, offset=offset)
        before = (days[-1] + 1, last) if down else (first, days[0] - 1)
        offset -= sum(self._whole(place, *before) for place in places)
        return self._rows(places, (days[0], days[-1]), down=down, limit=limit, offset=offset)

    def _count(self, place: int, span: Span) -> int:
        torn, (first, last) = span.torn, span.days
        whole = self._whole(place, first + (first in torn), last - (last in torn))
        return whole + sum(self._exact(place, day, span) for day in torn)

    @abstractmethod
    def _whole(self, place: int, first: int, last: int) -> int:
        """Return how many lie in these days of a tab, both included; none where the last is before the first."""

    @abstractmethod
    def _exact(self, place: int, day: int, span: Span) -> int:
        """Return how many of a day of a tab lie in a span, to the millisecond."""

    @abstractmethod
    def _days(self, places: Sequence[int], span: Span, *, down: bool, limit: int, offset: int) -> list[int]:
        """Return the days of a window's rows, from small to large."""

    @abstractmethod
    def _rows(self, places: Sequence[int], days: tuple[int, int], *, down: bool, limit: int, offset: int) -> list[str]:
        """Return a window of all that lies in these days, to the millisecond."""


class Fts(ByWords):
    """One list on SQLite. `match` is what FTS5 is asked for."""

    def __init__(self, sql: Connection, match: str, sought: Sought, now_ms: int) -> None:
        super().__init__(sql, sought, now_ms)
        self._match = match

    def _whole(self, place: int, first: int, last: int) -> int:
        return self._one(COUNT, self._match, *_ids(place, first, last)) if first <= last else 0

    def _exact(self, place: int, day: int, span: Span) -> int:
        return self._one(EXACT, self._match, *_ids(place, day, day), *span)

    def _days(self, places: Sequence[int], span: Span, *, down: bool, limit: int, offset: int) -> list[int]:
        first, last = span.days
        low, high = _ids(places[0], first, first)[0], _ids(places[-1], last, last)[1]
        if len(places) == 1:
            rows = self._all(NEAR.format(way="DESC" if down else ""), self._match, low, high, limit, offset)
        else:
            rows = self._all(ACROSS, self._match, low, high, first, last, limit, offset)
        return sorted({(int(row[0]) >> NUMBERS) & LAST for row in rows})

    def _rows(self, places: Sequence[int], days: tuple[int, int], *, down: bool, limit: int, offset: int) -> list[str]:
        rows = " UNION ALL ".join([MATCH.format(what="rowid")] * len(places))
        told: list[Any] = [value for place in places for value in (self._match, *_ids(place, *days))]
        return [str(row[0]) for row in self._all(ROWS.format(rows=rows, way="DESC" if down else ""), *told, limit, offset)]

    def _one(self, asked: str, *told: Any) -> int:
        return int(self._all(asked, *told)[0][0])

    def _all(self, asked: str, *told: Any) -> Sequence[Any]:
        return self._sql.exec_driver_sql(asked, told).all()


def serves(sought: Sought, now_ms: int) -> bool:
    """Return whether a list of the centre's is found so: by nothing that the index does not know."""
    tab = sought.tab in PLACES or sought.tab == "overdue"
    strange = any(value for name, value in sought._asdict().items() if name not in KNOWN)
    return tab and not strange and tells(sought.due, now_ms)


def tells(due: str, now_ms: int) -> bool:
    """Return whether a filter by deadline is one that days tell of."""
    return not due or due in spans(now_ms)


def tallied(sql: Connection, due: str, now_ms: int) -> dict[str, int]:
    """Return how many reports there are behind each tab, whatever they are, with a filter by deadline or without."""
    span = spans(now_ms).get(due, ALL)
    told, late = _tally(sql, span), _tally(sql, Span(span.since, min(span.until, now_ms)))
    places = OPEN if due else tuple(PLACES.values())
    counts = {name: told.get(place, 0) if place in places else 0 for name, place in PLACES.items()}
    return counts | {"overdue": sum(late.get(place, 0) for place in OPEN)}


def _tally(sql: Connection, span: Span) -> dict[int, int]:
    """Return how many reports of each tab lie in a span; of a day that it tears, the open ones alone."""
    if span.since >= span.until:
        return {}
    torn, (first, last) = span.torn, span.days
    days = (first + (first in torn), last - (last in torn))
    told = {int(row[0]): int(row[1]) for row in _asked(sql, f"{CELLS} WHERE cell & {LAST} BETWEEN ? AND ? GROUP BY 1", *days)}
    open_ = TORN.format(open="open = 1" if sql.dialect.name == "sqlite" else "open")
    for day in torn:
        for name, n in _asked(sql, open_, max(span.since, day * DAY_MS), min(span.until, _end(day))):
            told[PLACES[name]] = told.get(PLACES[name], 0) + n
    return told


def _asked(sql: Connection, asked: str, *told: Any) -> Sequence[Any]:
    mark = "?" if sql.dialect.name == "sqlite" else "%s"
    return sql.exec_driver_sql(asked.replace("?", mark), told).all()


def spans(now_ms: int) -> dict[str, Span]:
    """Return what each filter by deadline lets through."""
    return {"overdue": Span(0, now_ms), "soon": Span(now_ms, now_ms + DAY_MS + 1), "paused": Span(FOREVER, EVER)}


def _day(at_ms: int) -> int:
    return min(max(at_ms // DAY_MS, 0), LAST)


def _end(day: int) -> int:
    """Return when a day ends; the last holds all that comes after it."""
    return EVER if day == LAST else (day + 1) * DAY_MS


def _ids(place: int, first: int, last: int) -> tuple[int, int]:
    """Return the stretch of the index that holds these days of a tab, both included."""
    return (place << DAYS | first) << NUMBERS, ((place << DAYS | last) + 1 << NUMBERS) - 1
