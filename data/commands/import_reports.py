"""`import reports|indicators FILE`: what another system holds, out of its CSV, through the same log as everybody."""

import csv
import io
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2s
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy import Engine, func, select

from dashboard.errors import Away, Rejected
from dashboard.events import AnyEvent, Heard, Measured
from dashboard.indicators import declared, unfit
from dashboard.ports import Dead, Payload, Reading, Taken
from dashboard.settings import Settings
from data.commands.user import now_ms
from data.config import home, log_url, settings
from data.described import SHOWN, Described
from data.lease import Lease
from data.mapping import Shape, check_beginning, decoded, shape_of
from data.pack import Pack, load
from data.register import opened
from data.road import connect
from data.source import Unread
from data.sources import indicators as counted
from data.sources.reports_csv import SOURCE, Lines, header_of, is_open
from data.spooled import Piece, Spool, Wards, parsed
from data.store.engine import roomy
from data.store.record import SqlStore
from data.store.sources import Sources
from data.store.tables import EVENT, REPORT
from data.stream import RedisStream

ROWS_AT_ONCE, KEPT_AT_ONCE, WAIT_S = 2000, 10_000, 600.0
LONGEST_LINE = 4_000_000  # letters
MANY_BYTES = 20_000_000  # from which it is worth to read in processes of their own
Told = Sequence[AnyEvent | Unread] | None
Given = tuple[Piece, dict[str, str], Told]


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
@click.option("--errors", type=click.Path(path_type=Path, dir_okay=False), help="Write every refused row's reason to this file.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
def reports(file: Path, mapping: Path, source: str, errors: Path | None, dry_run: bool) -> None:  # noqa: FBT001  an option
    """Import citizens' reports from the CSV FILE. A second import of the same file changes nothing."""
    with Spool(home(settings()) / "imports") as spool:
        headers, refused = _described(file, mapping, spool, errors)
        if dry_run:
            return
        if refused > SHOWN and not errors:
            click.echo("note: `dead-letters list` and --errors FILE tell all that was refused", err=True)
        with opened() as record:
            before = _count(record, source)
            _register(record, source)
            given = ((piece, headers(piece), told) for piece, told in spool)
            _deliver(settings(), record, source, given, count=spool.pieces)
            after = _count(record, source)
    click.echo(
        f"imported: {after[0] - before[0]} new, {after[1] - before[1] - (after[0] - before[0])} changed, {before[0]} known before"
    )


def _described(file: Path, mapping: Path, spool: Spool, errors: Path | None) -> tuple[Callable[[Piece], dict[str, str]], int]:
    """Read the whole file once, say what it would bring in, and keep it for the second time. Return what each piece is sent with, and how many rows are refused."""
    try:
        rule, city = mapping.read_text(encoding="utf-8-sig"), load(settings().city).city
        shape, found, size = shape_of(rule), Described(city), file.stat().st_size

        def headers(piece: Piece) -> dict[str, str]:
            return {"mapping": rule, "first-line": str(piece.first_line), "bounds": ",".join(map(repr, city.bounds))}

        with _written(errors, file) as refused, click.progressbar(length=size, label="reading", file=sys.stderr) as bar:
            for piece, told in parsed(cut(file, shape), headers, many=size >= MANY_BYTES):
                found.add(told)
                _spooled(spool, piece, told)
                refused.writelines(f"{one.reason}\n" for one in told if isinstance(one, Unread))
                bar.update(len(piece.raw))
    except UnicodeDecodeError as no:
        raise click.ClickException(f"{mapping}: is not UTF-8; save the mapping as UTF-8") from no
    except Rejected as no:
        raise click.ClickException(f"{file}: {no}") from no
    for line in found.said():
        click.echo(line)
    for line in found.odd():
        click.echo(line, err=True)
    return headers, found.refused


def _spooled(spool: Spool, piece: Piece, told: Sequence[object]) -> None:
    try:
        spool.add(piece, told)
    except OSError as no:
        raise click.ClickException(
            f"{no.strerror}: KYDAI_HOME needs room for twice the file and for the record; nothing was imported"
        ) from no


def _written(errors: Path | None, file: Path) -> TextIO:
    """Return the file that reasons are written to, or one that nobody reads."""
    if errors is not None and errors.exists() and errors.samefile(file):
        raise click.ClickException("--errors names the file that is to be imported")
    try:
        return (errors or Path(os.devnull)).open("w", encoding="utf-8")
    except OSError as no:
        raise click.ClickException(f"--errors {errors}: {no.strerror}") from no


@COMMAND.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", default="indicators-import", show_default=True, help="Who tells them: one of the indicator's sources.")
@click.option("--dry-run", is_flag=True, help="Only say what would be imported.")
def indicators(file: Path, source: str, dry_run: bool) -> None:  # noqa: FBT001  an option
    """Import what indicators were from the CSV FILE (indicator,at,value and, if you like, of). Told again it changes nothing."""
    try:
        told = list(counted.rows(file.read_bytes()))
    except Rejected as no:
        raise click.ClickException(f"{file}: {no}") from no
    known, taken, refused = declared(load(settings().city).city.indicators), list[Measured](), list[str]()
    for line, one in told:
        why = one if isinstance(one, str) else unfit(known, source, one, now_ms())
        if isinstance(one, str) or why:
            refused.append(f"line {line}: {why}")
        else:
            taken.append(one)
    click.echo(f"rows: {len(told)}, readings: {len(taken)}, refused: {len(refused)}")
    for reason in refused[:SHOWN]:
        click.echo(f"  {reason}", err=True)
    if len(refused) > SHOWN:
        click.echo(f"  … and {len(refused) - SHOWN} more", err=True)
    if not dry_run and taken:
        with opened() as record:
            _register(record, source, adapter=counted.SOURCE.key)
            pieces = [(Piece(raw, 0, 0), dict[str, str](), None) for raw in counted.written(taken)]
            _deliver(settings(), record, source, pieces, count=len(pieces))
        click.echo(f"imported: {len(taken)}")


def cut(told: bytes | Path, shape: Shape) -> Iterator[Piece]:
    """Cut a CSV into pieces of some thousand rows, each with the header line; quoted line breaks stay whole. Raises Rejected."""
    lines = Lines(_lines(told, shape))
    rows, end = csv.reader(lines, delimiter=shape.delimiter), 0
    try:
        header = header_of(rows)
        waiting, start, end = list[list[str]](), rows.line_num, rows.line_num
        lines.begin()
        for row in rows:
            if len(waiting) == ROWS_AT_ONCE:
                yield _piece(header, waiting, start, shape)
                waiting, start = [], end
            waiting.append(row)
            end = rows.line_num
            lines.begin()
        open_row = lines.row if waiting and is_open(lines.row, shape) else []
        yield _piece(header, waiting[:-1] if open_row else waiting, start, shape, tail="".join(open_row))
    except csv.Error as error:
        raise Rejected(f"is no CSV at line {end + 1}: {error}; a quote that is opened there may never be closed") from error


def _lines(told: bytes | Path, shape: Shape) -> Iterator[str]:
    """Yield a file's lines, each ended by a line feed, without holding the file. Raises Rejected."""
    if isinstance(told, bytes):
        yield from io.StringIO(decoded(told, shape), newline="")
        return
    with told.open("rb") as raw:
        check_beginning(raw.read(16))
    try:
        with told.open(encoding=shape.encoding) as text:
            for number in itertools.count(1):
                line = text.readline(LONGEST_LINE)
                if len(line) == LONGEST_LINE:
                    raise Rejected(f"has a line {number} of more than {LONGEST_LINE:,} letters; a CSV of reports has a row a line")
                if not line:
                    return
                yield line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeError:
        decoded(told.read_bytes(), shape)  # which says where
        raise


def _piece(header: list[str], rows: list[list[str]], before: int, shape: Shape, *, tail: str = "") -> Piece:
    """Return rows, and the file's unclosed `tail`, that stood after `before` lines of the file. Lines are counted from the piece's own header on."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=shape.delimiter, lineterminator="\n")
    writer.writerow(header)
    own = out.getvalue().count("\n")
    writer.writerows(rows)
    out.write(tail)
    return Piece(out.getvalue().encode(shape.encoding), before - own, len(rows) + bool(tail))


def _register(record: Engine, source: str, *, adapter: str = SOURCE.key) -> None:
    """Make sure that the record knows the source, as one that is read so."""
    held = Sources(record).all().get(source)
    if held is None:
        Sources(record).add(source, adapter=adapter, label="import", now_ms=now_ms())
    elif held.adapter != adapter:
        raise click.ClickException(f"the source {source!r} is read as {held.adapter}; choose another --source")


def _deliver(chosen: Settings, record: Engine, source: str, given: Iterable[Given], *, count: int) -> None:
    """Put the pieces on the log and wait for the board; where no board runs, keep the record ourselves."""
    pack = load(chosen.city)
    payloads = ((Payload(source, now_ms(), one.raw, headers, _receipt(source, one, headers)), told) for one, headers, told in given)
    lease = Lease(record, home(chosen))
    if lease.take():
        try:
            with lease:
                _keep(record, pack, payloads, lease.next_fence(), count=count)
        except Away as away:
            raise click.ClickException(
                f"the record: {away}. What has come in is kept: mend that, and call the same again"
            ) from away
        return
    try:
        stream = RedisStream(connect(log_url(chosen), timeout_s=10.0))
        entries = [entry for payload, _ in payloads for entry in stream.append([payload])]
    except Away as away:
        raise click.ClickException(f"a board runs, but the log does not answer: {away}") from away
    _wait(record, pack, entries)


def _receipt(source: str, piece: Piece, headers: dict[str, str]) -> str:
    """Return the same receipt for the same rows: what is refused again is no second dead letter."""
    return f"import-{blake2s(repr((source, piece.raw, sorted(headers.items()))).encode(), digest_size=12).hexdigest()}"


def _keep(record: Engine, pack: Pack, payloads: Iterable[tuple[Payload, Told]], fence: int, *, count: int) -> None:
    from dashboard.board import turn  # noqa: PLC0415  only where no board runs
    from data.boardroom import make_reader  # noqa: PLC0415
    from data.layers.wards import open_atlas  # noqa: PLC0415

    store, wards = SqlStore(record, city=pack.city, fence=fence), Wards(open_atlas(record, pack).look())
    store.claim()
    board, mark = store.load(now_ms()), store.mark()
    reader = make_reader(pack, Sources(record), locate=wards.locate)
    with click.progressbar(enumerate(payloads), length=count, label="recording") as bar, roomy(record):
        for reading in _gathered(reader.read, bar, wards):
            board = store.record(turn(board, now_ms()), reading, mark)


def _gathered(
    read: Callable[[Taken, Told], Reading], payloads: Iterable[tuple[int, tuple[Payload, Told]]], wards: Wards
) -> Iterator[Reading]:
    """Yield what payloads say, so much at once that a transaction is worth its while."""
    heard, dead = list[Heard](), list[Dead]()
    for number, (payload, told) in payloads:
        wards.look(told or ())
        reading = read(Taken(f"import-{payload.received}-{number}", payload), told)
        heard += reading.heard
        dead += reading.dead
        if len(heard) + len(dead) >= KEPT_AT_ONCE:
            yield Reading(heard, dead)
            heard, dead = [], []
    yield Reading(heard, dead)


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
        known = select(func.count()).select_from(REPORT).where(REPORT.c.key.startswith(f"{source}/", autoescape=True))
        mine = (EVENT.c.key.startswith(f"{source}:", autoescape=True), EVENT.c.kind.in_(("report_new", "report_changed")))
        return sql.scalar(known) or 0, sql.scalar(select(func.count()).select_from(EVENT).where(*mine)) or 0
