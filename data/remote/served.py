"""Pictures of layers by address, for screens: from the disk while they are good, else from the service; an old one, marked, where that fails."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dashboard.city import City
from dashboard.errors import Away, Missing
from dashboard.layers.asking import address_of, bounds
from dashboard.layers.remote import FIRST, LAST, Asked, Remote, Standing, Tile, Trouble
from dashboard.ports import Clock
from data.remote.gates import Flights, Gate
from data.remote.kept import KeptPictures, Picture
from data.remote.pictures import MOST_BYTES, checked, kind_of
from data.remote.wire import Door, asked
from data.sealed import Tampered
from data.store.remotes import SqlRemotes

SECONDS, TOGETHER_S = 8.0, 30.0
ASK_EVERY_S, TELL_EVERY_MS = 2.0, 10_000
BEYOND = 0.25  # degrees around the city in which pictures are fetched
SECRET = 4  # letters from which on a word of an address may be one
NOT_NEWS = frozenset({"resting", "crowded"})  # of ours: they say nothing new about the service


class RemotePictures:
    """The layers by address in one process (dashboard.layers.remote.Pictures). `apart` draws pictures where it holds nobody up."""

    def __init__(
        self,
        remotes: SqlRemotes,
        home: Path,
        door: Door,
        clock: Clock,
        city_now: Callable[[], City],
        *,
        apart: Callable[..., Any] | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remotes, self._door, self._clock, self._city_now = remotes, door, clock, city_now
        self.kept = KeptPictures(home)
        self._apart = apart or (lambda do, given: do(*given))
        self._monotonic_s = monotonic_s
        self._asked_s, self._seen = float("-inf"), -1
        self._all: Mapping[str, Remote] = {}
        self._how: dict[tuple[str, int], Asked] = {}
        self._gates: dict[str, Gate] = {}
        self._flights = Flights()

    def all(self) -> Mapping[str, Remote]:
        """Return them by their keys; the record is asked every two seconds. Raises Away."""
        if self._monotonic_s() - self._asked_s >= ASK_EVERY_S:
            seen = self._remotes.changed()
            if seen != self._seen:
                self._all, self._seen = self._remotes.all(), seen
                self._how.clear()
            self._asked_s = self._monotonic_s()
        return self._all

    def standing(self, key: str) -> Standing:
        """Return how one stands."""
        return self.kept.standing(key)

    def tile(self, one: Remote, zoom: int, x: int, y: int) -> Tile:
        """Return a picture. Raises Trouble where there is none, not even an old one; Away."""
        now_ms = self._clock.now_ms()
        if not (FIRST <= zoom <= LAST and max(x, y) < 1 << zoom and self._near(zoom, x, y)):
            return Tile(b"", "", now_ms, old=False)
        held = self.kept.read(one, zoom, x, y)
        if held is not None and now_ms - held.at < one.fresh_s * 1000:
            return _tile(held, old=False)
        try:
            body = self._flights.once((one.key, zoom, x, y), lambda: self._fetched(one, zoom, x, y), seconds=TOGETHER_S)
        except Trouble:
            if held is None:
                raise
            return _tile(held, old=True)
        return _tile(Picture(body, self._clock.now_ms()), old=False)

    def probe(self, one: Remote) -> None:
        """Try a service by the picture that it was taken in with, and say how it stands. Raises Away."""
        try:
            zoom, x, y = self._how_of(one).probe
            body = self._asked(one, zoom, x, y)
            if not body:
                self._bad(one, Trouble("absent"))
                return
            self.kept.write(one, zoom, x, y, body, at_ms=self._clock.now_ms())
        except Trouble as trouble:
            self._bad(one, trouble)
        else:
            self._good(one)

    def _fetched(self, one: Remote, zoom: int, x: int, y: int) -> bytes:
        gate = self._gates.setdefault(one.key, Gate(self._monotonic_s))
        with gate.within():
            try:
                body = self._asked(one, zoom, x, y)
            except Trouble as trouble:
                gate.bad()
                self._bad(one, trouble)
                raise
            gate.good()
        self._good(one)
        self.kept.write(one, zoom, x, y, body, at_ms=self._clock.now_ms())
        return body

    def _asked(self, one: Remote, zoom: int, x: int, y: int) -> bytes:
        """Return what a service gives for a square: b"" where it says that nothing is there. Raises Trouble."""
        how = self._how_of(one)
        try:
            return picture(self._door, how, zoom, x, y, apart=self._apart)
        except Trouble as trouble:
            raise Trouble(trouble.code, without_secrets(trouble.detail, how)) from None

    def _how_of(self, one: Remote) -> Asked:
        name = (one.key, one.since)
        if name not in self._how:
            try:
                self._how[name] = self._remotes.asked(one.key)
            except Tampered as tampered:
                raise Trouble("login") from tampered
            except (Missing, Away) as gone:
                raise Trouble("record") from gone
        return self._how[name]

    def _good(self, one: Remote) -> None:
        stands, now_ms = self.kept.standing(one.key), self._clock.now_ms()
        if stands.code or now_ms - stands.good > TELL_EVERY_MS:
            self.kept.stands(one.key, Standing(good=now_ms, tried=now_ms))

    def _bad(self, one: Remote, trouble: Trouble) -> None:
        stands, now_ms = self.kept.standing(one.key), self._clock.now_ms()
        if trouble.code not in NOT_NEWS and (stands.code != trouble.code or now_ms - stands.tried > TELL_EVERY_MS):
            since = stands.since if stands.code else now_ms
            how = Standing(good=stands.good, tried=now_ms, code=trouble.code, detail=trouble.detail[:300], since=since)
            self.kept.stands(one.key, how)

    def _near(self, zoom: int, x: int, y: int) -> bool:
        west, south, east, north = bounds(zoom, x, y)
        city = self._city_now().bounds
        return west < city[2] + BEYOND and east > city[0] - BEYOND and south < city[3] + BEYOND and north > city[1] - BEYOND


def picture(door: Door, how: Asked, zoom: int, x: int, y: int, *, apart: Callable[..., Any]) -> bytes:
    """Return a square's picture, looked over; b"" where a WMTS has none there. Raises Trouble."""
    try:
        address = address_of(how, zoom, x, y)
    except KeyError:
        return b""
    try:
        _, _, body = asked(door, address, seconds=SECONDS, most=MOST_BYTES)
    except Trouble as trouble:
        if how.kind == "wmts" and (trouble.code, trouble.detail) in {("absent", "404"), ("status", "400")}:
            return b""  # beyond its edge
        raise
    if body or how.kind == "wms":
        apart(checked, (body,))
    return body


def without_secrets(text: str, how: Asked) -> str:
    """Return what is told of a failure without what the address holds in its query: a key, perhaps."""
    query = f"{how.address.partition('?')[2]}&{how.template.partition('?')[2]}"
    for word in sorted((one.partition("=")[2] for one in query.split("&")), key=len, reverse=True):
        if len(word) >= SECRET:
            text = text.replace(word, "…")
    return text


def _tile(held: Picture, *, old: bool) -> Tile:
    return Tile(held.body, kind_of(held.body)[1], held.at, old)
