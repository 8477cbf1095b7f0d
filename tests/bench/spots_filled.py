"""Alarms and reports straight into their tables, for what is asked of where they are: how they came there is no matter."""

import msgspec
from sqlalchemy import Engine

from dashboard.city import City

NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})",
    "postgresql": "WITH n AS (SELECT generate_series({first}::bigint, {last}) AS i)",
}
CHUNK, DAY_MS = 250_000, 86_400_000
ALARM = """
{numbers} INSERT INTO alarm (id, grp, kind, priority, state, owner, version, since, lease, shelved_until, closed, body)
SELECT 'b' || i, 'g' || i, 'crowd', 3, 'closed', '', 1, {start} + i * {step}, 0, 0, {start} + i * {step} + 60000, CASE {nth} {bodies} END FROM n
"""
REPORT = """
{numbers} INSERT INTO report (key, report, service, ward, unit, submitted, due, closed, open, lon, lat, body, taken)
SELECT 'bench/' || i, 'B-' || i, CASE {services_nth} {services} END, '', '', {start} + i * {step}, {start} + i * {step} + 86400000,
{start} + i * {step} + 43200000, {no}, {west} + {far_x} * {wide}, {south} + {far_y} * {high}, {empty}, {start} + i * {step} FROM n
"""


def alarms(engine: Engine, city: City, count: int, *, days: int, now_ms: int) -> None:
    """Write `count` alarms of the last days, at every camera in turn."""
    bodies = [msgspec.msgpack.encode({"camera": camera.id}) for camera in city.cameras]
    lite = engine.dialect.name == "sqlite"
    told = " ".join(f"WHEN {n} THEN {_blob(body, lite=lite)}" for n, body in enumerate(bodies))
    _fill(engine, ALARM, count, days=days, now_ms=now_ms, nth=_mod("i", len(bodies), lite=lite), bodies=told)


def reports(engine: Engine, city: City, count: int, *, days: int, now_ms: int) -> None:
    """Write `count` reports of the last days, of every service in turn, all over the city."""
    lite, (west, south, east, north) = engine.dialect.name == "sqlite", city.bounds
    services = " ".join(f"WHEN {n} THEN '{one.code}'" for n, one in enumerate(city.services))
    far = {name: f"({_mod(f'i * {prime}', 10_007, lite=lite)} / 10007.0)" for name, prime in (("far_x", 7919), ("far_y", 104_729))}
    _fill(
        engine, REPORT, count, days=days, now_ms=now_ms, services_nth=_mod("i", len(city.services), lite=lite), services=services,
        no="0" if lite else "false", empty=_blob(b"", lite=lite), west=west, south=south, wide=east - west, high=north - south, **far,
    )  # fmt: skip


def _blob(body: bytes, *, lite: bool) -> str:
    return f"x'{body.hex()}'" if lite else f"'\\x{body.hex()}'::bytea"


def _mod(what: str, by: int, *, lite: bool) -> str:
    return f"({what}) % {by}" if lite else f"mod({what}, {by})"


def _fill(engine: Engine, insert: str, count: int, *, days: int, now_ms: int, **told: object) -> None:
    step = days * DAY_MS // count
    for first in range(1, count + 1, CHUNK):
        numbers = NUMBERS[engine.dialect.name].format(first=first, last=min(first + CHUNK - 1, count))
        with engine.begin() as sql:
            sql.exec_driver_sql(insert.format(numbers=numbers, start=now_ms - count * step, step=step, **told))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
        sql.exec_driver_sql("ANALYZE")
