"""The poster of one installation, and who it carries by: endpoints by what is registered of them, letters by what the pack and the settings declare."""

from collections.abc import Callable
from logging import getLogger

from sqlalchemy import Engine

from dashboard.city import City
from dashboard.settings import BadSetting, Settings
from data.clock import SystemClock
from data.config import home
from data.mailing import Letters, Mail, server_of
from data.outward import Checked
from data.posting import Poster
from data.pushing import Endpoints
from data.sealed import Seal
from data.secret import secret_key
from data.store.cases.persons import Persons
from data.store.logins import PURPOSE, Logins
from data.store.sendings import SqlSendings

log = getLogger(__name__)


def open_poster(settings: Settings, engine: Engine, city_now: Callable[[], City], *, dial: Callable[[str], Checked]) -> Poster:
    """Return what sends about reports."""
    clock = SystemClock()
    sendings, secret = SqlSendings(engine, clock), secret_key(settings, home(settings))
    logins = Logins(engine, Seal(secret, PURPOSE))
    endpoints = Endpoints(sendings, clock, city_now, dial=dial, who=logins.of)
    letters = Letters(sendings, clock, city_now, Persons(secret), _mail(settings))
    return Poster(sendings, clock, {"endpoint": endpoints, "mail": letters})


def _mail(settings: Settings) -> Mail | str | None:
    """Return what letters go by, or what is wrong with its settings: units are told all the same."""
    try:
        server = server_of(settings)
    except BadSetting as bad:
        log.error("letters wait: %s", bad)  # noqa: TRY400  the message says all there is
        return str(bad)
    return Mail(server) if server else None
