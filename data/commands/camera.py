"""`camera unknown|adopt|list`: cameras that speak and stand in no pack, and taking one in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from dashboard.cameras.adopted import OWNERS, Taken, Wish, strangers
from dashboard.city import City, Owner
from dashboard.errors import BrokenPack, Unfit
from data.config import settings
from data.living import LivingCity, open_register
from data.pack import load
from data.register import opened
from data.store.adopted import SqlRegister

WHO = "command"


@click.group(name="camera")
def COMMAND() -> None:
    """Cameras that stand in no city pack (docs/cameras.md)."""


@contextmanager
def _register() -> Iterator[tuple[SqlRegister, City]]:
    """Lend the register, and the city as it stands."""
    try:
        pack = load(settings().city)
    except BrokenPack as broken:
        raise click.ClickException(f"{settings().city} has mistakes: python app.py city check") from broken
    with opened() as record:
        register = open_register(record, pack)
        yield register, LivingCity(pack.city, register).now()


@COMMAND.command()
def unknown() -> None:
    """List the cameras that speak and stand in no registry: source, name, messages, when last."""
    with _register() as (register, city):
        for one in strangers(register.strangers(), city):
            click.echo(f"{one.source}\t{one.name!r}\t{one.count}\t{_moment(one.last, city)}\t{one.state or '-'}")


@COMMAND.command()
@click.argument("source")
@click.argument("name")
@click.option("--lon", type=float, required=True, help="Degrees east.")
@click.option("--lat", type=float, required=True, help="Degrees north.")
@click.option("--name", "name_vi", required=True, help="What people call it, in Vietnamese.")
@click.option("--name-en", default="", help="In English; else the Vietnamese name.")
@click.option("--owner", type=click.Choice(OWNERS), default="city", show_default=True, help="Whose it is.")
def adopt(source: str, name: str, lon: float, lat: float, name_vi: str, name_en: str, owner: Owner) -> None:
    """Take in the camera that SOURCE calls NAME; a running house knows it within seconds."""
    with _register() as (register, _):
        try:
            made = register.adopt(source, name, Wish(name_vi=name_vi, name_en=name_en, lon=lon, lat=lat, owner=owner), who=WHO)
        except Taken as taken:
            raise click.ClickException(f"{source}/{name} is {taken.camera} already") from taken
        except Unfit as unfit:
            raise click.ClickException(f"{unfit.field}: {unfit.why.replace('_', ' ')}") from unfit
    click.echo(f"{made.id}\t{made.name['vi']}\tward {made.ward or '-'}")


@COMMAND.command("list")
def list_() -> None:
    """List the cameras that were taken in: number, name, ward, source and the source's name, by whom and when."""
    with _register() as (register, city):
        standing = {camera.id: not camera.gone for camera in city.cameras}
        for one in register.adopted():
            state = "removed" if one.removed else "adopted" if standing.get(one.id) else "in the pack by now, ignored"
            told = (one.id, one.name["vi"], one.ward or "-", one.source, repr(one.called), one.by, _moment(one.at, city), state)
            click.echo("\t".join(told))


def _moment(ms: int, city: City) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, ZoneInfo(city.zone)):%Y-%m-%d %H:%M:%S}"
