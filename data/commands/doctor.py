"""`doctor`: looks at everything that Kỳ Đài depends on, and says what to do."""

import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from sqlalchemy import text

from dashboard.calendar import date_of, day_of, unannounced
from dashboard.cameras.adopted import overtaken
from dashboard.errors import Away, BrokenPack
from dashboard.settings import BadSetting, Settings, intake_port
from data import vendor
from data.commands.user import now_ms
from data.config import home, log_url, record_url, settings, wire_url
from data.embedded import NoRedis, binary, version_of
from data.guarded import open_to_all as lets_in
from data.house import free_port
from data.living import kept
from data.mailing import Mail, server_of
from data.pack import load
from data.posting import Lost
from data.road import connect, not_durable
from data.secret import secret_key
from data.store.engine import connect as connect_record

OLDEST = (3, 11)
GOOD, WARN, BAD = "ok", "warning", "problem"
Finding = tuple[str, str, str]


@click.command(name="doctor")
def COMMAND() -> None:
    """Check everything that is depended on, and say what to do."""
    try:
        chosen = settings()
    except BadSetting as bad:
        raise click.ClickException(str(bad)) from bad
    found = [finding for look in LOOKS for finding in look(chosen)]
    for state, what, advice in found:
        click.echo(f"{state:8} {what}" + (f"\n         {advice}" if advice else ""))
    if any(state == BAD for state, _, _ in found):
        raise SystemExit(1)


def _python(_chosen: Settings) -> Iterator[Finding]:
    told = ".".join(map(str, sys.version_info[:3]))
    yield (GOOD, f"Python {told}", "") if sys.version_info >= OLDEST else (BAD, f"Python {told}", "Install Python 3.11 or newer.")


def _pack(chosen: Settings) -> Iterator[Finding]:
    try:
        city = load(chosen.city).city
    except BrokenPack as broken:
        yield BAD, f"city pack {chosen.city}: {len(broken.mistakes)} mistakes", f"python app.py city check {chosen.city}"
        return
    yield GOOD, f"city pack {city.key}, version {city.version}", ""
    if city.schematic:
        yield WARN, "ward shapes and base map are schematic", "Import surveyed ones before field use."
    if year := unannounced(city.days, date_of(day_of(now_ms(), city.zone))):
        yield (
            WARN,
            f"calendar: the leave of {year} is not confirmed",
            "Put it into calendar.csv: deadlines over it are provisional until then.",
        )


def _secret(chosen: Settings) -> Iterator[Finding]:
    folder = home(chosen)
    try:
        secret_key(chosen, folder)
    except BadSetting as bad:
        yield BAD, "secret key", str(bad)
        return
    yield GOOD, "secret key", ""
    for path in (folder / "secrets").glob("*"):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield BAD, f"{path} can be read by others", f"chmod 400 {path}"


def _disk(chosen: Settings) -> Iterator[Finding]:
    disk = shutil.disk_usage(home(chosen))
    free = 100 * disk.free / disk.total
    state = BAD if free < 5 else WARN if free < 20 else GOOD  # noqa: PLR2004  R-11
    yield state, f"disk: {free:.0f} % free", "" if state == GOOD else "Free some space: below 5 % nothing more is spooled."


def _redis(chosen: Settings) -> Iterator[Finding]:
    if not (chosen.redis_url and chosen.wire_url):
        try:
            found = binary()
        except NoRedis as no:
            yield BAD, "redis-server", str(no)
            return
        yield GOOD, f"redis-server {'.'.join(map(str, version_of(found)))} ({found})", ""
    yield from _answers("log", log_url(chosen), durable=True, embedded=not chosen.redis_url)
    yield from _answers("wire", wire_url(chosen), durable=False, embedded=not chosen.wire_url)


def _answers(name: str, url: str, *, durable: bool, embedded: bool) -> Iterator[Finding]:
    try:
        client = connect(url, timeout_s=2.0)
        client.ping()
        wrong = not_durable(client) if durable else []
    except (Away, OSError, Exception) as error:  # noqa: BLE001  whatever it is, it is said
        advice = "It runs only while Kỳ Đài runs." if embedded else f"Look at its address: {error}"
        yield (WARN if embedded else BAD), f"{name} does not answer", advice
        return
    if lets_in(url):
        yield BAD, f"{name} lets in whoever comes", "Set requirepass there; with KYDAI_DEMO=0 nothing starts on it."
    yield (
        (BAD, f"{name} is not durable: {'; '.join(wrong)}", "Set appendonly yes, appendfsync always, maxmemory-policy noeviction.")
        if wrong
        else (GOOD, name, "")
    )


def _record(chosen: Settings) -> Iterator[Finding]:
    url = record_url(chosen)
    shown = url.rpartition("@")[2]
    try:
        with connect_record(url).connect() as sql:
            at = sql.scalar(text("SELECT version_num FROM alembic_version"))
    except Exception as error:  # noqa: BLE001  whatever it is, it is said
        first = str(error).splitlines()[0][:160]
        yield WARN, f"record {shown}: not there yet", f"It is made at the first start. ({first})"
        return
    yield GOOD, f"record {shown}, shape {at}", ""
    yield from _adopted(chosen, url)


def _adopted(chosen: Settings, url: str) -> Iterator[Finding]:
    """Say which adopted cameras the pack has by now: they are let go of, the pack wins."""
    try:
        pack = load(chosen.city)
    except BrokenPack:
        return
    for one in overtaken(pack.city, kept(url, pack)):
        advice = f"Remove it on /unknown-cameras: the pack knows {one.source}/{one.called} itself."
        yield WARN, f"adopted camera {one.id} is ignored, the pack wins", advice


def _ports(chosen: Settings) -> Iterator[Finding]:
    for port in (chosen.port, intake_port(chosen)):
        try:
            free_port(chosen.host, port)
        except BadSetting as bad:
            yield WARN, f"port {port} is in use", f"Fine if that is Kỳ Đài itself. ({bad})"
        else:
            yield GOOD, f"port {port} is free", ""


def _front(_chosen: Settings) -> Iterator[Finding]:
    lacking = vendor.missing()
    yield (
        (BAD, f"front-end files are missing: {', '.join(lacking)}", "make run fetches them, or: python -m data.vendor")
        if lacking
        else (GOOD, "front-end files", "")
    )


def _home(chosen: Settings) -> Iterator[Finding]:
    folder = Path(home(chosen))
    open_to_all = stat.S_IMODE(folder.stat().st_mode) & 0o077
    yield (WARN, f"{folder} can be read by others", f"chmod 700 {folder}") if open_to_all else (GOOD, f"home {folder}", "")


def _mail(chosen: Settings) -> Iterator[Finding]:
    """Letters are no one's way of living: a server that does not answer is no reason not to start."""
    try:
        server = server_of(chosen)
        if server is not None:
            Mail(server).look()
            yield GOOD, f"mail server {server.host}:{server.port}", ""
    except BadSetting as bad:
        yield BAD, "mail server", str(bad)
    except Lost as lost:
        yield WARN, "mail server", f"{lost}. Letters wait, and are given up after ten hours."


LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python,
    _home,
    _disk,
    _secret,
    _pack,
    _front,
    _redis,
    _record,
    _ports,
    _mail,
)
