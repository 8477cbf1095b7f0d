"""The reports behind a figure: every number leads to a list, and the list has as many as the number says (UX-90)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from dashboard.city import City
from dashboard.past import CITY_WIDE, DayCounts, History, Part, Standing, within
from dashboard.periods import Period, Span
from dashboard.wanted import Unusable, Wanted

PAGE = 50


class Item(Struct, frozen=True):
    """One report in a list: no text, no sender. Instants in epoch ms; `due` None where no deadline is known, `promised`: the first one."""

    report: str
    service: str
    ward: str
    unit: str
    submitted: int
    due: int | None
    promised: int | None
    closed: int | None
    rating: str | None


class Cursor(NamedTuple):
    """Where a list goes on: behind the report of this instant and key."""

    at: int
    key: str


class Asked(NamedTuple):
    """Which list, of what stretch of days (both ends included), of which part of the city, of which services (None: all), and from where on."""

    name: str
    span: Span
    part: Part
    services: frozenset[str] | None
    now_ms: int
    after: Cursor | None


class Items(Protocol):
    """Lists of reports. Raises Away."""

    def listed(self, asked: Asked) -> tuple[Sequence[Item], Cursor | None]:
        """Return a page of a list and where the next begins; None where there is none."""
        ...


# How many each list has: of a stretch's counts, or of what is open now.
OF_DAYS: dict[str, Callable[[DayCounts], int]] = {
    "received": lambda counts: counts.received,
    "closed": lambda counts: counts.closed,
    "on_time": lambda counts: counts.on_time,
    "late": lambda counts: counts.late,
    "due": lambda counts: counts.due,
    "met": lambda counts: counts.met,
    "missed": lambda counts: counts.due - counts.met,
    "rated": lambda counts: counts.rated,
    "satisfied": lambda counts: counts.satisfied,
    "acceptable": lambda counts: counts.content - counts.satisfied,
    "dissatisfied": lambda counts: counts.rated - counts.content,
    "checked": lambda counts: counts.checked,
    "eligible": lambda counts: counts.eligible,
    "handled": lambda counts: counts.handled,
    "extended": lambda counts: counts.extended,
    "granted": lambda counts: counts.granted,
    "recurring": lambda counts: counts.recurring,
}
OF_NOW: dict[str, Callable[[Standing], int]] = {
    "open": lambda one: one.open,
    "overdue": lambda one: one.overdue,
    "in_time": lambda one: one.open - one.overdue,
    "due_24h": lambda one: one.due_24h,
}
ENDED = frozenset({"due", "met", "missed"})  # these look at days that are over


def asked_for(name: str, wanted: Wanted, city: City, *, field: str, today: int, now_ms: int, after: Cursor | None) -> Asked | None:
    """Return what a list is asked for; None where the period has no day that is over and the list is of such days. Raises Unusable."""
    if name not in OF_DAYS and name not in OF_NOW:
        raise Unusable(f"list must be one of {', '.join([*OF_DAYS, *OF_NOW])}")
    period: Period | None = wanted.period.ended(today) if name in ENDED else wanted.period
    if period is None:
        return None
    known = {one.code: one.field or one.code for one in city.services}
    # A service that the city does not know is a field of its own (dashboard.leader.fields).
    mine = {code for code, its in known.items() if its == field} | ({field} - known.keys())
    services = frozenset(mine) if field else None
    return Asked(name, period.now, CITY_WIDE if field else wanted.part, services, now_ms, after)


def count(history: History, asked: Asked) -> int:
    """Return how many a list has: the very number that led to it."""
    if read := OF_NOW.get(asked.name):
        mine = within(history.standing(asked.now_ms), asked.part)
        return sum(read(one) for one in mine if asked.services is None or one.service in asked.services)
    if asked.services is None:
        (found,) = history.of(asked.part).sums([asked.span], part=asked.part)
        return OF_DAYS[asked.name](found or DayCounts())
    (by_service,) = history.by("service", [asked.span])
    return sum(OF_DAYS[asked.name](counts) for code, counts in by_service.items() if code in asked.services)
