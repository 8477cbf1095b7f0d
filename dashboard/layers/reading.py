"""What screens and other systems ask of layers, and in what shape they are told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from dashboard.layers.layer import Layer
from dashboard.masking import hidden

Box = tuple[float, float, float, float]  # west, south, east, north in degrees


class Feature(NamedTuple):
    """One feature: its number in its version, what it is called, its fields' values in the layer's order, its shape as GeoJSON."""

    id: int
    name: str
    values: Sequence[Any]
    shape: Mapping[str, Any]


class Near(NamedTuple):
    """A feature and how far it is from a place; 0: the place is on or in it."""

    feature: Feature
    metres: float


class Page(NamedTuple):
    """Some features, and how many there are in all."""

    features: Sequence[Feature]
    matched: int


class Layers(Protocol):
    """The layers of a city. Every method raises Away, and Missing where there is no such thing."""

    def shown(self) -> Sequence[Layer]:
        """Return the layers as they stand now."""
        ...

    def then(self, at_ms: int) -> Sequence[Layer]:
        """Return the layers in the versions that were shown at an instant; one of which none so old is kept as it stands now."""
        ...

    def kept(self, layer: Layer) -> Sequence[Layer]:
        """Return the kept versions of a layer up to the one that is shown, the newest first."""
        ...

    def called(self, layer: Layer, told: str) -> Feature:
        """Return the feature that an address means (dashboard.layers.naming)."""
        ...

    def tile(self, layer: Layer, zoom: int, x: int, y: int) -> bytes | None:
        """Return a tile packed with gzip, None where nothing is."""
        ...

    def page(self, layer: Layer, *, box: Box | None = None, after: int = 0, skip: int = 0, most: int) -> Page:
        """Return features after a number and so many skipped, those whose bounds touch a box."""
        ...

    def feature(self, layer: Layer, number: int) -> Feature:
        """Return one feature."""
        ...

    def all(self, layer: Layer) -> Iterator[Feature]:
        """Yield every feature."""
        ...

    def near(self, layer: Layer, lon: float, lat: float, *, radius_m: float, most: int) -> Sequence[Near]:
        """Return the nearest features within a radius."""
        ...


def properties(layer: Layer, feature: Feature) -> dict[str, Any]:
    """Return a feature's fields by their keys, as everybody may see them: plates and telephone numbers are masked."""
    keys = (one.key for one in layer.fields)
    return {key: hidden(value) if isinstance(value, str) else value for key, value in zip(keys, feature.values, strict=True)}


def geojson(layer: Layer, feature: Feature) -> dict[str, Any]:
    """Return a feature as GeoJSON (RFC 7946)."""
    return {"type": "Feature", "id": feature.id, "geometry": feature.shape, "properties": properties(layer, feature)}
