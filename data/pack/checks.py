"""What must hold between the files of a pack."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape

from dashboard.city import City, Unit, Ward
from dashboard.reports.routing import COMMITTEE, WARD
from dashboard.reports.working import ALWAYS, OFFICE
from data.pack import handling
from data.pack.reader import Reader

FIRST, LAST = date.min, date.max
LABEL_LAYERS = ("ward", "place", "water", "road")
FARTHEST_M_AN_INCH = 8 / 55  # what assets/10-wall.js can still show


def check(reader: Reader, city: City) -> None:
    """Note every mistake that only shows when files are read together."""
    _bounds(reader, city)
    _cameras(reader, city)
    _validity(reader, "wards.csv", city.wards)
    _validity(reader, "units.csv", city.units)
    _services(reader, city)
    _questions(reader, city)
    _twice(reader, "alarms.toml", "key", [kind.key for kind in city.kinds])
    _twice(reader, "city.toml", "feeds.key", [feed.key for feed in city.feeds])
    _twice(reader, "city.toml", "walls.name", [wall.name for wall in city.walls])
    for what, found in (("feeds", city.feeds), ("walls", city.walls), ("cameras.csv", city.cameras), ("kind", city.kinds)):
        if not found:
            reader.wrong("city.toml" if "." not in what else what, 1, what, "there is none")
    _walls(reader, city)
    _owners(reader, city)
    _families(reader, city)
    handling.check(reader, city)
    _clocks(reader, city)
    _shapes(reader, city)
    _base(reader)


def _bounds(reader: Reader, city: City) -> None:
    west, south, east, north = city.bounds
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004  degrees
        reader.wrong("city.toml", 1, "bounds", "must be west, south, east, north in degrees")
    elif not _inside(city, *city.centre):
        reader.wrong("city.toml", 1, "centre", "lies outside bounds (longitude comes first)")


def _inside(city: City, lon: float, lat: float) -> bool:
    west, south, east, north = city.bounds
    return west <= lon <= east and south <= lat <= north


def _cameras(reader: Reader, city: City) -> None:
    _twice(reader, "cameras.csv", "id", [camera.id for camera in city.cameras], first_line=2)
    told: dict[tuple[str, str], str] = {}
    wards = {ward.code for ward in city.wards if ward.valid_to is None}
    for line, camera in enumerate(city.cameras, 2):
        if not _inside(city, camera.lon, camera.lat):
            swapped = _inside(city, camera.lat, camera.lon)
            text = "lies outside the city's bounds" + ("; longitude and latitude seem to be swapped" if swapped else "")
            reader.wrong("cameras.csv", line, "lon, lat", text)
        if camera.ward and camera.ward not in wards:
            reader.wrong("cameras.csv", line, "ward", f"no ward in force has the code {camera.ward}")
        for name in camera.names.items():
            if name in told:
                reader.wrong("cameras.csv", line, "names", f"{name[0]} calls {told[name]} by the name {name[1]} already")
            told[name] = camera.id


def _validity(reader: Reader, file: str, rows: Iterable[Ward | Unit]) -> None:
    """A code may come back with another name and shape, but never twice at the same time."""
    held: dict[str, list[tuple[date, date]]] = {}
    codes = {row.code for row in rows}
    for line, row in enumerate(rows, 2):
        start, end = row.valid_from or FIRST, row.valid_to or LAST
        if end < start:
            reader.wrong(file, line, "valid_to", "comes before valid_from")
        if any(start <= other_end and other_start <= end for other_start, other_end in held.get(row.code, [])):
            reader.wrong(file, line, "code", f"{row.code} is valid twice at the same time")
        held.setdefault(row.code, []).append((start, end))
        for successor in row.successors:
            if successor.partition("@")[0] not in codes:
                reader.wrong(file, line, "successors", f"there is no {successor}")


def _services(reader: Reader, city: City) -> None:
    _twice(reader, "services.csv", "code", [service.code for service in city.services], first_line=2)
    units = {unit.code for unit in city.units} | {WARD}
    for line, service in enumerate(city.services, 2):
        if service.unit and service.unit not in units:
            reader.wrong("services.csv", line, "unit", f"there is no unit {service.unit}")


def _clocks(reader: Reader, city: City) -> None:
    """Every clock that a unit goes by is told, and every ward whose committee is asked has one."""
    told = {one.clock for one in city.office_hours} | {ALWAYS, OFFICE}
    for line, unit in enumerate(city.units, 2):
        if unit.clock not in told:
            reader.wrong("units.csv", line, "clock_profile", f"there are no [[office_hours]] of a clock {unit.clock}")
    asked = any(one.unit == WARD for one in city.services) or any(WARD in one.units for one in city.reports.routes)
    units = {unit.code for unit in city.units if unit.valid_to is None}
    for line, ward in enumerate(city.wards, 2):
        if asked and ward.valid_to is None and f"{COMMITTEE}{ward.code}" not in units:
            reader.wrong(
                "wards.csv", line, "code", f"there is no unit {COMMITTEE}{ward.code} that reports of this ward would go to"
            )


def _questions(reader: Reader, city: City) -> None:
    services = {service.code for service in city.services}
    for question in city.questions:
        if question.service not in services:
            reader.wrong("questions.toml", 1, "service", f"services.csv has no {question.service!r}")


def _walls(reader: Reader, city: City) -> None:
    """A panel must be large enough to be read from the farthest seat: twenty arc minutes a line (screens.md §3)."""
    for wall in city.walls:
        if wall.dist_m > FARTHEST_M_AN_INCH * wall.diag_in * wall.cols:
            farthest = FARTHEST_M_AN_INCH * wall.diag_in * wall.cols
            reader.wrong(
                "city.toml", 1, f"walls.{wall.name}.dist_m", f"cannot be read from there: at most {farthest:.1f} m for this panel"
            )


def _owners(reader: Reader, city: City) -> None:
    units = {unit.code for unit in city.units} | {WARD}
    for kind in city.kinds:
        unknown = [code for code in kind.owner_unit.split(";") if code and code not in units]
        if unknown:
            reader.wrong("alarms.toml", 1, f"{kind.key}.owner_unit", f"there is no unit {', '.join(unknown)}")


def _families(reader: Reader, city: City) -> None:
    """Kinds of one family share their alarms: they must be recognised by the same, and become what there is."""
    alarms = {kind.key: kind for kind in city.kinds if kind.event_class == "alarm"}
    first = {kind.family: kind for kind in reversed(alarms.values())}
    for kind in alarms.values():
        like = first[kind.family]
        if (kind.group_by, kind.group_radius_m) != (like.group_by, like.group_radius_m):
            reader.wrong("alarms.toml", 1, f"{kind.key}.group_by", f"must be that of {like.key}, of the same family")
        becomes = kind.realarm.second_camera
        if becomes and (becomes not in alarms or alarms[becomes].family != kind.family):
            reader.wrong("alarms.toml", 1, f"{kind.key}.realarm", f"there is no alarm {becomes} of the same family")
        then = kind.verified_as
        if then and (then not in alarms or alarms[then].family != kind.family or not kind.verify):
            reader.wrong(
                "alarms.toml", 1, f"{kind.key}.verified_as", f"there is no alarm {then} of the same family, or verify is not 1"
            )


def _twice(reader: Reader, file: str, name: str, keys: list[str], *, first_line: int = 0) -> None:
    seen: set[str] = set()
    for at, key in enumerate(keys):
        if key in seen:
            reader.wrong(file, at + first_line if first_line else 1, name, f"{key} stands there twice")
        seen.add(key)


def _shapes(reader: Reader, city: City) -> None:
    """Every ward in force has a valid shape, and every shape a ward."""
    found: set[str] = set()
    for at, feature in enumerate(features(reader, "wards.geojson")):
        told = feature.get("properties")
        code = str(told.get("code", "")) if isinstance(told, dict) else ""
        found.add(code)
        if problem := _problem(feature.get("geometry")):
            reader.wrong("wards.geojson", 1, f"features[{at}] {code}", problem)
    in_force = {ward.code for ward in city.wards if ward.valid_to is None}
    for code in sorted(in_force - found):
        reader.wrong("wards.geojson", 1, code, "ward in force has no shape")
    for code in sorted(found - {ward.code for ward in city.wards}):
        reader.wrong("wards.geojson", 1, code, "shape of a ward that wards.csv does not know")


def features(reader: Reader, file: str) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file; what is no feature is a mistake."""
    told = reader.json(file)
    found = told.get("features") if isinstance(told, dict) else None
    if not isinstance(found, list):
        reader.wrong(file, 1, "features", "is no GeoJSON FeatureCollection")
        return []
    for at, one in enumerate(found):
        if not isinstance(one, dict):
            reader.wrong(file, 1, f"features[{at}]", "is no feature")
    return [one for one in found if isinstance(one, dict)]


def _problem(geometry: Any) -> str:
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return "must be a Polygon or MultiPolygon"
    try:
        drawn = shape(geometry)
    except (ShapelyError, ValueError, TypeError, IndexError, AttributeError, KeyError) as error:
        return f"cannot be drawn: {error}"
    return "" if drawn.is_valid and not drawn.is_empty else "crosses itself or is empty"


def _base(reader: Reader) -> None:
    for at, feature in enumerate(features(reader, "basemap.geojson")):
        told = feature.get("properties")
        if not isinstance(told, dict) or not isinstance(told.get("layer"), str):
            reader.wrong("basemap.geojson", 1, f"features[{at}]", "properties.layer is missing")
    _labels(reader)


def _labels(reader: Reader) -> None:
    told = reader.json("labels.json")
    if not isinstance(told, list):
        reader.wrong("labels.json", 1, "-", "must be a list of {text, lon, lat, layer} with an angle where it lies along something")
        return
    for at, one in enumerate(told):
        fit = isinstance(one, dict) and isinstance(one.get("text"), dict) and one.get("layer") in LABEL_LAYERS
        if not fit or not all(
            isinstance(one.get(name, 0 if name == "angle" else None), int | float) for name in ("lon", "lat", "angle")
        ):
            reader.wrong(
                "labels.json", 1, f"[{at}]", f"needs text (vi, en), lon, lat and a layer: one of {', '.join(LABEL_LAYERS)}"
            )
