"""The past, from roll-ups only: what a leader's page asks costs the same after ten years as after a day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import add

from sqlalchemy import Connection, Engine, func, select

from dashboard.calendar import month_of, month_start
from dashboard.past import DayCounts
from dashboard.periods import Span, whole_months
from dashboard.rollups import KEPT_FIELDS
from data.store.tables import BY_MONTH, HOUR_ONLINE, REPORT, REPORT_DAY, REPORT_HOURS

YEARS_BACK = 50  # further back than any record goes
FRESH_HOURS = 48  # a room that said nothing for so long is not known


class SqlHistory:
    """One city's past. Days are the city's day numbers, both ends included."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def days(self, first: int, last: int, *, ward: str = "") -> dict[int, DayCounts]:
        """Return the reports of each day that had any, of the whole city or of a ward."""
        dim = "ward" if ward else "all"
        c = REPORT_DAY.c
        wanted = select(c.day, *[c[field] for field in KEPT_FIELDS]).where(
            c.dim == dim, c.value == ward, c.day.between(first, last)
        )
        with self._engine.connect() as sql:
            return {row[0]: DayCounts(*row[1:]) for row in sql.execute(wanted)}

    def by(self, dim: str, first: int, last: int) -> dict[str, DayCounts]:
        """Return the reports of a stretch by `service`, `ward` or `unit`."""
        c = REPORT_DAY.c
        sums = [func.sum(c[field]) for field in KEPT_FIELDS]
        found: dict[str, DayCounts] = {}
        with self._engine.connect() as sql:
            for cells, low, high in _pieces(dim, first, last):
                wanted = select(c.value, *sums).where(c.dim == cells, c.day.between(low, high)).group_by(c.value)
                for value, *counts in sql.execute(wanted):
                    found[value] = DayCounts(*map(add, found.get(value, DayCounts()), map(int, counts)))
        return found

    def hours(self, first: int, last: int, *, ward: str = "") -> Counter[int]:
        """Return the histogram of hours to close (dashboard.rollups.EDGES) of reports closed in a stretch."""
        c = REPORT_HOURS.c
        found: Counter[int] = Counter()
        with self._engine.connect() as sql:
            for cells, low, high in _pieces("ward" if ward else "all", first, last):
                wanted = select(c.bucket, func.sum(c.n)).where(c.dim == cells, c.value == ward, c.day.between(low, high))
                for bucket, n in sql.execute(wanted.group_by(c.bucket)):
                    found[bucket] += int(n)
        return found

    def overdue(self, now_ms: int) -> list[tuple[str, str, int]]:
        """Return (service, ward, due) of every open report that is past its deadline, the oldest first."""
        c = REPORT.c
        wanted = select(c.service, c.ward, c.due).where(c.open, c.due < now_ms).order_by(c.due)
        with self._engine.connect() as sql:
            return [(service, ward, due) for service, ward, due in sql.execute(wanted)]

    def overdue_at(self, day: int, *, ward: str = "") -> int | None:
        """Return how many reports were overdue when a day ended; None where nothing is known of that time."""
        c = REPORT_DAY.c
        lapsed, late, known = 0, 0, False
        with self._engine.connect() as sql:
            for cells, low, high in _pieces("ward" if ward else "all", _beginning(day), day):
                wanted = select(func.sum(c.lapsed), func.sum(c.late)).where(
                    c.dim == cells, c.value == ward, c.day.between(low, high)
                )
                more, less = sql.execute(wanted).one()
                known = known or more is not None
                lapsed, late = lapsed + int(more or 0), late + int(less or 0)
        return lapsed - late if known else None

    def online(self, hours: Sequence[int]) -> list[int | None]:
        """Return how many cameras were online at the end of each hour of the city's clock; None where nothing is known."""
        with self._engine.connect() as sql:
            return [self._online(sql, hour) for hour in hours]

    def _online(self, sql: Connection, hour: int) -> int | None:
        c = HOUR_ONLINE.c
        wanted = select(c.online).where(c.hour <= hour, c.hour > hour - FRESH_HOURS).order_by(c.hour.desc()).limit(1)
        found = sql.scalar(wanted)
        return None if found is None else int(found)


def _beginning(day: int) -> int:
    """Return the first day of a month before any record."""
    return month_start(month_of(day) - 12 * YEARS_BACK)


def _pieces(dim: str, first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """Yield (dimension, first, last) of the cells to add up: whole months as months, what is left as days."""
    edges, months = whole_months(Span(first, last))
    for edge in edges:
        yield dim, edge.first, edge.last
    if months:
        yield f"{dim}{BY_MONTH}", months.first, months.last
