"""A web server of our own over a real record and frames in memory."""

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from callbacks import (
    adopting,
    alarm_report,
    alarms,
    case_photos,
    cases,
    cases_together,
    cases_tried,
    clips,
    exporting,
    incidents,
    layer_desk,
    leader,
    maintaining,
    marks,
    pictures,
    plate_search,
    remote_layers,
    replay,
    video,
    violations,
    watch,
)
from callbacks.web import World, mount
from data import opened
from data.alarm_history import SqlAlarmHistory
from data.around import SqlAround
from data.atlas import Atlas
from data.clock import SystemClock
from data.doors import api, camera, documents, health, indicators, open311
from data.doors import intake as intake_door
from data.doors import marks as marks_door
from data.history import SqlHistory
from data.intake import Intake
from data.items import SqlItems
from data.layers.desk import FileDesk
from data.layers.kept import Kept
from data.layers.served import ServedLayers
from data.layers.shelf import LayerShelf
from data.living import LivingCity, open_register
from data.memory import MemoryFrames, MemoryStream
from data.opened import hot_spots, layers_api
from data.outward import check
from data.pack import load
from data.pack.document import cameras_document, later_cities
from data.pack.document import documents as documents_of
from data.pictures.apart import develop_apart
from data.query import Query
from data.remote.desk import Taking
from data.remote.served import RemotePictures
from data.remote.wire import Door
from data.sealed import PlateMark, Seal
from data.spool import Spool
from data.store.accounts import SqlAccounts
from data.store.alarms import SqlAlarms
from data.store.cases.acting import SqlCases
from data.store.cases.exporting import SqlExports
from data.store.cases.photos import SqlPhotos
from data.store.clips import SqlClips
from data.store.incidents import SqlIncidents
from data.store.layers import SqlLayers
from data.store.logins import Logins
from data.store.maintenance import SqlWorks
from data.store.map_marks import SqlMarks
from data.store.open311 import Reports
from data.store.pictures import SqlPictures
from data.store.plate_searches import SqlPlateSearches
from data.store.readings import Readings
from data.store.remotes import SqlRemotes
from data.store.sources import Sources
from data.store.violations import SqlViolations
from data.store.watch import open_lists
from data.video.wire import RedisVideo
from tests.rig import prompt_city

PACK = load(str(prompt_city()))
SECRET = b"only for tests: 0123456789abcdef"
PASSWORD = "a long enough password"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def draw_on(server, engine, living) -> None:
    """Open what is drawn on the map, and what it shows of the record."""
    drawn = SqlMarks(engine, SystemClock(), living.look, nudge=lambda: None)
    server.register_blueprint(marks.door(drawn))
    server.register_blueprint(marks_door.door(drawn, SystemClock()))
    server.register_blueprint(hot_spots(engine, living.look))


def _serve_exports(server, engine, living, folder, work) -> None:
    server.register_blueprint(cases_together.door(work))
    exports = SqlExports(engine, SystemClock(), living.look, folder=folder)
    server.register_blueprint(exporting.door(exports, SystemClock(), living.look))


def _desk(engine, home):
    shelf = LayerShelf(SqlLayers(engine, SystemClock()), Kept(home))
    return layer_desk.door(FileDesk(home, SystemClock()), shelf, SystemClock())


WALLED = replace(PACK.city, walls=(replace(PACK.city.walls[0], layers=("zones", "masts", "lamps")),))


def _far(engine, home, living):
    """Return the layers by address; loopback is allowed."""
    remotes = SqlRemotes(engine, SystemClock(), Seal(SECRET, "remote layer"))
    way = Door(lambda address: check(address, ("127.0.0.0/8",)), Logins(engine, Seal(SECRET, "login")).of)
    far = RemotePictures(remotes, home, way, SystemClock(), living.look, monotonic_s=map(float, range(0, 10**9, 10)).__next__)
    return far, Taking(remotes, far, way, SystemClock(), living.look, read=lambda _: None)


@pytest.fixture
def web(sqlite, redis_wire, tmp_path):  # noqa: PLR0915  one line a door
    """Everything the web role serves, with an account a role."""
    from datetime import date

    accounts = SqlAccounts(sqlite, pepper=b"p" * 32)
    server = Flask("web", static_folder=None)
    server.testing = True
    frames = MemoryFrames()
    mounted = mount(
        server,
        World(
            city=PACK.city,
            frames=frames,
            clock=SystemClock(),
            accounts=accounts,
            version="t",
            assets=str(Path(__file__).parents[2] / "assets"),
            async_mode="threading",
        ),
    )
    registry = CollectorRegistry()
    gate = intake_door.Gate(Sources(sqlite).all)
    taking = Intake(stream=MemoryStream(), spool=Spool(tmp_path / "spool"), clock=SystemClock())
    server.register_blueprint(intake_door.door(taking, gate, registry))
    today, living = date(2026, 11, 24), LivingCity(PACK.city, open_register(sqlite, PACK))
    server.register_blueprint(documents.door(PACK.city.version, documents_of(PACK, today), later_cities(living.look, today)))
    works = SqlWorks(sqlite, SystemClock())
    cared = (adopting.door(open_register(sqlite, PACK), living.look), maintaining.door(works, living.look))
    draw_on(server, sqlite, living)
    served = ServedLayers(SqlLayers(sqlite, SystemClock()), Kept(tmp_path), monotonic_s=iter(range(0, 10**9, 10)).__next__)
    for one in remote_layers.doors(served, SystemClock(), _far(sqlite, tmp_path, living), lambda: WALLED):
        server.register_blueprint(one)
    server.register_blueprint(_desk(sqlite, tmp_path))
    server.register_blueprint(layers_api(sqlite, served, living.look, Atlas(PACK.folder, zone=PACK.city.zone).locate))
    past = replay.door(**opened.replay(sqlite, living.look, apart=lambda act: act()))
    for one in (*cared, past):
        server.register_blueprint(one)
    server.register_blueprint(camera.door(sqlite, SystemClock(), works, living.look))
    server.register_blueprint(alarm_report.door(SqlAlarmHistory(sqlite), SystemClock(), PACK.city))
    server.register_blueprint(alarms.door(SqlAlarms(sqlite, SystemClock(), nudge=lambda: None), living.look))
    searches = SqlPlateSearches(sqlite, SystemClock(), mark=PlateMark(SECRET).of)
    server.register_blueprint(plate_search.door(searches, SystemClock(), living.look))
    kept = SqlPictures(sqlite, SystemClock(), folder=tmp_path / "media", secret=SECRET)
    server.register_blueprint(pictures.door(kept, SystemClock()))
    server.register_blueprint(
        case_photos.door(SqlPhotos(sqlite, SystemClock(), living.look, kept, develop_apart), kept, SystemClock())
    )
    films = SqlClips(sqlite, SystemClock(), folder=tmp_path / "media", secret=SECRET)
    server.register_blueprint(clips.door(films, SystemClock()))
    server.register_blueprint(incidents.door(SqlIncidents(sqlite, SystemClock(), living.look), living.look))
    atlas = Atlas(PACK.folder, zone=PACK.city.zone)
    work = SqlCases(sqlite, SystemClock(), living.look, secret=SECRET, locate=atlas.locate, nudge=lambda: None)
    _serve_exports(server, sqlite, living, tmp_path, work)
    server.register_blueprint(cases.door(work, SystemClock(), living.look))
    server.register_blueprint(cases_tried.door(work, SystemClock(), living.look, atlas.locate))
    seen = RedisVideo(redis_wire)
    server.register_blueprint(video.door(seen, SystemClock(), living.look))
    server.register_blueprint(violations.door(SqlViolations(sqlite, SystemClock()), SystemClock(), living.look))
    server.register_blueprint(watch.door(open_lists(sqlite, SystemClock(), SECRET), SystemClock()))
    server.register_blueprint(
        leader.door(SqlHistory(sqlite, PACK.city.zone), SqlItems(sqlite, PACK.city.zone), SystemClock(), living.look)
    )
    latest = {"kpi": None, "status": None, "cameras": None}
    server.register_blueprint(
        api.door(Query(sqlite, living.look), SqlAround(sqlite, living.look), latest.get, lambda: cameras_document(living.look()))
    )
    server.register_blueprint(health.door([health.Check("database", lambda: True), health.Check("board", lambda: False)], registry))

    counting = open311.Clients(Sources(sqlite).all, adapter="indicators")
    server.register_blueprint(indicators.door(taking, counting, Readings(sqlite), SystemClock(), living.look))
    server.register_blueprint(
        open311.door(
            open311.Means(
                city=living.look,
                clients=open311.Clients(Sources(sqlite).all),
                desk=open311.Desk(taking, SystemClock(), SECRET, Reports(sqlite).submitted),
                reports=Reports(sqlite),
                writer=open311.Writer(SECRET),
                pictures=kept,
                locate=lambda *_: "",
                clock=SystemClock(),
            )
        )
    )

    def signed(role: str):
        client = server.test_client()
        secret = (
            accounts.open_session(f"{role}-person", role, now_ms=now_ms())
            if role != "wall"
            else accounts.open_kiosk(accounts.add_kiosk("k", "main", now_ms=now_ms()), now_ms=now_ms())[0]
        )
        client.set_cookie("kydai", secret)
        return client

    yield SimpleNamespace(
        server=server,
        accounts=accounts,
        signed=signed,
        frames=frames,
        living=living,
        mounted=mounted,
        engine=sqlite,
        latest=latest,
        pictures=kept,
        clips=films,
        video=seen,
        cases=work,
    )
    mounted.fanout.close()
