"""The one door: reads the settings, picks the adapters, wires a role, runs it. Decides nothing."""

import sys

if sys.argv[1:2] in (["web"], ["intake"]):
    from gevent import monkey

    monkey.patch_all()

import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dashboard.errors import BrokenPack
from dashboard.settings import BadSetting, Settings, intake_port
from data.commands import Commands

if TYPE_CHECKING:
    from flask import Flask
    from prometheus_client import CollectorRegistry
    from sqlalchemy import Engine

    from callbacks.fanout import Fanout
    from callbacks.web import World
    from data.layers.wards import LivingAtlas
    from data.living import LivingCity
    from data.pack import Pack

VERSION = "0.1.0"
PICTURES_AT_ONCE = 1  # that a line is written into: some tens of milliseconds of a core each
HASHES_AT_ONCE = 2  # of passwords: each takes a core and 64 MB for a moment
ROOT = Path(__file__).resolve().parent
log = logging.getLogger("kydai")


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 132}
)
@click.version_option(VERSION, prog_name="Kỳ Đài")
@click.pass_context
def main(context: click.Context) -> None:
    """Kỳ Đài: a city's operations centre. Without a command everything is started, as by `make run`."""
    if context.invoked_subcommand is None:
        context.invoke(everything)


@main.command(name="all")
def everything() -> None:
    """Start Redis, intake, board, web, relay and (KYDAI_DEMO=1) the simulator, and say where to look."""
    from data.house import House

    sys.exit(House(_settings(), version=VERSION).run())


@main.command()
def web() -> None:
    """Serve the screens and the API on KYDAI_PORT."""
    from data.listening import listen

    settings = _settings()
    server = _web(settings)
    log.info("web on %s:%d", settings.host, settings.port)
    listen(server, settings.host, settings.port)


@main.command()
def intake() -> None:
    """Take what sources send, on KYDAI_INTAKE_PORT and from KYDAI_MQTT_URL, and ask the devices that have to be asked."""
    from data.intaking import serve
    from data.listening import listen

    settings = _settings()
    server, leave = serve(settings, _pack(settings), _record(settings))
    log.info("intake on %s:%d", settings.host, intake_port(settings))
    listen(server, settings.host, intake_port(settings), leave=leave)


@main.command()
def board() -> None:
    """Keep the board: the only writer, for as long as it holds the lease; a second one stands by."""
    from data.boardroom import keep

    settings = _settings()
    keep(settings, _pack(settings), version=VERSION)


@main.command()
def darkroom() -> None:
    """Develop the pictures that come with events, apart from the board; one of them works, whoever holds the lease."""
    from data.darkroom import work

    settings = _settings()
    work(settings, _pack(settings))


@main.command()
def relay() -> None:
    """Relay the pictures of the cameras that somebody watches; a second one stands by."""
    from data.relaying import keep

    settings = _settings()
    keep(settings, _pack(settings))


def _settings() -> Settings:
    """Return the settings, and begin to log. What we write from here on is ours alone to read."""
    from data.config import settings
    from data.guarded import check
    from data.journal import keep

    os.umask(0o077)
    try:
        chosen = settings()
        keep(chosen.log_level)
        check(chosen)
    except BadSetting as bad:
        raise click.ClickException(str(bad)) from bad
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0) if "gevent" in sys.modules else sys.exit(0))
    return chosen


def _pack(settings: Settings) -> "Pack":
    from data.pack import load
    from data.simulator.addresses import with_streets

    try:
        pack = load(settings.city)
        return pack._replace(city=with_streets(pack.city, settings))
    except BrokenPack as broken:
        raise click.ClickException(f"the city pack {settings.city!r} cannot be used:\n{broken}") from broken


def _record(settings: Settings) -> "Engine":
    from data.config import record_url
    from data.store.engine import connect

    return connect(record_url(settings))


def _web(settings: Settings) -> "Flask":
    """Return the web server over the real world, its sockets included."""
    from flask import Flask
    from prometheus_client import CollectorRegistry

    from callbacks.web import behind_proxies, mount
    from data import opened, taking
    from data.config import home
    from data.layers.wards import open_atlas
    from data.living import open_city
    from data.pack.document import drawn
    from layouts.sketch import keep

    pack, engine = _pack(settings), _record(settings)
    atlas = open_atlas(engine, pack)
    living = open_city(engine, pack, atlas)
    server, registry = Flask("kydai.web", static_folder=None), CollectorRegistry()
    behind_proxies(server, settings.proxies)
    keep(pack.city, drawn(pack))
    mounted = mount(server, _world(settings, pack, engine, living))
    _serve_figures(server, settings, pack, engine, living, atlas)
    _serve_acts(server, settings, pack, engine, living, atlas)
    _serve_sights(server, settings, engine, living, atlas)
    taken = taking.serve(server, settings, engine, home(settings), registry=registry, health=False)
    server.register_blueprint(opened.open311(settings, engine, pack, taken, living.now))
    server.register_blueprint(opened.indicators(engine, taken, living.now))
    _serve_health(server, settings, engine, mounted.fanout, registry)
    return server


def _world(settings: Settings, pack: "Pack", engine: "Engine", living: "LivingCity") -> "World":
    """Return what the pages need from outside."""
    from gevent.threadpool import ThreadPool

    from callbacks.web import World
    from data import opened
    from data.basemap.kept import find
    from data.clock import SystemClock
    from data.config import home
    from data.secret import secret_key
    from data.store.accounts import SqlAccounts

    return World(
        city=pack.city,
        living=living.now,
        frames=opened.frames(settings, timeout_s=3.0),
        clock=SystemClock(),
        accounts=SqlAccounts(engine, pepper=secret_key(settings, home(settings)), apart=ThreadPool(HASHES_AT_ONCE).apply),
        version=VERSION,
        demo=settings.demo,
        secure=settings.public_url.startswith("https://"),
        origins=frozenset({settings.public_url.rstrip("/")} - {""}),
        assets=str(ROOT / "assets"),
        basemap=lambda: kept.tiles if (kept := find(home(settings), pack.city.key)) else None,
    )


def _serve_figures(
    server: "Flask", settings: Settings, pack: "Pack", engine: "Engine", living: "LivingCity", atlas: "LivingAtlas"
) -> None:
    """Attach the city's documents, the leader's figures and the API."""
    from callbacks import alarm_report, leader
    from data import opened
    from data.alarm_history import SqlAlarmHistory
    from data.clock import SystemClock
    from data.doors.opened import doors
    from data.history import SqlHistory
    from data.items import SqlItems

    clock, latest = SystemClock(), opened.frames(settings, timeout_s=3.0).latest
    figures = (
        leader.door(SqlHistory(engine, pack.city.zone), SqlItems(engine, pack.city.zone), clock, living.now),
        alarm_report.door(SqlAlarmHistory(engine), clock, pack.city),
    )
    for door in (*doors(settings, pack, engine, living, atlas, latest), *figures):
        server.register_blueprint(door)


def _serve_acts(
    server: "Flask", settings: Settings, pack: "Pack", engine: "Engine", living: "LivingCity", atlas: "LivingAtlas"
) -> None:
    """Attach what people do: about alarms, incidents, reports, violations, cameras, watch lists and plates."""
    from callbacks import adopting, alarms, case_doors, incidents, maintaining, marks, plate_search, violations, watch
    from data import opened
    from data.clock import SystemClock
    from data.doors import camera
    from data.store.incidents import SqlIncidents
    from data.store.maintenance import SqlWorks
    from data.store.violations import SqlViolations

    clock, works = SystemClock(), SqlWorks(engine, SystemClock())
    doors = (
        alarms.door(opened.alarms(settings, engine), living.now),
        incidents.door(SqlIncidents(engine, clock, living.now), living.now),
        *case_doors.doors(*opened.desk(settings, engine, living.now, atlas.locate), clock, living.now, atlas.locate),
        violations.door(SqlViolations(engine, clock), clock, living.now),
        watch.door(opened.watch_lists(settings, engine), clock),
        plate_search.door(opened.plate_searches(settings, engine), clock, living.now),
        adopting.door(opened.register(engine, pack, atlas), living.now),
        maintaining.door(works, living.now),
        *opened.marks_doors(settings, engine, living.now, marks.door),
        camera.door(engine, clock, works, living.now),
    )
    for door in doors:
        server.register_blueprint(door)


def _serve_sights(server: "Flask", settings: Settings, engine: "Engine", living: "LivingCity", atlas: "LivingAtlas") -> None:
    """Attach what people look at: pictures, clips, live video, the city's layers."""
    from gevent.threadpool import ThreadPool

    from callbacks import case_photos, clips, layer_desk, pictures, remote_layers, replay, video
    from data import opened
    from data.clock import SystemClock

    clock, served = SystemClock(), opened.layers(settings, engine)
    held = opened.pictures(settings, engine, apart=ThreadPool(PICTURES_AT_ONCE).apply)
    doors = (
        pictures.door(held, clock),
        case_photos.door(opened.case_photos(engine, living.now, held), held, clock),
        clips.door(opened.clips(settings, engine), clock),
        video.door(opened.video(settings), clock, living.now),
        *remote_layers.doors(
            served, clock, opened.remote(settings, engine, living.now, apart=ThreadPool(PICTURES_AT_ONCE).apply), living.now
        ),
        replay.door(**opened.replay(engine, living.now, apart=ThreadPool(PICTURES_AT_ONCE).apply)),
        layer_desk.door(*opened.layer_desk(settings, engine, apart=ThreadPool(PICTURES_AT_ONCE).apply), clock),
        opened.layers_api(engine, served, living.now, atlas.locate),
        opened.hot_spots(engine, living.now),
    )
    for door in doors:
        server.register_blueprint(door)


def _serve_health(server: "Flask", settings: Settings, engine: "Engine", fanout: "Fanout", registry: "CollectorRegistry") -> None:
    """Attach /healthz, /readyz and /metrics."""
    from data import opened, taking
    from data.clock import SystemClock
    from data.doors import health

    quick, clock = opened.frames(settings, timeout_s=1.0), SystemClock()
    registry.register(health.VideoMetrics(opened.video(settings).felt))
    registry.register(health.MessageMetrics(opened.messages(engine).standing))
    registry.register(health.BoardMetrics(quick.felt, lambda: len(fanout.members), lambda: fanout.sent))
    checks = [
        *taking.checks(settings, engine),
        health.Check("wire", quick.lives),
        health.Check("board", lambda: health.board_lives(quick.felt(), clock.now_ms())),
        health.Check("frames", lambda: health.frames_come(fanout.heard_s)),
    ]
    server.register_blueprint(health.door(checks, registry))


if __name__ == "__main__":
    main(prog_name="python app.py")
