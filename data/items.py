"""Lists of reports, page by page, found by the indexes on their instants."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine, literal_column, select, tuple_

from dashboard.calendar import DAY_MS, day_start_ms
from dashboard.items import PAGE, Asked, Cursor, Item
from dashboard.kinds import FOREVER
from dashboard.masking import hidden
from data.store.engine import or_away
from data.store.reckoned import APART, CHECKED, ELIGIBLE, RECURS
from data.store.tables import REPORT

C = REPORT.c
DONE = (~C.open, C.closed.is_not(None))
SUBMITTED, CLOSED, DUE = (C.submitted, ()), (C.closed, DONE), (C.promised, ())
VERIFIED = C.marks.bitwise_and(ELIGIBLE) != 0
# By which instant each list is cut and ordered, and what else holds for its reports. Of days:
LISTS: dict[str, tuple[Any, Sequence[Any]]] = {
    "received": SUBMITTED,
    "closed": CLOSED,
    "on_time": (C.closed, (*DONE, C.closed <= C.promised)),
    "late": (C.closed, (*DONE, C.closed > C.promised)),
    "due": DUE,
    "met": (C.promised, (*DONE, C.closed <= C.promised)),
    "missed": (C.promised, (C.open | C.closed.is_(None) | (C.closed > C.promised),)),
    "rated": (C.closed, (*DONE, C.rating.is_not(None))),
    "checked": (C.submitted, (C.marks.bitwise_and(CHECKED) != 0,)),
    "eligible": (C.submitted, (VERIFIED,)),
    "handled": (C.submitted, (*DONE, VERIFIED)),
    "extended": (C.extended, (C.extended.is_not(None),)),
    "granted": (C.closed, (*DONE, C.closed > C.promised, C.closed <= C.due)),
    "recurring": (C.submitted, (C.marks >= literal_column(str(APART)), C.marks.bitwise_and(RECURS) != 0)),
    **{level: (C.closed, (*DONE, C.rating == level)) for level in ("satisfied", "acceptable", "dissatisfied")},
}
# Of now, the earliest deadline first:
OPEN: dict[str, Callable[[int], Sequence[Any]]] = {
    "open": lambda _: (),
    "overdue": lambda now: (C.due < now,),
    "in_time": lambda now: (C.due >= now,),
    "due_24h": lambda now: (C.due >= now, C.due < now + DAY_MS),
}


class SqlItems:
    """Lists of one city's reports; `zone` is its time zone's name."""

    def __init__(self, engine: Engine, zone: str) -> None:
        self._engine, self._zone = engine, zone

    def listed(self, asked: Asked) -> tuple[Sequence[Item], Cursor | None]:
        """Return a page of a list, of days the newest first, and where the next begins."""
        order, where = self._cut(asked)
        newest_first = asked.name not in OPEN
        by = (order.desc(), C.key.desc()) if newest_first else (order, C.key)
        if asked.after is not None:
            here = tuple_(order, C.key)
            where = [*where, here < tuple_(*asked.after) if newest_first else here > tuple_(*asked.after)]
        wanted = select(REPORT, order.label("at_")).where(*where).order_by(*by).limit(PAGE + 1)
        with or_away(), self._engine.connect() as sql:
            rows = sql.execute(wanted).all()
        last = rows[PAGE - 1] if len(rows) > PAGE else None
        return [_item(row) for row in rows[:PAGE]], None if last is None else Cursor(last.at_, last.key)

    def _cut(self, asked: Asked) -> tuple[Any, list[Any]]:
        part = [C[dim] == value for dim, value in asked.part.pairs]
        if asked.services is not None:
            part.append(C.service.in_(sorted(asked.services)))
        if asked.name in OPEN:
            return C.due, [C.open, *OPEN[asked.name](asked.now_ms), *part]
        order, more = LISTS[asked.name]
        first, end = day_start_ms(asked.span.first, self._zone), day_start_ms(asked.span.last + 1, self._zone)
        # A deadline of midnight is the end of the day before.
        within = (order > first, order <= end) if order is C.promised else (order >= first, order < end)
        return order, [*within, *more, *part]


def _item(row: Any) -> Item:
    due = row.due if row.due < FOREVER else None
    told = (
        hidden(row.report),
        hidden(row.service),
        row.ward,
        hidden(row.unit),
        row.submitted,
        due,
        min(row.promised, due) if due else None,
    )
    return Item(*told, None if row.open else row.closed, row.rating)
