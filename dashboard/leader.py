"""The leader's figures: periods, formulas, comparisons and judgements (screens.md §5). Pure: rows of days in, tiles out."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple, Protocol

from msgspec import Struct, structs

from dashboard.calendar import date_of
from dashboard.city import City
from dashboard.periods import Name, Span, before, course, span_of, year_before
from dashboard.rollups import median_hours

LEAST_RANKED = 10


class DayCounts(NamedTuple):
    """Reports of a day, or of many: received on it; closed on it, and of these on time and late."""

    received: int = 0
    closed: int = 0
    on_time: int = 0
    late: int = 0


class History(Protocol):
    """The past, by the city's days."""

    def days(self, first: int, last: int, *, ward: str = "") -> dict[int, DayCounts]: ...  # noqa: D102  told above
    def by(self, dim: str, first: int, last: int) -> dict[str, DayCounts]: ...  # noqa: D102
    def hours(self, first: int, last: int, *, ward: str = "") -> Counter[int]: ...  # noqa: D102
    def events(self, first: int, last: int) -> dict[int, int]: ...  # noqa: D102
    def overdue(self, now_ms: int) -> list[tuple[str, str, int]]: ...  # noqa: D102


class Tile(Struct, frozen=True):
    """One answer: value, target, judgement, the same figure one period and one year before, and its course."""

    key: str
    value: float | None
    unit: str
    target: float | None
    verdict: str
    previous: float | None
    last_year: float | None
    spark: list[float | None]
    feed: str
    of: float | None = None


class Rank(Struct, frozen=True):
    """One ward in the ranking; `rank` None where it has too little to be ranked.

    `moved` tells by how many places it rose (negative: fell) against the period before; None where it was not ranked then.
    """

    ward: str
    rank: int | None
    on_time: float | None
    closed: int
    overdue: int
    moved: int | None = None


class Field(Struct, frozen=True):
    """One field of services."""

    field: str
    received: int
    on_time: float | None
    overdue: int


class Leaders(Struct, frozen=True):
    """A leader's page."""

    first: str
    last: str
    compared_first: str
    compared_last: str
    at: int
    tiles: list[Tile]
    ranking: list[Rank]
    fields: list[Field]
    trend: dict[str, list[object]]


def total(days: Mapping[int, DayCounts], span: Span) -> DayCounts | None:
    """Return the sum over a stretch; None where the record has nothing of it at all, which is not 0."""
    inside = [counts for day, counts in days.items() if span.first <= day <= span.last]
    return DayCounts(*map(sum, zip(*inside, strict=True))) if inside else None


def on_time(counts: DayCounts | None) -> float | None:
    """Return the share in percent of closed reports that were closed within their original deadline (F8 A)."""
    return 100 * counts.on_time / counts.closed if counts is not None and counts.closed else None


def received(counts: DayCounts | None) -> float | None:
    """Return the reports received (F1)."""
    return None if counts is None else float(counts.received)


def judged(value: float | None, target: float | None, *, better: str) -> str:
    """Return `met`, `missed` or `none`."""
    if value is None or target is None:
        return "none"
    return "met" if (value >= target if better == "up" else value <= target) else "missed"


def _spark(days: Mapping[int, DayCounts], span: Span, figure: Callable[[DayCounts | None], float | None]) -> list[float | None]:
    """Return the figure's course over the period; a stretch without data is a gap, not a nought."""
    return [figure(total(days, piece)) for piece in course(span)]


def page(history: History, city: City, name: Name, *, now_ms: int, today: date, ward: str = "") -> Leaders:
    """Return the leader's page of a period, of the whole city or of one ward."""
    span = span_of(name, today)
    spans = (span, before(name, span), year_before(span))
    days = [history.days(one.first, one.last, ward=ward) for one in spans]
    late = [item for item in history.overdue(now_ms) if ward in {"", item[1]}]
    return Leaders(
        first=date_of(span.first).isoformat(),
        last=date_of(span.last).isoformat(),
        compared_first=date_of(spans[1].first).isoformat(),
        compared_last=date_of(spans[1].last).isoformat(),
        at=now_ms,
        tiles=[
            _counted("reports_received", days, spans, received, unit="count", target=None, better="none"),
            _counted(
                "reports_on_time", days, spans, on_time, unit="percent", target=city.targets.get("reports_on_time"), better="up"
            ),
            _overdue(late, city),
            _hours(history, spans, city, ward),
            _events(history, spans),
        ],
        ranking=moved(
            ranking(history.by("ward", span.first, span.last), late, city, today),
            ranking(history.by("ward", spans[1].first, spans[1].last), [], city, today),
        ),
        fields=fields(history.by("service", span.first, span.last), late, city),
        trend=_trend(days[0], span),
    )


def _counted(
    key: str,
    days: list[dict[int, DayCounts]],
    spans: tuple[Span, Span, Span],
    figure: Callable[[DayCounts | None], float | None],
    *,
    unit: str,
    target: float | None,
    better: str,
) -> Tile:
    now, previous, last_year = (figure(total(one, span)) for one, span in zip(days, spans, strict=True))
    return Tile(
        key,
        now,
        unit,
        target,
        judged(now, target, better=better),
        previous,
        last_year,
        _spark(days[0], spans[0], figure),
        "reports",
    )


def _overdue(late: list[tuple[str, str, int]], city: City) -> Tile:
    target = city.targets.get("reports_overdue")
    verdict = judged(len(late), target, better="down")
    return Tile("reports_overdue", len(late), "count", target, "act" if verdict == "missed" else verdict, None, None, [], "reports")


def _hours(history: History, spans: tuple[Span, Span, Span], city: City, ward: str) -> Tile:
    now, previous, last_year = (median_hours(history.hours(*one, ward=ward)) for one in spans)
    spark = [median_hours(history.hours(*piece, ward=ward)) for piece in course(spans[0])]
    target = city.targets.get("median_hours")
    return Tile("median_hours", now, "hours", target, judged(now, target, better="down"), previous, last_year, spark, "reports")


def _events(history: History, spans: tuple[Span, Span, Span]) -> Tile:
    found = [history.events(one.first, one.last) for one in spans]
    sums = [float(sum(days.values())) if days else None for days in found]
    spark: list[float | None] = [
        float(found[0][day]) if day in found[0] else None for day in range(spans[0].first, spans[0].last + 1)
    ][-31:]
    return Tile("events", sums[0], "count", None, "none", sums[1], sums[2], spark, "camera_events")


def ranking(by_ward: Mapping[str, DayCounts], late: list[tuple[str, str, int]], city: City, today: date) -> list[Rank]:
    """Return the wards in force by on-time share; ties share a rank, wards with less than ten closed stand last, unranked (UX-89)."""
    open_late = Counter(ward for _, ward, _ in late)
    wards = [one.code for one in city.wards if (one.valid_from or date.min) <= today <= (one.valid_to or date.max)]
    rows = [(code, by_ward.get(code, DayCounts())) for code in wards]
    ranked = sorted(
        (row for row in rows if row[1].closed >= LEAST_RANKED), key=lambda row: (-(on_time(row[1]) or 0), open_late[row[0]], row[0])
    )
    shares = [on_time(counts) or 0.0 for _, counts in ranked]
    first = [
        Rank(code, 1 + sum(one > share for one in shares), share, counts.closed, open_late[code])
        for (code, counts), share in zip(ranked, shares, strict=True)
    ]
    rest = [Rank(code, None, None, counts.closed, open_late[code]) for code, counts in rows if counts.closed < LEAST_RANKED]
    return first + rest


def moved(now: list[Rank], before: list[Rank]) -> list[Rank]:
    """Return the ranking with how far each ward rose or fell."""
    was = {row.ward: row.rank for row in before}
    return [
        structs.replace(row, moved=then - row.rank) if row.rank is not None and (then := was.get(row.ward)) is not None else row
        for row in now
    ]


def fields(by_service: Mapping[str, DayCounts], late: list[tuple[str, str, int]], city: City) -> list[Field]:
    """Return services gathered by field, the fullest first. A service that no pack knows is a field of its own."""
    field_of = {service.code: service.field for service in city.services}
    sums: dict[str, DayCounts] = {}
    for code, counts in by_service.items():
        field = field_of.get(code, code)
        sums[field] = DayCounts(*(a + b for a, b in zip(sums.get(field, DayCounts()), counts, strict=True)))
    open_late = Counter(field_of.get(code, code) for code, _, _ in late)
    found = [Field(field, counts.received, on_time(counts), open_late[field]) for field, counts in sums.items()]
    return sorted(found, key=lambda one: (-one.received, one.field))


def _trend(days: Mapping[int, DayCounts], span: Span) -> dict[str, list[object]]:
    """Return the course day by day; a day without data is None."""
    wanted = range(span.first, span.last + 1)
    return {
        "day": [date_of(day).isoformat() for day in wanted],
        "received": [days[day].received if day in days else None for day in wanted],
        "closed": [days[day].closed if day in days else None for day in wanted],
    }
