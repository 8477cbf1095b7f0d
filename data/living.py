"""A city as it stands now: its pack, and the cameras that people have adopted into it since."""

import time
from collections.abc import Callable, Sequence
from logging import getLogger
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from dashboard.cameras.adopted import Adopted, Named, merged, overtaken
from dashboard.city import City
from dashboard.errors import Away
from data.atlas import Atlas
from data.clock import SystemClock
from data.layers.wards import LivingAtlas
from data.pack import Pack
from data.store.adopted import SqlRegister
from data.store.engine import connect

ASK_EVERY_S = 2.0  # what was adopted is known in every process within as long
log = getLogger(__name__)


class Adoptions(Protocol):
    """Where adopted cameras are kept. Raises Away."""

    def version(self) -> int:
        """Return a number that is another whenever something has changed."""
        ...

    def adopted(self) -> Sequence[Adopted]:
        """Return all that ever were adopted, in order of adoption."""
        ...

    def names(self) -> Sequence[Named]:
        """Return the names that people added to cameras."""
        ...


def open_register(engine: Engine, pack: Pack, atlas: LivingAtlas | None = None) -> SqlRegister:
    """Return the register of cameras that are adopted into a pack's city."""
    locate = atlas.locate if atlas else Atlas(pack.folder, zone=pack.city.zone).locate
    return SqlRegister(engine, SystemClock(), city=pack.city, locate=locate)


def open_city(engine: Engine, pack: Pack, atlas: LivingAtlas | None = None) -> "LivingCity":
    """Return a pack's city with the cameras that are adopted into it, and under another version where its wards were surveyed."""
    return LivingCity(pack.city, open_register(engine, pack, atlas), wards=atlas.mark if atlas else lambda: "")


def kept(url: str, pack: Pack) -> list[Adopted]:
    """Return what a record holds of adopted cameras, for who only looks: nothing where there is no record yet, or an older one."""
    file = make_url(url).database if url.startswith("sqlite") else None
    if file and not Path(file).is_file():
        return []
    engine = connect(url)
    try:
        return open_register(engine, pack).adopted()
    except (DBAPIError, Away):
        return []
    finally:
        engine.dispose()


class LivingCity:
    """One city in one process. The same object is returned for as long as nothing has changed."""

    def __init__(
        self,
        pack: City,
        adoptions: Adoptions,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        wards: Callable[[], str] = lambda: "",
    ) -> None:
        self._pack, self._adoptions, self._monotonic_s, self._wards = pack, adoptions, monotonic_s, wards
        self._asked_s, self._version = float("-inf"), (-1, "")
        self.city = pack

    def now(self) -> City:
        """Return the city; the record is asked every two seconds. While it is away the last one stands."""
        if self._monotonic_s() - self._asked_s >= ASK_EVERY_S:
            self.look()
        return self.city

    def look(self) -> City:
        """Ask the record at once, and return the city."""
        self._asked_s = self._monotonic_s()
        try:
            version = (self._adoptions.version(), self._wards())
            if version != self._version:
                self._take(self._adoptions.adopted(), self._adoptions.names(), version[1])
                self._version = version
        except Away as away:
            log.warning("adopted cameras cannot be read, the last ones stand: %s", away)
        return self.city

    def _take(self, adopted: Sequence[Adopted], names: Sequence[Named], wards: str) -> None:
        for one in overtaken(self._pack, adopted):
            log.warning("adopted camera %s (%s) is in the pack by now and is ignored", one.id, one.name["vi"])
        after = merged(self._pack, adopted, names)
        if wards:
            after = replace(after, version=f"{after.version}-{wards}")
        if after.version != self.city.version:
            self.city = after
