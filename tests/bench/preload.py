"""A history of a given size, told through the real record: nothing is written past it."""

from collections.abc import Iterator
from pathlib import Path

from dashboard.board import turn
from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.city import City
from dashboard.events import AnyEvent, Heard, ReportChanged, Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.pack import Pack
from data.store.engine import connect
from data.store.migrate import migrate
from data.store.record import SqlStore

BATCH, NEWEST = 2000, 500
RATINGS = (None, "satisfied", None, "acceptable", "satisfied", "dissatisfied", None)
KINDS = ("red_light", "plate_read", "no_helmet", "plate_read", "illegal_parking")


def tell(store: SqlStore, city: City, told: Iterator[tuple[int, AnyEvent]]) -> None:
    """Record (received in epoch ms, event) in order of time, in batches."""
    hearing = Hearing(city, locate=lambda *_: "")
    board, batch = None, list[Heard]()
    for received, event in told:
        batch.append(hearing.hear("native", received, event))
        if len(batch) == BATCH:
            board = turn(board or store.load(received), received)
            board = store.record(board, Reading(batch, ()), "0-0")
            batch = []
    if batch:
        last = batch[-1].received
        store.record(turn(board or store.load(last), last), Reading(batch, ()), "0-0")


def record(where: Path, pack: Pack) -> SqlStore:
    """Return a new record in a folder."""
    url = f"sqlite:///{where / 'kydai.db'}"
    migrate(url)
    return SqlStore(connect(url), city=pack.city)


def events(count: int, now_ms: int, days: int) -> Iterator[tuple[int, AnyEvent]]:
    """Yield `count` sightings spread over the last `days` days."""
    step = days * DAY_MS // count
    for n in range(count):
        at = now_ms - (count - n) * step
        plate = f"75A-{n % 1000:03d}.{n % 100:02d}"
        yield at, Sighted(id=f"p-{n}", at=at, kind=KINDS[n % len(KINDS)], camera=f"H-{n % 42 + 1:03d}", plate=plate)


def reports(count: int, now_ms: int, days: int, city: City) -> Iterator[tuple[int, AnyEvent]]:
    """Yield `count` reports over the last `days` days; of the newest five hundred every second is still open."""
    step, wards = days * DAY_MS // count, [ward.code for ward in city.wards if ward.valid_to is None]
    for n in range(count):
        submitted = now_ms - (count - n) * step
        is_open = n >= count - NEWEST and n % 2 == 0
        yield (
            submitted,
            ReportChanged(
                id=f"b-{n}@1",
                at=submitted,
                report=f"b-{n}",
                service=city.services[n % len(city.services)].code,
                submitted=submitted,
                open=is_open,
                closed=None if is_open else submitted + (2 + n % 97) * HOUR_MS,
                ward=wards[n % len(wards)],
                unit=f"UB-{wards[n % len(wards)]}" if n % 3 else city.services[n % len(city.services)].unit,
                rating=None if is_open else RATINGS[n % len(RATINGS)],
            ),
        )
