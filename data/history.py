"""The past, from roll-ups only: what a leader's page asks costs the same after ten years as after a day."""

from collections import Counter
from collections.abc import Iterator
from operator import add

from sqlalchemy import Engine, func, select

from dashboard.city import City
from dashboard.leader import DayCounts
from dashboard.periods import Span, whole_months
from data.store.tables import BY_MONTH, DAY_KIND, REPORT, REPORT_DAY, REPORT_HOURS

FIELDS = ("received", "closed", "on_time", "late")


class SqlHistory:
    """One city's past. Days are the city's day numbers, both ends included."""

    def __init__(self, engine: Engine, city: City) -> None:
        self._engine, self._city = engine, city

    def days(self, first: int, last: int, *, ward: str = "") -> dict[int, DayCounts]:
        """Return the reports of each day that had any, of the whole city or of a ward."""
        dim = "ward" if ward else "all"
        c = REPORT_DAY.c
        wanted = select(c.day, *[c[field] for field in FIELDS]).where(c.dim == dim, c.value == ward, c.day.between(first, last))
        with self._engine.connect() as sql:
            return {row[0]: DayCounts(*row[1:]) for row in sql.execute(wanted)}

    def by(self, dim: str, first: int, last: int) -> dict[str, DayCounts]:
        """Return the reports of a stretch by `service`, `ward` or `unit`."""
        c = REPORT_DAY.c
        sums = [func.sum(c[field]) for field in FIELDS]
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

    def events(self, first: int, last: int) -> dict[int, int]:
        """Return how many events (records left out) cameras saw on each day."""
        c = DAY_KIND.c
        own = {"report_new", "report_changed", "camera_lost", "camera_frozen", "camera_back"}
        records = {kind.key for kind in self._city.kinds if kind.event_class == "record"} | own
        wanted = select(c.day, func.sum(c.n)).where(c.day.between(first, last), c.kind.not_in(records)).group_by(c.day)
        with self._engine.connect() as sql:
            return {day: int(n) for day, n in sql.execute(wanted)}

    def overdue(self, now_ms: int) -> list[tuple[str, str, int]]:
        """Return (service, ward, due) of every open report that is past its deadline, the oldest first."""
        c = REPORT.c
        wanted = select(c.service, c.ward, c.due).where(c.open, c.due < now_ms).order_by(c.due)
        with self._engine.connect() as sql:
            return [(service, ward, due) for service, ward, due in sql.execute(wanted)]

    def items(self, first_ms: int, last_ms: int, *, state: str, now_ms: int, limit: int) -> list[dict[str, object]]:
        """Return reports behind a number: `received` in [first, last), or `overdue`."""
        c = REPORT.c
        columns = (c.report, c.service, c.ward, c.unit, c.submitted, c.due, c.closed, c.open)
        wanted = select(*columns).order_by(c.submitted.desc()).limit(limit)
        if state == "overdue":
            wanted = select(*columns).where(c.open, c.due < now_ms).order_by(c.due).limit(limit)
        else:
            wanted = wanted.where(c.submitted >= first_ms, c.submitted < last_ms)
        with self._engine.connect() as sql:
            return [dict(row._mapping) for row in sql.execute(wanted)]  # noqa: SLF001  its public name


def _pieces(dim: str, first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """Yield (dimension, first, last) of the cells to add up: whole months as months, what is left as days."""
    edges, months = whole_months(Span(first, last))
    for edge in edges:
        yield dim, edge.first, edge.last
    if months:
        yield f"{dim}{BY_MONTH}", months.first, months.last
