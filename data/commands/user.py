"""`user add|list|disable`: people's accounts."""

import secrets
import time

import click

from dashboard.access import ROLES
from data.register import accounts
from data.store.accounts import Refused

PEOPLE = [role for role in ROLES if role != "wall"]


@click.group(name="user")
def COMMAND() -> None:
    """Accounts of people."""


@COMMAND.command()
@click.argument("name")
@click.option("--role", type=click.Choice(PEOPLE), required=True, help="What the person may do.")
@click.option("--password", help="Else one is made and printed once.")
def add(name: str, role: str, password: str | None) -> None:
    """Add the account NAME."""
    chosen = password or secrets.token_urlsafe(15)
    try:
        accounts().add(name, role, chosen, now_ms=now_ms())
    except Refused as no:
        raise click.ClickException(str(no)) from no
    click.echo(f"{name} ({role}) added." + ("" if password else f" Password, shown this once: {chosen}"))


@COMMAND.command("list")
def list_() -> None:
    """List all accounts."""
    for row in accounts().accounts():
        click.echo(f"{row.name}\t{row.role}\t{'disabled' if row.disabled else 'active'}")


@COMMAND.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable the account NAME and end its sessions."""
    try:
        accounts().disable(name, now_ms=now_ms())
    except Refused as no:
        raise click.ClickException(str(no)) from no
    click.echo(f"{name} disabled; its sessions end within 5 seconds.")


def now_ms() -> int:
    """Return UTC in epoch milliseconds."""
    return time.time_ns() // 1_000_000
