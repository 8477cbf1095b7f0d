"""What the doors of the web role are given, over one installation's record, log and secret."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g
from sqlalchemy import Engine

from dashboard.city import City
from dashboard.ports import Locate
from dashboard.settings import Settings
from data.clock import SystemClock
from data.config import home, log_url, wire_url
from data.doors import documents as still
from data.doors import layers as layer_door
from data.layers.kept import Kept
from data.layers.served import ServedLayers
from data.layers.wards import LivingAtlas
from data.living import LivingCity, open_register
from data.pack import Pack
from data.pack.document import documents as documents_of
from data.pack.document import later_cities, surveyed
from data.road import connect
from data.secret import secret_key
from data.store.adopted import SqlRegister
from data.store.alarms import SqlAlarms
from data.store.layers import SqlLayers
from data.store.pictures import SqlPictures
from data.store.watch import SqlWatchLists, open_lists
from data.stream import RedisStream, nudge
from data.video.wire import RedisVideo

MEDIA = "media"


def documents(pack: Pack, living: LivingCity, atlas: LivingAtlas) -> Blueprint:
    """Return the door of what stands still of a city: the pack, its base map, its wards."""
    today, clock = datetime.now(ZoneInfo(pack.city.zone)).date(), SystemClock()
    wards = surveyed(lambda: atlas.drawn(clock.now_ms()))
    return still.door(pack.city.version, documents_of(pack, today), later_cities(living.look, today), wards)


def register(engine: Engine, pack: Pack, atlas: LivingAtlas) -> SqlRegister:
    """Return the register of adopted cameras, whose wards are those that hold now."""
    return open_register(engine, pack, atlas)


def layers(settings: Settings, engine: Engine) -> ServedLayers:
    """Return the city's own layers under the home."""
    return ServedLayers(SqlLayers(engine, SystemClock()), Kept(home(settings)))


def layers_api(served: ServedLayers, city_now: Callable[[], City], locate: Locate) -> Blueprint:
    """Return the door of layers for other systems; the guard has said who asks."""
    return layer_door.door(served, SystemClock(), locate, city_now, lambda: str(g.who.role))


def alarms(settings: Settings, engine: Engine) -> SqlAlarms:
    """Return what people do about alarms; the board is told through the log."""
    stream, clock = RedisStream(connect(log_url(settings), timeout_s=0.5)), SystemClock()
    return SqlAlarms(engine, clock, nudge=lambda: nudge(stream, clock))


def watch_lists(settings: Settings, engine: Engine) -> SqlWatchLists:
    """Return the watch lists."""
    return open_lists(engine, SystemClock(), secret_key(settings, home(settings)))


def pictures(settings: Settings, engine: Engine, *, apart: Callable[..., Any] | None = None) -> SqlPictures:
    """Return the pictures under the home's media folder. `apart` runs what takes a while where it holds nobody up."""
    at = home(settings)
    return SqlPictures(engine, SystemClock(), folder=at / MEDIA, secret=secret_key(settings, at), apart=apart)


def video(settings: Settings) -> RedisVideo:
    """Return what is seen through the cameras."""
    return RedisVideo(connect(wire_url(settings), timeout_s=3.0))
