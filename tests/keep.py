"""A keeper over a real record, with a road in memory and a clock that the test turns."""

import json

from sqlalchemy import Engine, text

from dashboard.cadence import Cadence
from dashboard.hearing import Hearing
from dashboard.keeper import Keeper
from dashboard.ports import Payload
from data.boardroom import TOPICS
from data.memory import MemoryFrames, MemoryStream
from data.reading import Reader
from data.store.record import SqlStore
from tests.town import town

CITY = town()
START = 1_795_410_000_000  # Monday, 23 November 2026, 12:00 in the town
ADAPTERS = {"native": "native", "frigate": "frigate", "reports": "native"}


class Hands:
    """Two hands: the city's time, which may be put back, and seconds that never are."""

    def __init__(self, at_ms: int = START) -> None:
        self.at_ms, self.at_s = at_ms, 1000.0

    def now_ms(self) -> int:
        return self.at_ms

    def monotonic_s(self) -> float:
        return self.at_s

    def pause(self, seconds: float) -> None:
        self.at_s += seconds

    def go(self, ms: int) -> None:
        """Let time pass; less than nothing puts the clock back, and a second passes."""
        self.at_ms += ms
        self.at_s += max(ms, 1000) / 1000


def reader() -> Reader:
    return Reader(lambda adapters: Hearing(CITY, locate=lambda *_: "19753", adapters=adapters), lambda: ADAPTERS)


class Room:
    """A board's room in which nothing is waited for."""

    def __init__(self, engine: Engine, *, read=None, **more) -> None:
        self.engine, self.clock = engine, Hands()
        self.stream, self.frames = MemoryStream(), MemoryFrames()
        self.store = SqlStore(engine, city=CITY, fence=1)
        self.store.claim()
        self.keeper = Keeper(
            stream=self.stream,
            store=self.store,
            frames=self.frames,
            clock=self.clock,
            city=CITY,
            read=read or reader().read,
            pause=self.clock.pause,
            cadence=Cadence(TOPICS),
            **more,
        )
        self._receipt = 0

    def say(self, body: object, *, source: str = "native", **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._receipt += 1
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        self.stream.append([Payload(source, self.clock.at_ms, raw, named, f"r{self._receipt}")])

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            self.keeper.step()
            self.clock.at_s += 1

    def frame(self, topic: str):
        return json.loads(self.frames.latest[topic][1])["data"]

    def count(self, table: str) -> int:
        with self.engine.connect() as sql:
            return int(sql.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
