"""The leader's page over short and long histories, cut by one thing and by several, against pandas over the same rows in memory."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
from msgspec import json

from dashboard.calendar import day_start_ms, number_of
from dashboard.city import City
from dashboard.leader import JUDGED, page
from dashboard.past import Part
from dashboard.periods import PERIODS, Name, period_of
from data.history import SqlHistory
from data.pack import load
from data.store.engine import connect
from tests.bench import filled
from tests.bench.servers import folder
from tests.bench.tally import Tally, middle

DAYS, ROUNDS, FEW, AGAINST = 700, 21, 7, 3
SIZES, QUICK = (10_000, 1_000_000, 5_000_000), (2_000, 20_000, 50_000)


class Record(NamedTuple):
    """A record of a size, and how long (ms) the server works for a page of it."""

    count: int
    city: City
    rows: pd.DataFrame
    now_ms: int
    cost_ms: Callable[[Name, Part], float]
    ranked_ms: Callable[[], float]


@contextmanager
def record(count: int, where: Path | None = None) -> Iterator[Record]:
    """Yield a record of `count` reports: a new one, or (told from the same clock) the one that stands in `where`."""
    city = load("hue").city
    now = int((where / "now").read_text()) if where else time.time_ns() // 1_000_000
    told = filled.told(count, city, now_ms=now, days=DAYS)
    with folder() as new:
        url = f"sqlite:///{where / 'kydai.db'}" if where else filled.fill(new, told, city)
        engine = connect(url)
        history, today = SqlHistory(engine, city.zone), datetime.fromtimestamp(now / 1000, ZoneInfo(city.zone)).date()

        def cost_ms(name: Name, part: Part) -> float:
            began = time.perf_counter()
            json.encode(page(history, city, period_of(name, today), now_ms=now, today=number_of(today), part=part))
            return (time.perf_counter() - began) * 1000

        def ranked_ms() -> float:
            span = period_of("year", today).now
            began = time.perf_counter()
            history.by("ward", [span], fields=JUDGED)
            return (time.perf_counter() - began) * 1000

        yield Record(count, city, told.rows, now, cost_ms, ranked_ms)
        engine.dispose()


def parts(city: City) -> tuple[Part, ...]:
    """Return what a leader commonly looks at: the city, a ward, a unit, a service."""
    ward = next(one.code for one in city.wards if one.valid_to is None)
    return (Part(), Part("ward", ward), Part("unit", city.services[0].unit), Part("service", city.services[0].code))


def crossed(city: City) -> dict[str, Part]:
    """Return cuts by several things at once, from the widest to the narrowest."""
    ward, service = next(one.code for one in city.wards if one.valid_to is None), city.services[0]
    return {
        "ward × unit": Part("ward", ward, (("unit", f"UB-{ward}"),)),
        "unit × service": Part("unit", service.unit, (("service", service.code),)),
        "ward × service": Part("ward", ward, (("service", service.code),)),
        "ward × unit × service": Part("ward", ward, (("unit", service.unit), ("service", service.code))),
    }


def grouped_ms(one: Record) -> float:
    """Return how long pandas groups the same rows in memory for the ranking of a year, dates known beforehand."""
    rows, today = one.rows, datetime.fromtimestamp(one.now_ms / 1000, ZoneInfo(one.city.zone)).date()
    first = day_start_ms(period_of("year", today).now.first, one.city.zone)
    due, met = rows.due.between(first, one.now_ms), (rows.closed > 0) & (rows.closed <= rows.due)
    table = pd.DataFrame({"ward": rows.ward.astype("category"), "due": due, "met": due & met, "received": rows.submitted >= first})
    began = time.perf_counter()
    table.groupby("ward", observed=True)[["due", "met", "received"]].sum()
    return (time.perf_counter() - began) * 1000


def compare(tally: Tally, records: list[Record]) -> None:
    """Measure all in turn, so that what else the machine does falls on all; of every page the worst counts."""
    asked = [(name, part) for name in PERIODS for part in parts(records[0].city)]
    found: dict[tuple[Name, Part], list[list[float]]] = {one: [[] for _ in records] for one in asked}
    for _ in range(ROUNDS):
        for one, times in found.items():
            for at, each in enumerate(records):
                times[at].append(each.cost_ms(*one))
    typical = {one: [middle(each) for each in times] for one, times in found.items()}
    for at, each in enumerate(records):
        worst = max(typical, key=lambda one: typical[one][at])
        what = f"worst of {len(asked)}: {worst[0]}, {worst[1].dim}; median of {ROUNDS}, in turn"
        bounds = {"must": 50.0, "goal": 10.0} if at else {}
        tally.add(f"whole leader page, {each.count:,} reports", typical[worst][at], "ms", note=what, **bounds)
    worst = max(typical, key=lambda one: typical[one][-1] / typical[one][0])
    note = f"worst: {worst[0]}, {worst[1].dim}: {', '.join(f'{one:.1f}' for one in typical[worst])} ms"
    growth = typical[worst][-1] / typical[worst][0]
    tally.add(f"whole leader page, {records[0].count:,} against {records[-1].count:,}", growth, "×", must=1.5, goal=1.0, note=note)


def cross(tally: Tally, one: Record) -> None:
    """Measure cuts by several things at once, over the year under way."""
    for name, part in crossed(one.city).items():
        took = middle(one.cost_ms("year", part) for _ in range(FEW))
        tally.add(f"leader page, {name}, {one.count:,} reports", took, "ms", must=300.0, goal=100.0)


def against(tally: Tally, one: Record) -> None:
    """Measure the same question, put to pandas and to the record in the same run: every ward's counts of a year."""
    theirs = middle(grouped_ms(one) for _ in range(AGAINST))
    ours = middle(one.ranked_ms() for _ in range(FEW))
    note = f"every ward's counts of a year: pandas in {theirs:.0f} ms, ours in {ours:.1f} ms; the whole page in {one.cost_ms('year', Part()):.0f} ms"
    what = f"the record against pandas groupby, {one.count:,} reports"
    tally.add(what, theirs / ours, "×", must=5.0, goal=40.0, note=note, better="high")


def run(tally: Tally, *, quick: bool) -> None:
    """Measure three sizes side by side."""
    few, some, many = QUICK if quick else SIZES
    with record(few) as short, record(some) as long, record(many) as longest:
        compare(tally, [short, long, longest])
        cross(tally, longest)
        against(tally, longest)
