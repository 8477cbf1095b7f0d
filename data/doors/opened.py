"""The doors for machines and maps that the web role opens, each over what it needs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint
from sqlalchemy import Engine

from dashboard.settings import Settings
from data.around import SqlAround
from data.basemap.kept import find
from data.clock import SystemClock
from data.config import home
from data.doors import api, basemap, documents
from data.layers.wards import LivingAtlas
from data.living import LivingCity
from data.pack import Pack
from data.pack.document import cameras_document, later_cities, surveyed
from data.pack.document import documents as documents_of
from data.query import Query


def doors(
    settings: Settings, pack: Pack, engine: Engine, living: LivingCity, atlas: LivingAtlas, latest: Callable[[str], Any]
) -> tuple[Blueprint, ...]:
    """Return the doors. `latest` gives the data of a topic's last frame, or None before there was one."""
    today, clock = datetime.now(ZoneInfo(pack.city.zone)).date(), SystemClock()
    wards = surveyed(lambda: atlas.drawn(clock.now_ms()))
    return (
        documents.door(pack.city.version, documents_of(pack, today), later_cities(living.look, today), wards),
        basemap.door(lambda: find(home(settings), pack.city.key)),
        api.door(Query(engine, living.now), SqlAround(engine, living.now), latest, lambda: cameras_document(living.now())),
    )
