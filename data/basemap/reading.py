"""Things for the base map, read from what a city can bring: an OpenStreetMap extract, or layers of its own."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError

from dashboard.basemap import NAMES, Drawn, drawn, given
from dashboard.errors import Rejected
from data.layers.gdal import UNREADABLE, pyogrio, raw

OSM_LAYERS = ("points", "lines", "multilinestrings", "multipolygons")
OSM_ENDINGS = (".pbf", ".osm")
WGS84 = 4326
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
Bounds = tuple[float, float, float, float]


class Thing(NamedTuple):
    """One thing of the base map, as it goes into tiles: how it is drawn, its names, its shape in WGS84."""

    how: Drawn
    names: Mapping[str, str]
    shape: Any


def of_osm(path: Path, bounds: Bounds, *, saw: Callable[[str], None] = lambda _: None) -> Iterator[Thing]:
    """Yield what an OpenStreetMap extract (.osm.pbf) holds within bounds (west, south, east, north).

    It is read once for each of its layers, which `saw` is told. Raises Rejected.
    """
    for layer in OSM_LAYERS:
        saw(layer)
        for tags, shape in _read(path, layer, bounds):
            how = drawn(tags, area=_is_area(shape))
            if how is not None:
                yield Thing(how, _names(tags), shape)


def of_layer(name: str, path: Path, bounds: Bounds) -> Iterator[Thing]:
    """Yield what a layer of the city's own (GeoJSON, GeoPackage, Shapefile …) holds within bounds. Raises Rejected."""
    for tags, shape in _read(path, None, bounds):
        yield Thing(given(name, tags, area=_is_area(shape)), _names(tags), shape)


def _read(path: Path, layer: str | None, bounds: Bounds) -> Iterator[tuple[dict[str, str], Any]]:
    """Yield tags and shape of what lies within bounds: a city's own, which memory holds. Raises Rejected that says what to do."""
    try:
        turn, box = _turned(pyogrio.read_info(path, layer=layer)["crs"], path), bounds
        if turn is not None:
            box = turn.transform_bounds(*bounds, direction=TransformDirection.INVERSE)
        told, _, shapes, columns = raw.read(path, layer=layer, bbox=box, read_geometry=True)
    except UNREADABLE as error:
        raise Rejected(f"{path.name} cannot be read as a map: {error}") from error
    yield from _unpacked(list(told["fields"]), columns, shapely.from_wkb(shapes, on_invalid="ignore"), turn)


def _turned(crs: str | None, path: Path) -> Transformer | None:
    """Return what turns coordinates into WGS84, None where they are so already."""
    if not crs:
        raise Rejected(f"{path.name} does not say in which coordinates it is: save it with its CRS (EPSG code)")
    try:
        known = CRS.from_user_input(crs)
    except CRSError as error:
        raise Rejected(f"{path.name} is in coordinates that nobody knows: {error}") from error
    return (
        None
        if known.to_epsg() == WGS84 or known.equals(CRS.from_epsg(WGS84), ignore_axis_order=True)
        else Transformer.from_crs(known, WGS84, always_xy=True)
    )


def _unpacked(
    names: Sequence[str], columns: Sequence[Any], shapes: Any, turn: Transformer | None
) -> Iterator[tuple[dict[str, str], Any]]:
    if turn is not None:
        shapes = shapely.transform(shapes, lambda points: np.column_stack(turn.transform(points[:, 0], points[:, 1])))
    for at, shape in enumerate(shapes):
        if shape is not None and not shape.is_empty:
            yield _tags({name: column[at] for name, column in zip(names, columns, strict=True)}), shape


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row says, the tags that GDAL gathers in one column (hstore) beside its own."""
    more = dict(_HSTORE.findall(row.get("other_tags") or ""))
    return more | {name: str(value) for name, value in row.items() if value not in (None, "") and name != "other_tags"}


def _names(tags: Mapping[str, str]) -> dict[str, str]:
    return {name: tags[name] for name in NAMES if tags.get(name)}


def _is_area(shape: Any) -> bool:
    return shape.geom_type in {"Polygon", "MultiPolygon"}
