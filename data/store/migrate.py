"""Bring a record to the newest shape. Run once at start, before any role."""

from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).resolve().parents[2]


def migrate(url: str, *, to: str = "head") -> None:
    """Run what is missing of the migrations on the record at `url`."""
    command.upgrade(config(url), to)


def config(url: str) -> Config:
    """Return Alembic's settings for the record at `url`."""
    settings = Config(str(ROOT / "alembic.ini"))
    settings.set_main_option("script_location", str(ROOT / "migrations"))
    settings.attributes["url"] = url
    return settings
