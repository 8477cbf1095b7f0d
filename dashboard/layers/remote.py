"""A layer that another house serves by address (WMS, WMTS, WFS): what is known of it, how fresh it is, and what is told of it (docs/layers.md)."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Protocol

from msgspec import Meta, Struct

from dashboard.access import may
from dashboard.city import Words
from dashboard.layers.desk import Label, Short, Why
from dashboard.layers.layer import Freshness, Shape

Kind = Literal["wms", "wmts", "wfs"]
Address = Annotated[str, Meta(min_length=8, max_length=1500, pattern=r"^https?://")]
MINUTE_MS = 60_000
# A picture service is tried every five minutes, looked at or not: late after three misses, stale after an hour, lost after a day.
TRY_EVERY_MS = 5 * MINUTE_MS
LATE_MS, STALE_MS, LOST_MS = 15 * MINUTE_MS, 60 * MINUTE_MS, 24 * 60 * MINUTE_MS
FIRST, LAST = 8, 18  # zooms that pictures are asked for at
SIDES = (256, 512)


class Trouble(Exception):  # noqa: N818  a verdict on an answer
    """What a service was asked for and did not give. `code` has a sentence in both languages (`remote.why.*`), `detail` is for who keeps layers."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


class Offer(Struct, frozen=True, kw_only=True):
    """One layer that a service offers. `crs`: the system it is asked in; "" where there is none that we can use. `styles` by their names."""

    name: str
    title: str
    crs: str = ""
    styles: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    bounds: tuple[float, float, float, float] | None = None


class Asked(Struct, frozen=True, kw_only=True):
    """How a service is asked: sealed in the record, for an address may hold a key. `matrices` are a WMTS's, by zoom."""

    kind: Kind
    address: str  # of GetMap, GetTile or GetFeature, with what it needs in its query
    version: str
    layer: str
    style: str = ""
    format: str = ""
    crs: str = ""
    template: str = ""  # of a WMTS that is asked by path
    matrix_set: str = ""
    matrices: dict[int, str] = {}
    side: int = 256
    probe: tuple[int, int, int] = (0, 0, 0)  # zoom, x, y of the picture that it is tried by
    paged: bool = False  # of a WFS: it gives its features in pages


class Remote(Struct, frozen=True, kw_only=True):
    """A layer by address, without what must not be shown. Times in epoch ms; `fresh_s`: how long a picture is good, or how often a WFS is read."""

    key: str
    kind: Kind
    title: Words
    place: str  # scheme, host and port: a path or a query may hold a key
    layer: str
    fresh_s: float
    roles: tuple[str, ...] = ()
    source: str = ""
    since: int = 0
    by: str = ""
    only: Shape | None = None  # of a WFS that mixes shapes: those that are read


class Standing(Struct, frozen=True, kw_only=True):
    """How a layer by address stands: when it was last good, when it was last tried, what is wrong since when (epoch ms).

    `why`: of a WFS whose features are no layer; `digest`: of what it gave last, which is not taken in again.
    """

    good: int = 0
    tried: int = 0
    code: str = ""
    detail: str = ""
    since: int = 0
    why: Why | None = None
    digest: str = ""


class Tile(NamedTuple):
    """A picture as it is handed on: b"" where nothing is. `old`: it could not be fetched anew; `at` is when it was (epoch ms)."""

    body: bytes
    mimetype: str
    at: int
    old: bool


class Wanted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person says of a layer that they take from a service. `hours`: for how long a picture is good, or how often a WFS is read."""

    address: Address
    kind: Kind
    layer: Annotated[str, Meta(min_length=1, max_length=300)]
    key: Annotated[str, Meta(max_length=40)]
    title: Label = Label()
    style: Annotated[str, Meta(max_length=200)] = ""
    source: Short = ""
    hours: Annotated[float, Meta(ge=0.25, le=8760)] = 24.0
    roles: Annotated[tuple[str, ...], Meta(max_length=20)] = ()
    only: Shape | None = None


class RemoteDesk(Protocol):
    """Where layers by address are taken in and let go. Every method raises Trouble and Away."""

    def look(self, address: str, kind: Kind) -> tuple[str, list[Offer]]:
        """Return what a service calls itself, and what it offers."""
        ...

    def add(self, wanted: Wanted, *, who: str) -> Remote:
        """Take a layer in, once it has given a picture."""
        ...

    def again(self, key: str) -> Standing:
        """Try a service at once, or read a WFS. Raises Missing."""
        ...

    def choose(self, key: str, only: Shape | None, *, who: str) -> None:
        """Say which shapes of a WFS are read (None: the only ones that it has). Raises Missing."""
        ...

    def remove(self, key: str, *, who: str) -> None:
        """Ask a service no longer; what was read from a WFS stays. Raises Missing."""
        ...


class Pictures(Protocol):
    """The layers by address as screens see them."""

    def all(self) -> Mapping[str, Remote]:
        """Return them by their keys. Raises Away."""
        ...

    def standing(self, key: str) -> Standing:
        """Return how one stands."""
        ...

    def tile(self, one: Remote, zoom: int, x: int, y: int) -> Tile:
        """Return a picture. Raises Trouble where there is none, not even an old one."""
        ...


def may_see(one: Remote, role: str | None) -> bool:
    """Return whether a role may see a layer by address at all."""
    return may(role, "layer.view") and (not one.roles or role in one.roles)


def freshness(stands: Standing, now_ms: int) -> Freshness:
    """Return how fresh a service's pictures are."""
    if not stands.good:
        return "lost" if stands.code else "none"
    age = now_ms - stands.good
    return "live" if age < LATE_MS else "late" if age < STALE_MS else "stale" if age < LOST_MS else "lost"


def told(one: Remote, stands: Standing, now_ms: int) -> dict[str, object]:
    """Return what a screen is told of a layer by address: nothing of where it comes from."""
    return {
        "key": one.key,
        "remote": one.kind,
        "version": one.since,
        "title": one.title,
        "source": one.source,
        "state": freshness(stands, now_ms),
        "good": stands.good or None,
        "every_s": one.fresh_s,
        "trouble": {"code": stands.code, "since": stands.since} if stands.code else None,
    }
