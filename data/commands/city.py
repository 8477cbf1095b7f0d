"""`city check`, `city list`: what a city pack holds, and everything that is wrong with it."""

import json

import click

from dashboard.calendar import COUNTED
from dashboard.cameras.adopted import overtaken
from dashboard.errors import BrokenPack
from data.config import record_url, settings
from data.living import kept
from data.pack import Pack, load, names


@click.group(name="city")
def COMMAND() -> None:
    """City packs: check one, list those that come with Kỳ Đài."""


@COMMAND.command("list")
def list_() -> None:
    """List the packs that come with Kỳ Đài."""
    for name in names():
        click.echo(name)


@COMMAND.command()
@click.argument("name", required=False)
def check(name: str | None) -> None:
    """Check the pack NAME (or a folder; else KYDAI_CITY) and name file, line and field of every mistake."""
    wanted = name or settings().city
    try:
        pack = load(wanted)
    except BrokenPack as broken:
        click.echo(str(broken), err=True)
        click.echo(f"{wanted}: {len(broken.mistakes)} mistakes; Kỳ Đài does not start on this pack.", err=True)
        raise SystemExit(1) from broken
    click.echo("\n".join(told(pack)))
    if not name:
        click.echo("\n".join(_adopted(pack)))


def _adopted(pack: Pack) -> list[str]:
    """Return in lines which cameras were adopted into this house's city, and which of them the pack has by now."""
    found = kept(record_url(settings()), pack)
    late = overtaken(pack.city, found)
    lines = (
        [f"  adopted   {sum(not one.removed for one in found)} cameras; {len(late)} of them in the pack by now"] if found else []
    )
    return lines + [f"    {one.id} {one.name['vi']} ({one.source}/{one.called}) is ignored: the pack wins" for one in late]


def told(pack: Pack) -> list[str]:
    """Return in lines what a pack holds, and how much of it is sure."""
    city = pack.city
    owners = [f"{sum(camera.owner == owner for camera in city.cameras)} {owner}" for owner in ("city", "province", "agency")]
    in_force = sum(ward.valid_to is None for ward in city.wards)
    classes = [f"{sum(kind.event_class == one for kind in city.kinds)} {one}" for one in ("alarm", "event", "record")]
    return [
        f"{city.name['vi']} ({city.key}), version {city.version}, {city.zone}, EPSG:{city.epsg}",
        f"  cameras   {len(city.cameras)} ({', '.join(owners)}); {_unverified(city.cameras)} not verified",
        f"  wards     {in_force} in force, {len(city.wards) - in_force} ended; {_unverified(city.wards)} not verified",
        f"  units     {len(city.units)}; {_unverified(city.units)} not verified",
        f"  services  {len(city.services)}; {_unverified(city.services)} not verified",
        f"  kinds     {len(city.kinds)} ({', '.join(classes)}); {_unverified(city.kinds)} not verified",
        f"  calendar  {len(city.days)} days, {sum(day.status != 'confirmed' for day in city.days)} not confirmed; {_until(pack)}",
        f"  reports   {len(city.reports.routes)} routes, {len(city.reports.allowances)} times, {len(city.reports.templates)} answers",
        f"  walls     {', '.join(wall.name for wall in city.walls)}",
        f"  shapes    {_shapes(pack)}",
        f"  outward   the private networks{''.join(f', {one}' for one in city.outward)}",
        "  no mistakes",
    ]


def _until(pack: Pack) -> str:
    """Return how far the calendar reaches: later years are plain weeks, and their deadlines too early."""
    last = max((day.date for day in pack.city.days if day.status in COUNTED), default=None)
    return f"from {last.year + 1} on plain weeks" if last else "plain weeks alone, no holidays"


def _unverified(things: tuple[object, ...]) -> int:
    return sum(not str(getattr(thing, "mark", "")).startswith("V") for thing in things)


def _shapes(pack: Pack) -> str:
    count = len(json.loads((pack.folder / "wards.geojson").read_text(encoding="utf-8"))["features"])
    if pack.city.schematic:
        return (
            f"{count} ward shapes, SCHEMATIC: drawn by hand, no boundaries; the map says so. Import surveyed ones before field use."
        )
    return f"{count} ward shapes"
