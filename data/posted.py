"""The poster of one installation, and who it carries by: endpoints by what is registered of them, letters by what the pack and the settings declare."""

from collections.abc import Callable

from sqlalchemy import Engine

from dashboard.city import City
from dashboard.settings import Settings
from data.clock import SystemClock
from data.config import home
from data.outward import Checked
from data.posting import Poster
from data.pushing import Endpoints
from data.sealed import Seal
from data.secret import secret_key
from data.store.logins import PURPOSE, Logins
from data.store.sendings import SqlSendings


def open_poster(settings: Settings, engine: Engine, city_now: Callable[[], City], *, dial: Callable[[str], Checked]) -> Poster:
    """Return what sends about reports."""
    clock = SystemClock()
    sendings, secret = SqlSendings(engine, clock), secret_key(settings, home(settings))
    logins = Logins(engine, Seal(secret, PURPOSE))
    endpoints = Endpoints(sendings, clock, city_now, dial=dial, who=logins.of)
    return Poster(sendings, clock, {"endpoint": endpoints})
