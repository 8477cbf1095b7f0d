"""`webhook add|list|remove`: where units are told that they are sent."""

import re

import click

from data.commands.user import now_ms
from data.config import services, settings
from data.outward import Refused, check
from data.pack import load
from data.register import webhooks


@click.group(name="webhook")
def COMMAND() -> None:
    """Addresses of units: where a dispatch is sent by itself."""


@COMMAND.command()
@click.argument("unit")
@click.argument("url")
@click.option("--pin", default="", help="SHA-256 of the certificate it shows, where it signed that itself (`login certificate`).")
def add(unit: str, url: str, pin: str) -> None:
    """Send what is for UNIT (its code in the pack) to URL; prints the secret that signs it, this once."""
    city, plain = load(settings().city).city, pin.replace(":", "").lower()
    if unit not in {one.code for one in city.units}:
        raise click.ClickException(f"the pack has no unit {unit}")
    if plain and not re.fullmatch(r"[0-9a-f]{64}", plain):
        raise click.ClickException("--pin is a SHA-256: 64 hexadecimal digits, with or without colons")
    try:
        place = check(url, city.outward, own=services(settings()))
    except Refused as no:
        raise click.ClickException(f"{url} {no}") from no
    if place.scheme not in {"http", "https"}:
        raise click.ClickException("a webhook is http or https")
    click.echo(webhooks().add(unit, place.url, pin=plain, now_ms=now_ms()))


@COMMAND.command("list")
def list_() -> None:
    """List all addresses; secrets are not shown."""
    for one in webhooks().all():
        click.echo(f"{one.unit}\t{one.url}\t{'certificate ' + one.pin[:16] + '…' if one.pin else '-'}")


@COMMAND.command()
@click.argument("unit")
def remove(unit: str) -> None:
    """Forget the address of UNIT; from then on it is called."""
    try:
        webhooks().remove(unit)
    except KeyError as unknown:
        raise click.ClickException(f"{unit} has no address") from unknown
    click.echo(f"{unit}: address removed.")
