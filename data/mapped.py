"""Times, numbers and places as the cells of a CSV write them, read as its mapping says (data.mapping)."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from data.mapping import Shape

EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
LAST_MS = 7_258_118_400_000  # the year 2200: what a calendar can count, and an event can tell (dashboard.events)
EXCEL, EXCEL_DAYS = datetime(1899, 12, 30), (25_569.0, 109_574.0)  # noqa: DTZ001  day 0; 1970 to 2200
UTC_NAMES = frozenset({"utc", "gmt", "z"})
NUMBERS = {
    "%d": ("day", r"([0-9]{1,2})"),
    "%m": ("month", r"([0-9]{1,2})"),
    "%Y": ("year", r"([0-9]{4})"),
    "%H": ("hour", r"([0-9]{1,2})"),
    "%M": ("minute", r"([0-9]{1,2})"),
    "%S": ("second", r"([0-9]{1,2})"),
}
_N = r"([-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)"
# No blank is gone through twice: a cell may have a hundred thousand of them.
_WKT = re.compile(rf"POINT\s*+(?:Z\s*+)?\(\s*{_N}\s+{_N}(?:\s+{_N})?\s*\)", re.ASCII | re.IGNORECASE)
_GEOJSON = re.compile(rf'"coordinates"\s*:\s*\[\s*{_N}\s*,\s*{_N}', re.ASCII)
_PAIR = re.compile(rf"(?:^|\()\s*{_N}\s*[,;]\s*{_N}\s*+(?:\)\s*+)?$", re.ASCII)
ZONE_DEGREES = 25.0  # how far from its city a zone may be kept
DEGREES = 360.0  # what is larger is no angle


def time_ms(shape: Shape, zone: ZoneInfo, name: str, text: str) -> int:
    """Return a time (epoch ms) written in one of the mapping's formats, in its zone unless it says its own. Raises ValueError."""
    for form in shape.formats:
        try:
            at = _read(form, text.replace(shape.decimal, ".") if form == "excel" else text)
        except ValueError:
            continue
        ms = ((at if at.tzinfo else at.replace(tzinfo=zone)) - EPOCH) // MILLISECOND
        if not 0 <= ms <= LAST_MS:
            raise ValueError(
                f"{shape.named(name)}: {text[:40]!r} lies before 1970 or after 2200; leave the cell empty if it is unknown"
            )
        return ms
    raise ValueError(f"{shape.named(name)}: {text[:40]!r} is in none of the mapping's formats ({', '.join(shape.formats)[:120]})")


def _read(form: str, text: str) -> datetime:
    """Return a time written in a form. Raises ValueError. Forms of numbers alone, which nearly all are, need not ask the locale."""
    if form == "iso":
        return datetime.fromisoformat(text)
    if form in {"epoch", "epoch_ms", "excel"}:
        return _counted(form, float(text))
    numbers = _numbers(form)
    if numbers is not None and (found := numbers[0].fullmatch(text)) is not None:
        return datetime(**{name: int(told) for name, told in zip(numbers[1], found.groups(), strict=True)})  # type: ignore[arg-type]  # noqa: DTZ001
    at = datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
    if at.tzinfo is None and "%Z" in form:  # Python reads a zone's name and forgets it
        if text.rpartition(" ")[2].casefold() not in UTC_NAMES:
            raise ValueError(text)
        return at.replace(tzinfo=UTC)
    return at


def _counted(form: str, number: float) -> datetime:
    """Return a time that is a number: seconds or milliseconds since 1970, or a workbook's days on the clock of its zone."""
    if form == "excel":
        if not EXCEL_DAYS[0] <= number <= EXCEL_DAYS[1]:
            raise ValueError(number)
        return EXCEL + timedelta(seconds=round(number * 86_400))
    ms = number if form == "epoch_ms" else number * 1000
    if not 0 <= ms <= LAST_MS:
        raise ValueError(number)
    return EPOCH + timedelta(milliseconds=round(ms))


@lru_cache(maxsize=64)
def _numbers(form: str) -> tuple[re.Pattern[str], tuple[str, ...]] | None:
    """Return a form as a pattern and what its groups are; None where it has more than a whole date and numbers of a time."""
    pieces = re.split(r"(%.)", form)
    marks = [one for one in pieces if one.startswith("%")]
    whole = {"%d", "%m", "%Y"} <= set(marks) <= set(NUMBERS) and len(set(marks)) == len(marks)
    if not whole or not all(pieces[2:-1:2]):  # numbers that touch each other can be read in two ways
        return None
    text = "".join(NUMBERS[one][1] if one in NUMBERS else re.escape(one) for one in pieces)
    return re.compile(text, re.ASCII), tuple(NUMBERS[one][0] for one in marks)


def place(
    shape: Shape, cells: Mapping[str, str], city: tuple[float, float, float, float] | None
) -> tuple[dict[str, float], list[str]]:
    """Return lon and lat, where both are given, and what is wrong with them; that a file has no such columns is no fault.

    A latitude beyond ±90 is a longitude in the wrong column. Where bounds are known (the mapping's, else the `city`'s) so is one that lies
    within them, or where its zone is kept, the other way round; a place beyond them is let go and said. Nothing lies at 0, 0: so systems write that they know no place.
    """
    told = _degrees(shape, cells)
    if told is None or told == (0, 0):
        return {}, ["no_coordinates"] if "point" in cells or ("lon" in cells and "lat" in cells) else []
    (lon, lat), bounds = told, shape.bounds or city
    inside = bounds is None or within(bounds, lon, lat)
    turned = not inside and bounds and within(bounds, lat, lon)
    if shape.bounds is None and not (city and inside):
        turned = turned or _is_turned(shape.zone, lon, lat)
    if abs(lat) > 90 >= abs(lon) or turned:  # noqa: PLR2004  degrees
        raise ValueError(
            f"{shape.named('lat' if cells.get('lat') else 'point')}: longitude and latitude seem to be swapped in the mapping"
        )
    if not inside and abs(lon) <= 180 and abs(lat) <= 90:  # noqa: PLR2004  degrees
        return {}, ["outside_bounds"]
    return {"lon": lon, "lat": lat}, []


def _degrees(shape: Shape, cells: Mapping[str, str]) -> tuple[float, float] | None:
    """Return longitude and latitude as they are written, in two columns or in one. Raises ValueError for what is no pair of numbers."""
    if cells.get("lon") and cells.get("lat"):
        return _number(shape, "lon", cells["lon"]), _number(shape, "lat", cells["lat"])
    if not (text := cells.get("point")):
        return None
    if found := _WKT.search(text) or _GEOJSON.search(text):
        return _number(shape, "point", found[1]), _number(shape, "point", found[2])
    if found := _PAIR.search(text):
        return _number(shape, "point", found[2]), _number(shape, "point", found[1])
    raise ValueError(f"{shape.named('point')}: {text[:40]!r} is no place; it may be POINT (lon lat), (lat, lon) or a GeoJSON point")


def _is_turned(zone: str, lon: float, lat: float) -> bool:
    """Return whether a place lies in the part of the world that keeps a zone only with longitude and latitude swapped."""
    home = _home(zone)
    return home is not None and _near(home, lat, lon) and not _near(home, lon, lat)


def _near(home: tuple[float, float], lon: float, lat: float) -> bool:
    return abs(lon - home[0]) <= ZONE_DEGREES and abs(lat - home[1]) <= ZONE_DEGREES


@lru_cache(maxsize=16)
def _home(zone: str) -> tuple[float, float] | None:
    """Return where a zone's own city lies (longitude, latitude), as tzdata has it: `+404251-0740023`; None of one that is no place's."""
    try:
        rows = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    told = next((row.split("\t")[1] for row in rows if not row.startswith("#") and row.split("\t")[2] == zone), "")
    found = re.fullmatch(r"([-+])(\d\d)(\d\d)(?:\d\d)?([-+])(\d{3})(\d\d)(?:\d\d)?", told)
    if not found:
        return None
    north, east = (
        int(f"{sign}1") * (int(degrees) + int(minutes) / 60)
        for sign, degrees, minutes in (found.group(1, 2, 3), found.group(4, 5, 6))
    )
    return east, north


def within(bounds: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    """Return whether a place (degrees) lies within west, south, east, north."""
    west, south, east, north = bounds
    return west <= lon <= east and south <= lat <= north


def _number(shape: Shape, name: str, text: str) -> float:
    try:
        number = float(text if name == "point" else text.replace(shape.decimal, "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        comma = '; say decimal = "," in the mapping' if shape.decimal == "." and text.count(",") == 1 and "." not in text else ""
        raise ValueError(f"{shape.named(name)}: {text[:40]!r} is no number{comma}")
    if abs(number) > DEGREES:
        raise ValueError(
            f"{shape.named(name)}: {text[:40]!r} is no angle but metres or feet on a map; turn the file's places into degrees (WGS 84),"
            f" or leave {name} out of the mapping"
        )
    return number
