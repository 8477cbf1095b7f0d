"""Reports in the record: each as it stands now, and the roll-ups that its changes move."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from dashboard.calendar import THURSDAY
from dashboard.events import Heard, Recorded, ReportChanged, Said
from dashboard.rollups import EIGHT, KEPT_FIELDS, hours_cell, kept_cells, pending_cells, promised, report_cells, slot_cell
from data.store import bulk, hours, words
from data.store.judge import encode
from data.store.reckoned import marks_of
from data.store.tables import BY_DAYS, REPORT, REPORT_DAY, REPORT_PENDING, REPORT_SLOT

SLOTTED = frozenset({"all", "ward"})
COLUMNS = tuple(column.name for column in REPORT_DAY.columns if not column.primary_key)


class Moved:
    """By how much a batch moves each roll-up of reports. Keys are those of the tables."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._days: Counter[tuple[str, int, str, str]] = Counter()
        self._hours: Counter[tuple[str, str, int, int]] = Counter()
        self._slots: Counter[tuple[str, str, int, int]] = Counter()
        self._pending: Counter[tuple[str, int, int, str]] = Counter()

    def add(self, heard: Heard | None, due: int, sign: int) -> None:
        """Count one report; `sign` −1 takes it back."""
        if heard is None:
            return
        cells, kept = list(report_cells(heard, due, self._zone)), list(kept_cells(heard, due, self._zone))
        took, slot = hours_cell(heard, self._zone), slot_cell(heard, self._zone)
        told = list(_dimensions(heard))
        _count(self._days, [(dim, day, value, field) for dim, value in told for day, field in cells], sign)
        for dim, value in told:
            for day, field, n in kept:
                self._days[dim, day, value, field] += sign * n
        if took is not None:
            _count(self._hours, [(dim, value, *took) for dim, value in told], sign)
        if slot is not None:
            _count(self._slots, [(dim, value, *slot) for dim, value in told if dim in SLOTTED], sign)
        pending = list(pending_cells(heard, due))
        _count(self._pending, [(dim, *cell, value) for dim, value in told if dim != "all" for cell in pending], sign)

    def write(self, sql: Connection) -> None:
        """Add what was counted to what the record holds."""
        self._gather()
        bulk.upsert(sql, REPORT_DAY, _day_rows(self._days), add=KEPT_FIELDS)
        hours.add(sql, self._hours)
        bulk.upsert(sql, REPORT_SLOT, [(*cell, n) for cell, n in self._slots.items() if n], add=("n",))
        pending = [(*cell, n) for cell, n in self._pending.items() if n]
        bulk.upsert(sql, REPORT_PENDING, pending, add=("n",))
        if pending:
            sql.exec_driver_sql("DELETE FROM report_pending WHERE n = 0")

    def _gather(self) -> None:
        """Count what was counted by day by more days together too."""
        days, took, slots = list(self._days.items()), list(self._hours.items()), list(self._slots.items())
        for tier, by in enumerate(BY_DAYS[1:], 1):
            wide = EIGHT * tier
            for (dim, day, value, field), n in days:
                self._days[dim + by, day >> wide, value, field] += n
            for (dim, value, day, bucket), n in took:
                self._hours[dim + by, value, day >> wide, bucket] += n
            for (dim, value, day, hour), n in slots:
                self._slots[dim + by, value, day >> wide, (day + THURSDAY) % 7 * 24 + hour] += n


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
    bulk.upsert(sql, REPORT, [row(key, *standing[key]) for key in keys])
    words.write(sql, said, told)
    moved = Moved(zone)
    for one in told:
        moved.add(one.before, one.before_due, -1)
        moved.add(one.heard, one.due, 1)
    moved.write(sql)


def _changed(heard: Heard) -> ReportChanged | None:
    return heard.event if isinstance(heard.event, ReportChanged) else None


def _dimensions(heard: Heard | None) -> Iterable[tuple[str, str]]:
    event = None if heard is None else _changed(heard)
    if heard is None or event is None:
        return ()
    return (("all", ""), ("service", event.service), ("ward", heard.ward), ("unit", event.unit or ""))


def row(key: str, heard: Heard, due: int) -> bulk.Row:
    """Return a report's row."""
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
        promised(event, due),
        marks_of(event, due),
        event.path.extended if event.path else None,
    )
