"""From a file to a layer: read, placed on the ground, checked, made sound; then written as a new version beside the old one."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from dashboard.city import City
from dashboard.layers.layer import COLOURS, KEY, Field, Layer, LayerRefused, Swatch
from dashboard.layers.naming import own_name
from data.layers import about as abouts
from data.layers import files, grids, kept, knowing, reading, texts, tiles
from data.layers.about import About
from data.layers.grids import Grid
from data.layers.shapes import Geometries, Sound, sound
from data.layers.texts import Value

NAMED = ("name", "ten", "tên", "fullname", "ho_ten", "title", "label", "ten_duong", "tenduong", "code", "ma")
MOST_LISTED = 5
AT_ONCE = 50_000
ROOM = 6  # times the file that a version may need


class Wish(NamedTuple):
    """How a person wants a file to be read; what is empty is found out."""

    epsg: int = 0
    encoding: str = ""
    sublayer: str = ""
    lon: str = ""
    lat: str = ""
    swap: bool = False
    only: str | None = None
    leave_out: bool = False


class Draft(NamedTuple):
    """A file as it was understood: a layer's features on the ground (WGS 84), and what is to be told of how they were read."""

    shapes: Geometries
    names: list[str]
    kinds: list[Any]
    columns: list[list[Value]]
    told: list[str]

    def column(self, name: str) -> list[Value]:
        """Return the values of a field, None each where there is no such field."""
        return self.columns[self.names.index(name)] if name in self.names else [None] * len(self.shapes)


def understood(file: Path, wish: Wish, city: City) -> Draft:
    """Return what a file says, checked. Raises LayerRefused, with the likely cause and what to do."""
    with tempfile.TemporaryDirectory(prefix="kydai-layer-") as room:
        found = files.opened(file, Path(room), sublayer=wish.sublayer)
        raw = reading.read(found, sublayer=wish.sublayer, lon=wish.lon, lat=wish.lat)
    fit = sound(raw.shapes, only=wish.only or "")
    raw = raw._replace(shapes=raw.shapes[:0].copy())  # those that are fit are all that is needed
    shapes, rows, grid, outside = _placed(fit, raw.declared, wish, city)
    encoding = texts.encoding_of(raw.columns, raw.names, override=wish.encoding)
    kinds, columns = _columns(raw.columns, rows, encoding)
    told = [
        f"format       {raw.format}{f', texts in {encoding}' if encoding and encoding != 'utf-8' else ''}",
        f"coordinates  {grid.told}{', axes swapped' if wish.swap else ''}",
        f"features     {len(shapes):,} {fit.shape}s; {fit.mended:,} broken shapes mended, {fit.empty:,} without a shape and {outside:,} outside left out",
    ]
    told += [f"warning      {line[:200]}" for line in dict.fromkeys(raw.warned)][:MOST_LISTED]
    return Draft(shapes, texts.names(raw.names, encoding), kinds, columns, told)


def _columns(given: Sequence[Sequence[Any]], rows: Any, encoding: str) -> tuple[list[Any], list[list[Value]]]:
    made = [texts.column(np.asarray(column)[rows], encoding) for column in given]
    return [kind for kind, _ in made], [values for _, values in made]


def _placed(fit: Sound, declared: str | None, wish: Wish, city: City) -> tuple[Geometries, Any, Grid, int]:
    """Return the shapes in WGS 84, which rows they are of, by which system, and how many lay outside and were left out.

    What was fit is used up: of a large layer there is never a second copy.
    """
    xy = shapely.get_coordinates(fit.shapes)
    xy = xy[:, ::-1] if wish.swap else xy
    grid = grids.choose(declared, override=wish.epsg, city=city, xy=xy)
    lonlat = grids.to_wgs84(xy, grid.epsg)
    ends = np.cumsum(shapely.get_num_coordinates(fit.shapes))
    good = np.ones(len(ends), dtype=bool)
    good[np.searchsorted(ends, np.flatnonzero(~grids.inside(lonlat, city)), side="right")] = False
    if not good.all() and not (wish.leave_out and good.any()):
        raise LayerRefused(
            f"{int((~good).sum()):,} of {len(good):,} features lie outside {city.name['vi']} and the 2 km around it, read as {grid.told}. "
            f"{grids.cause(xy, grid, city)}"
        )
    rows = fit.rows.copy()
    rows[np.flatnonzero(rows)[~good]] = False
    if wish.swap or grid.epsg != grids.WGS84:
        _move(fit.shapes, lonlat, ends)
    return fit.shapes[good], rows, grid, int((~good).sum())


def _move(shapes: Geometries, places: Any, ends: Any) -> None:
    """Put shapes where their corners are now, some at a time. `ends`: how many corners there are up to and with each."""
    for at in range(0, len(shapes), AT_ONCE):
        some = shapes[at : at + AT_ONCE].copy()
        begin, end = ends[at - 1] if at else 0, ends[min(at + AT_ONCE, len(shapes)) - 1]
        shapes[at : at + AT_ONCE] = shapely.set_coordinates(some, places[begin:end])


def without(draft: Draft, about: About | None, before: Layer | None) -> Draft:
    """Return a draft without the fields that are not to be kept. Raises LayerRefused for one that the file has not: it may be called otherwise."""
    drop = about.drop if about else before.drop if before else ()
    if strange := [name for name in drop if name not in draft.names]:
        raise LayerRefused(f"The file has no field {strange[0]!r} to drop; it has {', '.join(draft.names)}.")
    kept_ones = [n for n, name in enumerate(draft.names) if name not in drop]
    return draft._replace(
        names=[draft.names[n] for n in kept_ones],
        kinds=[draft.kinds[n] for n in kept_ones],
        columns=[draft.columns[n] for n in kept_ones],
    )


def described(draft: Draft, about: About | None, before: Layer | None, *, key: str) -> Layer:
    """Return the layer that a file makes, as its description has it. Raises LayerRefused for a field that is not there."""
    if not KEY.fullmatch(key):
        raise LayerRefused(f"{key!r} is no key: small letters, digits and _, 2 to 40, beginning with a letter (street_lights).")
    said = abouts.chosen(about, before, key=key)
    fields = abouts.fields_of(draft.names, draft.kinds, said.labels)
    for name in filter(
        None, (said.name_field, said.style_field, *(about.id_fields if about else ()), *(said.labels if about else ()))
    ):
        if name not in draft.names:
            raise LayerRefused(f"The file has no field {name!r}; it has {', '.join(draft.names)}.")
    west, south, east, north = shapely.total_bounds(draft.shapes).tolist()
    name_field = said.name_field or _name_field(fields)
    id_fields = knowing.id_fields(draft, said.id_fields, before, name_field=name_field)
    draft.told.append(knowing.line(draft, id_fields))
    return Layer(
        key=key,
        version=0,
        title=said.title,
        shape=_shape(draft),
        count=len(draft.shapes),
        bounds=(west, south, east, north),
        fields=fields,
        name_field=name_field,
        id_fields=id_fields,
        style_field=said.style_field,
        swatches=said.swatches or _swatches(draft.column(said.style_field) if said.style_field else []),
        colour=said.colour,
        roles=said.roles,
        source=said.source,
        as_of=said.as_of,
        every_days=said.every_days,
        read="\n".join(draft.told),
        drop=about.drop if about else before.drop if before else (),
    )


def _shape(draft: Draft) -> Any:
    return ("point", "line", "area")[int(shapely.get_dimensions(draft.shapes[0]))]


def _name_field(fields: Sequence[Field]) -> str:
    texts_of = [one.key for one in fields if one.kind == "text"]
    known = [key for wanted in NAMED for key in texts_of if key.casefold() == wanted]
    return (known or texts_of or [""])[0]


def _swatches(values: Sequence[Value]) -> tuple[Swatch, ...]:
    """Return a colour for each of the most frequent values of the styling field; the rest share the last one."""
    counts: dict[str, int] = {}
    for value in values:
        counts[_said(value)] = counts.get(_said(value), 0) + 1
    often = sorted(counts, key=lambda value: (-counts[value], value))[: COLOURS - 1]
    return tuple(Swatch(value=value, label={"vi": value or "—", "en": value or "—"}, colour=n) for n, value in enumerate(often, 1))


def _said(value: Value) -> str:
    return "" if value is None else str(value)


def compared(draft: Draft, name_field: str, before: Sequence[kept.Feature]) -> str:
    """Return why the features lie beside those of the version before, by what they are called, or ""."""
    old = {one.name: one for one in before}
    names = [_said(value) for value in draft.column(name_field)]
    pairs = [(old[name], shape) for name, shape in zip(names, draft.shapes, strict=True) if name and name in old]
    was, now = kept.shapes_of(one for one, _ in pairs), np.array([shape for _, shape in pairs], dtype=object)
    return grids.shifted(_middles(was), _middles(now))


def _middles(shapes: Geometries) -> list[tuple[float, float]]:
    return [(one.x, one.y) for one in shapely.centroid(shapes)]


def write(home: Path, layer: Layer, draft: Draft, *, saw: Callable[[str], None] = lambda _: None) -> None:
    """Write a version's file: features, where they are, tiles. Raises LayerRefused where the disk has no room."""
    files.room_left(home, 50_000_000 + 64 * ROOM * int(shapely.get_num_coordinates(draft.shapes).sum()))
    colours = np.array([layer.colour_of(_said(value)) for value in draft.column(layer.style_field)], dtype=np.int64)
    names = [_said(value) for value in draft.column(layer.name_field)]
    values = zip(*draft.columns, strict=True) if draft.columns else ((),) * len(draft.shapes)
    saw(f"tiles        zoom {tiles.FIRST} to {tiles.LAST}")
    features = zip(names, colours.tolist(), map(list, values), draft.shapes, strict=True)
    known = [own_name(layer, one) for one in zip(*draft.columns, strict=True)] if layer.id_fields else []
    kept.write(kept.file_of(home, layer.key, layer.version), features, tiles.cut(draft.shapes, colours, layer.shape), known=known)
