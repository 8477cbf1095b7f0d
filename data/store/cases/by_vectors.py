"""The centre's lists by words and filters on PostgreSQL, counted in narrow rows that lie beside the reports (migration 0034).

One look at them counts every cell of what is found; all counts and the days of the window are read off that. The rows hold neither
words nor reports themselves, so that a word of every third report is some ten thousand pages, each read once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import Connection

from dashboard.reports.cases import Sought
from data.store.cases.by_words import DAYS, LAST, PLACES, ByWords, Span

# A bitmap that has no room keeps pages instead of rows; words that lie apart are not to be read one by one; and a plan is made for the words.
ROOM = (
    "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)
# By `cell + 0`: in the order of the index of cells every report's words would be read to see whether they fit, by which GIN has found them.
CELLS = (
    "SELECT array_agg(cell), array_agg(n) FROM "
    "(SELECT cell + 0 AS cell, count(*) AS n FROM report_search WHERE words @@ {query} GROUP BY 1 ORDER BY 1) AS told"
)
DAY = "SELECT cell, at FROM report_search WHERE words @@ {query} AND cell = ANY(%s)"
ROWS = "SELECT report FROM report_search WHERE words @@ {query} AND ({days}) ORDER BY at {way}, report {way} LIMIT %s OFFSET %s"


class Query(NamedTuple):
    """What tsvectors are asked for, as SQL, with its parameters."""

    sql: str
    told: tuple[str, ...]


class Tab(NamedTuple):
    """The days of a tab that hold anything, and how many there are until before each, and in all."""

    days: list[int]
    sums: list[int]


class Vectors(ByWords):
    """One list on PostgreSQL."""

    def __init__(self, sql: Connection, query: Query, sought: Sought, now_ms: int) -> None:
        super().__init__(sql, sought, now_ms)
        self._query = query
        sql.exec_driver_sql(ROOM)
        cells, counts = self._all(CELLS)[0]
        found = list(zip(cells or (), counts or (), strict=True))
        self._tabs = {place: _tab([(cell & LAST, n) for cell, n in found if cell >> DAYS == place]) for place in PLACES.values()}
        self._looked: dict[int, Sequence[Any]] = {}

    def _whole(self, place: int, first: int, last: int) -> int:
        days, sums = self._tabs[place]
        return max(sums[bisect_right(days, last)] - sums[bisect_left(days, first)], 0)

    def _exact(self, place: int, day: int, span: Span) -> int:
        if not self._whole(place, day, day):
            return 0
        if day not in self._looked:
            self._looked[day] = self._all(DAY, [one << DAYS | day for one in PLACES.values()])
        return sum(cell >> DAYS == place and span.since <= at < span.until for cell, at in self._looked[day])

    def _days(self, places: Sequence[int], span: Span, *, down: bool, limit: int, offset: int) -> list[int]:
        first, last = span.days
        days = sorted({day for place in places for day in self._tabs[place].days if first <= day <= last}, reverse=down)
        until = list(accumulate(sum(self._whole(place, day, day) for place in places) for day in days))
        return sorted(days[bisect_right(until, offset) : bisect_left(until, offset + limit) + 1])

    def _rows(self, places: Sequence[int], days: tuple[int, int], *, down: bool, limit: int, offset: int) -> list[str]:
        ends = [place << DAYS | day for place in places for day in days]
        asked = ROWS.replace("{days}", " OR ".join(["cell BETWEEN %s AND %s"] * len(places)))
        return [str(row[0]) for row in self._all(asked.replace("{way}", "DESC" if down else ""), *ends, limit, offset)]

    def _all(self, asked: str, *told: Any) -> Sequence[Any]:
        return self._sql.exec_driver_sql(asked.replace("{query}", self._query.sql), (*self._query.told, *told)).all()


def _tab(told: list[tuple[int, int]]) -> Tab:
    return Tab([day for day, _ in told], list(accumulate((n for _, n in told), initial=0)))
