"""`source add|list|move|disable|rotate|test`: who may speak to the intake, and whom we ask."""

import base64
import re
import secrets

import click

from dashboard.errors import Away
from dashboard.settings import Settings, intake_port
from data.boardroom import make_reader
from data.commands.user import now_ms
from data.config import log_url, settings
from data.dialling import dialler
from data.living import open_city
from data.outward import BROKERS, Refused
from data.pack import load
from data.pulling import MQTT, PULLS, ROUND_S, ways_of
from data.reading import ADAPTERS
from data.register import logins, opened, sources
from data.road import connect
from data.store.pulls import Pulls, Stand
from data.store.sources import Registered, Sources
from data.stream import RedisStream
from data.trial import Means, Trial, asked, waited

LONGEST_DEVICE = 60
BROKER_HELP = "Hear it through a broker, as mqtt://10.1.2.3:1883/frigate_north; the path is the prefix of its topics."
DOORS = {"open311": "/open311/v2/requests.json", "indicators": "/api/v1/indicators"}
PATHS = ("onvif", "georeport")  # whose path differs from place to place


@click.group(name="source")
def COMMAND() -> None:
    """Sources: systems that speak for cameras or citizens."""


@COMMAND.command()
@click.argument("key")
@click.option("--adapter", type=click.Choice(sorted(ADAPTERS)), help="How to read it; else what the key begins with.")
@click.option("--label", default="", help="A name for people.")
@click.option("--hmac", is_flag=True, help="Also accept signed posts (Standard Webhooks).")
@click.option("--address", default="", help=f"Ask the device there, as http://10.1.2.3:80; for {', '.join(sorted(PULLS))}.")
@click.option("--device", default="", help="What the device is called where its events do not say; else the key.")
@click.option("--broker", default="", help=BROKER_HELP)
def add(key: str, adapter: str | None, label: str, hmac: bool, address: str, device: str, broker: str) -> None:  # noqa: FBT001  an option
    """Register the source KEY and print its secret, once; with --address or --broker, one that is asked or heard and does not post."""
    wanted = adapter or key.split("-", maxsplit=1)[0]
    if wanted not in ADAPTERS:
        raise click.ClickException(f"say --adapter: one of {', '.join(sorted(ADAPTERS))}")
    if not key.replace("-", "").replace("_", "").isalnum() or len(key) > 60:  # noqa: PLR2004  it stands in addresses
        raise click.ClickException("a key has letters, digits, - and _, 60 at most")
    if address:
        _looked_over(address, wanted)
    if broker:
        _broker_looked_over(broker)
    signing = base64.b64encode(secrets.token_bytes(32)).decode() if hmac else ""
    try:
        told = {"address": address, "device": device[:LONGEST_DEVICE], "broker": broker}
        secret = sources().add(key, adapter=wanted, label=label, hmac=signing, now_ms=now_ms(), **told)
    except KeyError as taken:
        raise click.ClickException(f"there is a source {key!r} already; rotate its key instead") from taken
    if address or broker:
        ways = _ways(address, broker)
        click.echo(f"{key} is {ways} within {ROUND_S + 1:.0f} seconds where Kỳ Đài runs; try it: python app.py source test {key}")
        return
    click.echo(f"key: {secret}")
    if signing:
        click.echo(f"signing secret: whsec_{signing}")
    click.echo(f"post to: {_door(settings(), key, wanted)}")


@COMMAND.command("list")
def list_() -> None:
    """List all sources; of those that are asked, where, and how they stand."""
    with opened() as record:
        stands = Pulls(record).all()
        for one in Sources(record).all().values():
            ways = [way for way in ((one.address, one.key), (one.broker, f"{one.key}{MQTT}")) if way[0]]
            asked = "".join(f"\t{place}\t{_stands(one, stands.get(name))}" for place, name in ways)
            click.echo(f"{one.key}\t{one.adapter}\t{'disabled' if one.disabled else 'active'}\t{one.label}{asked}")


def _stands(one: Registered, stand: Stand | None) -> str:
    """Return how a source that is asked stands, in a few words."""
    if one.disabled is not None:
        return "not asked"
    if stand is None:
        return "not asked yet: does the intake run?"
    for_s = max(now_ms() - stand.since, 0) // 1000
    reason = f" ({stand.reason})" if stand.reason else ""
    return f"{stand.standing} for {for_s} s, {stand.pieces} pieces{reason}"


@COMMAND.command()
@click.argument("key")
@click.option("--address", help="Where the device is asked from now on.")
@click.option("--device", help="What it is called; unchanged when not given.")
@click.option("--broker", help=f"{BROKER_HELP} An empty one: no more.")
def move(key: str, address: str | None, device: str | None, broker: str | None) -> None:
    """Ask the device of the source KEY at another address, or hear it through another broker."""
    known = _known(key)
    if address is None and broker is None:
        raise click.ClickException("say --address, --broker or both")
    if address is not None:
        _looked_over(address, known.adapter)
    if broker:
        _broker_looked_over(broker)
    sources().move(key, address=address, device=device, broker=broker)
    told = _ways(address or "", broker or "") or "no more heard through a broker"
    click.echo(f"{key} is {told} within {ROUND_S + 1:.0f} seconds.")


@COMMAND.command()
@click.argument("key")
@click.option("--seconds", default=30.0, show_default=True, type=click.FloatRange(1, 3600), help="How long to listen.")
def test(key: str, seconds: float) -> None:
    """Connect to the device of the source KEY, or wait for what it sends, and tell what is heard; nothing of it is counted."""
    chosen, known = settings(), _known(key)
    pack = load(chosen.city)
    with opened() as record:
        city = open_city(record, pack)
        city.look()
    trial = Trial(known, read=make_reader(pack, sources(), city).read, say=click.echo)
    click.echo(f"source    {key}, adapter {known.adapter}{', disabled' if known.disabled else ''}")
    ways = list(ways_of(known._replace(disabled=None)))
    if ways:
        means = Means(dial=dialler(chosen, pack.city.outward), who=logins().of, zone=pack.city.zone)
        told = [asked(trial, way, means, seconds=seconds, say=click.echo) for way in ways]
        wrong = next((one for one in told if one), "")
    else:
        wrong = _waited(trial, known, seconds)
    if not wrong:
        trial.ends()
    if wrong or trial.silent:
        raise SystemExit(1)


def _waited(trial: Trial, known: Registered, seconds: float) -> str:
    """Wait for what a source sends by itself; return what went wrong, in a word."""
    at = f"{intake_url(settings())}/api/v1/intake/{known.key}"
    click.echo(f"waiting   {seconds:.0f} s for what it posts to {at}, or says by MQTT")
    try:
        waited(trial, known, RedisStream(connect(log_url(settings()), timeout_s=5.0)), seconds=seconds)
    except Away as away:
        click.echo(f"failed    the log does not answer ({away}); start Kỳ Đài, this command listens beside it")
        return "away"
    if trial.silent:
        click.echo(
            "silent    nothing came. Is it told this address and its key? Posts that were refused are in the intake's metrics,"
        )
        click.echo(
            "          kydai_intake_refused_total; for MQTT look at KYDAI_MQTT_URL, KYDAI_MQTT_TOPICS and KYDAI_MQTT_SOURCE."
        )
    return ""


def _known(key: str) -> Registered:
    known = sources().all().get(key)
    if known is None:
        raise click.ClickException(f"there is no source {key!r}; python app.py source list")
    return known


def _looked_over(address: str, adapter: str) -> None:
    """Refuse an address that we would not connect to, before anything is written down."""
    if adapter not in PULLS:
        raise click.ClickException(f"{adapter} is not asked, it posts; --address is for {', '.join(sorted(PULLS))}")
    if adapter not in PATHS and address.partition("://")[2].partition("/")[2]:
        raise click.ClickException("--address ends with the host or its port: the path is known")
    if not address.startswith(("http://", "https://")):
        raise click.ClickException("--address begins with http:// or https://")
    _dialled(address)


def _broker_looked_over(broker: str) -> None:
    """Refuse a broker that we would not connect to, before anything is written down."""
    scheme, _, rest = broker.partition("://")
    prefix = rest.partition("/")[2].strip("/")
    if scheme not in BROKERS:
        raise click.ClickException("--broker begins with mqtt:// or mqtts://")
    if not re.fullmatch(r"[^#$?]{0,200}", prefix) or any("+" in level and level != "+" for level in prefix.split("/")):
        raise click.ClickException("--broker ends with the prefix of the topics alone, as mqtt://10.1.2.3/frigate_north")
    _dialled(broker)


def _dialled(address: str) -> None:
    chosen = settings()
    try:
        dialler(chosen, load(chosen.city).city.outward)(address)
    except Refused as no:
        raise click.ClickException(f"{address}: {no}") from no


def _ways(address: str, broker: str) -> str:
    told = [f"asked at {address}"] if address else []
    return " and ".join([*told, f"heard through {broker}"] if broker else told)


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


def _door(chosen: Settings, key: str, adapter: str) -> str:
    """Return where a source posts: some kinds have doors of their own, at the web role."""
    if adapter in DOORS:
        return f"{chosen.public_url.rstrip('/') or f'http://{chosen.host}:{chosen.port}'}{DOORS[adapter]}"
    return f"{intake_url(chosen)}/api/v1/intake/{key}"


def intake_url(chosen: Settings) -> str:
    """Return where sources reach us: through the proxy where there is one, else the intake's own port."""
    return chosen.public_url.rstrip("/") or f"http://{chosen.host}:{intake_port(chosen)}"
