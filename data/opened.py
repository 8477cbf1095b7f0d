"""What the doors of the web role are given, over one installation's record, log and secret."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g
from gevent.threadpool import ThreadPool
from sqlalchemy import Engine

import dashboard.topics
from dashboard.city import City
from dashboard.ports import Locate
from dashboard.registry import collect
from dashboard.settings import Settings
from dashboard.topic import Topic
from data.by_ward import OpenThen, SqlByWard
from data.clock import SystemClock
from data.config import home, log_url, wire_url
from data.doors import by_ward as wards_door
from data.doors import features as feature_door
from data.doors import hotspots as spots_door
from data.doors import indicators as counted
from data.doors import layers as layer_door
from data.doors import marks as marks_door
from data.doors import open311 as georeport
from data.doors.drawn import MarksLayer
from data.frames import RedisFrames
from data.history import SqlHistory
from data.hotspots import SqlHotspots
from data.intake import Intake
from data.layers.desk import FileDesk
from data.layers.kept import Kept
from data.layers.served import ServedLayers
from data.layers.shelf import LayerShelf
from data.layers.wards import LivingAtlas, open_atlas
from data.living import open_register
from data.nearby import SqlNearby
from data.pack import Pack
from data.pictures.apart import develop_apart
from data.remote.desk import Taking
from data.remote.kept import KeptPictures
from data.remote.opened import open_remote
from data.remote.served import RemotePictures
from data.road import connect
from data.sealed import PlateMark
from data.secret import secret_key
from data.store.adopted import SqlRegister
from data.store.alarms import SqlAlarms
from data.store.cases.acting import SqlCases
from data.store.cases.exporting import SqlExports
from data.store.cases.photos import SqlPhotos
from data.store.clips import SqlClips
from data.store.layers import SqlLayers
from data.store.map_marks import SqlMarks
from data.store.messages import SqlMessages
from data.store.open311 import Reports
from data.store.past import SqlPast
from data.store.pictures import SqlPictures
from data.store.plate_searches import SqlPlateSearches
from data.store.readings import Readings
from data.store.sources import Sources
from data.store.watch import SqlWatchLists, open_lists
from data.stream import RedisStream, nudge
from data.video.wire import RedisVideo

ALL_TOPICS = collect(dashboard.topics, "TOPIC", Topic)
MEDIA = "media"
TOPICS = tuple(topic.key for topic in ALL_TOPICS)


def frames(settings: Settings, *, timeout_s: float) -> RedisFrames:
    """Return the frames over a connection of their own: a reader that waits must not make another wait."""
    return RedisFrames(connect(wire_url(settings), timeout_s=timeout_s), TOPICS)


def messages(engine: Engine) -> SqlMessages:
    """Return the messages to units, to be looked at."""
    return SqlMessages(engine, SystemClock())


def replay(engine: Engine, city_now: Callable[[], City], *, apart: Callable[..., Any]) -> dict[str, Any]:
    """Return what the doors of the past are given."""
    return {"past": SqlPast(engine), "clock": SystemClock(), "city_now": city_now, "topics": ALL_TOPICS, "apart": apart}


def register(engine: Engine, pack: Pack, atlas: LivingAtlas) -> SqlRegister:
    """Return the register of adopted cameras, whose wards are those that hold now."""
    return open_register(engine, pack, atlas)


def layers(settings: Settings, engine: Engine) -> ServedLayers:
    """Return the city's own layers under the home."""
    return ServedLayers(SqlLayers(engine, SystemClock()), Kept(home(settings)), read=KeptPictures(home(settings)).standing)


def hot_spots(engine: Engine, city_now: Callable[[], City]) -> Blueprint:
    """Return the doors of hot spots and of figures by ward; the guard has said who asks."""
    clock, role_now = SystemClock(), lambda: str(g.who.role)
    both = spots_door.door(SqlHotspots(engine, clock, city_now), city_now, role_now)
    history, events = SqlHistory(engine, city_now().zone), SqlByWard(engine, city_now)
    then = OpenThen(SqlPast(engine))
    both.register_blueprint(wards_door.door(history, events, clock, city_now, role_now, then, apart=ThreadPool(1).apply))
    return both


def layer_desk(settings: Settings, engine: Engine, *, apart: Callable[..., Any]) -> tuple[FileDesk, LayerShelf]:
    """Return the desk where layers are brought in, and the shelf where they are kept."""
    at, clock = home(settings), SystemClock()
    return FileDesk(at, clock, apart=apart), LayerShelf(SqlLayers(engine, clock), Kept(at), read=KeptPictures(at).standing)


def remote(
    settings: Settings, engine: Engine, living: Callable[[], City], *, apart: Callable[..., Any]
) -> tuple[RemotePictures, Taking]:
    """Return the layers by address, and the desk where they are taken in; this process goes round them."""
    return open_remote(settings, engine, living, apart=apart)


def layers_api(engine: Engine, served: ServedLayers, city_now: Callable[[], City], locate: Locate) -> Blueprint:
    """Return the door of layers for other systems, and of what happened near one feature; the guard has said who asks."""
    clock, role_now = SystemClock(), lambda: str(g.who.role)
    nearby = SqlNearby(engine, clock, city_now)
    drawn = MarksLayer(SqlMarks(engine, clock, city_now, nudge=lambda: None), clock, city_now)  # to read them alone
    both = layer_door.door(served, clock, locate, city_now, role_now, drawn)
    both.register_blueprint(feature_door.door(layer_door.Seen(served, role_now), nearby, clock, locate, city_now, role_now))
    return both


def alarms(settings: Settings, engine: Engine) -> SqlAlarms:
    """Return what people do about alarms; the board is told through the log."""
    stream, clock = RedisStream(connect(log_url(settings), timeout_s=0.5)), SystemClock()
    return SqlAlarms(engine, clock, nudge=lambda: nudge(stream, clock))


def marks(settings: Settings, engine: Engine, living: Callable[[], City]) -> SqlMarks:
    """Return what people draw on the map; the board is told through the log."""
    stream, clock = RedisStream(connect(log_url(settings), timeout_s=0.5)), SystemClock()
    return SqlMarks(engine, clock, living, nudge=lambda: nudge(stream, clock))


def marks_doors(
    settings: Settings, engine: Engine, living: Callable[[], City], people: Callable[[SqlMarks], Blueprint]
) -> tuple[Blueprint, Blueprint]:
    """Return the door that people draw through, and that of the feed, over the same marks."""
    kept = marks(settings, engine, living)
    return people(kept), marks_door.door(kept, SystemClock())


def cases(settings: Settings, engine: Engine, living: Callable[[], City], locate: Locate) -> SqlCases:
    """Return citizens' reports on their path; the board is told through the log."""
    stream, clock = RedisStream(connect(log_url(settings), timeout_s=0.5)), SystemClock()
    secret = secret_key(settings, home(settings))
    return SqlCases(engine, clock, living, secret=secret, locate=locate, nudge=lambda: nudge(stream, clock))


def case_photos(engine: Engine, living: Callable[[], City], held: SqlPictures) -> SqlPhotos:
    """Return the photographs of reports; each is developed by a process of its own."""
    return SqlPhotos(engine, SystemClock(), living, held, develop_apart)


def exports(settings: Settings, engine: Engine, living: Callable[[], City]) -> SqlExports:
    """Return lists of reports as files. Two are written at a time, in threads: screens wait for none."""
    begin, write = ThreadPool(1), ThreadPool(2)
    return SqlExports(engine, SystemClock(), living, folder=home(settings), apart=begin.apply, start=write.spawn)


def desk(settings: Settings, engine: Engine, living: Callable[[], City], locate: Locate) -> tuple[SqlCases, SqlExports]:
    """Return what is done with reports, and their lists as files."""
    return cases(settings, engine, living, locate), exports(settings, engine, living)


def watch_lists(settings: Settings, engine: Engine) -> SqlWatchLists:
    """Return the watch lists."""
    return open_lists(engine, SystemClock(), secret_key(settings, home(settings)))


def plate_searches(settings: Settings, engine: Engine) -> SqlPlateSearches:
    """Return searches for one plate."""
    return SqlPlateSearches(engine, SystemClock(), mark=PlateMark(secret_key(settings, home(settings))).of)


def pictures(settings: Settings, engine: Engine, *, apart: Callable[..., Any] | None = None) -> SqlPictures:
    """Return the pictures under the home's media folder. `apart` runs what takes a while where it holds nobody up."""
    at = home(settings)
    return SqlPictures(engine, SystemClock(), folder=at / MEDIA, secret=secret_key(settings, at), apart=apart)


def clips(settings: Settings, engine: Engine) -> SqlClips:
    """Return the clips under the home's media folder."""
    at = home(settings)
    return SqlClips(engine, SystemClock(), folder=at / MEDIA, secret=secret_key(settings, at))


def open311(settings: Settings, engine: Engine, pack: Pack, intake: Intake, city: Callable[[], City]) -> Blueprint:
    """Return the doors of Open311 over the intake that answers for what is posted there."""
    at, clock, reports = home(settings), SystemClock(), Reports(engine)
    secret = secret_key(settings, at)
    means = georeport.Means(
        city=city,
        clients=georeport.Clients(Sources(engine).all),
        desk=georeport.Desk(intake, clock, secret, reports.submitted),
        reports=reports,
        writer=georeport.Writer(secret),
        pictures=pictures(settings, engine),
        locate=open_atlas(engine, pack).locate,
        clock=clock,
        public=settings.open311_public,
        origins=frozenset(settings.open311_origins.split()),
        base=settings.public_url.rstrip("/"),
    )
    return georeport.door(means)


def indicators(engine: Engine, intake: Intake, city: Callable[[], City]) -> Blueprint:
    """Return the door of the city's indicators over the intake that answers for what is told there."""
    clients = georeport.Clients(Sources(engine).all, adapter=counted.ADAPTER)
    return counted.door(intake, clients, Readings(engine), SystemClock(), city)


def video(settings: Settings) -> RedisVideo:
    """Return what is seen through the cameras."""
    return RedisVideo(connect(wire_url(settings), timeout_s=3.0))
