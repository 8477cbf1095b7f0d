"""What a layer of the city is: its names, its fields, who may see it, how it is drawn, and how old it may be."""

import re
from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from dashboard.access import may
from dashboard.city import Words

Shape = Literal["point", "line", "area"]
FieldKind = Literal["text", "number", "date", "flag"]
Freshness = Literal["live", "late", "stale", "lost", "none"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
COLOURS = 8  # of layers, in assets/10-tokens.css; the last one is for every value that is not named
KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
DAY_S = 86_400
# screens.md, limits per feed, GIS layers: expected every 24 h, late after 36 h, stale after 7 days, lost after 30.
LATE, STALE, LOST = 1.5, 7.0, 30.0


class LayerRefused(Exception):  # noqa: N818  a verdict on a file
    """A layer that cannot be taken; the message says why, and what to do."""


class Field(Struct, frozen=True, kw_only=True):
    """One field of a layer's features. `key` is what the file calls it."""

    key: str
    label: Words
    kind: FieldKind = "text"


class Swatch(Struct, frozen=True, kw_only=True):
    """A value of the styling field, what it is called, and the number of its colour (1 to COLOURS)."""

    value: str
    label: Words
    colour: int


class Layer(Struct, frozen=True, kw_only=True):
    """One version of a layer. Lengths of time in days, `as_of` and `imported` in epoch ms."""

    key: str
    version: int
    title: Words
    shape: Shape
    count: int
    bounds: tuple[float, float, float, float]  # west, south, east, north in degrees
    fields: tuple[Field, ...] = ()
    name_field: str = ""
    id_fields: tuple[str, ...] = ()  # which together tell its features apart, in every version; (): nothing does
    style_field: str = ""
    swatches: tuple[Swatch, ...] = ()
    colour: int = 1
    roles: tuple[str, ...] = ()  # empty: everybody who may see layers
    source: str = ""
    as_of: int = 0  # of what day the facts are
    every_days: float = 0.0  # how often it is brought up to date; 0: nobody has said
    imported: int = 0
    by: str = ""
    file: str = ""
    read: str = ""  # how its file was read: format, coordinates, encoding, what was mended
    wards_from: str = ""  # the day (YYYY-MM-DD) from which its areas are the wards, "": they are none
    code_field: str = ""
    drop: tuple[str, ...] = ()  # fields of the file that are not kept: names of owners, for one

    def colour_of(self, value: str) -> int:
        """Return the number of the colour of a feature whose styling field holds `value`."""
        return next((one.colour for one in self.swatches if one.value == value), COLOURS if self.swatches else self.colour)

    def freshness(self, now_ms: int) -> Freshness:
        """Return how fresh the layer is by its own cadence; `none` where no cadence or day was given."""
        if not self.every_days or not self.as_of:
            return "none"
        ratio = (now_ms - self.as_of) / 1000 / (self.every_days * DAY_S)
        return "live" if ratio < LATE else "late" if ratio < STALE else "stale" if ratio < LOST else "lost"


def may_see(layer: Layer, role: str | None) -> bool:
    """Return whether a role may see a layer at all."""
    return may(role, "layer.view") and (not layer.roles or role in layer.roles)


def on_walls(layer: Layer) -> bool:
    """Return whether a layer may be shown where anybody passes by: one for everybody, or whose roles name the wall."""
    return not layer.roles or "wall" in layer.roles


def may_export(layer: Layer, role: str | None) -> bool:
    """Return whether a role may take a whole layer away as a file."""
    return may_see(layer, role) and may(role, "layer.export")


def told(layer: Layer, now_ms: int) -> Mapping[str, object]:
    """Return what a screen and the API are told of a layer."""
    words = ("key", "version", "title", "shape", "count", "bounds", "name_field", "style_field", "colour", "source")
    return {
        **{name: getattr(layer, name) for name in words},
        "fields": [{"key": one.key, "label": one.label, "kind": one.kind} for one in layer.fields],
        "swatches": [{"value": one.value, "label": one.label, "colour": one.colour} for one in layer.swatches],
        "id_fields": layer.id_fields,
        "as_of": layer.as_of or None,
        "every_days": layer.every_days or None,
        "imported": layer.imported,
        "state": layer.freshness(now_ms),
    }
