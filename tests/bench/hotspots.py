"""Hot spots over five million events, 100,000 alarms and a million reports: every period, of all kinds and of one, held against what is usual;
and what happened near one street light among as many."""

import time
from pathlib import Path

from sqlalchemy import Engine

from dashboard.hotspots import LEAST_PEOPLE
from data.clock import SystemClock
from data.hotspots import Asked, SqlHotspots
from data.nearby import SqlNearby
from data.pack import load
from data.store import spots
from data.store.engine import connect
from data.store.migrate import migrate
from tests.bench import spots_filled
from tests.bench.around import fill
from tests.bench.servers import folder, postgres
from tests.bench.tally import Tally

ROUNDS = 15
DAYS, YEARS = 60, 730  # of alarms, as many as a large city has; of reports


def slowest(asking: SqlHotspots, asked: Asked) -> tuple[float, int]:
    """Return the slowest of the rounds (ms), and how many events there are in all squares."""
    worst, total = 0.0, 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        total = int(asking.find(asked)["total"])
        worst = max(worst, (time.perf_counter() - began) * 1000)
    return worst, total


def measure(tally: Tally, engine: Engine, name: str, count: int) -> None:
    """Fill the record, let the board count it as it would at its first start, and ask."""
    city, now_ms = load("hue").city, time.time_ns() // 1_000_000
    fill(engine, count, [camera.id for camera in city.cameras], now_ms)
    began = time.perf_counter()
    with engine.begin() as sql:
        spots.fill(sql, city.zone)
    tally.add(f"hot spots: an older record of {count:,} events counted once, {name}", time.perf_counter() - began, "s")
    asking = SqlHotspots(engine, SystemClock(), lambda: city)
    for period in ("24h", "7d", "30d"):
        for kind in ("", "plate_read"):
            slowest(asking, Asked("events", kind, period))
            worst, total = slowest(asking, Asked("events", kind, period))
            what = f"hot spots of {period}{' and one kind' if kind else ''} over {count:,} events, {name}"
            tally.add(what, worst, "ms", must=500, goal=100, note=f"slowest of {ROUNDS}, {total:,} events in them")


def measure_others(tally: Tally, engine: Engine, name: str, alarms: int, reports: int) -> None:
    """Fill the tables of alarms and reports, and ask where most are; and what happened near one place."""
    city, now_ms = load("hue").city, time.time_ns() // 1_000_000
    spots_filled.alarms(engine, city, alarms, days=DAYS, now_ms=now_ms)
    spots_filled.reports(engine, city, reports, days=YEARS, now_ms=now_ms)
    asking = SqlHotspots(engine, SystemClock(), lambda: city)
    kinds = {"alarms": (alarms, "crowd", 1), "reports": (reports, city.services[0].code, LEAST_PEOPLE)}  # as the door asks
    for what, (count, kind, least) in kinds.items():
        for period in ("24h", "7d", "30d"):
            for of in ("", kind):
                slowest(asking, Asked(what, of, period, least=least))
                worst, total = slowest(asking, Asked(what, of, period, least=least))
                row = f"hot spots of {what}, {period}{' and one kind' if of else ''}, over {count:,}, {name}"
                tally.add(row, worst, "ms", must=500, goal=100, note=f"slowest of {ROUNDS}, {total:,} in them")
    light = SqlNearby(engine, SystemClock(), lambda: city)
    worst, found = 0.0, 0
    for n in range(ROUNDS + 1):
        lon, lat = city.cameras[n % len(city.cameras)].lon, city.cameras[n % len(city.cameras)].lat
        began = time.perf_counter()
        told = light.find({"type": "Point", "coordinates": [lon, lat]}, radius=200)
        worst = max(worst, (time.perf_counter() - began) * 1000) if n else 0.0
        found += int(told["total"])
    row = f"what happened near one thing, ever, among {reports:,} reports, {name}"
    tally.add(row, worst, "ms", must=500, goal=100, note=f"slowest of {ROUNDS}, {found:,} reports found in all")


def one(tally: Tally, url: str, name: str, count: int) -> None:
    """Measure one database."""
    migrate(url)
    engine = connect(url)
    try:
        measure(tally, engine, name, count)
        measure_others(tally, engine, name, count // 50, count // 5)
    finally:
        engine.dispose()


def run(tally: Tally, *, quick: bool) -> None:
    """Measure both databases."""
    count = 200_000 if quick else 5_000_000
    with folder() as where:
        one(tally, f"sqlite:///{Path(where) / 'spots.db'}", "SQLite", count)
    with folder() as where, postgres(where) as url:
        one(tally, url, "PostgreSQL", count)
