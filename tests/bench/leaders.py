"""The leader's page over a short and over a long history: it asks roll-ups, so the two must cost the same."""

import statistics
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import json

from dashboard.leader import page
from dashboard.periods import PERIODS
from data.history import SqlHistory
from data.pack import load
from data.store.engine import connect
from tests.bench import preload
from tests.bench.servers import folder
from tests.bench.tally import Tally

DAYS, ROUNDS = 700, 20


def cost_ms(count: int) -> dict[str, float]:
    """Return the median cost of each period's page over `count` reports."""
    pack, now = load("hue"), time.time_ns() // 1_000_000
    city = pack.city
    with folder() as where:
        preload.tell(preload.record(where, pack), city, preload.reports(count, now, DAYS, city))
        engine = connect(f"sqlite:///{where / 'kydai.db'}")
        history, today = SqlHistory(engine), datetime.fromtimestamp(now / 1000, ZoneInfo(city.zone)).date()
        found = {}
        for name in PERIODS:
            times = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                json.encode(page(history, city, name, now_ms=now, today=today))
                times.append((time.perf_counter() - began) * 1000)
            found[name] = statistics.median(times)
        engine.dispose()
    return found


def run(tally: Tally, *, quick: bool) -> None:
    """Measure all periods; the worst ratio counts."""
    few, many = (2_000, 20_000) if quick else (10_000, 1_000_000)
    short, long = cost_ms(few), cost_ms(many)
    worst = max(PERIODS, key=lambda name: long[name] / short[name])
    note = f"worst period: {worst}, {short[worst]:.1f} ms and {long[worst]:.1f} ms, median of {ROUNDS}"
    tally.add(f"one leader page, {few:,} against {many:,} reports", long[worst] / short[worst], "×", must=1.5, goal=1.0, note=note)
    tally.add(f"one leader page of a year, {many:,} reports", long["year"], "ms")
