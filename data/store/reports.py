"""Reports in the record: each as it stands now, and the roll-ups that its changes move."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from dashboard.calendar import month_of
from dashboard.events import Heard, Recorded, ReportChanged, Said
from dashboard.rollups import KEPT_FIELDS, hours_cell, kept_cells, report_cells
from data.store import bulk, words
from data.store.judge import decode, encode
from data.store.tables import BY_MONTH, REPORT, REPORT_DAY, REPORT_HOURS

Days = Counter[tuple[str, int, str, str]]  # dimension, day or month, value, field
AT_ONCE = 20_000


def write(
    sql: Connection, standing: Mapping[str, tuple[Heard, int]], told: Sequence[Recorded], zone: str, *, said: Mapping[str, Said]
) -> None:
    """Write the reports as they stand, and move their counts from where they were told before to where they are now."""
    keys = {f"{one.heard.source}/{one.heard.event.report}" for one in told if isinstance(one.heard.event, ReportChanged)}
    bulk.upsert(sql, REPORT, [_report(key, *standing[key]) for key in keys])
    words.write(sql, said, told)
    days: Days = Counter()
    hours: Counter[tuple[str, str, int, int]] = Counter()
    for one in told:
        for heard, due, sign in ((one.before, one.before_due, -1), (one.heard, one.due, 1)):
            _count(days, heard, due, zone, sign)
            for dim, value in _dimensions(heard):
                if dim in {"all", "ward"} and (cell := hours_cell(heard, zone)) is not None:
                    hours[dim, value, *cell] += sign
                    hours[dim + BY_MONTH, value, month_of(cell[0]), cell[1]] += sign
    bulk.upsert(sql, REPORT_DAY, _day_rows(days), add=KEPT_FIELDS)
    bulk.upsert(sql, REPORT_HOURS, [(*cell, n) for cell, n in hours.items() if n], add=("n",))


def recount(sql: Connection, zone: str) -> None:
    """Count the days anew from the reports themselves where a migration has let go of them."""
    if sql.scalar(select(REPORT_DAY.c.day).limit(1)) is not None:
        return
    days: Days = Counter()
    for body, due in sql.execute(select(REPORT.c.body, REPORT.c.due).execution_options(yield_per=AT_ONCE)):
        _count(days, decode(body), due, zone, 1)
    bulk.upsert(sql, REPORT_DAY, _day_rows(days), add=KEPT_FIELDS)


def _count(days: Days, heard: Heard | None, due: int, zone: str, sign: int) -> None:
    cells = [*report_cells(heard, due, zone), *kept_cells(heard, due, zone)]
    for dim, value in _dimensions(heard):
        for day, field in cells:
            days[dim, day, value, field] += sign
            days[dim + BY_MONTH, month_of(day), value, field] += sign


def _dimensions(heard: Heard | None) -> Iterable[tuple[str, str]]:
    if heard is None or not isinstance(heard.event, ReportChanged):
        return ()
    event = heard.event
    return (("all", ""), ("service", event.service), ("ward", heard.ward), ("unit", event.unit or ""))


def _day_rows(days: Days) -> list[bulk.Row]:
    cells: dict[tuple[str, int, str], dict[str, int]] = {}
    for (dim, day, value, field), n in days.items():
        cells.setdefault((dim, day, value), {})[field] = n
    return [(*cell, *(counts.get(field, 0) for field in KEPT_FIELDS)) for cell, counts in cells.items() if any(counts.values())]


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
    )
