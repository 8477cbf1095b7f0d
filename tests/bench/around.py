"""What happened around a place, asked of five million events: by place and time, and by the mark of a plate as well."""

import time
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from dashboard.events import Heard, Sighted
from data.around import Around, SqlAround
from data.pack import load
from data.sealed import PlateMark
from data.store.engine import connect
from data.store.migrate import migrate
from tests.bench.servers import folder, postgres
from tests.bench.tally import Tally

DAYS, PLATES, ROUNDS = 60, 50_000, 40
MARK = PlateMark(b"for a benchmark: 32 bytes of it..").of
PLACE = Around(107.5872, 16.4709, 0)
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})",
    "postgresql": "WITH n AS (SELECT generate_series({first}::bigint, {last}) AS i)",
}
INSERT = """
{numbers} INSERT INTO event (seq, key, kind, camera, counted, revision, quarantined, body, mark)
SELECT i, 'native:' || i, 'plate_read', CASE {nth} {cameras} END, {start} + i * {step}, 0, {no}, {body}, {mark} FROM n
"""
CHUNK = 250_000


def fill(engine: Engine, count: int, cameras: list[str], now_ms: int) -> None:
    """Write `count` plate reads of the last sixty days, spread over the cameras, straight into the table: how they came there is no matter."""
    lite = engine.dialect.name == "sqlite"
    event = Sighted(id="a", at=now_ms, kind="plate_read", camera="H-001", plate="75A-123.45")
    body = msgspec.msgpack.encode(
        Heard(
            key="native:a",
            source="native",
            received=now_ms,
            counted=now_ms,
            quarantined=False,
            camera="H-001",
            ward="",
            event=event,
        )
    )
    step = DAYS * 86_400_000 // count
    told = {
        "nth": "i % 66" if lite else "mod(i, 66)",
        "cameras": " ".join(f"WHEN {n} THEN '{camera}'" for n, camera in enumerate(cameras)),
        "start": now_ms - count * step,
        "step": step,
        "no": "0" if lite else "false",
        "body": f"x'{body.hex()}'" if lite else f"'\\x{body.hex()}'::bytea",
        "mark": f"CAST(printf('%016d', i % {PLATES}) AS BLOB)"
        if lite
        else f"convert_to(lpad(mod(i, {PLATES})::text, 16, '0'), 'UTF8')",
    }
    for first in range(1, count + 1, CHUNK):
        numbers = NUMBERS[engine.dialect.name].format(first=first, last=min(first + CHUNK - 1, count))
        with engine.begin() as sql:
            sql.exec_driver_sql(INSERT.format(numbers=numbers, **told))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
        sql.exec_driver_sql("ANALYZE")


def slowest(around: SqlAround, count: int, now_ms: int, *, marked: bool) -> tuple[float, int]:
    """Return the slowest of the rounds (ms), each about another moment of the sixty days, and how many events were found in all."""
    worst, found = 0.0, 0
    for n in range(ROUNDS):
        at = now_ms - (n * 37 % (DAYS - 1)) * 86_400_000 - n * 600_000
        number = count - (now_ms - at) // (DAYS * 86_400_000 // count)
        number -= number % 66  # one that the camera at this place has read
        mark = f"{number % PLATES:016d}".encode() if marked else None
        began = time.perf_counter()
        told = around.find(PLACE._replace(at=at, mark=mark, minutes=10))
        worst = max(worst, (time.perf_counter() - began) * 1000)
        found += len(told["events"])
    return worst, found


def one(tally: Tally, url: str, name: str, count: int) -> None:
    """Measure one database."""
    migrate(url)
    engine = connect(url)
    try:
        measure(tally, engine, name, count)
    finally:
        engine.dispose()


def measure(tally: Tally, engine: Engine, name: str, count: int) -> None:
    """Ask, once to warm up and once to count."""
    city, now_ms = load("hue").city, time.time_ns() // 1_000_000
    fill(engine, count, [camera.id for camera in city.cameras], now_ms)
    around = SqlAround(engine, lambda: city)
    for marked, what in ((False, "place ± 200 m and ± 10 min"), (True, "plate mark, place ± 200 m and ± 10 min")):
        slowest(around, count, now_ms, marked=marked)
        worst, found = slowest(around, count, now_ms, marked=marked)
        note = f"slowest of {ROUNDS}, {found:,} found in all"
        tally.add(f"event search by {what} over {count:,} events, {name}", worst, "ms", must=500, goal=100, note=note)


def run(tally: Tally, *, quick: bool) -> None:
    """Measure both databases."""
    count = 200_000 if quick else 5_000_000
    with folder() as where:
        one(tally, f"sqlite:///{Path(where) / 'around.db'}", "SQLite", count)
    with folder() as where, postgres(where) as url:
        one(tally, url, "PostgreSQL", count)
