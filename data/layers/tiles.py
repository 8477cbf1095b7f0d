"""A layer cut into tiles for the map: what a screen of so many dots can show, in whole numbers that a script draws without reading them twice.

Tiles lie as in web maps (Web Mercator, x eastward, y southward, 2^zoom to a side) and are drawn at 512 dots. One is, little-endian:

    uint32  number of groups
    uint32  colour, number of parts          of each group
    uint32  number of points                 of each part
    int16   x, y of each point, in 1/16384 of the tile; a little beyond its edges, so that no edge is seen

A part is a point, a line, or a ring; outer rings turn one way and holes the other.
"""

import gzip
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import shapely

from dashboard.layers.layer import Shape

FIRST, LAST = 8, 13  # zooms that are cut; closer, the last one is drawn larger: 0.3 m to a unit
UNITS, DOTS, EDGE = 16_384, 512, 256  # EDGE: units beyond the tile, 8 dots
LIMIT = 85.051_128_78
AT_ONCE, LONG = 50_000, 10_000  # shapes that are made simple at once; corners of a shape that is a long one
Numbers = np.ndarray[Any, np.dtype[np.float64]]
Geometries = np.ndarray[Any, np.dtype[np.object_]]
Places = np.ndarray[Any, np.dtype[np.int64]]


class Tile(NamedTuple):
    """One tile as it is kept, packed with gzip."""

    zoom: int
    x: int
    y: int
    body: bytes


def mercator(lonlat: Numbers) -> Numbers:
    """Return where places (degrees) lie in the unit square of Web Mercator: x eastward, y southward."""
    lat = np.radians(np.clip(lonlat[:, 1], -LIMIT, LIMIT))
    return np.column_stack([lonlat[:, 0] / 360 + 0.5, 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)])


def cut(shapes: Geometries, colours: Places, shape: Shape) -> Iterator[Tile]:
    """Yield every tile of a layer (WGS 84 degrees) that holds anything. Of large layers no second copy is ever held."""
    west, south, east, north = shapely.bounds(shapes).T
    bounds = np.hstack([mercator(np.column_stack([west, north])), mercator(np.column_stack([east, south]))])
    for zoom in range(FIRST, LAST):
        yield from _level(_thinned(shapes, bounds, colours, zoom, shape), zoom, shape)
    yield from _level(_Thin(shapes, bounds, colours, flat=False), LAST, shape)


class _Thin(NamedTuple):
    """What is drawn at a zoom: shapes in the unit square, or in degrees still (not `flat`), and their bounds in the unit square."""

    shapes: Geometries
    bounds: Numbers
    colours: Places
    flat: bool = True


def _flat(shapes: Geometries, shape: Shape) -> Geometries:
    """Return shapes in the unit square, outer rings turning one way."""
    placed: Geometries = shapely.transform(shapes, mercator)
    return shapely.orient_polygons(placed) if shape == "area" else placed


def _thinned(shapes: Geometries, bounds: Numbers, colours: Places, zoom: int, shape: Shape) -> _Thin:
    """Return what can be told apart at a zoom: things smaller than a dot are one dot for all of a colour that are there."""
    dot = 1 / (DOTS << zoom)
    low, high = bounds[:, :2], bounds[:, 2:]
    large = (high - low).max(axis=1) >= dot
    x, y = np.floor((low + high)[~large] / 2 / dot).astype(np.int64).T
    _, first = np.unique((x << 32 | y) << 4 | colours[~large], return_index=True)
    if shape == "area":
        west, north = x[first] * dot, y[first] * dot
        small = shapely.orient_polygons(shapely.box(west, north, west + dot, north + dot))
    else:
        small = _flat(shapes[~large][first], shape)
    which = np.flatnonzero(large)
    simple = [_simple(shapes[which[at : at + AT_ONCE]], dot, shape) for at in range(0, len(which), AT_ONCE)]
    held = np.concatenate([*simple, small])
    return _Thin(held, shapely.bounds(held), np.concatenate([colours[large], colours[~large][first]]))


def _simple(shapes: Geometries, dot: float, shape: Shape) -> Geometries:
    """Return shapes in the unit square as simple as a dot allows; of very long ones what lies in the same spot goes first, for that costs little."""
    flat = _flat(shapes, shape)
    long = shapely.get_num_coordinates(flat) > LONG
    flat[long] = shapely.remove_repeated_points(flat[long], dot / 8)
    simple: Geometries = shapely.simplify(flat, dot / 2)
    return simple


def _level(thin: _Thin, zoom: int, shape: Shape) -> Iterator[Tile]:
    """Yield the tiles of one zoom. What lies in one tile alone is placed with it, what lies in several once."""
    scale = float(UNITS << zoom)

    def placed(some: Geometries) -> Geometries:
        made: Geometries = shapely.transform(some if thin.flat else _flat(some, shape), lambda xy: xy * scale)
        return made

    bounds = thin.bounds * scale
    first = (np.floor((bounds[:, :2] - EDGE) / UNITS)).astype(np.int64)
    last = (np.floor((bounds[:, 2:] + EDGE) / UNITS)).astype(np.int64)
    alone, ready = (first == last).all(axis=1), thin.shapes.copy()
    ready[~alone] = placed(ready[~alone])
    which, x, y = _pairs(first, last)
    order = np.lexsort((y, x))
    which, x, y = which[order], x[order], y[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(x) != 0) | (np.diff(y) != 0)])
    for start, end in zip(starts, [*starts[1:], len(x)], strict=True):
        mine = which[start:end]
        held, lone = ready[mine], alone[mine]
        held[lone] = placed(held[lone])
        held = _clipped(held, bounds[mine], int(x[start]), int(y[start]))
        body = _packed(held, thin.colours[mine], (int(x[start]) * UNITS, int(y[start]) * UNITS), shape)
        if body and 0 <= x[start] < 1 << zoom and 0 <= y[start] < 1 << zoom:
            yield Tile(zoom, int(x[start]), int(y[start]), body)


def _pairs(first: Places, last: Places) -> tuple[Places, Places, Places]:
    """Return every tile of every shape: which shape, x, y."""
    wide, high = (last - first + 1).T
    which = np.repeat(np.arange(len(first)), wide * high)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(wide * high) - wide * high, wide * high)
    return which, first[which, 0] + nth % wide[which], first[which, 1] + nth // wide[which]


def _clipped(shapes: Geometries, bounds: Numbers, x: int, y: int) -> Geometries:
    """Return the shapes of a tile without what lies far beyond its edges."""
    box = (x * UNITS - EDGE, y * UNITS - EDGE, (x + 1) * UNITS + EDGE, (y + 1) * UNITS + EDGE)
    beyond = (bounds[:, :2] < box[:2]).any(axis=1) | (bounds[:, 2:] > box[2:]).any(axis=1)
    if beyond.any():
        shapes = shapes.copy()
        shapes[beyond] = shapely.clip_by_rect(shapes[beyond], *box)
    return shapes


def _packed(shapes: Geometries, colours: Places, corner: tuple[int, int], shape: Shape) -> bytes:
    """Return a tile's bytes, or b"" where nothing is left."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    sort = {"point": 0, "line": 1, "area": 3}[shape]
    fitting = (shapely.get_type_id(parts) == sort) & ~shapely.is_empty(parts)
    parts, of = parts[fitting], of[fitting]
    if shape == "area":
        parts, ring_of = shapely.get_rings(parts, return_index=True)
        of = of[ring_of]
    order = np.argsort(colours[of], kind="stable")
    parts, kinds = parts[order], colours[of][order]
    if not len(parts):
        return b""
    xy, part_of = shapely.get_coordinates(parts, return_index=True)
    whole = np.clip(np.rint(xy - corner), -32_768, 32_767).astype("<i2")
    keep = np.r_[True, (np.diff(part_of) != 0) | np.diff(whole, axis=0).any(axis=1)]
    lengths = np.bincount(part_of[keep], minlength=len(parts)).astype("<u4")
    groups, counts = np.unique(kinds, return_counts=True)
    head = np.column_stack([groups, counts]).astype("<u4")
    body = np.uint32(len(groups)).tobytes() + head.tobytes() + lengths.tobytes() + whole[keep].tobytes()
    return gzip.compress(body, 6, mtime=0)
