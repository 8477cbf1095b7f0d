"""`migrate`: brings the record to its newest shape, for those who start the roles one by one."""

import click

from data.config import record_url, settings
from data.store.engine import connect
from data.store.migrate import migrate, shape


@click.command(name="migrate")
def COMMAND() -> None:
    """Bring the record to its newest shape. `all` does it by itself; run it before the roles where they are started one by one."""
    url = record_url(settings())
    migrate(url)
    click.echo(f"The record has shape {shape(connect(url))}.")
