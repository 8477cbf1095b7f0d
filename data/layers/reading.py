"""Layers as GDAL reads them: their features in the file's own coordinates, with everything that the file says of itself.

GDAL is given a closed list of drivers (what refers to other files or to addresses is not among them) and a local path, never a name of
its virtual file systems.
"""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from dashboard.layers.layer import LayerRefused
from data.layers import coordinates, gdal
from data.layers.files import Found

MOST_FEATURES = 2_000_000
MOST_VERTICES = 8_000_000
AT_ONCE = 50_000
MOST_FIELDS = 60
LATIN = "ISO-8859-1"
Geometries = np.ndarray[Any, np.dtype[np.object_]]


class Raw(NamedTuple):
    """A layer's features as the file has them. `declared` is its coordinate system as the file says, None where it says nothing."""

    shapes: Geometries
    names: list[str]
    columns: list[Sequence[Any]]
    declared: str | None
    encoding: str
    format: str
    warned: Sequence[str] = ()


def read(found: Found, *, sublayer: str = "", lon: str = "", lat: str = "") -> Raw:
    """Return what a file holds. Raises LayerRefused."""
    if found.driver == "CSV":
        rows = coordinates.read(found.path, lon=lon, lat=lat)
        _refuse_fields(len(rows.names), found)
        declared = "EPSG:4326" if np.abs(rows.xy).max(initial=0) <= 360 else None  # noqa: PLR2004  no grid of metres is that small
        return Raw(shapely.points(rows.xy), rows.names, [*rows.columns], declared, rows.encoding, "CSV")
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            return _by_gdal(found, sublayer)._replace(
                warned=[str(one.message).replace(str(found.path), found.path.name) for one in warned]
            )
    except (*gdal.UNREADABLE, shapely.GEOSException, MemoryError, RuntimeError, ValueError) as error:
        told = str(error).partition("; It might help")[0].replace(str(found.path), found.path.name)[:300].rstrip(".;")
        raise LayerRefused(f"{found.path.name} cannot be read as {found.driver}: {told}. Export it anew.") from error


def _by_gdal(found: Found, sublayer: str) -> Raw:
    layer = _sublayer(found, sublayer)
    encoding = _encoding(found)
    about = gdal.pyogrio.read_info(found.path, layer=layer, encoding=encoding, force_feature_count=True)
    _refuse_much(about, found)
    try:
        parts = list(_parts(found, layer, encoding, about["features"]))
    except UnicodeDecodeError:
        encoding = LATIN
        parts = list(_parts(found, layer, encoding, about["features"]))
    names = [str(name) for name in about["fields"]]
    columns: list[Sequence[Any]] = [np.concatenate([columns[n] for _, columns in parts]) for n in range(len(names))]  # type: ignore[misc]
    shapes = np.concatenate([shapes for shapes, _ in parts])
    return Raw(shapes, names, columns, about["crs"], encoding or "utf-8", str(about["driver"]))


def _sublayer(found: Found, wanted: str) -> str:
    """Return the name of the sublayer to read: the one named, or the only one that has shapes."""
    there = [(str(name), kind) for name, kind in gdal.pyogrio.list_layers(found.path)]
    if not there:
        raise LayerRefused(f"{found.path.name} holds no layer.")
    names = [name for name, kind in there if kind is not None] or [name for name, _ in there]
    if len(there) == 1 or (len(names) == 1 and not wanted):
        return names[0]
    if wanted in names:
        return wanted
    told = ", ".join(names[:20])
    raise LayerRefused(f"{found.path.name} holds {len(names)} layers: {told}. Say which with --sublayer.")


def _encoding(found: Found) -> str | None:
    """Return how to read a file's texts; old tables that do not say it are read byte by byte, and looked at later."""
    beside = {one.suffix.lower() for one in found.path.parent.glob("*") if one.stem == found.path.stem}
    return LATIN if found.driver == "ESRI Shapefile" and ".cpg" not in beside else None


def _refuse_much(about: dict[str, Any], found: Found) -> None:
    count, fields = int(about["features"]), len(about["fields"])
    if about["geometry_type"] is None:
        raise LayerRefused(f"{found.path.name} is a table without shapes. Only layers with points, lines or areas are read.")
    if count > MOST_FEATURES:
        raise LayerRefused(
            f"{found.path.name} has {count:,} features; at most {MOST_FEATURES:,} are read. Split it into several layers."
        )
    _refuse_fields(fields, found)


def _refuse_fields(fields: int, found: Found) -> None:
    if fields > MOST_FIELDS:
        raise LayerRefused(f"{found.path.name} has {fields} fields; at most {MOST_FIELDS} are kept. Export it with fewer.")


def _parts(found: Found, layer: str, encoding: str | None, count: int) -> Iterator[tuple[Geometries, list[Any]]]:
    """Yield the features some tens of thousands at a time, and stop where there are too many vertices."""
    vertices = 0
    for start in range(0, max(count, 1), AT_ONCE):
        _, _, wkb, columns = gdal.raw.read(
            found.path, layer=layer, encoding=encoding, skip_features=start, max_features=AT_ONCE, force_2d=True
        )
        shapes = shapely.from_wkb(wkb, on_invalid="fix")
        vertices += int(shapely.get_num_coordinates(shapes).sum())
        if vertices > MOST_VERTICES:
            raise LayerRefused(
                f"{found.path.name} has more than {MOST_VERTICES:,} vertices. Simplify it (0.5 m is plenty) or split it into several layers."
            )
        yield shapes, list(columns)
