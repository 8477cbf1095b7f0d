"""The board's process: waits for the lease, then keeps the board until it ends."""

import sys
import time
from logging import getLogger

from sqlalchemy import Engine

import dashboard.topics
from dashboard.cadence import Cadence
from dashboard.cameras.care import Care
from dashboard.errors import Away, Superseded
from dashboard.hearing import Hearing
from dashboard.keeper import Keeper
from dashboard.ports import Locate
from dashboard.registry import collect
from dashboard.settings import Settings
from dashboard.topic import Topic
from data.atlas import Atlas
from data.clock import SystemClock
from data.config import home, log_url, record_url, wire_url
from data.frames import RedisFrames
from data.layers.wards import open_atlas
from data.lease import Lease
from data.living import LivingCity, open_city
from data.pack import Pack
from data.reading import Reader
from data.road import connect, not_durable
from data.sealed import PlateMark, WatchMark
from data.secret import secret_key
from data.store.engine import connect as connect_record
from data.store.maintenance import SqlWorks
from data.store.record import SqlStore
from data.store.sources import Sources
from data.store.usual import usual_counts
from data.store.watch import open_lists
from data.stream import RedisStream
from data.watching import Watching

PULSE_EVERY_S = 1.0
log = getLogger(__name__)


def keep(settings: Settings, pack: Pack, *, version: str) -> None:
    """Keep the board of one city. Returns never; ends with the process, or when another board has taken over."""
    engine = connect_record(record_url(settings))
    redis = connect(log_url(settings), timeout_s=5.0)
    check_log(settings, redis)
    with Lease(engine, home(settings)) as lease:
        mark = PlateMark(secret_key(settings, home(settings))).of
        store = SqlStore(engine, city=pack.city, fence=lease.wait(time.sleep), mark=mark)
        store.claim()
        log.info("board %s of %s holds the lease", version, pack.city.key)
        frames = RedisFrames(connect(wire_url(settings), timeout_s=3.0), [topic.key for topic in TOPICS])
        watching, atlas = watch(engine, secret_key(settings, home(settings))), open_atlas(engine, pack)
        keeper = make_keeper(
            settings,
            pack,
            store=store,
            stream=RedisStream(redis),
            frames=frames,
            sources=Sources(engine),
            watching=watching,
            living=open_city(engine, pack, atlas),
            locate=atlas.locate,
            care=care(engine, pack.city.zone),
        )
        _run(keeper, frames)


TOPICS = collect(dashboard.topics, "TOPIC", Topic)


def make_keeper(
    settings: Settings,
    pack: Pack,
    *,
    store: SqlStore,
    stream: RedisStream,
    frames: RedisFrames,
    sources: Sources,
    watching: Watching,
    living: LivingCity | None = None,
    locate: Locate | None = None,
    care: Care | None = None,
) -> Keeper:
    """Return the keeper of a board over the given adapters."""
    reader = make_reader(pack, sources, living, locate)
    return Keeper(
        stream=stream,
        store=store,
        frames=frames,
        clock=SystemClock(),
        city=pack.city,
        read=lambda taken: watching.add(reader.read(taken)),
        pause=time.sleep,
        living=living.now if living else None,
        renew=reader.renew,
        care=care.told if care else lambda *_: (),
        cadence=Cadence(TOPICS, fast_s=settings.draw_fast_ms / 1000, slow_s=settings.draw_slow_ms / 1000),
    )


def care(engine: Engine, zone: str) -> Care:
    """Return what the house has to say of its cameras, from the record."""
    clock = SystemClock()
    works = SqlWorks(engine, clock)
    return Care(lambda hour: usual_counts(engine, hour), works.under_way, zone=zone, began_ms=clock.now_ms())


def watch(engine: Engine, secret: bytes) -> Watching:
    """Return what holds reads against the watch lists."""
    clock = SystemClock()
    return Watching(open_lists(engine, clock, secret), WatchMark(secret), now_ms=clock.now_ms)


def make_reader(pack: Pack, sources: Sources, living: LivingCity | None = None, locate: Locate | None = None) -> Reader:
    """Return what reads payloads for one city. `locate` says in which ward a place lies, the pack's own unless given."""
    where = locate or Atlas(pack.folder, zone=pack.city.zone).locate
    return Reader(
        lambda adapters: Hearing(living.city if living else pack.city, locate=where, adapters=adapters),
        lambda: {key: one.adapter for key, one in sources.all().items()},
    )


def check_log(settings: Settings, redis: "object") -> None:
    """Refuse a log that could lose what it acknowledged; in a demonstration, only say so (R-03)."""
    try:
        wrong = not_durable(redis)  # type: ignore[arg-type]  # a client of redis-py
    except Away:
        return
    if wrong and not settings.demo:
        log.error("the log Redis is not durable: %s", "; ".join(wrong))
        sys.exit(1)
    if wrong:
        log.warning("the log Redis is not durable: %s", "; ".join(wrong))


def _run(keeper: Keeper, frames: RedisFrames) -> None:
    pulsed_s = 0.0
    while True:
        try:
            keeper.step()
        except Superseded as other:
            log.error("%s: this board ends", other)  # noqa: TRY400  no mistake, and no trace of one
            sys.exit(0)
        if keeper.sure and time.monotonic() - pulsed_s >= PULSE_EVERY_S:
            pulsed_s = time.monotonic()
            _pulse(keeper, frames)


def _pulse(keeper: Keeper, frames: RedisFrames) -> None:
    board = keeper.board
    try:
        frames.pulse(
            {
                "stored": board.stored,
                "dead_letters": board.dead_letters,
                "lag_s": keeper.lag_ms / 1000,
                "frames": keeper.drawn,
                "at": time.time_ns() // 1_000_000,
                "epoch": keeper.epoch,
            }
        )
    except Away:
        log.debug("no pulse: the wire is away")
