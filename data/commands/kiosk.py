"""`kiosk add|list|revoke`: displays that show a wall without anybody signed in."""

import click

from dashboard.settings import Settings
from data.commands.user import now_ms
from data.config import settings
from data.pack import load
from data.register import accounts
from data.store.accounts import Refused


@click.group(name="kiosk")
def COMMAND() -> None:
    """Displays: read-only, one wall each, revocable within 5 seconds."""


@COMMAND.command()
@click.argument("name")
@click.option("--wall", help="Which of the pack's walls; else the first.")
def add(name: str, wall: str | None) -> None:
    """Print the address that the display NAME opens, once; it gives the screen a cookie and does not stay in the address."""
    chosen = settings()
    walls = [one.name for one in load(chosen.city).city.walls]
    if wall is not None and wall not in walls:
        raise click.ClickException(f"no wall {wall!r}; there are {', '.join(walls)}")
    secret = accounts().add_kiosk(name, wall or walls[0], now_ms=now_ms())
    click.echo(f"{base_url(chosen)}/kiosk/{secret}")


@COMMAND.command("list")
def list_() -> None:
    """List all displays."""
    for row in accounts().issued("kiosk"):
        click.echo(f"{row.name}\t{row.wall}\t{'revoked' if row.ended else 'in force'}")


@COMMAND.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke the display NAME; its screen goes dark within 5 seconds."""
    try:
        accounts().revoke("kiosk", name, now_ms=now_ms())
    except Refused as no:
        raise click.ClickException(str(no)) from no
    click.echo(f"{name} revoked.")


def base_url(chosen: Settings) -> str:
    """Return where browsers reach us."""
    return chosen.public_url.rstrip("/") or f"http://{chosen.host}:{chosen.port}"
