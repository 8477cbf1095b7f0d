"""Layers by address over one installation's record, home and secret."""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from dashboard.city import City
from dashboard.settings import Settings
from data.clock import SystemClock
from data.config import home
from data.dialling import dialler
from data.remote.desk import Taking
from data.remote.rounds import Reader, Rounds
from data.remote.served import RemotePictures
from data.remote.wire import Door
from data.sealed import Seal
from data.secret import secret_key
from data.store.logins import PURPOSE as LOGINS
from data.store.logins import Logins
from data.store.remotes import PURPOSE, SqlRemotes


def remotes_of(settings: Settings, engine: Engine) -> SqlRemotes:
    """Return the layers by address in the record."""
    return SqlRemotes(engine, SystemClock(), Seal(secret_key(settings, home(settings)), PURPOSE))


def door_of(settings: Settings, engine: Engine, city: City) -> Door:
    """Return the way out to services: private networks, what the pack names, nothing else."""
    return Door(dialler(settings, city.outward), Logins(engine, Seal(secret_key(settings, home(settings)), LOGINS)).of)


def open_remote(
    settings: Settings, engine: Engine, city_now: Callable[[], City], *, apart: Callable[..., Any], rounds: bool = True
) -> tuple[RemotePictures, Taking]:
    """Return the layers by address as screens see them, and the desk where they are taken in.

    `rounds`: this process goes round them, and waits for no WFS that is read; else it does (a command).
    """
    clock, at, remotes, door = SystemClock(), home(settings), remotes_of(settings, engine), door_of(settings, engine, city_now())
    served = RemotePictures(remotes, at, door, clock, city_now, apart=apart)
    reader = Reader(served.kept, clock)
    read = reader if rounds else reader.run
    if rounds:
        threading.Thread(target=Rounds(served, at, clock, read, apart=apart).go, daemon=True, name="rounds").start()
    return served, Taking(remotes, served, door, clock, city_now, read=read, apart=apart)
