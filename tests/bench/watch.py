"""One read held against a hundred thousand plates of a watch list, beside what it takes to read such a list anew."""

import random
import time
from statistics import fmean

from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.plates import normal
from dashboard.ports import Reading
from data.pack import load
from data.sealed import WatchMark
from data.watching import Index, Row, Watching
from tests.bench.tally import Tally

SECRET, NOW = b"for a benchmark: 32 bytes of it..", 1_795_410_000_000
ROUNDS = 20_000


class Still:
    """Lists that nobody changes."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def version(self) -> int:
        return 1

    def active(self, _now_ms: int) -> list[Row]:
        return self.rows


def plates(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [f"{draw.randrange(11, 99)}{draw.choice('ABCDEFGHKLMNPSTUVXYZ')}-{draw.randrange(100_000):05d}" for _ in range(count)]


def row(mark: WatchMark, number: int, plate: str) -> Row:
    plain = normal(plate)
    return Row(number, "plate", "watch", 0.8, NOW * 2, mark.plate(plain), mark.kept(plain))


def run(tally: Tally, *, quick: bool) -> None:
    """Measure reads of strangers, which almost all are, and of plates that are on the list or near one."""
    count, mark = 10_000 if quick else 100_000, WatchMark(SECRET)
    listed = plates(count, 1)
    rows = [row(mark, n, plate) for n, plate in enumerate(listed)]
    began = time.perf_counter()
    Index(rows, mark)
    built_ms = (time.perf_counter() - began) * 1000
    city = load("hue").city
    hearing, watching = Hearing(city, locate=lambda *_: ""), Watching(Still(rows), mark, now_ms=lambda: NOW)
    for what, seen in (("a stranger's", plates(ROUNDS, 2)), ("a listed plate's", random.Random(3).choices(listed, k=ROUNDS))):
        reads = [
            Reading((hearing.hear("native", NOW, Sighted(id=f"r{n}", at=NOW, kind="plate_read", camera="H-001", plate=plate)),), ())
            for n, plate in enumerate(seen)
        ]
        watching.add(reads[0])
        took, hits = [], 0
        for reading in reads:
            began = time.perf_counter()
            hits += len(watching.add(reading).heard) - 1
            took.append((time.perf_counter() - began) * 1000)
        worst = sorted(took)[int(len(took) * 0.99)]
        note = f"mean of {ROUNDS:,}, p99 {worst:.3f} ms; {hits:,} hits; the list is read anew in {built_ms:.0f} ms"
        tally.add(f"watch-list of {count:,} plates, one read, {what}", fmean(took), "ms", must=0.2, goal=0.05, note=note)
