"""Where people report from: mostly in the built-up city, where cameras stand; the rest anywhere in its wards."""

import json
from datetime import date
from pathlib import Path
from random import Random
from typing import NamedTuple

from shapely.geometry import shape

from dashboard.city import City

NEAR_CAMERAS, SPREAD_DEG = 0.62, 0.004


class Home(NamedTuple):
    """A ward's middle (degrees) and how far from it people live (degrees, one sigma)."""

    ward: str
    lon: float
    lat: float
    spread: float


def homes(folder: Path, on: date) -> tuple[Home, ...]:
    """Return one home per ward in force on a day, from the pack's shapes."""
    told = json.loads((folder / "wards.geojson").read_text(encoding="utf-8"))["features"]
    found = []
    for feature in told:
        said = feature["properties"]
        if (said.get("valid_from") or "0001-01-01") <= on.isoformat() <= (said.get("valid_to") or "9999-12-31"):
            drawn = shape(feature["geometry"])
            middle = drawn.representative_point()
            found.append(Home(str(said["code"]), middle.x, middle.y, min(drawn.area**0.5 / 6, 0.03)))
    return tuple(found)


def place(random: Random, city: City, known: tuple[Home, ...]) -> Home:
    """Return where the next report comes from; its spread is used up."""
    if not known or random.random() < NEAR_CAMERAS:
        near = random.choice(city.cameras)
        home = Home(near.ward, near.lon, near.lat, SPREAD_DEG)
    else:
        home = random.choice(known)
    lon, lat = random.gauss(home.lon, home.spread), random.gauss(home.lat, home.spread)
    return Home(home.ward, round(lon, 6), round(lat, 6), 0.0)
