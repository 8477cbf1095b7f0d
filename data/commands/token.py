"""`token add|list|revoke`: keys for other systems that read."""

import click

from dashboard.access import ROLES
from data.commands.user import now_ms
from data.register import accounts
from data.store.accounts import Refused


@click.group(name="token")
def COMMAND() -> None:
    """API tokens."""


@COMMAND.command()
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the token may read.")
@click.option("--days", type=click.IntRange(1, 3650), required=True, help="How long it lasts.")
@click.option("--name", default="api", show_default=True, help="By which it is listed and revoked.")
def add(role: str, days: int, name: str) -> None:
    """Print a new API token."""
    click.echo(accounts().add_token(name, role, days=days, now_ms=now_ms()))


@COMMAND.command("list")
def list_() -> None:
    """List all tokens; their secrets are not kept."""
    for row in accounts().issued("token"):
        click.echo(f"{row.name}\t{row.role}\t{'ended' if row.ended else 'in force'}")


@COMMAND.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke every token called NAME."""
    try:
        accounts().revoke("token", name, now_ms=now_ms())
    except Refused as no:
        raise click.ClickException(str(no)) from no
    click.echo(f"{name} revoked.")
