"""A layer's shapes made sound: broken ones mended and counted, empty ones left out, one sort of shape alone."""

from typing import Any, NamedTuple

import numpy as np
import shapely

from dashboard.layers.layer import SHAPES, LayerRefused, Shape

Geometries = np.ndarray[Any, np.dtype[np.object_]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
WORDS = {"point": "points", "line": "lines", "area": "areas"}
COLLECTION = 7


class Sound(NamedTuple):
    """Shapes that can be used, which of the rows they belong to, and what was done to them."""

    shapes: Geometries
    rows: Flags
    shape: Shape
    mended: int
    empty: int


def sound(shapes: Geometries, *, only: str = "") -> Sound:
    """Return what can be used of a layer's shapes. Raises LayerRefused where points, lines and areas are mixed and `only` names none."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    finite = np.zeros(len(shapes), dtype=bool)
    finite[there] = np.isfinite(shapely.bounds(shapes[there])).all(axis=1)
    sorts = _dimensions(shapes)
    chosen = _sort(sorts[finite], only)
    rows = finite & (sorts == chosen)
    held = shapes[rows]
    broken = ~shapely.is_valid(held)
    held[broken] = [_mended(one, chosen) for one in held[broken]]
    gone = shapely.is_empty(held)
    rows[np.flatnonzero(rows)[gone]] = False
    if not rows.any():
        raise LayerRefused("No feature of the file has a shape.")
    return Sound(held[~gone], rows, SHAPES[chosen], int(broken.sum()), int((~finite).sum() + gone.sum()))


def _dimensions(shapes: Geometries) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Return 0 for points, 1 for lines, 2 for areas, -1 for nothing; a collection is what is largest in it."""
    return np.where(shapely.is_missing(shapes), -1, shapely.get_dimensions(shapes)).astype(np.int64)


def _sort(sorts: "np.ndarray[Any, np.dtype[np.int64]]", only: str) -> int:
    counts = {SHAPES[n]: int((sorts == n).sum()) for n in range(3)}
    there = {name: n for name, n in counts.items() if n}
    if only:
        if only not in there:
            raise LayerRefused(f"The file has no {WORDS[only]}.")
        return SHAPES.index(only)
    if len(there) > 1:
        told = ", ".join(f"{n:,} {name if n == 1 else WORDS[name]}" for name, n in there.items())
        raise LayerRefused(f"The file mixes {told}. A layer has one sort of shape: say --only {' or --only '.join(there)}.")
    if not there:
        raise LayerRefused("No feature of the file has a shape.")
    return SHAPES.index(next(iter(there)))


def _mended(shape: shapely.Geometry, sort: int) -> shapely.Geometry:
    """Return a valid shape of the same sort: what a mended area leaves of lines and points is no part of it."""
    made = shapely.make_valid(shape)
    if made.geom_type != "GeometryCollection":
        return made if shapely.get_dimensions(made) == sort else shapely.GeometryCollection()
    parts = [one for one in shapely.get_parts(made) if shapely.get_dimensions(one) == sort]
    return shapely.union_all(parts) if parts else shapely.GeometryCollection()
