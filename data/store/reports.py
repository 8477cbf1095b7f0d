"""Reports in the record: each as it stands now, and the roll-ups that its changes move."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from dashboard.calendar import date_of, month_of
from dashboard.events import Heard, Recorded, ReportChanged, Said
from dashboard.rollups import KEPT_FIELDS, hours_cell, kept_cells, report_cells, slot_cell
from data.store import bulk, words
from data.store.judge import decode, encode
from data.store.tables import BY_MONTH, REPORT, REPORT_DAY, REPORT_HOURS, REPORT_SLOT

AT_ONCE = 20_000
SLOTTED = frozenset({"all", "ward"})
COLUMNS = tuple(column.name for column in REPORT_DAY.columns if not column.primary_key)


class Moved:
    """By how much a batch moves each roll-up of reports. Keys are those of the tables, by day and by month."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._days: Counter[tuple[str, int, str, str]] = Counter()
        self._hours: Counter[tuple[str, str, int, int]] = Counter()
        self._slots: Counter[tuple[str, str, int, int]] = Counter()

    def add(self, heard: Heard | None, due: int, sign: int) -> None:
        """Count one report; `sign` −1 takes it back."""
        if heard is None:
            return
        cells, kept = list(report_cells(heard, due, self._zone)), list(kept_cells(heard, due, self._zone))
        hours, slot = hours_cell(heard, self._zone), slot_cell(heard, self._zone)
        told = list(_dimensions(heard))
        _count(self._days, [(dim, day, value, field) for dim, value in told for day, field in cells], sign)
        for dim, value in told:
            for day, field, n in kept:
                self._days[dim, day, value, field] += sign * n
        if hours is not None:
            _count(self._hours, [(dim, value, *hours) for dim, value in told], sign)
        if slot is not None:
            _count(self._slots, [(dim, value, *slot) for dim, value in told if dim in SLOTTED], sign)

    def write(self, sql: Connection) -> None:
        """Add what was counted to what the record holds; months are made of their days."""
        days, hours, slots = Counter(self._days), Counter(self._hours), Counter(self._slots)
        for (dim, day, value, field), n in self._days.items():
            days[dim + BY_MONTH, month_of(day), value, field] += n
        for (dim, value, day, bucket), n in self._hours.items():
            hours[dim + BY_MONTH, value, month_of(day), bucket] += n
        for (dim, value, day, hour), n in self._slots.items():
            slots[dim + BY_MONTH, value, month_of(day), date_of(day).weekday() * 24 + hour] += n
        bulk.upsert(sql, REPORT_DAY, _day_rows(days), add=KEPT_FIELDS)
        bulk.upsert(sql, REPORT_HOURS, [(*cell, n) for cell, n in hours.items() if n], add=("n",))
        bulk.upsert(sql, REPORT_SLOT, [(*cell, n) for cell, n in slots.items() if n], add=("n",))


def _count(counter: Counter[Any], cells: list[Any], sign: int) -> None:
    """Add one for each cell, or take it away."""
    (counter.update if sign > 0 else counter.subtract)(cells)


def _day_rows(days: Counter[tuple[str, int, str, str]]) -> list[bulk.Row]:
    cells: dict[tuple[str, int, str], dict[str, int]] = {}
    for (dim, day, value, field), n in days.items():
        cells.setdefault((dim, day, value), {})[field] = n
    return [(*cell, *(counts.get(field, 0) for field in COLUMNS)) for cell, counts in cells.items() if any(counts.values())]


def write(
    sql: Connection, standing: Mapping[str, tuple[Heard, int]], told: Sequence[Recorded], zone: str, *, said: Mapping[str, Said]
) -> None:
    """Write the reports as they stand, and move their counts from where they were told before to where they are now."""
    keys = {f"{one.heard.source}/{one.heard.event.report}" for one in told if isinstance(one.heard.event, ReportChanged)}
    bulk.upsert(sql, REPORT, [_report(key, *standing[key]) for key in keys])
    words.write(sql, said, told)
    moved = Moved(zone)
    for one in told:
        moved.add(one.before, one.before_due, -1)
        moved.add(one.heard, one.due, 1)
    moved.write(sql)


def recount(sql: Connection, zone: str) -> None:
    """Count the days anew from the reports themselves where a migration has let go of them."""
    if sql.scalar(select(REPORT_DAY.c.day).limit(1)) is not None:
        return
    last = ""
    while rows := sql.execute(_after(last)).all():
        moved, last = Moved(zone), rows[-1].key
        heard = [(key, decode(body), due) for key, body, due in rows]
        for _, one, due in heard:
            moved.add(one, due, 1)
        moved.write(sql)
        _rate(sql, heard)


def _after(key: str) -> Any:
    return select(REPORT.c.key, REPORT.c.body, REPORT.c.due).where(REPORT.c.key > key).order_by(REPORT.c.key).limit(AT_ONCE)


def _rate(sql: Connection, reports: Iterable[tuple[str, Heard, int]]) -> None:
    """Write beside each report how its sender rated it."""
    rated = [{"key_": key, "rating_": event.rating} for key, heard, _ in reports if (event := _changed(heard)) and event.rating]
    if rated:
        sql.execute(REPORT.update().where(REPORT.c.key == bindparam("key_")).values(rating=bindparam("rating_")), rated)


def _changed(heard: Heard) -> ReportChanged | None:
    return heard.event if isinstance(heard.event, ReportChanged) else None


def _dimensions(heard: Heard | None) -> Iterable[tuple[str, str]]:
    event = None if heard is None else _changed(heard)
    if heard is None or event is None:
        return ()
    return (("all", ""), ("service", event.service), ("ward", heard.ward), ("unit", event.unit or ""))


def _report(key: str, heard: Heard, due: int) -> bulk.Row:
    event: Any = heard.event
    return (
        key,
        event.report,
        event.service,
        heard.ward,
        event.unit or "",
        event.submitted,
        due,
        event.closed,
        event.open,
        event.lon,
        event.lat,
        encode(heard),
        heard.received,
        event.rating,
    )
