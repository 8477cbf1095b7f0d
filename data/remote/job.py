"""A WFS read into a layer of our own, in a process of its own: `python -m data.remote.job KEY`. The version before stands until the new one is good."""

import fcntl
import sys
import tempfile
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Engine

from dashboard.city import City
from dashboard.errors import Away, Missing
from dashboard.layers.layer import Layer, LayerRefused
from dashboard.layers.refusals import why
from dashboard.layers.remote import Asked, Remote, Standing, Trouble
from data.clock import SystemClock
from data.config import home, record_url, settings
from data.layers import taking
from data.layers.about import About
from data.layers.grids import box
from data.layers.importing import Draft, Wish, described, understood, without
from data.layers.limits import limited
from data.pack import load
from data.remote.features import fetched
from data.remote.kept import KeptPictures
from data.remote.opened import door_of, remotes_of
from data.remote.served import without_secrets
from data.sealed import Tampered
from data.store.engine import connect
from data.store.layers import SqlLayers

DAY_S = 86_400


def main(key: str) -> None:
    """Read one, and say how it ended. Whoever comes while it is read already goes away."""
    at, kept = home(settings()), KeptPictures(home(settings()))
    with (at / f"remote_{key}.lock").open("w") as own, (at / "layer_desk.lock").open("w") as desk:
        try:
            fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        before, now_ms = kept.standing(key), SystemClock().now_ms()
        kept.stands(key, replace(before, tried=now_ms))
        try:
            fcntl.flock(desk, fcntl.LOCK_EX)  # one file after the other: each may need all the memory that there is
            digest = _read(key, before)
        except Trouble as trouble:
            kept.stands(key, failed(before, trouble, now_ms))
        except LayerRefused as refused:
            kept.stands(key, replace(failed(before, Trouble("unfit"), now_ms), why=why(str(refused))))
        except (Away, Tampered) as gone:
            kept.stands(key, failed(before, Trouble("login" if isinstance(gone, Tampered) else "record"), now_ms))
        except Missing:
            return
        else:
            kept.stands(key, Standing(good=now_ms, tried=now_ms, digest=digest))


def failed(before: Standing, trouble: Trouble, now_ms: int) -> Standing:
    """Return how a service stands that failed just now."""
    since = before.since if before.code else now_ms
    return replace(before, tried=now_ms, code=trouble.code, detail=trouble.detail[:300], since=since, why=None)


def _read(key: str, before: Standing) -> str:
    """Read a WFS into the next version of its layer; return the digest of what it gave. Raises Trouble, LayerRefused, Missing, Away, Tampered."""
    city, engine = load(settings().city).city, connect(record_url(settings()))
    remotes = remotes_of(settings(), engine)
    one, how = remotes.all().get(key), remotes.asked(key)
    if one is None or one.kind != "wfs":
        raise Missing(key)
    with tempfile.TemporaryDirectory(prefix="kydai-wfs-") as room:
        try:
            file, digest = fetched(door_of(settings(), engine, city), how, box(city), Path(room))
        except Trouble as trouble:
            raise Trouble(trouble.code, without_secrets(trouble.detail, how)) from None
        digest += f" {one.only}" if one.only else ""  # what is read otherwise is taken in again
        if digest != before.digest:
            _keep(one, how, file, city, engine)
    return digest


def _keep(one: Remote, how: Asked, file: Path, city: City, engine: Engine) -> None:
    """Make a file the next version of a layer. Raises LayerRefused, Away."""
    draft, layers, clock = _understood(file, one, city), SqlLayers(engine, SystemClock()), SystemClock()
    before = next((layer for layer in layers.shown() if layer.key == one.key), None)
    about = (
        None if before is not None else About(title=one.title, roles=one.roles, source=one.source, every_days=one.fresh_s / DAY_S)
    )
    draft = without(draft, about, before)
    layer: Layer = described(draft, about, before, key=one.key)
    if before is not None:
        taking.compare(home(settings()), draft, layer, before)
    told = f"WFS {how.layer} · {one.place}"
    taking.keep(home(settings()), layers, layer, draft, who=one.by, file=told, now_ms=clock.now_ms(), saw=print, by_address=True)


def _understood(file: Path, one: Remote, city: City) -> Draft:
    """Return what a service gave; where it gives the latitude first, whatever it says, it is read so."""
    wish = Wish(leave_out=True, only=one.only)
    try:
        return understood(file, wish, city)
    except LayerRefused as refused:
        if "swapped" not in str(refused):
            raise
        return understood(file, wish._replace(swap=True), city)


if __name__ == "__main__":
    limited()
    main(sys.argv[1])
