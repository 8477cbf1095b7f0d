"""The past, from roll-ups only: what a leader's page asks costs the same after ten years as after a day.

Every question is one statement, however many stretches it asks about: a page is a dozen round trips.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import add
from typing import Any

import numpy as np
from msgspec import json
from sqlalchemy import Engine, case, func, literal_column, select

from dashboard.calendar import DAY_MS, HOUR_MS, THURSDAY
from dashboard.past import CITY_WIDE, PARTS, DayCounts, Dim, Held, History, Late, Overdue, Part, Standing, counts
from dashboard.periods import Span
from dashboard.rollups import DAY_TIERS, KEPT_FIELDS, slots_within
from data.crossed import Crossed
from data.store.hours import unpacked
from data.store.tables import BY_DAYS, REPORT

SLOTTED = ("all", "ward")
# When what is open falls due (dashboard.rollups.pending_cells): of one dimension, some slots of one tier.
PENDING = "SELECT {{}}, {} FROM report_pending WHERE dim = {{}} AND tier = {{}} AND slot >= {{}} AND slot < {{}}"
# The open reports themselves that fall due in a stretch of time, its end not included; and the first of them before an instant.
DUE = "SELECT {{}}, {} FROM report WHERE {} AND due >= {{}} AND due < {{}}"
FIRST_DUE = "SELECT * FROM (SELECT {{}} AS at_, {} FROM report WHERE {} AND due < {{}}{} ORDER BY due LIMIT 1) AS one"
Asked = tuple[str, int, tuple[Any, ...]]  # a text, the number that its rows begin with, its values
TEXTS, NUMBERS = json.Decoder(list[str]).decode, json.Decoder(list[int]).decode
WEEK_HOURS = 7 * 24
FRESH_HOURS = 48  # a room that said nothing for so long is not known
# Not the bare columns: SQLite would walk the whole index that is ordered by them, and not the few reports that are open and overdue.
APART: dict[str, Any] = {name: literal_column(f"{name} || ''") for name in ("service", "ward", "unit")}
SUMS = ", ".join(f"sum({field})" for field in KEPT_FIELDS)
ANY = f"({' + '.join(KEPT_FIELDS)})"  # none of them is ever below 0


class SqlHistory:
    """One city's past. Days are the city's day numbers, both ends included."""

    def __init__(self, engine: Engine, zone: str) -> None:
        self._engine, self._zone = engine, zone

    def of(self, part: Part) -> History:
        """Return what is to be asked about a part: the roll-ups know one ward, unit or service, and not two of them together."""
        return Crossed(self._engine, self._zone, part, self) if part.more else self

    def days(self, first: int, last: int, *, part: Part = CITY_WIDE, fields: Sequence[str] = KEPT_FIELDS) -> dict[int, DayCounts]:
        """Return the reports of each day that had any; only `fields` are filled."""
        asked = f"SELECT {{}}, {self._listed('day', *fields)} FROM report_day WHERE dim = {{}} AND value = {{}} AND day BETWEEN {{}} AND {{}} AND {ANY} <> 0"  # noqa: S608  our own names
        ((_, *lists),) = self._together(asked, [(0, (part.dim, part.value, first, last))])
        return {day: counts(fields, told) for day, *told in zip(*map(NUMBERS, lists), strict=True)}

    def sums(self, spans: Sequence[Span], *, part: Part = CITY_WIDE) -> list[DayCounts | None]:
        """Return the reports of each stretch; None where the record has nothing of it at all, which is not 0."""
        asked = f"SELECT {{}}, {SUMS} FROM report_day WHERE dim = {{}} AND value = {{}} AND day BETWEEN {{}} AND {{}}"  # noqa: S608  our own names
        cells = [(at, (dim, part.value, *cell)) for at, span in enumerate(spans) for dim, *cell in _cells(part.dim, *span)]
        found: list[DayCounts | None] = [None for _ in spans]
        for at, *told in self._together(asked, cells):
            if any(told):
                found[at] = DayCounts(*map(add, found[at] or DayCounts(), map(int, told)))
        return found

    def by(self, dim: Dim, spans: Sequence[Span], *, fields: Sequence[str] = KEPT_FIELDS) -> list[dict[str, DayCounts]]:
        """Return the reports of each stretch by service, ward or unit; only `fields` are filled."""
        asked = f"SELECT {{}}, {self._listed('value', *fields)} FROM report_day WHERE dim = {{}} AND day BETWEEN {{}} AND {{}}"  # noqa: S608  our own names
        cells = [(at, cell) for at, span in enumerate(spans) for cell in _cells(dim, *span)]
        told: list[list[dict[str, int]]] = [[{} for _ in fields] for _ in spans]
        for at, texts, *lists in self._together(asked, cells):
            values = TEXTS(texts)
            for sums, column in zip(told[at], lists, strict=True):
                for value, n in zip(values, NUMBERS(column), strict=True):
                    sums[value] = sums.get(value, 0) + n
        rows = ({value: [one[value] for one in each] for value in each[0]} for each in told)
        return [{value: counts(fields, row) for value, row in each.items()} for each in rows]

    def held(self, days: Sequence[int], *, part: Part = CITY_WIDE) -> list[Held | None]:
        """Return what was open at each day's end; None where nothing is known of that time."""
        sums = "sum(received), sum(closed), sum(lapsed), sum(late - granted)"
        asked = f"SELECT {{}}, {sums} FROM report_day WHERE dim = {{}} AND value = {{}} AND day BETWEEN {{}} AND {{}}"  # noqa: S608  our own names
        cells = [(at, (dim, part.value, *cell)) for at, day in enumerate(days) for dim, *cell in _cells(part.dim, 0, day)]
        found: list[Held | None] = [None for _ in days]
        for at, received, closed, lapsed, late in self._together(asked, cells):
            if received or closed or lapsed or late:
                before = found[at] or Held(0, 0)
                found[at] = Held(before.open + int(received - closed), before.overdue + int(lapsed - late))
        return found

    def hours(self, spans: Sequence[Span], *, part: Part = CITY_WIDE) -> list[Counter[int]]:
        """Return the histogram of hours to close (dashboard.rollups.EDGES) of reports closed in each stretch."""
        asked = "SELECT {}, counts FROM report_hours WHERE dim = {} AND value = {} AND day BETWEEN {} AND {}"
        cells = [(at, (dim, part.value, *cell)) for at, span in enumerate(spans) for dim, *cell in _cells(part.dim, *span)]
        kept: list[list[bytes]] = [[] for _ in spans]
        for at, counted in self._together(asked, cells):
            kept[at].append(counted)
        return [unpacked(one) for one in kept]

    def slots(self, span: Span, *, ward: str = "") -> Counter[int]:
        """Return how many reports were submitted in each hour of the week: weekday × 24 + hour, Monday 0."""
        kept = (
            "SELECT {{{{}}}}, {} FROM report_slot WHERE dim = {{{{}}}} AND value = {{{{}}}} AND day BETWEEN {{{{}}}} AND {{{{}}}}"
        )
        weekday = f"(day + {THURSDAY} - (day + {THURSDAY}) / 7 * 7) * 24 + slot"
        asked = {of_days: kept.format(self._listed(at, "n")).format() for of_days, at in ((True, weekday), (False, "slot"))}
        cells = list(_cells("ward" if ward else "all", *span))
        found = np.zeros(WEEK_HOURS, np.int64)
        for of_days, text in asked.items():
            some = [(0, (dim, ward, low, high)) for dim, low, high in cells if (dim in SLOTTED) is of_days]
            for _, hours, sums in self._together(text, some):
                np.add.at(found, NUMBERS(hours), NUMBERS(sums))
        return Counter(dict(enumerate(found.tolist())))

    def standing(self, now_ms: int) -> list[Standing]:
        """Return all open reports by service, ward and unit."""
        c = REPORT.c
        late, soon = func.sum(_one(c.due < now_ms)), func.sum(_one(c.due.between(now_ms, now_ms + DAY_MS - 1)))
        wanted = select(*APART.values(), func.count(), late, soon).where(c.open)
        with self._engine.connect() as sql:
            return list(map(Standing._make, sql.execute(wanted.group_by(*APART.values())).cursor.fetchall()))

    def late(self, now_ms: int, *, part: Part = CITY_WIDE) -> Late:
        """Return what is overdue, by ward, unit and service: whole hours from their roll-up, the one under way from the reports."""
        hour = (now_ms - 1) // HOUR_MS
        since, slots = hour * HOUR_MS + 1, list(slots_within(0, hour))
        late = Late(Counter(), Counter(), Counter())
        by, cells = late[:3], [(at, (dim, *cell)) for at, dim in enumerate(PARTS) for cell in slots]
        for at, values, many in self._together(PENDING.format(self._listed("value", "n")), cells):
            of = by[at]
            for value, n in zip(TEXTS(values), NUMBERS(many), strict=True):
                of[value] = of.get(value, 0) + n
        oldest = []
        for is_first, due, *values in self._near(since, now_ms, part, late):
            if not is_first:
                for of, value in zip(by, values, strict=True):
                    of[value] += 1
            if all(values[PARTS.index(dim)] == value for dim, value in part.pairs):
                oldest.append(due)
        return late._replace(mine=Overdue(late.of(part), min(oldest, default=None)))

    def _near(self, since: int, now_ms: int, part: Part, before: Late) -> Sequence[Any]:
        """Return the open reports that fell due in the hour under way, and (1 in front) the part's first before it."""
        columns = f"due, {', '.join(PARTS)}"
        asked: list[Asked] = [(DUE.format(columns, self._open), 0, (since, now_ms))]
        if before.of(part):  # else there is none: the reports of others are not walked through
            mine = "".join(f" AND {dim} || '' = {{}}" for dim, _ in part.pairs)
            asked.append((FIRST_DUE.format(columns, self._open, mine), 1, (since, *(value for _, value in part.pairs))))
        return self._all(asked)

    def due_soon(self, now_ms: int, *, part: Part = CITY_WIDE) -> int:
        """Return how many open reports fall due within a day (F5)."""
        end_ms = now_ms + DAY_MS
        first, last = (now_ms - 1) // HOUR_MS + 1, (end_ms - 1) // HOUR_MS  # the whole hours between
        dim, value = (part.dim, (part.value,)) if part.pairs else (PARTS[0], ())
        whole = PENDING.format("sum(n)") + (" AND value = {}" if value else "")
        edge = DUE.format("count(*)", self._open) + (f" AND {dim} || '' = {{}}" if value else "")
        edges = ((now_ms, first * HOUR_MS + 1), (last * HOUR_MS + 1, end_ms))
        found = [
            *self._together(whole, [(0, (dim, *cell, *value)) for cell in slots_within(first, last)]),
            *self._together(edge, [(0, (*one, *value)) for one in edges]),
        ]
        return sum(int(n) for _, n in found if n)

    def _listed(self, *columns: str) -> str:
        """Return columns as lists in the words of this database: hundreds of short rows take the driver three times as long as they take it."""
        form = "json_group_array({})" if self._engine.dialect.name == "sqlite" else "coalesce(json_agg({})::text, '[]')"
        return ", ".join(map(form.format, columns))

    @property
    def _open(self) -> str:
        """What the index of open reports is made of, in this database's words."""
        return "open = 1" if self._engine.dialect.name == "sqlite" else "open"

    def online(self, hours: Sequence[int]) -> list[int | None]:
        """Return how many cameras were online at the end of each hour of the city's clock; None where nothing is known."""
        asked = "SELECT * FROM (SELECT {} AS at_, online FROM hour_online WHERE hour BETWEEN {} AND {} ORDER BY hour DESC LIMIT 1) AS one"
        told = {
            at: int(online)
            for at, online in self._together(asked, [(at, (hour - FRESH_HOURS + 1, hour)) for at, hour in enumerate(hours)])
        }
        return [told.get(at) for at in range(len(hours))]

    def _together(self, asked: str, cells: Sequence[tuple[int, tuple[Any, ...]]]) -> Sequence[Any]:
        """Ask the same of many stretches in one statement. Each row begins with the number of what it answers; values are parameters."""
        return self._all([(asked, *cell) for cell in cells])

    def _all(self, asked: Sequence[Asked]) -> Sequence[Any]:
        """Ask several things, whose answers are of one shape, in one statement."""
        if not asked:
            return []
        with self._engine.connect() as sql:
            mark = "?" if sql.dialect.name == "sqlite" else "%s"
            texts = [text.format(at, *[mark] * len(cell)) for text, at, cell in asked]
            values = tuple(value for _, _, cell in asked for value in cell)
            found = sql.exec_driver_sql(" UNION ALL ".join(texts), values)
            return found.cursor.fetchall()  # the driver's own tuples: a page reads thousands of cells


def _one(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def _cells(dim: str, first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """Yield (dimension, first, last) of the cells to add up: as many days together as there stand, what is left as days."""
    for tier, begins, end in slots_within(first, last + 1, DAY_TIERS):
        yield f"{dim}{BY_DAYS[tier]}", begins, end - 1
