"""`layer look|add-remote|remotes|try-remote|remove-remote`: layers that other offices serve, by their addresses (docs/layers.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getuser
from typing import Any

import click
from msgspec import ValidationError, convert

from dashboard.errors import Missing
from dashboard.layers.layer import SHAPES
from dashboard.layers.remote import Standing, Trouble, Wanted, freshness
from data.clock import SystemClock
from data.config import settings
from data.pack import load
from data.register import opened
from data.remote.desk import Taking
from data.remote.opened import open_remote
from data.remote.served import RemotePictures

KINDS = click.Choice(["wms", "wmts", "wfs"])


@contextmanager
def _desk() -> Iterator[tuple[RemotePictures, Taking]]:
    """Lend the desk; a WFS is read at once. What goes wrong is said as commands say it."""
    with opened() as record:
        city = load(settings().city).city
        try:
            yield open_remote(settings(), record, lambda: city, apart=lambda do, given: do(*given), rounds=False)
        except Trouble as trouble:
            raise click.ClickException(f"{trouble}\nNothing was changed.") from trouble
        except Missing as missing:
            raise click.ClickException(str(missing)) from missing


@click.command()
@click.argument("address")
@click.option("--kind", type=KINDS, required=True)
def look(address: str, kind: Any) -> None:
    """List the layers that the service at ADDRESS offers: name, whether it can be used, title, styles."""
    with _desk() as (_, desk):
        title, offers = desk.look(address, kind)
    click.echo(f"{title}: {len(offers)} layers")
    for one in offers:
        good = one.crs if one.crs and one.formats else "cannot be used"
        click.echo(f"{one.name}\t{good}\t{one.title}\t{', '.join(filter(None, one.styles)) or '-'}")


@click.command("add-remote")
@click.argument("address")
@click.option("--kind", type=KINDS, required=True)
@click.option("--layer", required=True, help="Its name there (`layer look`).")
@click.option("--key", required=True, help="What the layer is called in addresses: flood_zones.")
@click.option("--title", default="", help="Its name in Vietnamese; else the service's own.")
@click.option("--title-en", default="", help="Its name in English.")
@click.option("--style", default="", help="One of the service's styles; else its own choice.")
@click.option("--source", default="", help="Whose it is.")
@click.option(
    "--hours", type=float, default=24.0, show_default=True, help="How long a picture is good, or how often a WFS is read."
)
@click.option("--only", type=click.Choice(SHAPES), default=None, help="Of a WFS that mixes shapes: read these alone.")
@click.option("--role", "roles", multiple=True, help="Who sees it; everybody who may see layers, unless said.")
def add_remote(title: str, title_en: str, **asked: Any) -> None:
    """Show a layer of the service at ADDRESS on the map (WMS, WMTS), or read it into a layer of our own (WFS)."""
    try:
        wanted = convert({**asked, "title": {"vi": title, "en": title_en}}, Wanted)
    except ValidationError as error:
        raise click.ClickException(str(error)) from error
    with _desk() as (pictures, desk):
        one = desk.add(wanted, who=getuser())
        stands = pictures.standing(one.key)
    click.echo(_said(one.key, one.kind, one.place, stands))


@click.command("remotes")
def remotes() -> None:
    """List the layers by address: key, kind, where from, how fresh, when it was last good, what is wrong."""
    with _desk() as (pictures, _):
        for one in pictures.all().values():
            click.echo(_said(one.key, one.kind, one.place, pictures.standing(one.key)))


@click.command("try-remote")
@click.argument("key")
@click.option("--only", type=click.Choice([*SHAPES, "all"]), default=None, help="Of a WFS that mixes shapes: read these alone.")
def try_remote(key: str, only: Any) -> None:
    """Try the service of the layer KEY at once, or read its WFS."""
    with _desk() as (pictures, desk):
        if only is not None:
            desk.choose(key, None if only == "all" else only, who=getuser())
        stands = desk.again(key)
        one = pictures.all()[key]
    click.echo(_said(key, one.kind, one.place, stands))


@click.command("remove-remote")
@click.argument("key")
def remove_remote(key: str) -> None:
    """Ask the service of the layer KEY no longer; what was read from a WFS stays a layer."""
    with _desk() as (_, desk):
        desk.remove(key, who=getuser())
    click.echo(f"{key} is asked for no longer.")


def _said(key: str, kind: str, place: str, stands: Standing) -> str:
    day = f"{datetime.fromtimestamp(stands.good / 1000, UTC):%Y-%m-%d %H:%M} UTC" if stands.good else "never"
    fresh = freshness(stands, SystemClock().now_ms()) if kind != "wfs" else "read"
    return "\t".join((key, kind, place, fresh, day, f"{stands.code} {stands.detail}".strip() or "-"))


COMMANDS: tuple[click.Command, ...] = (look, add_remote, remotes, try_remote, remove_remote)
