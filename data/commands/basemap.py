"""`basemap build|use|show|remove`: the map under everything, from what a city can bring."""

import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dashboard.basemap import LAYERS
from dashboard.city import City
from dashboard.errors import BrokenPack, Rejected
from data.basemap.kept import Credit, find, keep
from data.basemap.kept import remove as let_go
from data.config import home, settings
from data.pack import load

if TYPE_CHECKING:
    from data.basemap.reading import Thing

OSM_CREDIT = "© OpenStreetMap"
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(name="basemap")
def COMMAND() -> None:
    """The map under everything, drawn without a network (docs/basemap.md)."""


@COMMAND.command()
@click.option("--osm", type=FILE, multiple=True, help="An OpenStreetMap extract (.osm.pbf); what lies in the city is taken.")
@click.option(
    "--layer", "layers", type=(click.Choice(LAYERS), FILE), multiple=True, help="A layer of your own: GeoJSON, GeoPackage …"
)
@click.option("--credit", help=f"Whose data it is; the map says so.  [default with --osm: {OSM_CREDIT}]")
def build(osm: tuple[Path, ...], layers: tuple[tuple[str, Path], ...], credit: str | None) -> None:
    """Make the tiles and take them into use. The map before stays until they are whole."""
    from data.basemap.building import build as make

    if not osm and not layers:
        raise click.UsageError("name what it is made of: --osm FILE, or --layer roads FILE --layer water FILE …")
    if credit is None and not osm:
        raise click.UsageError("say whose data it is: --credit TEXT")
    city, at, began_s = _city(), home(settings()), time.monotonic()
    at.joinpath("basemap").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=at / "basemap", prefix="build-") as folder:
        made = Path(folder) / "made.pmtiles"
        try:
            counted = make(_things(osm, layers, city), made)
            about = _about(credit or OSM_CREDIT, [*osm, *(path for _, path in layers)])
            kept = keep(made, at, city.key, about=about, bounds=city.bounds)
        except Rejected as no:
            raise click.ClickException(str(no)) from no
    for layer, count in sorted(counted.items()):
        click.echo(f"{layer:12} {count:>9,}")
    size = kept.path.stat().st_size / 1e6
    click.echo(f"{kept.path}  {size:.1f} MB  {time.monotonic() - began_s:.0f} s; open screens draw it when they are loaded anew")


@COMMAND.command()
@click.argument("file", type=FILE)
@click.option("--credit", required=True, help="Whose data it is; the map says so.")
def use(file: Path, credit: str) -> None:
    """Take tiles into use that were made elsewhere: vector PMTiles of the Protomaps basemap, or pictures as MBTiles."""
    city = _city()
    try:
        kept = keep(file, home(settings()), city.key, about=_about(credit, [file]), bounds=city.bounds)
    except Rejected as no:
        raise click.ClickException(str(no)) from no
    click.echo(f"{kept.path}; open screens draw it when they are loaded anew")


@COMMAND.command()
def show() -> None:
    """Say which base map is in use."""
    kept = find(home(settings()), _city().key)
    if kept is None:
        click.echo("none: the pack's own shapes are drawn")
        return
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(kept.about.made / 1000))
    click.echo(f"{kept.path}\t{kept.tiles.form}\tto zoom {kept.tiles.nearest}\t{kept.about.origin}\t{made}\t{kept.about.credit}")


@COMMAND.command()
def remove() -> None:
    """Take the base map out of use; the pack's own shapes are drawn again."""
    click.echo("removed" if let_go(home(settings()), _city().key) else "there is none")


def _things(osm: tuple[Path, ...], layers: tuple[tuple[str, Path], ...], city: City) -> "Iterator[Thing]":
    """Yield what goes into the tiles, and say what is being read: an extract of a country takes minutes."""
    from data.basemap.reading import of_layer, of_osm

    for path in osm:
        yield from of_osm(path, city.bounds, saw=partial(_reading, path))
    for name, path in layers:
        click.echo(f"reading {name} from {path.name} …", err=True)
        yield from of_layer(name, path, city.bounds)
    click.echo("making tiles …", err=True)


def _reading(path: Path, layer: str) -> None:
    click.echo(f"reading {path.name} ({path.stat().st_size / 1e6:,.0f} MB): {layer} …", err=True)


def _about(credit: str, files: list[Path]) -> Credit:
    return Credit(
        credit=credit.strip()[:120], origin=", ".join(path.name for path in files)[:400], made=time.time_ns() // 1_000_000
    )


def _city() -> City:
    try:
        return load(settings().city).city
    except BrokenPack as broken:
        raise click.ClickException(f"{settings().city} has mistakes: python app.py city check") from broken
