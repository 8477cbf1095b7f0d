"""The leader's page: six answers, who does how well, what it is about, how it went (screens.md §5). Pure: counts of days in, figures out."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from msgspec import Struct, structs

from dashboard.calendar import date_of
from dashboard.city import City
from dashboard.masking import hidden
from dashboard.past import DayCounts, History, on_time
from dashboard.periods import Name, Span, before, span_of, year_before
from dashboard.tiles import Asked, Tile, tiles

LEAST_RANKED = 10


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
    """A leader's page. `oldest_due` is the deadline of the report that is overdue for longest (epoch ms)."""

    first: str
    last: str
    compared_first: str
    compared_last: str
    at: int
    oldest_due: int | None
    tiles: list[Tile]
    ranking: list[Rank]
    fields: list[Field]
    trend: dict[str, list[object]]


def page(history: History, city: City, name: Name, *, now_ms: int, today: date, ward: str = "") -> Leaders:
    """Return the leader's page of a period, of the whole city or of one ward."""
    span = span_of(name, today)
    spans = (span, before(name, span), year_before(span))
    now, earlier, year_ago = (history.days(one.first, one.last, ward=ward) for one in spans)
    days = (now, earlier, year_ago)
    late = [item for item in history.overdue(now_ms) if ward in {"", item[1]}]
    return Leaders(
        first=date_of(span.first).isoformat(),
        last=date_of(span.last).isoformat(),
        compared_first=date_of(spans[1].first).isoformat(),
        compared_last=date_of(spans[1].last).isoformat(),
        at=now_ms,
        oldest_due=late[0][2] if late else None,
        tiles=tiles(Asked(history, city, spans, days, ward, now_ms), len(late)),
        ranking=moved(
            ranking(history.by("ward", span.first, span.last), late, city, today),
            ranking(history.by("ward", spans[1].first, spans[1].last), [], city, today),
        ),
        fields=fields(history.by("service", span.first, span.last), late, city),
        trend=_trend(days[0], span),
    )


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
        field = field_of.get(code) or hidden(code)
        sums[field] = DayCounts(*(a + b for a, b in zip(sums.get(field, DayCounts()), counts, strict=True)))
    open_late = Counter(field_of.get(code) or hidden(code) for code, _, _ in late)
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
