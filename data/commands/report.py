"""`report route`: what would happen to a citizen's report. `report exports`: who took lists of them away."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select

from dashboard.calendar import date_of
from dashboard.city import City
from dashboard.errors import BrokenPack
from dashboard.reports.case import PRIORITIES
from dashboard.reports.clock import Deadline, ends_with
from dashboard.reports.routing import Routed, guessed, routed
from data.atlas import Atlas
from data.config import settings
from data.pack import Pack, load
from data.register import opened
from data.store.cases.exporting import EXPORT


@click.group(name="report")
def COMMAND() -> None:
    """Citizens' reports (docs/reports.md)."""


@COMMAND.command()
@click.option("--service", default="", help="A code of services.csv; else what the text tells.")
@click.option("--lat", type=float, help="Degrees north.")
@click.option("--lon", type=float, help="Degrees east.")
@click.option("--text", default="", help="What the citizen writes.")
@click.option("--priority", type=click.Choice(PRIORITIES), default="normal", show_default=True, help="How urgent.")
@click.option("--at", default="", help="When it is sent and forwarded, YYYY-MM-DDTHH:MM on the city's clock; else now.")
def route(service: str, lat: float | None, lon: float | None, text: str, priority: str, at: str) -> None:
    """Say to whom a report would go, by which rule, and by when. Nothing is done."""
    pack = _pack()
    at_ms = _instant(at, pack.city.zone)
    guesses = guessed(pack.city, text)
    for guess in guesses:
        click.echo(f"the text may be about {guess.service} ({', '.join(guess.words)})")
    service = service or (guesses[0].service if guesses else "")
    if service not in {one.code for one in pack.city.services}:
        raise click.ClickException(f"there is no service {service!r}; name one with --service")
    ward = "" if lat is None or lon is None else Atlas(pack.folder, zone=pack.city.zone).locate(lon, lat, at_ms)
    found = routed(pack.city, service=service, ward=ward, text=text, at_ms=at_ms, priority=priority)
    click.echo("\n".join(told(found, pack.city)))


@COMMAND.command()
@click.option("--limit", default=50, show_default=True, help="So many at the most.")
def exports(limit: int) -> None:
    """List who took which list of reports away, the newest first."""
    zone = ZoneInfo(_pack().city.zone)
    with opened() as record, record.connect() as sql:
        for row in sql.execute(select(EXPORT).order_by(EXPORT.c.seq.desc()).limit(limit)):
            at = datetime.fromtimestamp(row.at / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            click.echo(f"{at}\t{row.who}\t{row.role}\t{row.form}\t{row.rows} reports\t{row.size} bytes\t{row.sought}")


def told(found: Routed, city: City) -> Iterator[str]:
    """Yield in lines what would happen to a report."""
    named = [(one.code, one.name) for one in city.services] + [(one.code, one.name) for one in city.units]
    names = {code: name["vi"] for code, name in [*named, *((one.code, one.name) for one in city.wards)]}
    yield f"service   {found.service} {names[found.service]}, {found.priority}"
    yield f"ward      {found.ward} {names[found.ward]}" if found.ward else "ward      none: outside, or no place was told"
    yield f"rule      {found.route or 'none: the unit of the service'}"
    for way in found.ways:
        yield f"unit      {way.unit} {names[way.unit]}{f': {way.task}' if way.task else ''}; {_due(way.deadline, city.zone)}"
    for code in found.lost:
        yield f"unit      {code} is not in force that day, and nobody follows it: the centre decides"
    yield f"verify    {_due(found.check, city.zone)}"
    yield f"citizen   {_due(found.deadline, city.zone)}"
    yield from ["alarm     report_urgent"] if found.alarm else []


def _due(deadline: Deadline, zone: str) -> str:
    at = datetime.fromtimestamp(deadline.due / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    day = ends_with(deadline.due, zone)
    means = "" if day is None else f" (the end of {date_of(day).isoformat()})"
    return f"due {at}{means}, {deadline.term.value} {deadline.term.unit}, clock {deadline.profile}{', provisional' if deadline.provisional else ''}"


def _pack() -> Pack:
    try:
        return load(settings().city)
    except BrokenPack as broken:
        raise click.ClickException(f"{settings().city} has mistakes: python app.py city check") from broken


def _instant(text: str, zone: str) -> int:
    if not text:
        return time.time_ns() // 1_000_000
    try:
        return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    except ValueError as error:
        raise click.ClickException(f"{text!r} is no time; write YYYY-MM-DDTHH:MM") from error
