"""The leader's page over a short and over a long history: it asks roll-ups, so the two must cost the same."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from tests.bench.tally import Tally, middle

DAYS, ROUNDS = 700, 31


@contextmanager
def leader(count: int) -> Iterator[Callable[[str], float]]:
    """Yield what tells how long a period's page takes (ms) over `count` reports."""
    pack, now = load("hue"), time.time_ns() // 1_000_000
    city = pack.city
    with folder() as where:
        preload.tell(preload.record(where, pack), city, preload.reports(count, now, DAYS, city))
        engine = connect(f"sqlite:///{where / 'kydai.db'}")
        history, today = SqlHistory(engine), datetime.fromtimestamp(now / 1000, ZoneInfo(city.zone)).date()

        def cost_ms(name: str) -> float:
            began = time.perf_counter()
            json.encode(page(history, city, name, now_ms=now, today=today))
            return (time.perf_counter() - began) * 1000

        yield cost_ms
        engine.dispose()


def run(tally: Tally, *, quick: bool) -> None:
    """Measure all periods, in turn over both, so that what else the machine does falls on both; the worst ratio counts."""
    few, many = (2_000, 20_000) if quick else (10_000, 1_000_000)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PERIODS}
    with leader(few) as short, leader(many) as long:
        for _ in range(ROUNDS):
            for name, times in found.items():
                times.append((short(name), long(name)))
    typical = {name: (middle(one for one, _ in times), middle(one for _, one in times)) for name, times in found.items()}
    worst = max(PERIODS, key=lambda name: typical[name][1] / typical[name][0])
    less, more = typical[worst]
    note = f"worst period: {worst}, {less:.1f} ms and {more:.1f} ms, median of {ROUNDS}, in turn"
    tally.add(f"one leader page, {few:,} against {many:,} reports", more / less, "×", must=1.5, goal=1.0, note=note)
    tally.add(f"one leader page of a year, {many:,} reports", typical["year"][1], "ms")
