"""What one payload costs: read by its adapter and given its camera and ward, on one core."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Payload, Taken
from data.pack import load
from data.reading import Reader
from tests.bench.tally import Tally, middle
from tests.bench.told import PAYLOADS

ROUNDS, SECONDS = 5, 0.6


class Told(NamedTuple):
    """A payload of one adapter, numbered so that no two are alike."""

    adapter: str
    what: str
    body: Callable[[int], bytes]
    headers: Mapping[str, str]


def rate(told: Told, reader: Reader, *, seconds: float) -> float:
    """Return events a second; every payload must give at least one."""
    payloads = [Taken("0-0", Payload(told.adapter, 1_795_410_000_000 + n, told.body(n), told.headers, f"r{n}")) for n in range(500)]
    heard, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for taken in payloads:
            reading = reader.read(taken)
            seen = sum(isinstance(one.event, Sighted) for one in reading.heard)
            if reading.dead or not seen:
                raise AssertionError(f"{told.what}: {reading}")
            heard += seen  # signs of life beside it are no event
    return heard / (time.perf_counter() - began)


def run(tally: Tally, *, quick: bool) -> None:
    """Measure every adapter's commonest payloads."""
    city = load("hue").city
    keys = {one.adapter for one in map(Told._make, PAYLOADS)}
    reader = Reader(lambda adapters: Hearing(city, locate=lambda *_: "", adapters=adapters), lambda: {key: key for key in keys})
    for one in map(Told._make, PAYLOADS):
        rates = [rate(one, reader, seconds=SECONDS / (6 if quick else 1)) for _ in range(1 if quick else ROUNDS)]
        tally.add(
            f"parse + normalise, {one.what}",
            middle(rates),
            "events/s",
            must=5000,
            goal=20_000,
            better="high",
            note=f"median of {len(rates)}",
        )
