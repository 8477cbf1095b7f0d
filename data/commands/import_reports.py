"""`import reports FILE`: citizens' reports out of another system's CSV, through the same log as everybody."""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click
from sqlalchemy import Engine, text

from dashboard.errors import Away, Rejected
from dashboard.events import ReportChanged
from dashboard.ports import Payload, Reading, Taken
from dashboard.settings import Settings
from data.commands.user import now_ms
from data.config import home, log_url, settings
from data.lease import Lease
from data.pack import Pack, load
from data.register import engine as record_engine
from data.road import connect
from data.source import Unread
from data.sources.reports_csv import parse, shape_of
from data.store.record import SqlStore
from data.store.sources import Sources
from data.stream import RedisStream

ROWS_AT_ONCE, WAIT_S, SHOWN = 2000, 600.0, 20
HOUR_MS = 3_600_000


class Piece(NamedTuple):
    """Some rows of a file, with its header line, and how many lines stood before them."""

    raw: bytes
    first_line: int
    rows: int


@click.group(name="import")
def COMMAND() -> None:
    """Bring in what another system holds."""


@COMMAND.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="Which column is what (TOML; docs/import.md).",
)
@click.option("--source", default="reports-import", show_default=True, help="Under which name the reports are kept.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
def reports(file: Path, mapping: Path, source: str, dry_run: bool) -> None:  # noqa: FBT001  an option
    """Import citizens' reports from the CSV FILE. A second import of the same file changes nothing."""
    rule = mapping.read_text(encoding="utf-8")
    try:
        shape = shape_of(rule)
        pieces = list(cut(file.read_text(encoding=shape.encoding), shape.delimiter))
        told = [parse(piece.raw, {"mapping": rule, "first-line": str(piece.first_line)}) for piece in pieces]
    except (Rejected, UnicodeDecodeError, csv.Error) as no:
        raise click.ClickException(f"{file}: {no}") from no
    _describe([one for part in told for one in part])
    if dry_run:
        return
    chosen = settings()
    record = record_engine()
    before = _count(record, source)
    _register(record, source)
    _deliver(
        chosen,
        record,
        load(chosen.city),
        source,
        [(piece, {"mapping": rule, "first-line": str(piece.first_line)}) for piece in pieces],
    )
    after = _count(record, source)
    click.echo(
        f"imported: {after[0] - before[0]} new, {after[1] - before[1] - (after[0] - before[0])} changed, {before[0]} known before"
    )


def cut(whole: str, delimiter: str) -> Iterator[Piece]:
    """Cut a CSV into pieces of some thousand rows, each with the header line; quoted line breaks stay whole."""
    rows = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
    header = next(rows, None)
    if header is None:
        return
    waiting: list[list[str]] = []
    first_line = 0
    for row in rows:
        waiting.append(row)
        if len(waiting) == ROWS_AT_ONCE:
            yield _piece(header, waiting, first_line, delimiter)
            waiting, first_line = [], rows.line_num - 1
    if waiting:
        yield _piece(header, waiting, first_line, delimiter)


def _piece(header: list[str], rows: list[list[str]], first_line: int, delimiter: str) -> Piece:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return Piece(out.getvalue().encode(), first_line, len(rows))


def _describe(told: list[object]) -> None:
    found = [one for one in told if isinstance(one, ReportChanged)]
    refused = [one for one in told if isinstance(one, Unread)]
    hours = [(one.closed - one.submitted) / HOUR_MS for one in found if one.closed is not None]
    click.echo(f"rows: {len(told)}, reports: {len({one.report for one in found})}, closed: {len(hours)}, refused: {len(refused)}")
    if hours:
        click.echo(f"median hours to close: {median(hours):.2f}")
    for one in refused[:SHOWN]:
        click.echo(f"  {one.reason}", err=True)
    if len(refused) > SHOWN:
        click.echo(f"  … and {len(refused) - SHOWN} more; dead-letters list shows them all", err=True)


def _register(record: Engine, source: str) -> None:
    try:
        Sources(record).add(source, adapter="reports_csv", label="import", now_ms=now_ms())
    except KeyError:
        return


def _deliver(chosen: Settings, record: Engine, pack: Pack, source: str, pieces: list[tuple[Piece, dict[str, str]]]) -> None:
    """Put the pieces on the log and wait for the board; where no board runs, keep the record ourselves."""
    payloads = [Payload(source, now_ms(), piece.raw, headers, f"import-{n}") for n, (piece, headers) in enumerate(pieces)]
    lease = Lease(record, home(chosen))
    if lease.take():
        with lease:
            _keep(record, pack, payloads, lease.next_fence())
        return
    try:
        entries = RedisStream(connect(log_url(chosen), timeout_s=10.0)).append(payloads)
    except Away as away:
        raise click.ClickException(f"a board runs, but the log does not answer: {away}") from away
    _wait(record, pack, entries)


def _keep(record: Engine, pack: Pack, payloads: list[Payload], fence: int) -> None:
    from dashboard.board import turn  # noqa: PLC0415  only where no board runs
    from data.boardroom import make_reader  # noqa: PLC0415

    store = SqlStore(record, city=pack.city, fence=fence)
    store.claim()
    board, mark, reader = store.load(now_ms()), store.mark(), make_reader(pack, Sources(record))
    with click.progressbar(payloads, label="recording") as bar:
        for number, payload in enumerate(bar):
            reading = reader.read(Taken(f"import-{payload.received}-{number}", payload))
            for at in range(0, max(len(reading.heard), 1), ROWS_AT_ONCE):
                board = turn(board, now_ms())
                board = store.record(board, Reading(reading.heard[at : at + ROWS_AT_ONCE], reading.dead if at == 0 else ()), mark)


def _wait(record: Engine, pack: Pack, entries: list[str]) -> None:
    store, end = SqlStore(record, city=pack.city), time.monotonic() + WAIT_S
    with click.progressbar(length=len(entries), label="recording") as bar:
        done = 0
        while done < len(entries):
            if time.monotonic() > end:
                raise click.ClickException("the board has not recorded everything yet; it goes on, look again later")
            reached = sum(_number(entry) <= _number(store.mark()) for entry in entries)
            bar.update(reached - done)
            done = reached
            time.sleep(0.1)


def _number(entry: str) -> tuple[int, int]:
    ms, _, n = entry.partition("-")
    return int(ms), int(n or 0)


def _count(record: Engine, source: str) -> tuple[int, int]:
    """Return how many reports of a source there are, and how many times they were told."""
    with record.connect() as sql:
        known = sql.scalar(text("SELECT count(*) FROM report WHERE key LIKE :key"), {"key": f"{source}/%"})
        told = sql.scalar(
            text("SELECT count(*) FROM event WHERE key LIKE :key AND kind IN ('report_new', 'report_changed')"),
            {"key": f"{source}:%"},
        )
    return int(known or 0), int(told or 0)
