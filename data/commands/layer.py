"""`layer import|list|show|undo|remove`: the city's own layers from files (docs/layers.md). Those by address: data/remote/command."""

from collections.abc import Callable
from getpass import getuser
from pathlib import Path
from typing import Any

import click

from dashboard.city import City
from dashboard.errors import BrokenPack, Missing
from dashboard.layers.layer import SHAPES, Layer, LayerRefused
from data.clock import SystemClock
from data.config import home, settings
from data.layers.kept import Kept
from data.pack import load
from data.register import opened
from data.remote.command import COMMANDS
from data.store.layers import SqlLayers

SHOWN = 3


@click.group(name="layer")
def COMMAND() -> None:
    """The city's own layers on the map (docs/layers.md)."""


for _one in COMMANDS:
    COMMAND.add_command(_one)


def _city() -> City:
    try:
        return load(settings().city).city
    except BrokenPack as broken:
        raise click.ClickException(f"{settings().city} has mistakes: python app.py city check") from broken


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(
        (
            click.option("--key", help="What the layer is called in addresses: street_lights. Else the file's name."),
            click.option(
                "--about", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What is said of it, in TOML."
            ),
            click.option("--epsg", type=int, default=0, help="The coordinates are these, whatever the file says: 9214 in Huế."),
            click.option("--swap", is_flag=True, help="The file gives north (or latitude) first."),
            click.option("--encoding", default="", help="Texts are in: utf-8, tcvn3, vni, cp1258. Else it is recognised."),
            click.option("--sublayer", default="", help="Which one, where the file holds several."),
            click.option("--only", type=click.Choice(SHAPES), default=None, help="Take these shapes alone."),
            click.option("--leave-out", is_flag=True, help="Drop what lies outside the city, instead of refusing the file."),
            click.option("--lon", default="", help="CSV: the column of the longitude or easting."),
            click.option("--lat", default="", help="CSV: the column of the latitude or northing."),
            click.option("--as", "as_", type=click.Choice(["wards"]), default=None, help="Its areas are the wards from --from on."),
            click.option("--code-field", default="code", show_default=True, help="--as wards: the field of the official code."),
            click.option(
                "--from", "from_", type=click.DateTime(["%Y-%m-%d"]), default=None, help="--as wards: since when they hold."
            ),
            click.option("--shifted", is_flag=True, help="It is right that everything lies elsewhere than in the version before."),
            click.option("--dry-run", is_flag=True, help="Say how the file is understood, and keep nothing."),
        )
    ):
        command = option(command)
    return command


@COMMAND.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_options
def import_(file: Path, key: str | None, about: Path | None, *, dry_run: bool, shifted: bool, **asked: Any) -> None:
    """Read FILE (zipped Shapefile or MapInfo, GeoPackage, GeoJSON, KML, FlatGeobuf, CSV) as a new version of a layer."""
    from data.layers import about as abouts
    from data.layers.importing import Wish, described, understood, without
    from data.layers.taking import compare, keep

    city, key = _city(), key or file.name.partition(".")[0].lower().replace("-", "_")
    wish = Wish(*(asked[name] for name in Wish._fields))
    try:
        with opened() as record:
            layers = SqlLayers(record, SystemClock())
            layers.refuse_taken(key)
            draft, said = understood(file, wish, city), abouts.read(about) if about else None
            before = next((one for one in layers.shown() if one.key == key), None)
            draft = without(draft, said, before)
            layer = described(draft, said, before, key=key)
            layer = _as_wards(layer, draft, city, **asked)
            click.echo("\n".join(_lines(layer, draft)))
            if before is not None and not shifted:
                compare(home(settings()), draft, layer, before)
            if dry_run:
                click.echo("Nothing was kept. Without --dry-run this becomes the layer's next version.")
                return
            now_ms = SystemClock().now_ms()
            new = keep(home(settings()), layers, layer, draft, who=getuser(), file=file.name, now_ms=now_ms, saw=click.echo)
            click.echo(f"{new.key}: version {new.version} with {new.count:,} features is on the map.")
    except LayerRefused as refused:
        raise click.ClickException(f"{refused}\nNothing was changed.") from refused


def _as_wards(layer: Layer, draft: Any, city: City, *, as_: str | None, code_field: str, from_: Any, **_: Any) -> Layer:
    from data.layers.taking import as_wards

    if as_ is None:
        return layer
    if from_ is None:
        raise LayerRefused("--as wards needs --from YYYY-MM-DD: the day from which these boundaries hold.")
    return as_wards(layer, draft, code_field=code_field, start=from_.date(), city=city)


def _lines(layer: Layer, draft: Any) -> list[str]:
    """Return a file as it was understood: how it was read, its fields, its first features."""
    west, south, east, north = layer.bounds
    lines = [*draft.told, f"bounds       {west:.5f} to {east:.5f} E, {south:.5f} to {north:.5f} N"]
    lines += [f"field        {one.key} ({one.kind}){' = name' if one.key == layer.name_field else ''}" for one in layer.fields]
    names = draft.column(layer.name_field)[:SHOWN] if layer.name_field else []
    return lines + [f"feature      {name}" for name in names]


@COMMAND.command("list")
def list_() -> None:
    """List the layers that are shown: key, version, features, of what day, how fresh, source."""
    now_ms = SystemClock().now_ms()
    with opened() as record:
        for one in SqlLayers(record, SystemClock()).shown():
            wards = f"wards from {one.wards_from}" if one.wards_from else one.shape
            told = (one.key, str(one.version), f"{one.count:,}", wards, _day(one.as_of), one.freshness(now_ms), one.source or "-")
            click.echo("\t".join(told))


@COMMAND.command()
@click.argument("key")
def show(key: str) -> None:
    """Say what is kept of the layer KEY: its versions, how each was read, and who did what with it."""
    with opened() as record:
        layers = SqlLayers(record, SystemClock())
        versions, acts = layers.versions(key), layers.acts(key)
        shown = {one.key: one.version for one in layers.shown()}
    if not acts:
        raise click.ClickException(f"There is no layer {key!r}: python app.py layer list")
    for one in versions:
        click.echo(
            f"version {one.version}{' (shown)' if shown.get(key) == one.version else ''}: {one.file}, of {_day(one.as_of)}, by {one.by}"
        )
        click.echo("\n".join(f"  {line}" for line in one.read.splitlines()))
    for act in acts:
        click.echo(f"{_day(act.at)}\t{act.action}\tversion {act.version}\t{act.who}")


@COMMAND.command()
@click.argument("key")
def undo(key: str) -> None:
    """Show the version of the layer KEY before the present one, which is let go of; or show a removed layer again."""
    with opened() as record:
        try:
            shown, gone = SqlLayers(record, SystemClock()).undo(key, who=getuser())
        except Missing as missing:
            raise click.ClickException(f"{missing}: nothing to go back to.") from missing
        except LayerRefused as refused:
            raise click.ClickException(str(refused)) from refused
    if gone is not None:
        Kept(home(settings())).forget(gone.key, gone.version)
    click.echo(f"{key}: version {shown.version} of {_day(shown.as_of)} is shown.")


@COMMAND.command()
@click.argument("key")
def remove(key: str) -> None:
    """Show the layer KEY no longer; `undo` brings it back."""
    with opened() as record:
        try:
            SqlLayers(record, SystemClock()).remove(key, who=getuser())
        except Missing as missing:
            raise click.ClickException(f"{missing}: python app.py layer list") from missing
    click.echo(f"{key} is shown no longer; `python app.py layer undo {key}` brings it back.")


def _day(ms: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d}" if ms else "-"
