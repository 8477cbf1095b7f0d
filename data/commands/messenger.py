"""`messenger`: the role that tells units that they are sent (docs/dispatch.md)."""

import click

from data.config import settings
from data.messenger import work
from data.pack import load


@click.command(name="messenger")
def COMMAND() -> None:
    """Send messages to dispatched units; one of them works, whoever holds the lease."""
    chosen = settings()
    work(chosen, load(chosen.city))
