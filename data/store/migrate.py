"""Bring a record to the newest shape. Run once at start, before any role."""

from logging import WARNING, getLogger
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from data.store.engine import connect

ROOT = Path(__file__).resolve().parents[2]


def migrate(url: str, *, to: str = "head") -> None:
    """Run what is missing of the migrations on the record at `url`."""
    getLogger("alembic").setLevel(WARNING)  # what it says at INFO is of no use to who starts a house
    made = config(url)
    if to != "head" or not _is_newest(url, made):  # which would wait for whoever writes just now
        command.upgrade(made, to)


def _is_newest(url: str, made: Config) -> bool:
    engine = connect(url)
    with engine.connect() as sql:
        held = MigrationContext.configure(sql).get_current_revision()
    engine.dispose()
    return held == ScriptDirectory.from_config(made).get_current_head()


def shape(engine: Engine) -> str:
    """Return the name of the shape that a record has."""
    with engine.connect() as sql:
        return str(sql.scalar(text("SELECT version_num FROM alembic_version")))


def config(url: str) -> Config:
    """Return Alembic's settings for the record at `url`."""
    settings = Config(str(ROOT / "alembic.ini"))
    settings.set_main_option("script_location", str(ROOT / "migrations"))
    settings.attributes["url"] = url
    return settings
