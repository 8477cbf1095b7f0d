"""`login add|list|remove`: who Kỳ Đài is to cameras, recorders and Frigates that ask."""

import re
import sys

import click

from data.commands.user import now_ms
from data.config import settings
from data.outward import Login, Refused, Unreached, check
from data.outward.wire import shown
from data.pack import load
from data.register import logins
from data.store.logins import place_of


@click.group(name="login")
def COMMAND() -> None:
    """Logins at devices: the user and the password that a camera asks for."""


@COMMAND.command()
@click.argument("place", metavar="HOST[:PORT]")
@click.option("--user", required=True, help="The account on the device; one that may only watch is best.")
@click.option("--stdin", is_flag=True, help="Read the password from standard input, for scripts.")
@click.option("--pin", default="", help="SHA-256 of the certificate it shows, where it signed that itself (`login certificate`).")
def add(place: str, user: str, stdin: bool, pin: str) -> None:  # noqa: FBT001  an option
    """Keep the login at HOST (all of its ports) or HOST:PORT; asks for the password. It is kept sealed and never shown."""
    at, plain = _place(place), pin.replace(":", "").lower()
    if plain and not re.fullmatch(r"[0-9a-f]{64}", plain):
        raise click.ClickException("--pin is a SHA-256: 64 hexadecimal digits, with or without colons")
    if not user or any(sign in user for sign in '"\r\n:') or not user.isprintable():
        raise click.ClickException("--user: a user name has no colon, quote or line's end")
    password = sys.stdin.readline().rstrip("\r\n") if stdin else click.prompt("Password", hide_input=True)
    logins().add(at, Login(user, password, plain), now_ms=now_ms())
    click.echo(f"{at}: login as {user} kept.")


@COMMAND.command("list")
def list_() -> None:
    """List all logins; passwords are not shown."""
    for one in logins().all():
        click.echo(f"{one.place}\t{one.user}\t{'certificate ' + one.pin[:16] + '…' if one.pin else '-'}")


@COMMAND.command()
@click.argument("place", metavar="HOST[:PORT]")
def remove(place: str) -> None:
    """Forget the login at HOST or HOST:PORT."""
    try:
        logins().remove(_place(place))
    except KeyError as unknown:
        raise click.ClickException(f"there is no login at {place}") from unknown
    click.echo(f"{_place(place)}: login removed.")


@COMMAND.command()
@click.argument("place", metavar="HOST:PORT")
def certificate(place: str) -> None:
    """Print the SHA-256 of the certificate that HOST:PORT shows; compare it with the device's own page before you pin it."""
    try:
        click.echo(shown(check(f"https://{place}", load(settings().city).city.outward), seconds=5.0))
    except (Refused, Unreached) as no:
        raise click.ClickException(f"{place} {no}") from no


def _place(told: str) -> str:
    """Return a place as logins are kept by."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?", told)
    if found is None or not int(found[2] or 1) < 1 << 16:
        raise click.ClickException("write HOST or HOST:PORT, as 10.1.2.3 or 10.1.2.3:8080; no scheme, no path")
    return place_of(found[1].strip("[]"), int(found[2] or 0))
