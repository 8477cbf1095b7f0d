"""Layers as the web role reads them: which ones are shown from the record, their features and tiles from their files."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import cos, radians

import numpy as np
import shapely
from msgspec.structs import replace

from dashboard.errors import Missing
from dashboard.layers.layer import Layer
from dashboard.layers.naming import Number, asked
from dashboard.layers.reading import Box, Feature, Near, Page
from dashboard.layers.remote import Standing
from data.layers import kept
from data.layers.kept import Kept
from data.store.layers import SqlLayers

ASK_EVERY_S = 2.0
M_PER_DEGREE = 111_195.0  # of a great circle on the mean sphere, as dashboard/geo.py measures
LOOKED_AT = 300  # features in the box around a place whose distance is measured


class ServedLayers:
    """The layers of one city in one process (dashboard.layers.reading.Layers)."""

    def __init__(
        self,
        layers: SqlLayers,
        files: Kept,
        *,
        read: Callable[[str], Standing] = lambda _: Standing(),
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._layers, self._files, self._read, self._monotonic_s = layers, files, read, monotonic_s
        self._asked_s, self._seen = float("-inf"), -1
        self._shown: Sequence[Layer] = ()
        self._kept: Mapping[str, Sequence[Layer]] = {}
        self._now: Sequence[Layer] = ()

    def shown(self) -> Sequence[Layer]:
        """Return the layers as they stand; the record is asked every two seconds. Raises Away."""
        if self._monotonic_s() - self._asked_s >= ASK_EVERY_S:
            seen = self._layers.changed()
            if seen != self._seen:
                self._shown, self._kept, self._seen = self._layers.shown(), {}, seen
            self._asked_s = self._monotonic_s()
            self._now = as_read(self._shown, self._read)
        return self._now

    def then(self, at_ms: int) -> Sequence[Layer]:
        """Return the layers in the versions that were shown at an instant; one of which none so old is kept as it stands now. Raises Away."""
        return [next((old for old in self.kept(one) if old.imported <= at_ms), one) for one in self.shown()]

    def kept(self, layer: Layer) -> Sequence[Layer]:
        """Return the kept versions of a layer up to the one that is shown, the newest first. Raises Away."""
        if layer.key not in self._kept:
            held = [one for one in self._layers.versions(layer.key) if one.version <= layer.version]
            self._kept = {**self._kept, layer.key: held}
        return self._kept[layer.key]

    def called(self, layer: Layer, told: str) -> Feature:
        """Return the feature that an address means. Raises Missing, Away."""
        meant = asked(told)
        if isinstance(meant, Number):
            if meant.version != layer.version:
                raise Missing(f"layer {layer.key} is at version {layer.version}, not {meant.version}")
            return self.feature(layer, meant.number)
        if not meant or not layer.id_fields:
            raise Missing(f"layer {layer.key} has no feature of that name")
        return _told(self._files.called(layer.key, layer.version, meant))

    def tile(self, layer: Layer, zoom: int, x: int, y: int) -> bytes | None:
        """Return a tile packed with gzip, None where nothing is. Raises Missing, Away."""
        return self._files.tile(layer.key, layer.version, zoom, x, y)

    def page(self, layer: Layer, *, box: Box | None = None, after: int = 0, skip: int = 0, most: int) -> Page:
        """Return features after a number, those whose bounds touch a box. Raises Missing, Away."""
        found = self._files.page(layer.key, layer.version, box=box, after=after, skip=skip, most=most)
        return Page([_told(one) for one in found.features], layer.count if found.matched is None else found.matched)

    def feature(self, layer: Layer, number: int) -> Feature:
        """Return one feature. Raises Missing, Away."""
        return _told(self._files.feature(layer.key, layer.version, number))

    def all(self, layer: Layer) -> Iterator[Feature]:
        """Yield every feature. Raises Missing, Away."""
        return map(_told, self._files.all(layer.key, layer.version))

    def near(self, layer: Layer, lon: float, lat: float, *, radius_m: float, most: int) -> list[Near]:
        """Return the nearest features within a radius, the nearest first. Raises Missing, Away."""
        up = radius_m / M_PER_DEGREE
        aside = up / cos(radians(lat))
        found = self._files.near(layer.key, layer.version, (lon - aside, lat - up, lon + aside, lat + up), most=LOOKED_AT)
        if not found:
            return []
        scale = (M_PER_DEGREE * cos(radians(lat)), M_PER_DEGREE)
        flat = shapely.transform(kept.shapes_of(found), lambda xy: (xy - (lon, lat)) * scale)
        metres = shapely.distance(flat, shapely.Point(0, 0))
        order = [at for at in np.argsort(metres, kind="stable") if metres[at] <= radius_m][:most]
        return [Near(_told(found[at]), float(metres[at])) for at in order]


def as_read(layers: Sequence[Layer], read: Callable[[str], Standing]) -> list[Layer]:
    """Return layers as old as they are: one that is read from a service is of when that last said the same (`read`)."""
    stands = [(one, read(one.key)) for one in layers]
    return [replace(one, as_of=how.good) if how.digest and how.good > one.as_of else one for one, how in stands]


def _told(one: kept.Feature) -> Feature:
    return Feature(one.id, one.name, one.values, one.geometry())
