"""`source add|list|disable|rotate`: who may speak to the intake."""

import base64
import secrets

import click

from dashboard.settings import Settings, intake_port
from data.commands.user import now_ms
from data.config import settings
from data.reading import ADAPTERS
from data.register import sources


@click.group(name="source")
def COMMAND() -> None:
    """Sources: systems that speak for cameras or citizens."""


@COMMAND.command()
@click.argument("key")
@click.option("--adapter", type=click.Choice(sorted(ADAPTERS)), help="How to read it; else what the key begins with.")
@click.option("--label", default="", help="A name for people.")
@click.option("--hmac", is_flag=True, help="Also accept signed posts (Standard Webhooks).")
def add(key: str, adapter: str | None, label: str, hmac: bool) -> None:  # noqa: FBT001  an option
    """Register the source KEY and print its secret, once."""
    wanted = adapter or key.split("-", maxsplit=1)[0]
    if wanted not in ADAPTERS:
        raise click.ClickException(f"say --adapter: one of {', '.join(sorted(ADAPTERS))}")
    if not key.replace("-", "").replace("_", "").isalnum() or len(key) > 60:  # noqa: PLR2004  it stands in addresses
        raise click.ClickException("a key has letters, digits, - and _, 60 at most")
    signing = base64.b64encode(secrets.token_bytes(32)).decode() if hmac else ""
    try:
        secret = sources().add(key, adapter=wanted, label=label, hmac=signing, now_ms=now_ms())
    except KeyError as taken:
        raise click.ClickException(f"there is a source {key!r} already; rotate its key instead") from taken
    click.echo(f"key: {secret}")
    if signing:
        click.echo(f"signing secret: whsec_{signing}")
    click.echo(f"post to: {intake_url(settings())}/api/v1/intake/{key}")


@COMMAND.command("list")
def list_() -> None:
    """List all sources."""
    for one in sources().all().values():
        click.echo(f"{one.key}\t{one.adapter}\t{'disabled' if one.disabled else 'active'}\t{one.label}")


@COMMAND.command()
@click.argument("key")
def disable(key: str) -> None:
    """Refuse the source KEY from now on."""
    try:
        sources().disable(key, now_ms=now_ms())
    except KeyError as unknown:
        raise click.ClickException(f"there is no source {key!r}") from unknown
    click.echo(f"{key} disabled; it is refused within 5 seconds.")


@COMMAND.command()
@click.argument("key")
def rotate(key: str) -> None:
    """Print a new secret for the source KEY; the one in use stays good until the next rotation."""
    try:
        click.echo(f"key: {sources().rotate(key)}")
    except KeyError as unknown:
        raise click.ClickException(f"there is no source {key!r}") from unknown


def intake_url(chosen: Settings) -> str:
    """Return where sources reach us: through the proxy where there is one, else the intake's own port."""
    return chosen.public_url.rstrip("/") or f"http://{chosen.host}:{intake_port(chosen)}"
