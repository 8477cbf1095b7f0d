"""The leader's page: six answers, who does how well, what it is about, how it went (screens.md §5). Pure: counts of days in, figures out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct, structs

from dashboard.calendar import date_of
from dashboard.city import City
from dashboard.formulas import LEAST_RANKED, on_time
from dashboard.masking import hidden
from dashboard.past import CITY_WIDE, DayCounts, Dim, History, Part, added
from dashboard.periods import Period, Span
from dashboard.tiles import Tile, Told, ask, figures, known, tiles

WEEK = 7 * 24
MOST_UNITS = 600  # of those with the most to do: a city of many wards has as many committees
NOTHING = DayCounts()
JUDGED = ("received", "due", "met")  # what rankings and fields are made of


class Rank(Struct, frozen=True):
    """One ward or unit in the ranking (F13); `rank` None where it has too little to be ranked.

    `due` is the volume that its share is of, days that are over. `moved` tells by how many places it rose (negative: fell) against the
    period before; None where it was not ranked then.
    """

    code: str
    rank: int | None
    on_time: float | None
    due: int
    overdue: int
    moved: int | None = None


class Field(Struct, frozen=True):
    """One field of services."""

    field: str
    received: int
    on_time: float | None
    overdue: int


class Leaders(Struct, frozen=True):
    """A leader's page. `oldest_due` is the deadline of the report that is overdue for longest (epoch ms).

    `ended_last` is the last day that is over, up to which on-time shares reach; "" where there is none. `week` counts the reports
    submitted in each hour of the week, Monday first; None for a unit or a service alone, for which that is not kept.
    """

    first: str
    last: str
    compared_first: str
    compared_last: str
    ended_last: str
    at: int
    oldest_due: int | None
    tiles: list[Tile]
    figures: list[Told]
    ranking: list[Rank]
    units: list[Rank]
    fields: list[Field]
    trend: dict[str, list[object]]
    week: list[int] | None


def page(history: History, city: City, period: Period, *, now_ms: int, today: int, part: Part = CITY_WIDE) -> Leaders:
    """Return the leader's page of a period; tiles, figures and courses of one part of the city where one is asked for.

    `today` is the city's day number. Rankings and fields are always of the whole city: a part is compared with the others there.
    """
    asked = ask(history, city, period, part=part, now_ms=now_ms, today=today)
    late = asked.history.late(now_ms, part=part)
    three, hours, before = known(asked, late.mine.n)
    told = figures(asked, three)
    compared = asked.ended
    ranked = None if compared is None else (compared.now, compared.previous)
    return Leaders(
        first=date_of(period.now.first).isoformat(),
        last=date_of(period.now.last).isoformat(),
        compared_first=date_of(period.previous.first).isoformat(),
        compared_last=date_of(period.previous.last).isoformat(),
        ended_last=date_of(compared.now.last).isoformat() if compared else "",
        at=now_ms,
        oldest_due=late.mine.oldest_due,
        tiles=tiles(asked, told, three, hours, before),
        figures=told,
        ranking=_ranks(history, "ward", ranked, late.ward, _wards(city, today)),
        units=_ranks(history, "unit", ranked, late.unit, None),
        fields=fields(
            history.by("service", [period.now, compared.now if compared else Span(1, 0)], fields=JUDGED), late.service, city
        ),
        trend=_trend(asked.days, period.now),
        week=_week(asked.history, period.now, part),
    )


def _wards(city: City, today: int) -> list[str]:
    on = date_of(today)
    return [one.code for one in city.wards if (one.valid_from or date.min) <= on <= (one.valid_to or date.max)]


def _ranks(
    history: History, dim: Dim, spans: tuple[Span, Span] | None, late: Counter[str], codes: Sequence[str] | None
) -> list[Rank]:
    """Return the ranking of wards or units; `codes` None: of all that had anything to do."""
    now, before = history.by(dim, spans, fields=JUDGED) if spans else ({}, {})
    listed = codes if codes is not None else busiest(now, late)
    ranks = ranking(now, late, listed)
    return moved(ranks, ranking(before, {}, listed)) if before else ranks


def busiest(counts: Mapping[str, DayCounts], late: Mapping[str, int]) -> list[str]:
    """Return those that had anything to do, as many as a page holds: where there are more, those that had the least are left out."""
    busy = {
        code: counts.get(code, NOTHING).due + late.get(code, 0)
        for code in {*counts, *(code for code, n in late.items() if n)} - {""}
    }
    return sorted(sorted(busy, key=lambda code: (-busy[code], code))[:MOST_UNITS])


def ranking(counts: Mapping[str, DayCounts], late: Mapping[str, int], codes: Sequence[str]) -> list[Rank]:
    """Return `codes` by on-time share; ties share a rank, the fewer overdue first; those with less than ten due stand last, unranked."""
    rows = [(code, counts.get(code, NOTHING)) for code in codes]
    ranked = sorted(
        (row for row in rows if row[1].due >= LEAST_RANKED), key=lambda row: (-(on_time(row[1]) or 0), late.get(row[0], 0), row[0])
    )
    shares = [on_time(one) or 0.0 for _, one in ranked]
    place = {mine: len(shares) - at for at, mine in enumerate(reversed(shares))}  # of equals the first one's
    first = [
        Rank(hidden(code), place[mine], mine, one.due, late.get(code, 0)) for (code, one), mine in zip(ranked, shares, strict=True)
    ]
    rest = [Rank(hidden(code), None, None, one.due, late.get(code, 0)) for code, one in rows if one.due < LEAST_RANKED]
    return first + rest


def moved(now: list[Rank], before: list[Rank]) -> list[Rank]:
    """Return the ranking with how far each rose or fell."""
    was = {row.code: row.rank for row in before}
    return [
        structs.replace(row, moved=then - row.rank) if row.rank is not None and (then := was.get(row.code)) is not None else row
        for row in now
    ]


def fields(by_service: Sequence[Mapping[str, DayCounts]], overdue: Counter[str], city: City) -> list[Field]:
    """Return services gathered by field, the fullest first: of the period, and of its days that are over.

    A service that no pack knows is a field of its own.
    """
    field_of = {service.code: service.field for service in city.services}

    def gathered(counts: Mapping[str, DayCounts]) -> dict[str, DayCounts]:
        named: dict[str, list[DayCounts]] = {}
        for code, one in counts.items():
            named.setdefault(field_of.get(code) or hidden(code), []).append(one)
        return {field: added(found) for field, found in named.items()}

    whole, ended = map(gathered, by_service)
    late = Counter[str]()
    for service, n in overdue.items():
        late[field_of.get(service) or hidden(service)] += n
    names = {*whole, *(field for field, n in late.items() if n)}
    found = [Field(name, whole.get(name, NOTHING).received, on_time(ended.get(name)), late[name]) for name in names]
    return sorted(found, key=lambda one: (-one.received, one.field))


def _trend(days: Mapping[int, DayCounts], span: Span) -> dict[str, list[object]]:
    """Return the course day by day; a day without data is None."""
    wanted = range(span.first, span.last + 1)
    return {
        "day": [date_of(day).isoformat() for day in wanted],
        "received": [days[day].received if day in days else None for day in wanted],
        "closed": [days[day].closed if day in days else None for day in wanted],
    }


def _week(history: History, span: Span, part: Part) -> list[int] | None:
    if part.dim not in {"all", "ward"} and not part.more:
        return None
    found = history.slots(span, ward=part.value)
    return [found[slot] for slot in range(WEEK)]
