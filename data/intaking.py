"""The intake's process: its doors open, its drain running, its devices and brokers being asked."""

from collections.abc import Callable

from flask import Flask
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from dashboard.settings import Settings
from data import opened, taking
from data.config import home
from data.pack import Pack


def serve(settings: Settings, pack: Pack, engine: Engine) -> tuple[Flask, Callable[[], None]]:
    """Return the intake's server, and what to do before it ends."""
    server, registry, at = Flask("kydai.intake"), CollectorRegistry(), home(settings)
    taken = taking.serve(server, settings, engine, at, registry=registry)
    server.register_blueprint(opened.open311(settings, engine, pack, taken, lambda: pack.city))
    asking = taking.ask(settings, pack.city.outward, engine, at, taken, registry=registry)
    return server, asking.stop
