"""`watch import|list`: watch lists from a table, and what stands on them, without whom they look for."""

import secrets
from pathlib import Path

import click

from dashboard.access import may
from dashboard.watch.importing import read
from data.clock import SystemClock
from data.config import home, settings
from data.register import accounts, engine
from data.secret import secret_key
from data.store.watch import SqlWatchLists, open_lists

SHOWN = 20


@click.group(name="watch")
def COMMAND() -> None:
    """Watch lists (docs/watch-lists.md)."""


def _lists() -> SqlWatchLists:
    chosen = settings()
    return open_lists(engine(), SystemClock(), secret_key(chosen, home(chosen)))


@COMMAND.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "who", required=True, help="The account that proposes; another one has to approve on the page /watch-lists.")
def import_(file: Path, who: str) -> None:
    """Propose every entry of the CSV table FILE, all or none: subject, purpose, basis, origin; what, level, days, least."""
    role = next((row.role for row in accounts().accounts() if row.name == who and not row.disabled), None)
    if not may(role, "watch.propose"):
        raise click.ClickException(f"{who!r} is no account that may propose: only a supervisor may.")
    try:
        found, wrong = read(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8: save it as CSV UTF-8.") from error
    if wrong:
        told = "\n".join(f"{file}:{one.line}: {one.field}: {one.why.replace('_', ' ')}" for one in wrong[:SHOWN])
        raise click.ClickException(f"nothing was imported, the table has {len(wrong):,} mistakes:\n{told}")
    with click.progressbar(length=len(found), label="sealing") as bar:
        kept = _lists().propose(found, who=who, batch=secrets.token_urlsafe(9))
        bar.update(len(kept))
    click.echo(f"{len(kept):,} entries wait for another person's approval, on the page /watch-lists.")


@COMMAND.command("list")
def list_() -> None:
    """List the newest entries: state, kind, who proposed and approved. Whom they look for is shown on the page alone, with a reason."""
    shown, batches = _lists().shown(most=500)
    now_ms = SystemClock().now_ms()
    for one in batches:
        click.echo(f"import\tproposed\t{one.n} entries\t{one.proposer}")
    for entry, _ in shown:
        click.echo(f"{entry.name}\t{entry.state(now_ms)}\t{entry.what}\t{entry.level}\t{entry.proposer}\t{entry.approver or '-'}")
