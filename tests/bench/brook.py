"""A process of its own that plays the board, faster than real time: python -m tests.bench.brook HOME ROUNDS_PER_S

It folds a lively city's events with a real keeper over a record of its own and publishes every round to the house's wire; the house's own
board is to be held meanwhile. It ends when its stdin is closed, and then prints how many frames it has drawn.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from dashboard.cadence import Cadence
from dashboard.city import City
from dashboard.keeper import Keeper
from dashboard.ports import Payload, Taken
from data.boardroom import TOPICS, make_reader
from data.clock import SystemClock
from data.frames import RedisFrames
from data.pack import load
from data.road import connect as redis
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.record import SqlStore
from data.store.sources import Sources
from tests.bench.servers import folder

A_ROUND, OPEN_REPORTS, ALARM_EVERY, GRAVE_EVERY = 5, 150, 400, 8


def told(city: City) -> Iterator[dict[str, object]]:
    """Yield what happens, for ever: violations and plates, now and then an alarm that is over again after a while (one in eight grave),
    cameras that go and come, reports that open and close."""
    wards = [ward.code for ward in city.wards if ward.valid_to is None]
    common = [kind.key for kind in city.kinds if kind.event_class == "event"]
    alarms = [
        [kind.key for kind in city.kinds if kind.event_class == "alarm" and (kind.priority < 3) == grave] for grave in (False, True)
    ]
    for n in count():
        now, camera = time.time_ns() // 1_000_000, city.cameras[n % len(city.cameras)].id
        if n % ALARM_EVERY == 0:
            turn = n // ALARM_EVERY
            kinds = alarms[turn % GRAVE_EVERY == 0]
            yield sighted(n, now, kinds[turn % len(kinds)], camera) | {"ended": now}
        elif n % 29 == 0:
            yield {
                "type": "camera_changed",
                "id": f"c-{n}",
                "at": now,
                "camera": camera,
                "state": ("offline", "online")[n // 29 % 2],
            }
        elif n % 31 == 0:
            yield report(n // 31, now, city, wards)
        else:
            yield sighted(n, now, "plate_read" if n % 3 == 0 else common[n % len(common)], camera)


def sighted(n: int, now: int, kind: str, camera: str) -> dict[str, object]:
    """Return the nth sighting."""
    plate = {"plate": f"75A-{n % 1000:03d}.{n % 100:02d}"} if kind == "plate_read" else {}
    return {"type": "sighted", "id": f"e-{n}", "at": now, "kind": kind, "camera": camera, "score": 0.9} | plate


def report(n: int, now: int, city: City, wards: list[str]) -> dict[str, object]:
    """Return the nth change of a report: so many stand open, each of a place of its own, and the oldest is closed for a new one."""
    number, closing = n // 2, n % 2 == 1
    number -= OPEN_REPORTS if closing and number >= OPEN_REPORTS else 0
    west, south, east, north = city.bounds
    return {
        "type": "report_changed",
        "id": f"r-{number}@{n}",
        "at": now,
        "report": f"r-{number}",
        "service": city.services[number % len(city.services)].code,
        "submitted": now - 3_600_000,
        "open": not (closing and n // 2 >= OPEN_REPORTS),
        "closed": now if closing and n // 2 >= OPEN_REPORTS else None,
        "lon": west + (east - west) * (number * 7 % 97) / 97,
        "lat": south + (north - south) * (number * 5 % 89) / 89,
        "ward": wards[number % len(wards)],
    }


class Brook:
    """A stream that never runs dry: every take finds one payload."""

    def __init__(self, city: City) -> None:
        self._told, self._entries = told(city), count(1)

    def take(self, after: str, *, wait_s: float) -> list[Taken]:
        """Return the next payload at once."""
        del after, wait_s
        entry = next(self._entries)
        raw = json.dumps([next(self._told) for _ in range(A_ROUND)]).encode()
        now = time.time_ns() // 1_000_000
        return [Taken(f"{entry}-0", Payload("native", now, raw, {"content-type": "application/json"}, f"b-{entry}"))]

    def append(self, payloads: object) -> list[str]:
        """Nobody appends to it."""
        raise NotImplementedError

    def trim(self, before: str) -> None:
        """Hold nothing, so let nothing go."""


def keep(where: Path, home: Path, rounds_s: float) -> Keeper:
    """Return a keeper that draws so many rounds a second, whatever the load."""
    url, pack = f"sqlite:///{where / 'kydai.db'}", load("hue")
    migrate(url)
    engine = connect(url)
    Sources(engine).add("native", adapter="native", now_ms=0)
    return Keeper(
        stream=Brook(pack.city),
        store=SqlStore(engine, city=pack.city),
        frames=RedisFrames(redis(f"unix://{home}/wire/sock", timeout_s=5.0), [topic.key for topic in TOPICS]),
        clock=SystemClock(),
        city=pack.city,
        read=make_reader(pack, Sources(engine)).read,
        pause=time.sleep,
        cadence=Cadence(TOPICS, fast_s=1 / rounds_s, slow_s=1 / rounds_s),
    )


def main(home: Path, rounds_s: float) -> None:
    """Flow until told to stop."""
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    with folder() as where:
        keeper = keep(where, home, rounds_s)
        print("ready", flush=True)
        while not over.is_set():
            keeper.step()
    print(keeper.drawn)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
