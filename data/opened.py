"""What the doors of the web role are given, over one installation's record, log and secret."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g
from sqlalchemy import Engine

from dashboard.city import City
from dashboard.ports import Locate
from dashboard.settings import Settings
from data.clock import SystemClock
from data.config import home, log_url, wire_url
from data.doors import indicators as counted
from data.doors import layers as layer_door
from data.doors import open311 as georeport
from data.frames import RedisFrames
from data.intake import Intake
from data.layers.desk import FileDesk
from data.layers.kept import Kept
from data.layers.served import ServedLayers
from data.layers.shelf import LayerShelf
from data.layers.wards import LivingAtlas, open_atlas
from data.living import open_register
from data.pack import Pack
from data.road import connect
from data.sealed import PlateMark
from data.secret import secret_key
from data.store.adopted import SqlRegister
from data.store.alarms import SqlAlarms
from data.store.cases.acting import SqlCases
from data.store.clips import SqlClips
from data.store.layers import SqlLayers
from data.store.open311 import Reports
from data.store.pictures import SqlPictures
from data.store.plate_searches import SqlPlateSearches
from data.store.readings import Readings
from data.store.sources import Sources
from data.store.watch import SqlWatchLists, open_lists
from data.stream import RedisStream, nudge
from data.video.wire import RedisVideo

MEDIA = "media"
TOPICS = ("status", "kpi", "indicators", "events", "plates", "alarms", "cameras", "reports", "series")


def frames(settings: Settings, *, timeout_s: float) -> RedisFrames:
    """Return the frames over a connection of their own: a reader that waits must not make another wait."""
    return RedisFrames(connect(wire_url(settings), timeout_s=timeout_s), TOPICS)


def register(engine: Engine, pack: Pack, atlas: LivingAtlas) -> SqlRegister:
    """Return the register of adopted cameras, whose wards are those that hold now."""
    return open_register(engine, pack, atlas)


def layers(settings: Settings, engine: Engine) -> ServedLayers:
    """Return the city's own layers under the home."""
    return ServedLayers(SqlLayers(engine, SystemClock()), Kept(home(settings)))


def layer_desk(settings: Settings, engine: Engine, *, apart: Callable[..., Any]) -> tuple[FileDesk, LayerShelf]:
    """Return the desk where layers are brought in, and the shelf where they are kept."""
    at, clock = home(settings), SystemClock()
    return FileDesk(at, clock, apart=apart), LayerShelf(SqlLayers(engine, clock), Kept(at))


def layers_api(served: ServedLayers, city_now: Callable[[], City], locate: Locate) -> Blueprint:
    """Return the door of layers for other systems; the guard has said who asks."""
    return layer_door.door(served, SystemClock(), locate, city_now, lambda: str(g.who.role))


def alarms(settings: Settings, engine: Engine) -> SqlAlarms:
    """Return what people do about alarms; the board is told through the log."""
    stream, clock = RedisStream(connect(log_url(settings), timeout_s=0.5)), SystemClock()
    return SqlAlarms(engine, clock, nudge=lambda: nudge(stream, clock))


def cases(settings: Settings, engine: Engine, living: Callable[[], City], locate: Locate) -> SqlCases:
    """Return citizens' reports on their path; the board is told through the log."""
    stream, clock = RedisStream(connect(log_url(settings), timeout_s=0.5)), SystemClock()
    secret = secret_key(settings, home(settings))
    return SqlCases(engine, clock, living, secret=secret, locate=locate, nudge=lambda: nudge(stream, clock))


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
