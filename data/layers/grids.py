"""Coordinates: what system a layer's numbers are in, and what is likely wrong where they do not fall into the city.

Numbers are turned with EPSG's own parameters (PROJ); VN-2000 read as WGS 84 lies 225 m off, which no look at the map would show.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from dashboard.city import City
from dashboard.layers.layer import LayerRefused

Numbers = np.ndarray[Any, np.dtype[np.float64]]
WGS84, VN2000 = 4326, 4756
# VN-2000 in zones of 3 degrees (EPSG 5896-5899, 9205-9218); in zones of 6, and UTM as devices write it.
ZONES = (9214, 9211, 9205, 9206, 9207, 9208, 9209, 9210, 9212, 9213, 9215, 9216, 9217, 9218, 5896, 5897, 5898, 5899)
OTHERS = (3405, 3406, 32648, 32649)
MARGIN_M = 2000.0
M_PER_DEGREE = 111_320.0
SAMPLE = 2000
MOST_LISTED = 3
SURE = 0.98  # of a layer's points that must fall into the city for a guess
NAMES = {
    4326: "WGS 84 longitude and latitude",
    4756: "VN-2000 longitude and latitude",
    3405: "VN-2000 UTM 48N",
    3406: "VN-2000 UTM 49N",
}


class Grid(NamedTuple):
    """The system that a layer's numbers are read in, how that is known, and what to say of it."""

    epsg: int
    told: str


def name_of(epsg: int) -> str:
    """Return a system's name as a person knows it."""
    return NAMES.get(epsg) or CRS.from_epsg(epsg).name


def choose(declared: str | None, *, override: int, city: City, xy: Numbers) -> Grid:
    """Return the system to read a layer's numbers in. Raises LayerRefused where nothing says it, with what fits."""
    if override:
        return Grid(_known(override), f"EPSG:{override} ({name_of(override)}), as given")
    if not declared:
        raise LayerRefused(f"The file does not say which coordinates it has. {_advice(xy, city)}")
    try:
        crs = CRS.from_user_input(declared)
    except CRSError as error:
        raise LayerRefused(f"The file's coordinate system cannot be read. {_advice(xy, city)}") from error
    epsg = crs.to_epsg() or crs.to_epsg(min_confidence=25)
    _refuse_lost_datum(crs, epsg)
    if epsg is None:
        raise LayerRefused(f"The file's coordinate system ({crs.name}) is none that EPSG knows. {_advice(xy, city)}")
    return Grid(epsg, f"EPSG:{epsg} ({name_of(epsg)}), as the file says")


def _known(epsg: int) -> int:
    try:
        CRS.from_epsg(epsg)
    except CRSError as error:
        raise LayerRefused(f"EPSG:{epsg} is no coordinate system. Huế's own is EPSG:9214.") from error
    return epsg


def _refuse_lost_datum(crs: CRS, epsg: int | None) -> None:
    """Refuse VN-2000's projection on another datum: MapInfo, for one, forgets it, and everything lies 225 m off."""
    if epsg in (*ZONES, *OTHERS) or not crs.is_projected or (meant := _zone_of(crs)) is None:
        return
    datum = crs.datum.name if crs.datum else "no datum"
    raise LayerRefused(
        f"The file has the projection of VN-2000 (EPSG:{meant}, {name_of(meant)}) on {datum}: the wrong datum. "
        f"Read so, everything would lie 225 m off. Say --epsg {meant} if these are VN-2000 coordinates."
    )


def _zone_of(crs: CRS) -> int | None:
    """Return the zone of VN-2000 that has the same projection, whatever the datum."""
    numbers = _projection(crs)
    return next((epsg for epsg in ZONES if numbers and _projection(CRS.from_epsg(epsg)) == numbers), None)


def _projection(crs: CRS) -> tuple[float, ...]:
    if crs.coordinate_operation is None or crs.coordinate_operation.method_name != "Transverse Mercator":
        return ()
    return tuple(round(float(one.value), 6) for one in crs.coordinate_operation.params)


@cache
def _transformer(epsg: int) -> Callable[..., tuple[Any, Any]]:
    made: Callable[..., tuple[Any, Any]] = Transformer.from_crs(epsg, WGS84, always_xy=True).transform
    return made


def to_wgs84(xy: Numbers, epsg: int) -> Numbers:
    """Return longitudes and latitudes of coordinates (east, north); not finite where they have none."""
    if epsg == WGS84:
        return xy
    lon, lat = _transformer(epsg)(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])


def box(city: City) -> tuple[float, float, float, float]:
    """Return the city's bounds and two kilometres around (degrees)."""
    west, south, east, north = city.bounds
    up = MARGIN_M / M_PER_DEGREE
    aside = up / np.cos(np.radians((south + north) / 2))
    return west - aside, south - up, east + aside, north + up


def inside(lonlat: Numbers, city: City) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which points fall into the city or within two kilometres of it."""
    west, south, east, north = box(city)
    with np.errstate(invalid="ignore"):
        found: np.ndarray[Any, np.dtype[np.bool_]] = (
            (lonlat[:, 0] >= west) & (lonlat[:, 0] <= east) & (lonlat[:, 1] >= south) & (lonlat[:, 1] <= north)
        )
    return found


def cause(xy: Numbers, grid: Grid, city: City) -> str:
    """Return the likely reason why a layer's numbers do not fall into the city, and what to do about it."""
    few = _some(xy)
    if _fits(few[:, ::-1], grid.epsg, city):
        if _degrees(few):
            return (
                "Longitude and latitude are swapped: the first number must be the longitude. Say --swap to read them the other way."
            )
        return "The axes are swapped: the file gives north before east, as maps in VN-2000 are often written. Say --swap to read them so."
    if fitting := [epsg for epsg in _candidates(city) if epsg != grid.epsg and _fits(few, epsg, city)]:
        return (
            f"In EPSG:{fitting[0]} ({name_of(fitting[0])}) they would: it is likely the wrong zone. Say --epsg {fitting[0]} if so."
        )
    if fitting := [epsg for epsg in _candidates(city) if _fits(few[:, ::-1], epsg, city)]:
        return f"{_listed(fitting)} with swapped axes they would. Say --swap and --epsg {fitting[0]} if so."
    return "No known system puts them there: the file is of another place, or parts of it are. Say --leave-out to drop what lies outside."


def _advice(xy: Numbers, city: City) -> str:
    few = _some(xy)
    for swapped, told in ((False, ""), (True, "--swap ")):
        turned = few[:, ::-1] if swapped else few
        if fitting := [epsg for epsg in _candidates(city) if _fits(turned, epsg, city)]:
            return (
                f"Its numbers fall into the city as EPSG:{fitting[0]} ({name_of(fitting[0])}): say {told}--epsg {fitting[0]} if so."
            )
    return "Say which with --epsg; no known system puts its numbers into the city."


def _listed(fitting: Sequence[int]) -> str:
    """Return the systems that fit; a look at numbers alone cannot always tell two of them apart."""
    return f"In {' or '.join(f'EPSG:{epsg} ({name_of(epsg)})' for epsg in fitting[:MOST_LISTED])}"


def _candidates(city: City) -> Iterator[int]:
    yield city.epsg
    yield WGS84
    yield from (epsg for epsg in (*OTHERS, *ZONES) if epsg != city.epsg)


def _fits(xy: Numbers, epsg: int, city: City) -> bool:
    if _degrees(xy) != (epsg in (WGS84, VN2000)):
        return False
    return float(inside(to_wgs84(xy, epsg), city).mean()) >= SURE


def _degrees(xy: Numbers) -> bool:
    return bool(np.abs(xy).max(initial=0) <= 360)  # noqa: PLR2004  no grid of metres is that small


def _some(xy: Numbers) -> Numbers:
    finite = xy[np.isfinite(xy).all(axis=1)]
    return finite[:: max(1, len(finite) // SAMPLE)]


def shifted(before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]]) -> str:
    """Return why a new version lies beside the one before (the same features' places in degrees), or "".

    What tells is that nearly everything has moved by the very vector by which VN-2000 and WGS 84 differ, either way.
    """
    if len(before) < 3:  # noqa: PLR2004  two could be a coincidence
        return ""
    old, new = np.array(before), np.array(after)
    moved = (new - old) * [M_PER_DEGREE * np.cos(np.radians(old[:, 1].mean())), M_PER_DEGREE]
    middle = old.mean(axis=0)[None, :]
    apart = (to_wgs84(middle, VN2000) - middle)[0] * [M_PER_DEGREE * np.cos(np.radians(middle[0, 1])), M_PER_DEGREE]
    for sign, meant in ((-1, "VN-2000 coordinates that were read as WGS 84"), (1, "WGS 84 coordinates that were read as VN-2000")):
        if float((np.hypot(*(moved - sign * apart).T) < 30).mean()) > 0.8:  # noqa: PLR2004  metres; most of them
            metres = float(np.hypot(*apart))
            return f"Everything has moved by {metres:.0f} m against the version before: {meant}, the wrong datum."
    return ""
