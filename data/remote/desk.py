"""Where layers by address are taken in: a service is looked at, one of its layers chosen, tried once, and kept (dashboard.layers.remote.RemoteDesk)."""

from collections.abc import Callable
from math import asinh, pi, radians, tan
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from dashboard.access import ROLES
from dashboard.city import City
from dashboard.errors import Missing
from dashboard.layers.layer import KEY, Shape
from dashboard.layers.remote import LAST, Asked, Kind, Offer, Remote, Standing, Trouble, Wanted
from dashboard.ports import Clock
from data.remote.capabilities import look
from data.remote.served import RemotePictures, picture, without_secrets
from data.remote.wire import Door
from data.store.remotes import SqlRemotes

PROBE_ZOOM = 13


class Taking:
    """The desk over one record. `read` begins to read a WFS, `apart` runs what takes a while where it holds nobody up."""

    def __init__(
        self,
        remotes: SqlRemotes,
        served: RemotePictures,
        door: Door,
        clock: Clock,
        city_now: Callable[[], City],
        *,
        read: Callable[[str], None],
        apart: Callable[..., Any] | None = None,
    ) -> None:
        self._remotes, self._served, self._door, self._clock, self._city_now = remotes, served, door, clock, city_now
        self._read = read
        self._apart = apart or (lambda do, given: do(*given))

    def look(self, address: str, kind: Kind) -> tuple[str, list[Offer]]:
        """Return what a service calls itself, and what it offers. Raises Trouble."""
        found = look(self._door, address, kind)
        if not found.offers:
            raise Trouble("empty")
        return found.title, found.offers

    def add(self, wanted: Wanted, *, who: str) -> Remote:
        """Take a layer in, once it has given a picture. Raises Trouble, Away."""
        if not KEY.fullmatch(wanted.key):
            raise Trouble("key")
        if strange := set(wanted.roles) - set(ROLES):
            raise Trouble("role", min(strange))
        found = look(self._door, wanted.address, wanted.kind)
        offer = next((one for one in found.offers if one.name == wanted.layer), None)
        if offer is None:
            raise Trouble("gone", wanted.layer)
        asked = self._placed(_chosen(offer, found.asked.get(offer.name), wanted), offer)
        one = self._described(wanted, offer, who)
        self._tried(asked)
        self._remotes.add(one, asked)
        if one.kind == "wfs":
            self._read(one.key)
        else:
            self._served.kept.stands(one.key, Standing(good=one.since, tried=one.since))
        return one

    def again(self, key: str) -> Standing:
        """Try a service at once, or read a WFS. Raises Missing, Away."""
        one = self._remotes.all().get(key)
        if one is None:
            raise Missing(f"there is no layer {key} by address")
        if one.kind == "wfs":
            self._read(key)
        else:
            self._served.probe(one)
        return self._served.standing(key)

    def choose(self, key: str, only: Shape | None, *, who: str) -> None:
        """Say which shapes of a WFS are read. Raises Missing, Away."""
        one = self._remotes.all().get(key)
        if one is None or one.kind != "wfs":
            raise Missing(f"there is no WFS {key} by address")
        if one.only != only:
            self._remotes.change(replace(one, only=only), who=who)

    def remove(self, key: str, *, who: str) -> None:
        """Ask a service no longer; what was read from a WFS stays. Raises Missing, Away."""
        self._remotes.remove(key, who=who)

    def _described(self, wanted: Wanted, offer: Offer, who: str) -> Remote:
        place, vi = urlsplit(wanted.address), wanted.title.vi or offer.title[:200]
        return Remote(
            key=wanted.key,
            kind=wanted.kind,
            title={"vi": vi, "en": wanted.title.en or vi},
            place=f"{place.scheme}://{place.netloc.rpartition('@')[2]}",
            layer=offer.name,
            fresh_s=wanted.hours * 3600,
            roles=wanted.roles,
            source=wanted.source,
            since=self._clock.now_ms(),
            by=who,
            only=wanted.only,
        )

    def _placed(self, asked: Asked, offer: Offer) -> Asked:
        """Return how it is asked, with the picture that it is tried by: in the middle of what it covers of the city. Raises Trouble."""
        west, south, east, north = self._city_now().bounds
        if offer.bounds is not None:
            own = offer.bounds
            west, south, east, north = max(west, own[0]), max(south, own[1]), min(east, own[2]), min(north, own[3])
        if west >= east or south >= north:
            raise Trouble("elsewhere")
        zoom = min(asked.matrices, key=lambda one: abs(one - PROBE_ZOOM)) if asked.matrices else min(PROBE_ZOOM, LAST)
        return replace(asked, probe=(zoom, *_square(zoom, (west + east) / 2, (south + north) / 2)))

    def _tried(self, asked: Asked) -> None:
        if asked.kind == "wfs":
            return
        try:
            body = picture(self._door, asked, *asked.probe, apart=self._apart)
        except Trouble as trouble:
            raise Trouble(trouble.code, without_secrets(trouble.detail, asked)) from None
        if not body:
            raise Trouble("absent")


def _chosen(offer: Offer, asked: Asked | None, wanted: Wanted) -> Asked:
    """Return how a layer is asked for, in the style that was chosen. Raises Trouble where it is offered in no way that we can use."""
    if not offer.formats:
        raise Trouble("format", offer.name)
    if asked is None:
        raise Trouble("crs", offer.name)
    if wanted.style and wanted.style not in offer.styles:
        raise Trouble("style", wanted.style)
    return replace(asked, style=wanted.style) if wanted.style else asked


def _square(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    """Return the square of a place."""
    n = 1 << zoom
    return int((lon + 180) / 360 * n), int((1 - asinh(tan(radians(lat))) / pi) / 2 * n)
