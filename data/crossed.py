"""The past of reports that are cut by more than one of ward, unit and service: no roll-up knows them, so their rows are counted.

Two indexes hold what is counted, so that no report itself is read (decisions/010); what they find is counted by numpy.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from msgspec import json
from sqlalchemy import Engine, case, func, literal_column, select

from dashboard.calendar import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, THURSDAY, day_of, day_start_ms, hour_of
from dashboard.past import CITY_WIDE, DayCounts, Held, History, Late, Overdue, Part, total
from dashboard.periods import Span
from dashboard.rollups import EDGES, FAR, KEPT_FIELDS
from data.store.reckoned import APART, CHECKED, ELIGIBLE, LEVELS, RATING, RECURS
from data.store.tables import REPORT

NEVER = 0
NUMBERS = json.Decoder(list[int]).decode
BELOW = 64  # what marks are (data.store.reckoned)


@dataclass(frozen=True)
class Rows:
    """Reports, column by column; instants in epoch ms, `closed` 0 while open, `extended` 0 for never; `marks`: data.store.reckoned."""

    submitted: Any
    due: Any
    closed: Any
    marks: Any
    promised: Any
    extended: Any

    @cached_property
    def done(self) -> Any:
        """Which are closed."""
        return self.closed != NEVER

    @cached_property
    def met(self) -> Any:
        """Which were closed within the deadline that was promised."""
        return self.done & (self.closed <= self.promised)

    @cached_property
    def borne(self) -> Any:
        """Which were closed within the deadline that counts now."""
        return self.done & (self.closed <= self.due)


class Crossed:
    """The past of one part of a city. What is not of a part is answered by `whole`."""

    def __init__(self, engine: Engine, zone: str, part: Part, whole: History) -> None:
        self._engine, self._zone, self._part = engine, zone, part
        self.by, self.online = whole.by, whole.online
        self.standing, self._late = whole.standing, whole.late

    def of(self, _part: Part) -> "Crossed":
        """Return this: it is of its part alone."""
        return self

    @cached_property
    def _rows(self) -> Rows:
        """Return the part's reports. Those whose deadline was moved, which are few, are read apart: the indexes know one deadline."""
        c = REPORT.c
        closed = case((c.open, NEVER), else_=func.coalesce(c.closed, NEVER))
        mine = [c[dim] == value for dim, value in self._part.pairs]
        # Two of the numbers in one: what a page costs is how many come out of the driver.
        packed, due, ended = self._read(select(c.submitted * BELOW + c.marks, c.due, closed).where(*mine))
        marks = packed % BELOW
        plain = marks < APART
        columns = (packed // BELOW, due, ended, marks, due, np.zeros_like(due))
        rows = np.vstack([column[plain] for column in columns])
        if not plain.all():
            few = (c.submitted, c.due, closed, c.marks, c.promised, func.coalesce(c.extended, NEVER))
            rows = np.hstack([rows, self._read(select(*few).where(*mine, c.marks >= literal_column(str(APART))))])
        return Rows(*rows)

    def _read(self, wanted: Any) -> Any:
        """Return what is asked as columns of whole numbers."""
        with self._engine.connect() as sql:
            # Columns as lists: to make a tuple of each row takes SQLite's driver longer than all the rest.
            if sql.dialect.name == "sqlite":
                lists = sql.execute(select(*map(func.json_group_array, wanted.subquery().c))).one()
                return np.array([NUMBERS(one) for one in lists], np.int64)
            # The driver's own tuples, and out of them one row of numbers: half of the time went into making rows of rows.
            found = sql.execute(wanted).cursor.fetchall()
        wide = len(wanted.selected_columns)
        return np.fromiter(chain.from_iterable(found), np.int64, count=wide * len(found)).reshape(-1, wide).T

    def _day(self, instants: Any) -> Any:
        """Return the city's day number of each instant."""
        if not len(instants):
            return instants
        first, last = (day_of(int(one), self._zone) for one in (instants.min(), instants.max()))
        starts = np.array([day_start_ms(day, self._zone) for day in range(first, last + 2)])
        if (np.diff(starts) == DAY_MS).all():  # the clock does not change meanwhile: a division is done long before a search
            return first + (instants - starts[0]) // DAY_MS
        return first + np.searchsorted(starts, instants, side="right") - 1

    @cached_property
    def _cells(self) -> dict[str, Counter[int]]:
        """Count every field by day, as dashboard.rollups does."""
        rows = self._rows
        known, lapsed = rows.promised < FAR, (rows.due < FAR) & ~rows.borne
        closed_day, last_day = self._day(rows.closed[rows.done]), self._day(rows.promised[known] - 1)
        rating, met = rows.marks[rows.done] & RATING, rows.met[rows.done]
        days = {
            "received": self._day(rows.submitted),
            **self._path_days(),
            "granted": closed_day[~met & rows.borne[rows.done]],
            "closed": closed_day,
            "on_time": closed_day[met],
            "late": closed_day[~met],
            "due": last_day,
            "met": last_day[rows.met[known]],
            "lapsed": self._day(rows.due[lapsed]),
            "rated": closed_day[rating > 0],
            "content": closed_day[rating >= LEVELS["acceptable"]],
            "satisfied": closed_day[rating == LEVELS["satisfied"]],
        }
        cells = {name: _tally(found) for name, found in days.items()}
        minutes = np.maximum(rows.closed - rows.submitted, 0)[rows.done] // MINUTE_MS
        return cells | {"minutes": _tally(closed_day, minutes)}

    def _path_days(self) -> dict[str, Any]:
        rows = self._rows
        eligible = (rows.marks & ELIGIBLE) > 0
        which = {
            "checked": (rows.marks & CHECKED) > 0,
            "eligible": eligible,
            "handled": eligible & rows.done,
            "recurring": (rows.marks & RECURS) > 0,
        }
        return {name: self._day(rows.submitted[mask]) for name, mask in which.items()} | {
            "extended": self._day(rows.extended[rows.extended != NEVER])
        }

    def days(  # it is of its part alone, and knows every field
        self,
        first: int,
        last: int,
        *,
        part: Part = CITY_WIDE,  # noqa: ARG002
        fields: Sequence[str] = KEPT_FIELDS,  # noqa: ARG002
    ) -> dict[int, DayCounts]:
        """Return the reports of each day that had any."""
        found = {day for cells in self._cells.values() for day in cells if first <= day <= last}
        return {day: DayCounts(*(self._cells[field][day] for field in KEPT_FIELDS)) for day in found}

    def sums(self, spans: Sequence[Span], *, part: Part = CITY_WIDE) -> list[DayCounts | None]:  # noqa: ARG002  as above
        """Return the reports of each stretch; None where the record has nothing of it at all, which is not 0."""
        days = self.days(min(span.first for span in spans), max(span.last for span in spans))
        return [total(days, span) for span in spans]

    def held(self, days: Sequence[int], *, part: Part = CITY_WIDE) -> list[Held | None]:  # noqa: ARG002  as above
        """Return what was open at each day's end; None where nothing is known of that time."""
        return [self._held(day_start_ms(day + 1, self._zone)) for day in days]

    def _held(self, end: int) -> Held | None:
        rows = self._rows
        received, closed = int((rows.submitted < end).sum()), rows.done & (rows.closed < end)
        lapsed, late = int((~rows.borne & (rows.due < end)).sum()), int((closed & (rows.closed > rows.due)).sum())
        return Held(received - int(closed.sum()), lapsed - late) if received or closed.any() or lapsed else None

    def late(self, now_ms: int, *, part: Part = CITY_WIDE) -> Late:  # noqa: ARG002  as above
        """Return how many are overdue in the whole city, by ward, unit and service, and what of the part is."""
        due = self._rows.due[~self._rows.done & (self._rows.due < now_ms)]
        return self._late(now_ms)._replace(mine=Overdue(len(due), int(due.min()) if len(due) else None))

    def due_soon(self, now_ms: int, *, part: Part = CITY_WIDE) -> int:  # noqa: ARG002  as above
        """Return how many open reports fall due within a day (F5)."""
        rows = self._rows
        return int((~rows.done & (rows.due >= now_ms) & (rows.due < now_ms + DAY_MS)).sum())

    def hours(self, spans: Sequence[Span], *, part: Part = CITY_WIDE) -> list[Counter[int]]:  # noqa: ARG002  as above
        """Return the histogram of hours to close (dashboard.rollups.EDGES) of reports closed in each stretch."""
        rows, found = self._rows, []
        for span in spans:
            begins, ends = day_start_ms(span.first, self._zone), day_start_ms(span.last + 1, self._zone)
            inside = rows.done & (rows.closed >= begins) & (rows.closed < ends)
            hours = np.maximum(rows.closed - rows.submitted, 0)[inside] / HOUR_MS
            found.append(_tally(np.searchsorted(EDGES, hours, side="right")))
        return found

    def slots(self, span: Span, *, ward: str = "") -> Counter[int]:  # noqa: ARG002  as above
        """Return how many reports were submitted in each hour of the week: weekday × 24 + hour, Monday 0."""
        submitted = self._rows.submitted
        starts = np.array([day_start_ms(day, self._zone) for day in range(span.first, span.last + 2)])
        inside = submitted[(submitted >= starts[0]) & (submitted < starts[-1])]
        day = np.searchsorted(starts, inside, side="right") - 1
        hour, even = (inside - starts[day]) // HOUR_MS, (np.diff(starts) == DAY_MS)[day]
        found = _tally((span.first + day[even] + THURSDAY) % 7 * 24 + hour[even])
        for quarter, n in _tally(
            inside[~even] // QUARTER_MS
        ).items():  # a day on which the clock changes, which it never does within one
            on, at = divmod(hour_of(quarter * QUARTER_MS, self._zone), 24)
            found[(on + THURSDAY) % 7 * 24 + at] += n
        return found


def _tally(keys: Any, weights: Any = None) -> Counter[int]:
    """Return how many there are of each whole number, or the sum of their weights."""
    if not len(keys):
        return Counter()
    low = int(keys.min())
    sums = np.bincount(keys - low, weights)
    some = np.flatnonzero(sums)
    return Counter(dict(zip((some + low).tolist(), sums[some].astype(np.int64).tolist(), strict=True)))
