"""The intake, put together: its doors on a server, its drain and its MQTT client in the background."""

import threading
import time
from collections.abc import Sequence
from logging import getLogger
from pathlib import Path

from flask import Flask
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import Engine, text

from dashboard.settings import Settings
from data.clock import SystemClock
from data.config import log_url
from data.dialling import dialler, sessions
from data.doors import health as health_door
from data.doors import intake as door
from data.intake import Intake
from data.lease import Lease
from data.pulling import Asking, Puller
from data.road import connect
from data.sealed import Seal
from data.secret import secret_key
from data.spool import Spool
from data.store.logins import PURPOSE, Logins
from data.store.pulls import Pulls
from data.store.sources import Registered, Sources
from data.stream import RedisStream

XADD_TIMEOUT_S = 0.5
log = getLogger(__name__)


def serve(
    server: Flask, settings: Settings, engine: Engine, home: Path, *, registry: CollectorRegistry | None = None, health: bool = True
) -> Intake:
    """Open the intake's door on `server`. With `health`, this is the intake's own process: it answers for itself and hears MQTT."""
    registry = registry or CollectorRegistry()
    stream = RedisStream(connect(log_url(settings), timeout_s=XADD_TIMEOUT_S))
    intake = Intake(stream=stream, spool=Spool(home / "spool"), clock=SystemClock())
    sources = Sources(engine)
    server.register_blueprint(door.door(intake, door.Gate(sources.all), registry))
    Gauge("kydai_spool_bytes", "What waits on disk for the log", registry=registry).set_function(lambda: intake.spooled_bytes)
    threading.Thread(target=intake.drain_for_ever, args=(time.sleep,), daemon=True, name="drain").start()
    if health:
        server.register_blueprint(health_door.door(checks(settings, engine), registry))
        if settings.mqtt_url:
            from data.mqtt import listen  # noqa: PLC0415  only where a broker is named

            listen(settings, intake, home)
    return intake


def ask(
    settings: Settings, allowed: Sequence[str], engine: Engine, home: Path, intake: Intake, *, registry: CollectorRegistry
) -> Asking:
    """Begin to ask the devices that have to be asked, and to hear those behind brokers. `allowed` is what the pack names beside the private networks (S-15)."""
    secret, dial = secret_key(settings, home), dialler(settings, allowed)
    logins, session = Logins(engine, Seal(secret, PURPOSE)), sessions(secret)

    def made(source: Registered) -> Puller:
        return Puller(source, intake, SystemClock(), dial=dial, who=logins.of, session=session(source))

    asking = Asking(Sources(engine).all, made, lease=Lease(engine, home, name="pull"), stands=Pulls(engine))
    registry.register(asking)
    asking.start()
    return asking


def checks(settings: Settings, engine: Engine) -> list[health_door.Check]:
    """Return what the intake depends on."""
    redis = connect(log_url(settings), timeout_s=1.0)

    def database() -> bool:
        with engine.connect() as sql:
            return bool(sql.scalar(text("SELECT 1")) == 1)

    return [health_door.Check("database", database), health_door.Check("log", lambda: bool(redis.ping()))]
