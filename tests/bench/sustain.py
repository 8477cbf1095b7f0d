"""Accepted → stored and counted: payloads wait in a real log, and a real keeper works them off."""

import json
import time
from pathlib import Path

from dashboard.keeper import Keeper
from dashboard.ports import Payload
from dashboard.settings import Settings
from data.boardroom import TOPICS, make_keeper, watch
from data.frames import RedisFrames
from data.pack import load
from data.sealed import PlateMark
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.record import SqlStore
from data.store.sources import Sources
from data.stream import RedisStream
from tests.bench.servers import folder, postgres, redis, wait_for
from tests.bench.tally import Tally, middle

KINDS = ("red_light", "plate_read", "no_helmet", "crowd", "plate_read", "illegal_parking")
ROUNDS = 3


def body(n: int, at_ms: int) -> dict[str, object]:
    """Return the nth event of a lively city: two thirds plates and violations, and an alarm now and then."""
    said = {"type": "sighted", "id": f"e-{n}", "at": at_ms, "kind": KINDS[n % len(KINDS)], "camera": f"H-{n % 42 + 1:03d}"}
    return said | ({"plate": f"75A-{n % 1000:03d}.{n % 100:02d}"} if said["kind"] == "plate_read" else {})


def fill(stream: RedisStream, count: int, per: int) -> None:
    """Put `count` events into the log, `per` of them in a payload."""
    now = time.time_ns() // 1_000_000
    headers = {"content-type": "application/json"}
    for start in range(0, count, 5000):
        batch = []
        for n in range(start, min(start + 5000, count), per):
            told = [body(one, now) for one in range(n, n + per)]
            raw = json.dumps(told[0] if per == 1 else told).encode()
            batch.append(Payload("native", now, raw, headers, f"r-{n}"))
        stream.append(batch)


def once(where: Path, url: str, count: int, per: int) -> float:
    """Return events a second of one run over a fresh record and a fresh log."""
    migrate(url)
    engine, pack = connect(url), load("hue")
    Sources(engine).add("native", adapter="native", now_ms=0)
    with redis(where / "log", durable=True) as log, redis(where / "wire", durable=False) as wire:
        stream = RedisStream(log)
        fill(stream, count, per)
        store = SqlStore(engine, city=pack.city, mark=PlateMark(b"for a benchmark: 32 bytes of it..").of)
        frames = RedisFrames(wire, [topic.key for topic in TOPICS])
        watching = watch(engine, b"for a benchmark: 32 bytes of it..")
        keeper = make_keeper(
            Settings(), pack, store=store, stream=stream, frames=frames, sources=Sources(engine), watching=watching
        )
        began = time.perf_counter()
        _work_off(keeper, count)
        took = time.perf_counter() - began
        stored = keeper.board.stored
    engine.dispose()
    if stored != count:
        raise AssertionError(f"{count} events accepted, {stored} stored")
    return count / took


def _work_off(keeper: Keeper, count: int) -> None:
    def step() -> bool:
        keeper.step()
        return keeper.board.stored >= count

    wait_for(step, seconds=300, what="the keeper")


def run(tally: Tally, *, quick: bool) -> None:
    """Measure both databases, events one by one and ten to a payload."""
    count, rounds = (20_000, 1) if quick else (100_000, ROUNDS)
    for name, must, goal in (("SQLite", 5000, 15_000), ("PostgreSQL", 3000, 10_000)):
        for per in (1, 10):
            rates = []
            for _ in range(rounds):
                with folder() as where:
                    if name == "SQLite":
                        rates.append(once(where, f"sqlite:///{where / 'kydai.db'}", count, per))
                    else:
                        with postgres(where / "pg") as url:
                            rates.append(once(where, url, count, per))
            median = middle(rates)
            tally.add(
                f"accepted → stored and counted, {name}, {per} a payload",
                median,
                "events/s",
                must=must,
                goal=goal,
                better="high",
                note=f"{count:,} events, median of {rounds}",
            )
