"""How long it takes to show any second of the last thirty days: from the request's side, board, drawing and JSON together."""

import random
import time
from pathlib import Path

from msgspec import json
from sqlalchemy import Engine, func, select

import dashboard.topics
from dashboard.board import Board, turn
from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.city import City
from dashboard.events import Recorded, ReportChanged, Sighted
from dashboard.fold import follow
from dashboard.hearing import Hearing
from dashboard.kinds import Kinds
from dashboard.registry import collect
from dashboard.replay.past import pictures
from dashboard.topic import Topic
from data.pack import load
from data.store import past
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.past import SqlPast
from data.store.tables_past import PAST_BOARD
from tests.bench.servers import folder
from tests.bench.tally import Tally

DAYS, OPEN, JUMPS, AT_ONCE = 30, 2_000, 60, 2_000
TOPICS = collect(dashboard.topics, "TOPIC", Topic)


def lived(engine: Engine, city: City, count: int, now_ms: int) -> None:
    """Write `count` changes of a board, one event each, evenly over the days; reports are open from the start."""
    chance, kinds, hearing = random.Random(5), Kinds(city), Hearing(city, locate=lambda *_: "")
    board, told, begins = Board(zone=city.zone), past.Told(), now_ms - DAYS * DAY_MS
    cameras, services = [one.id for one in city.cameras], [one.code for one in city.services]
    board = follow(turn(board, begins), [opened(hearing, n, begins, services[n % len(services)]) for n in range(OPEN)], kinds)
    for first in range(0, count, AT_ONCE):
        with engine.begin() as sql:
            for n in range(first, min(first + AT_ONCE, count)):
                at = begins + (now_ms - begins) * n // count
                seen = Sighted(
                    id=f"s{n}", at=at, kind=chance.choice(["plate_read", "red_light", "crowd"]), camera=chance.choice(cameras)
                )
                board = follow(turn(board, at), [Recorded(OPEN + n + 1, hearing.hear("native", at, seen), seen.kind)], kinds)
                told = past.write(sql, told, board)


def opened(hearing: Hearing, n: int, now_ms: int, service: str) -> Recorded:
    """Return an open report that was sent within the last day, due within the next month."""
    report = ReportChanged(
        id=f"r{n}@0",
        at=now_ms,
        report=f"r{n}",
        service=service,
        submitted=now_ms - n % 24 * HOUR_MS,
        open=True,
        lon=107.58,
        lat=16.46,
    )
    return Recorded(n + 1, hearing.hear("reports", now_ms, report), "report_changed", due=now_ms + n % 30 * DAY_MS)


def jump_ms(engine: Engine, city: City, at: int) -> float:
    """Return how long one second takes."""
    began = time.perf_counter()
    found = pictures(SqlPast(engine).boards([at]), [at], city, TOPICS)
    json.encode(found)
    if not found:
        raise AssertionError(f"nothing at {at}")
    return (time.perf_counter() - began) * 1000


def run(tally: Tally, *, quick: bool) -> None:
    """Measure jumps to random seconds, none near the last."""
    city, now_ms, count = load("hue").city, time.time_ns() // 1_000_000, 5_000 if quick else 300_000
    with folder() as home:
        url = f"sqlite:///{Path(home) / 'kydai.db'}"
        migrate(url)
        engine = connect(url)
        lived(engine, city, count, now_ms)
        chance = random.Random(6)
        took = sorted(jump_ms(engine, city, now_ms - chance.randrange(DAY_MS, DAYS * DAY_MS - HOUR_MS)) for _ in range(JUMPS))
        with engine.connect() as sql:
            size = sql.scalar(select(func.sum(func.length(PAST_BOARD.c.body)))) or 0
        engine.dispose()
    note = f"worst of {JUMPS}, median {took[JUMPS // 2]:.0f} ms; {count:,} changes over {DAYS} days, {OPEN:,} open reports"
    tally.add("replay: any second of the last 30 days", took[-1] / 1000, "s", must=2.0, goal=0.5, note=note)
    tally.add("what the past takes", size / count, "B an event", note=f"{size / 1e6:.0f} MB in all")
