"""A folder becomes a City, or a list of everything that is wrong with it."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboard.city import City
from dashboard.errors import BrokenPack, Mistake
from data.outward.places import faults
from data.pack import parts
from data.pack.checks import check
from data.pack.handling import policy
from data.pack.indicators import indicators
from data.pack.kinds import kinds
from data.pack.questions import questions
from data.pack.reader import Reader, Toml

SHIPPED = Path(__file__).resolve().parents[1] / "cities"
FILES = (
    "city.toml",
    "alarms.toml",
    "cameras.csv",
    "wards.csv",
    "units.csv",
    "services.csv",
    "calendar.csv",
    "wards.geojson",
    "basemap.geojson",
    "questions.toml",
    "indicators.csv",
    "labels.json",
    "reports.toml",  # need not be there
)


class Pack(NamedTuple):
    """A city and the folder it was read from."""

    city: City
    folder: Path


def names() -> list[str]:
    """Return the packs that come with the product."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/city.toml"))


def folder_of(name: str) -> Path:
    """Return the folder of a shipped pack's name, or the folder itself. Raises BrokenPack when there is none."""
    for path in (SHIPPED / name, Path(name)):
        if (path / "city.toml").is_file() and not (name in {"", "."} and path == SHIPPED / name):
            return path.resolve()
    told = f"no such pack; there are {', '.join(names())}, or give a folder that holds a city.toml"
    raise BrokenPack([Mistake(name, 0, "KYDAI_CITY", told)])


def load(name: str) -> Pack:
    """Return the pack of that name or folder. Raises BrokenPack with every mistake found in it."""
    folder = folder_of(name)
    reader = Reader(folder)
    city = _city(reader, version(folder))
    check(reader, city)
    if reader.mistakes:
        raise BrokenPack(sorted(set(reader.mistakes), key=lambda one: (one.file, one.line, one.field)))
    return Pack(city, folder)


def version(folder: Path) -> str:
    """Return a name that changes with any file of the pack."""
    digest = hashlib.sha256()
    for file in FILES:
        path = folder / file
        digest.update(file.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return digest.hexdigest()[:12]


def _city(reader: Reader, of_version: str) -> City:
    toml = reader.toml("city.toml")
    bounds, centre = toml.numbers("bounds", count=4), toml.numbers("centre", count=2)
    return City(
        key=toml.text("key", needed=True),
        version=of_version,
        name=toml.words("name"),
        title=toml.words("title"),
        zone=_zone(toml),
        bounds=(bounds[0], bounds[1], bounds[2], bounds[3]),
        centre=(centre[0], centre[1]),
        zoom=toml.number("zoom", low=5, high=19),
        epsg=toml.whole("epsg", low=1024, high=999_999),
        schematic=toml.cells.get("schematic") is not False,
        cameras=tuple(parts.cameras(reader)),
        wards=tuple(ward for _, ward in parts.wards(reader)),
        units=tuple(unit for _, unit in parts.units(reader)),
        services=tuple(service for _, service in parts.services(reader)),
        kinds=tuple(kind for _, kind in kinds(reader.toml("alarms.toml"))),
        feeds=tuple(parts.feeds(toml)),
        walls=tuple(parts.walls(toml)),
        days=tuple(parts.days(reader)),
        office_hours=tuple(parts.office_hours(toml)),
        targets=_targets(toml),
        reports=policy(reader),
        outward=_outward(toml),
        questions=tuple(questions(reader)),
        indicators=tuple(indicators(reader)),
        shifts=_shifts(toml),
    )


def _zone(toml: Toml) -> str:
    zone = toml.text("zone", needed=True)
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        toml.wrong("zone", f"is no IANA time zone: {zone!r} (Asia/Ho_Chi_Minh, for one)")
        return "UTC"
    return zone


def _targets(toml: Toml) -> dict[str, float]:
    if "targets" not in toml.cells:
        return {}
    row = toml.table("targets")
    return {name: row.number(name, low=-1e12, high=1e12) for name in row.cells}


def _shifts(toml: Toml) -> tuple[int, ...]:
    """Return when shifts begin, in minutes of the day; a pack that does not say has three of eight hours."""
    told = toml.cells.get("shifts", ["07:00", "15:00", "23:00"])
    found = [re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(one)) for one in told] if isinstance(told, list) else []
    minutes = tuple(sorted({int(one[1]) * 60 + int(one[2]) for one in found if one}))
    if not minutes or len(minutes) != len(told):
        toml.wrong("shifts", 'must be a list of different times: ["07:00", "15:00", "23:00"]')
    return minutes or (0,)


def _outward(toml: Toml) -> tuple[str, ...]:
    """Return what [outward] allow names; a pack needs no such table."""
    if "outward" not in toml.cells:
        return ()
    row = toml.table("outward")
    told = row.cells.get("allow", [])
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        row.wrong("outward.allow", 'must be a list of texts: ["10.0.0.0/8", "frigate.example.vn"]')
        return ()
    for one, why in faults(told):
        row.wrong("outward.allow", f"{one!r} {why}")
    return tuple(told)


def of_mistakes(mistakes: Sequence[Mistake]) -> str:
    """Return the mistakes as a person reads them, one a line."""
    return "\n".join(str(mistake) for mistake in mistakes)
