"""`camera unknown|adopt|equip|list`: cameras that speak and stand in no pack, taking one in, and saying where its pictures are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from dashboard.cameras.adopted import OWNERS, Taken, Wish, strangers
from dashboard.city import City, Owner
from dashboard.errors import BrokenPack, Missing, Unfit
from data.config import settings
from data.dialling import dialler
from data.living import LivingCity, open_register
from data.outward.places import Refused, scheme_of
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


@COMMAND.command()
@click.argument("camera")
@click.option(
    "--stream", help="As in cameras.csv: rtsp://… is relayed, http(s)://… is a page of another system. An empty one: none."
)
@click.option("--snapshot", help="A single picture, http(s)://…, for a camera without RTSP. An empty one: none.")
@click.option("--critical/--not-critical", default=None, help="Whether its loss is an alarm.")
def equip(camera: str, stream: str | None, snapshot: str | None, critical: bool | None) -> None:  # noqa: FBT001  an option
    """Say where the pictures of the adopted CAMERA are, and whether its loss is an alarm; a running house knows within seconds."""
    if stream is None and snapshot is None and critical is None:
        raise click.ClickException("say --stream, --snapshot or --critical")
    _looked_over("--stream", stream, "rtsp", "http", "https")
    _looked_over("--snapshot", snapshot, "http", "https")
    with _register() as (register, _):
        try:
            made = register.equip(camera, stream=stream, snapshot=snapshot, critical=critical, who=WHO)
        except Missing as missing:
            raise click.ClickException(str(missing)) from missing
    ways = [("stream", made.stream), ("snapshot", made.snapshot), ("critical", "yes" if made.critical else "")]
    click.echo("\t".join([made.id, *(f"{name} {told or '-'}" for name, told in ways)]))


def _looked_over(option: str, address: str | None, *schemes: str) -> None:
    """Refuse an address that we would not connect to, or lead a browser to, before anything is written down."""
    if not address:
        return
    chosen = settings()
    try:
        scheme = scheme_of(address)
        if scheme not in schemes:
            raise click.ClickException(f"{option}: {scheme} is not for this; {', '.join(schemes)} are")
        if option == "--snapshot" or scheme == "rtsp":
            dialler(chosen, load(chosen.city).city.outward)(address)
    except Refused as no:
        raise click.ClickException(f"{option}: {no}") from no


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
