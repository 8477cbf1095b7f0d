"""`simulate`: a city that does not happen, through the same front door as everybody."""

import os
import signal
import subprocess
import time
from datetime import datetime
from itertools import islice
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import click
from msgspec import to_builtins
from sqlalchemy import select

from dashboard.settings import Settings, intake_port
from data.atlas import Atlas
from data.clock import SystemClock
from data.config import home, log_url, record_url, settings
from data.pack import Pack, load
from data.road import connect as log
from data.secret import kept, secret_key
from data.simulator.courier import Courier, drawer, replay
from data.simulator.duty import KEEPER
from data.simulator.ground import drawn, lay
from data.simulator.places import homes
from data.simulator.plates import plates_of
from data.simulator.rhythm import Rhythm
from data.simulator.spoken import Spoken
from data.simulator.staff import Staff
from data.simulator.street import Street, states
from data.simulator.town import Town
from data.store.cases.acting import SqlCases
from data.store.engine import connect
from data.store.judge import decode
from data.store.tables import REPORT
from data.stream import RedisStream, nudge
from data.supervisor import python

DRAWN_UP_TO = 20.0  # times the pace of a calm day: beyond it, drawing would be all that is done
SOURCES = ("native", "frigate", "reports", "indicators")
AT_ONCE = 2000
PAST_DAYS = 430  # a year to compare with, and the weeks before it


@click.command(name="simulate")
@click.option("--seed", type=int, help="The same seed and start say the same.  [default: KYDAI_SEED]")
@click.option("--speed", type=click.FloatRange(0.01, 10_000), help="Seconds of the city a second.  [default: KYDAI_SPEED]")
@click.option(
    "--factor", type=click.FloatRange(0, 1000), default=1.0, show_default=True, help="How much more happens than on a calm day."
)
@click.option(
    "--replay", "recording", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Say again what was recorded."
)
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="Keep what is said, to be replayed.")
@click.option("--start", type=int, help="Epoch ms at which the city begins.  [default: now]")
def COMMAND(
    seed: int | None, speed: float | None, factor: float, recording: Path | None, record: Path | None, start: int | None
) -> None:
    """Simulate the city's cameras and citizens. Only where KYDAI_DEMO is 1."""
    chosen = settings()
    if not chosen.demo:
        raise click.ClickException("KYDAI_DEMO=0: a city that works is not mixed with one that does not happen")
    stopped: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _frame: stopped.append(number))
    keys = {source: f"kyd_{kept(home(chosen), f'source_{source}')}" for source in SOURCES}
    pack, pace = load(chosen.city), speed or chosen.speed
    draw = drawer(ZoneInfo(pack.city.zone)) if pace * factor <= DRAWN_UP_TO else None
    courier = Courier(f"http://{chosen.host}:{intake_port(chosen)}", keys, stopping=lambda: bool(stopped), record=record, draw=draw)
    if recording:
        try:
            _replay(courier, recording, pace, stopped)
        except ValueError as no:
            raise click.ClickException(str(no)) from no
        return
    began_ms = start or time.time_ns() // 1_000_000
    places = homes(pack.folder, datetime.fromtimestamp(began_ms / 1000, ZoneInfo(pack.city.zone)).date())
    town = Town(
        pack.city,
        Rhythm(pack.folder),
        seed if seed is not None else chosen.seed,
        began_ms,
        factor,
        places,
        plates_of(pack.folder),
        pace,
    )
    street = Street(pack.city, chosen.street_port, state=states(town.out)) if chosen.street_port else None
    try:
        if street:
            street.open()
        _run(chosen, pack, town, courier, _staff(chosen, pack, town, pace), stopped)
    finally:
        if street:
            street.close()


def _staff(chosen: Settings, pack: Pack, town: Town, pace: float) -> Staff:
    """Return the people who work on the town's reports."""
    stream, clock = RedisStream(log(log_url(chosen), timeout_s=0.5)), SystemClock()
    cases = SqlCases(
        connect(record_url(chosen)),
        clock,
        lambda: pack.city,
        secret=secret_key(chosen, home(chosen)),
        locate=Atlas(pack.folder, zone=pack.city.zone).locate,
        nudge=lambda: nudge(stream, clock),
    )
    return Staff(cases, pack.city, clock, seed=town.seed, pace=pace, over=town.over)


def _run(chosen: Settings, pack: Pack, town: Town, courier: Courier, staff: Staff, stopped: list[int]) -> None:
    courier.carry(town.states())
    left = _left_open(chosen)
    for report in left or ():
        town.adopt(report)
    if left is None:
        click.echo(f"{pack.city.key}: telling the last {PAST_DAYS} days of reports")
        past = town.past_reports(PAST_DAYS)
        while not stopped and (some := list(islice(past, AT_ONCE))):
            courier.carry([*some, *_alive()])
        for camera in town.random.sample(pack.city.cameras, min(3, len(pack.city.cameras))):
            courier.carry([town.lose(camera.id, town.random.choice(("offline", "frozen")))])
    staff.start(lambda seconds: _rested(seconds, stopped))
    Thread(target=_lay, args=(pack, town.seed, stopped), name="ground", daemon=True).start()
    began_s, at_ms = time.monotonic(), town.now_ms
    while not stopped:
        behind_s = time.monotonic() - began_s - (town.now_ms - at_ms) / 1000
        if behind_s < 0:
            time.sleep(min(-behind_s, 0.2))
            continue
        courier.carry(list(town.step()))


def _alive() -> list[Spoken]:
    """Return the sign that cameras and citizens are there, while there is much to tell of the past."""
    at = time.time_ns() // 1_000_000
    return [Spoken(source, {"type": "feed_spoke", "id": f"alive-{at}", "at": at}) for source in ("native", "reports")]


def _lay(pack: Pack, seed: int, stopped: list[int]) -> None:
    """Lay the layers that stand on the town's ground, each by a process of its own that ends with us."""

    def run(words: list[str]) -> int:
        quiet, known_as = subprocess.DEVNULL, {**os.environ, "LOGNAME": KEEPER}  # what the layer's history calls who imported it
        with subprocess.Popen(python(*words), env=known_as, stdout=quiet, stderr=quiet) as process:  # noqa: S603  our own command
            while process.poll() is None:
                if not _rested(0.2, stopped):
                    process.terminate()
            return process.returncode

    lay(drawn(pack.folder, pack.city.centre, seed), run)


def _rested(seconds: float, stopped: list[int]) -> bool:
    """Wait, but no longer than anybody wants; return whether to go on."""
    until_s = time.monotonic() + seconds
    while not stopped and (left_s := until_s - time.monotonic()) > 0:
        time.sleep(min(left_s, 0.2))
    return not stopped


def _replay(courier: Courier, recording: Path, speed: float, stopped: list[int]) -> None:
    first, began_s = None, time.monotonic()
    for at, said in replay(recording):
        first = at if first is None else first
        while not stopped and (wait_s := (at - first) / speed - (time.monotonic() - began_s)) > 0:
            time.sleep(min(wait_s, 0.2))
        if stopped:
            return
        courier.carry([said])


def _left_open(chosen: Settings) -> list[dict[str, object]] | None:
    """Return the reports of ours that an earlier run left open, as they were told; None where the record knows no report at all."""
    record = connect(record_url(chosen))
    try:
        with record.connect() as sql:
            if sql.execute(select(REPORT.c.key).limit(1)).first() is None:
                return None
            mine = select(REPORT.c.body).where(REPORT.c.open, REPORT.c.key.startswith("reports/"))
            return [to_builtins(decode(body).event) for (body,) in sql.execute(mine)]
    finally:
        record.dispose()
