"""`user add|list|role|password|disable|enable`: people's accounts."""

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from dashboard.access import ROLES
from data.config import settings
from data.pack import load
from data.register import accounts
from data.store.accounts import Refused

PEOPLE = [role for role in ROLES if role != "wall"]
ASK = click.option("--ask", is_flag=True, help="Ask for the password here; else one is made and printed once.")
STDIN = click.option("--stdin", is_flag=True, help="Read the password from standard input, for scripts.")


@click.group(name="user")
def COMMAND() -> None:
    """Accounts of people."""


@COMMAND.command()
@click.argument("name")
@click.option("--role", type=click.Choice(PEOPLE), required=True, help="What the person may do.")
@click.option("--unit", default="", help="The unit (a code of the pack's units.csv) that a ward_officer works for.")
@ASK
@STDIN
def add(name: str, role: str, unit: str, ask: bool, stdin: bool) -> None:  # noqa: FBT001  options
    """Add the account NAME."""
    chosen, shown = _password(ask=ask, stdin=stdin)
    with _told():
        accounts().add(name, role, chosen, now_ms=now_ms(), unit=_unit(unit))
    click.echo(f"{name} ({role}) added.{shown}")


@COMMAND.command("list")
def list_() -> None:
    """List all accounts."""
    for row in accounts().accounts():
        click.echo(f"{row.name}\t{row.role}\t{'disabled' if row.disabled else 'active'}" + (f"\t{row.unit}" if row.unit else ""))


@COMMAND.command()
@click.argument("name")
@click.argument("role", type=click.Choice(PEOPLE))
def role(name: str, role: str) -> None:
    """Give the account NAME another ROLE; its sessions end."""
    with _told():
        accounts().set_role(name, role, now_ms=now_ms())
    click.echo(f"{name} is {role} from now on; its sessions end within 5 seconds.")


@COMMAND.command()
@click.argument("name")
@click.argument("code")
def unit(name: str, code: str) -> None:
    """Say that the account NAME works for the unit CODE of the pack, "" for none; its sessions end."""
    with _told():
        accounts().set_unit(name, _unit(code), now_ms=now_ms())
    click.echo(f"{name} works for {code or 'no unit'} from now on; its sessions end within 5 seconds.")


@COMMAND.command()
@click.argument("name")
@ASK
@STDIN
def password(name: str, ask: bool, stdin: bool) -> None:  # noqa: FBT001  options
    """Give the account NAME another password; its sessions end."""
    chosen, shown = _password(ask=ask, stdin=stdin)
    with _told():
        accounts().set_password(name, chosen, now_ms=now_ms())
    click.echo(f"{name} has another password; its sessions end within 5 seconds.{shown}")


@COMMAND.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable the account NAME and end its sessions."""
    with _told():
        accounts().disable(name, now_ms=now_ms())
    click.echo(f"{name} disabled; its sessions end within 5 seconds.")


@COMMAND.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let the disabled account NAME in again."""
    with _told():
        accounts().enable(name, now_ms=now_ms())
    click.echo(f"{name} may sign in again.")


def _unit(code: str) -> str:
    """Return the code of a unit of the pack. Raises Refused where it has none of that code."""
    if code and code not in {one.code for one in load(settings().city).city.units}:
        raise Refused(f"the city pack has no unit {code!r}")
    return code


def _password(*, ask: bool, stdin: bool) -> tuple[str, str]:
    """Return the password and what to say of it. It is never an argument: arguments stand in `ps` and in the shell's history."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n"), ""
    if ask:
        return click.prompt("Password", hide_input=True, confirmation_prompt=True), ""
    made = secrets.token_urlsafe(15)
    return made, f" Password, shown this once: {made}"


@contextmanager
def _told() -> Iterator[None]:
    """Say what cannot be done, and why, in a sentence."""
    try:
        yield
    except Refused as no:
        raise click.ClickException(str(no)) from no


def now_ms() -> int:
    """Return UTC in epoch milliseconds."""
    return time.time_ns() // 1_000_000
