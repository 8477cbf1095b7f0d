"""`dead-letters list|replay`: what nobody could read, kept with its bytes."""

import click
import msgspec
from sqlalchemy import select, update

from dashboard.errors import Away
from dashboard.ports import Payload
from data.commands.user import now_ms
from data.config import log_url, settings
from data.register import opened
from data.road import connect
from data.store.tables import DEAD_LETTER
from data.stream import RedisStream

SHOWN = 100


@click.group(name="dead-letters")
def COMMAND() -> None:
    """Payloads that could not be read: list them, and replay them once their adapter is mended."""


@COMMAND.command("list")
@click.option("--source", help="Only of this source.")
@click.option("--limit", default=SHOWN, show_default=True)
def list_(source: str | None, limit: int) -> None:
    """List dead letters, newest first."""
    wanted = select(DEAD_LETTER).order_by(DEAD_LETTER.c.received.desc(), DEAD_LETTER.c.part).limit(limit)
    if source:
        wanted = wanted.where(DEAD_LETTER.c.source == source)
    with opened() as record, record.connect() as sql:
        for row in sql.execute(wanted):
            click.echo(
                f"{row.entry}/{row.part}\t{row.source}\t{'replayed' if row.replayed else 'kept'}\t{len(row.raw)} bytes\t{row.reason}"
            )


@COMMAND.command()
@click.option("--source", help="Only of this source.")
@click.option("--id", "key", help="Only this one, as listed.")
@click.option("--again", is_flag=True, help="Also those that were replayed before.")
def replay(source: str | None, key: str | None, again: bool) -> None:  # noqa: FBT001  an option
    """Put dead letters back on the log. What was understood of them before is known by its id, and not counted twice."""
    stream = RedisStream(connect(log_url(settings()), timeout_s=5.0))
    wanted = select(DEAD_LETTER).order_by(DEAD_LETTER.c.received, DEAD_LETTER.c.entry, DEAD_LETTER.c.part)
    with opened() as record:
        with record.connect() as sql:
            rows = [row for row in sql.execute(wanted) if _chosen(row, source, key, again=again)]
        for row in rows:
            headers = msgspec.json.decode(row.headers, type=dict[str, str])
            try:
                stream.append([Payload(row.source, row.received, row.raw, headers, f"{row.entry}/{row.part}")])
            except Away as away:
                raise click.ClickException(f"the log does not answer; is Kỳ Đài running? ({away})") from away
            with record.begin() as sql:
                mine = (DEAD_LETTER.c.entry == row.entry, DEAD_LETTER.c.part == row.part)
                sql.execute(update(DEAD_LETTER).where(*mine).values(replayed=now_ms()))
    click.echo(f"{len(rows)} replayed.")


def _chosen(row: "object", source: str | None, key: str | None, *, again: bool) -> bool:
    entry, part, of, replayed = (getattr(row, name) for name in ("entry", "part", "source", "replayed"))
    return (source is None or of == source) and (key is None or f"{entry}/{part}" == key) and (again or replayed is None)
