"""Many points are told their ward as each of them would be, however they lie to borders, holes and the edges of the ground."""

from datetime import date

import numpy as np
import pytest
import shapely

from data.atlas import MANY, Atlas, Ground, Survey
from data.pack import load
from tests import layer_files

PACK = load("hue")
NOW = 1_795_410_000_000
LONG_AGO = 1_600_000_000_000


def atlas(*grounds: Ground) -> Atlas:
    return Atlas(PACK.folder, zone=PACK.city.zone, surveys=[Survey(date(2025, 7, 1), grounds)] if grounds else [])


def same(one: Atlas, places: np.ndarray, at_ms: int = NOW) -> None:
    many = one.assign(np.concatenate([places] * (MANY // len(places) + 1)), at_ms)
    assert many[: len(places)] == [one.locate(lon, lat, at_ms) for lon, lat in places]


@pytest.mark.parametrize("at_ms", [NOW, LONG_AGO])
def test_the_packs_wards(at_ms) -> None:
    west, south, east, north = PACK.city.bounds
    same(atlas(), np.random.default_rng(1).uniform((west - 0.1, south - 0.1), (east + 0.1, north + 0.1), (4000, 2)), at_ms)


def test_surveyed_wards_and_points_upon_their_borders() -> None:
    shapes, fields = layer_files.wards()
    held = atlas(*(Ground(code, date(2025, 7, 1), date.max, shape) for code, shape in zip(fields["code"], shapes, strict=True)))
    borders = shapely.get_coordinates(shapes)[::40]
    beside = borders + np.random.default_rng(2).normal(0, 0.0002, borders.shape)
    same(held, np.concatenate([borders, beside]))


def test_holes_overlaps_and_narrow_necks() -> None:
    ring = shapely.box(0, 0, 1, 1).difference(shapely.box(0.2, 0.2, 0.8, 0.8))
    neck = shapely.union(shapely.box(0.3, 0.3, 0.4, 0.7), shapely.box(0.4, 0.49999, 0.7, 0.50001))
    held = atlas(*(Ground(str(n), date.min, date.max, one) for n, one in enumerate((ring, neck, shapely.box(0.5, 0.4, 1.2, 0.6)))))
    places = np.random.default_rng(4).uniform(-0.1, 1.3, (3000, 2))
    necks = np.column_stack([np.linspace(0.35, 0.75, 500), np.full(500, 0.5)])
    same(held, np.concatenate([places, necks, [[np.nan, 0.5], [0.0, 0.0], [1.2, 0.6]]]))
