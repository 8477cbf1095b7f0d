"""What stands on the ground of a simulated city: street lights along the drawn roads, and parcels between them. Nothing of it is real."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from logging import getLogger
from math import cos, radians
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import shapely
from shapely.affinity import affine_transform
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

M_PER_DEGREE = 111_320.0
LIT = ("road_primary", "road_secondary")
FAR_M, APART_M, BESIDE_M, MOST_LIGHTS = 3000.0, 45.0, 7.0, 2500
SIDE_M, FRONT_M, DEPTH_M, LANE_M, MOST_PARCELS = 1800.0, 6.5, 18.0, 6.0, 3000
SETBACK_M = {"road_minor": 4.0, "road_": 11.0, "rail": 8.0, "palace": 2.0, "": 3.0}  # of the first that fits
KINDS = (("ODT", 74), ("TMD", 12), ("CLN", 8), ("DGD", 3), ("TON", 3))
log = getLogger(__name__)
SOURCE = "Mô phỏng, không phải số liệu thật"

LIGHTS = f"""
title = {{ vi = "Đèn đường (mô phỏng)", en = "Street lights (simulated)" }}
name_field = "ma_den"
id_fields = ["ma_den"]
style_field = "tinh_trang"
source = "{SOURCE}"
every_days = 30
[fields]
ma_den = {{ vi = "Mã đèn", en = "Number" }}
loai = {{ vi = "Loại đèn", en = "Lamp" }}
cong_suat = {{ vi = "Công suất (W)", en = "Power (W)" }}
tinh_trang = {{ vi = "Tình trạng", en = "Condition" }}
[[values]]
value = "Sáng"
vi = "Sáng"
en = "Works"
colour = 1
[[values]]
value = "Hỏng"
vi = "Hỏng"
en = "Out of order"
colour = 3
"""
PARCELS = f"""
title = {{ vi = "Thửa đất (mô phỏng)", en = "Land parcels (simulated)" }}
name_field = "so_thua"
id_fields = ["so_to", "so_thua"]
style_field = "loai_dat"
source = "{SOURCE}"
every_days = 90
[fields]
so_to = {{ vi = "Tờ bản đồ", en = "Map sheet" }}
so_thua = {{ vi = "Thửa", en = "Parcel" }}
dien_tich = {{ vi = "Diện tích (m²)", en = "Area (m²)" }}
loai_dat = {{ vi = "Loại đất", en = "Land use" }}
[[values]]
value = "ODT"
vi = "Đất ở đô thị"
en = "Urban housing"
[[values]]
value = "TMD"
vi = "Thương mại, dịch vụ"
en = "Trade and services"
[[values]]
value = "CLN"
vi = "Cây lâu năm"
en = "Orchards"
[[values]]
value = "DGD"
vi = "Giáo dục"
en = "Education"
[[values]]
value = "TON"
vi = "Tôn giáo"
en = "Worship"
"""


class Drawn(NamedTuple):
    """A layer as a file and what is said of it (docs/layers.md): GeoJSON and TOML."""

    key: str
    geojson: str
    about: str


def drawn(folder: Path, centre: tuple[float, float], seed: int) -> tuple[Drawn, ...]:
    """Return the layers of a pack's drawn map around its centre (lon, lat). The same seed draws the same."""
    told = json.loads((folder / "basemap.geojson").read_text(encoding="utf-8"))["features"]
    plane = _Plane(centre)
    chance = Random(f"{seed}/ground")  # noqa: S311  a simulation, nothing secret
    lights = [_feature(plane.back(at), more) for at, more in _lights(told, plane, chance)]
    parcels = [_feature(plane.back(at), more) for at, more in _parcels(told, plane, chance)]
    return (Drawn("street_lights", _collection(lights), LIGHTS), Drawn("parcels", _collection(parcels), PARCELS))


def lay(layers: Sequence[Drawn], run: Callable[[list[str]], int]) -> None:
    """Import layers that are not there yet, as an administrator would at a prompt: `run` runs `app.py` with words, and returns its code."""
    for one in layers:
        if run(["layer", "show", one.key]) == 0:
            continue
        with TemporaryDirectory() as room:
            (Path(room) / "layer.geojson").write_text(one.geojson, encoding="utf-8")
            (Path(room) / "layer.toml").write_text(one.about, encoding="utf-8")
            if run(["layer", "import", f"{room}/layer.geojson", "--key", one.key, "--about", f"{room}/layer.toml"]) > 0:
                log.warning("the layer %s could not be laid", one.key)


class _Plane:
    """Metres east and north of a centre, and back."""

    def __init__(self, centre: tuple[float, float]) -> None:
        lon, lat = centre
        self._x, self._y = M_PER_DEGREE * cos(radians(lat)), M_PER_DEGREE
        self._there = [self._x, 0, 0, self._y, -lon * self._x, -lat * self._y]
        self._back = [1 / self._x, 0, 0, 1 / self._y, lon, lat]

    def to(self, geometry: Mapping[str, Any]) -> BaseGeometry:
        return affine_transform(shapely.from_geojson(json.dumps(geometry)), self._there)

    def back(self, shape: BaseGeometry) -> BaseGeometry:
        return affine_transform(shape, self._back)


def _of(told: Sequence[Mapping[str, Any]], plane: _Plane, *layers: str) -> list[BaseGeometry]:
    return [plane.to(one["geometry"]) for one in told if one["properties"]["layer"].startswith(layers)]


def _lights(told: Sequence[Mapping[str, Any]], plane: _Plane, chance: Random) -> Iterator[tuple[BaseGeometry, dict[str, Any]]]:
    """Yield a light every so many metres, on one side of a road and then on the other."""
    near, number = shapely.Point(0, 0).buffer(FAR_M), 0
    for road in _of(told, plane, *LIT):
        line = road.intersection(near)
        for part in shapely.get_parts(line) if line.geom_type.startswith("Multi") else [line]:
            for nth in range(int(part.length // APART_M)):
                if number >= MOST_LIGHTS:
                    return
                number += 1
                at, ahead = part.interpolate(nth * APART_M), part.interpolate(nth * APART_M + 1)
                side = BESIDE_M if nth % 2 else -BESIDE_M
                led = chance.random() < 0.7  # noqa: PLR2004
                yield (
                    shapely.Point(at.x - (ahead.y - at.y) * side, at.y + (ahead.x - at.x) * side),
                    {
                        "ma_den": f"DD-{number:04d}",
                        "loai": "LED" if led else "Natri cao áp",
                        "cong_suat": chance.choice((80, 100, 120) if led else (150, 250)),
                        "tinh_trang": "Hỏng" if chance.random() < 0.03 else "Sáng",  # noqa: PLR2004
                    },
                )


def _parcels(told: Sequence[Mapping[str, Any]], plane: _Plane, chance: Random) -> Iterator[tuple[BaseGeometry, dict[str, Any]]]:
    """Yield parcels back to back in rows, none of which reaches into a road, water, a park or a monument."""
    taken = [_reach(plane.to(one["geometry"]), str(one["properties"]["layer"])) for one in told]
    held, names, shares = shapely.STRtree(taken), [name for name, _ in KINDS], [share for _, share in KINDS]
    made = 0
    for row, y in sorted(
        enumerate(_rows()), key=lambda one: abs(one[1])
    ):  # from the middle outwards, as far as there are to be any
        shapes = [shapely.box(x, y, x + front, y + depth) for x, front, depth in _fronts(chance)]
        reached = set(held.query(shapes, predicate="intersects")[0].tolist())
        free = [shape for at, shape in enumerate(shapes) if at not in reached][: MOST_PARCELS - made]
        made += len(free)
        for number, shape in enumerate(free, 1):
            kind = chance.choices(names, shares)[0]
            more = {"so_to": row // 4 + 1, "so_thua": row % 4 * 500 + number, "dien_tich": round(shape.area, 1), "loai_dat": kind}
            yield shape, more


def _fronts(chance: Random) -> Iterator[tuple[float, float, float]]:
    """Yield (where it begins, how wide, how deep) of what stands side by side in a row, from the west."""
    x = -SIDE_M / 2
    while x < SIDE_M / 2:
        front = FRONT_M * chance.uniform(0.6, 1.8)
        yield x, front, DEPTH_M * chance.uniform(0.85, 1.0)
        x += front


def _rows() -> Iterator[float]:
    """Yield where rows begin, from the south: two back to back, then a lane."""
    y = -SIDE_M / 2
    while y < SIDE_M / 2:
        yield y
        yield y + DEPTH_M + 0.5
        y += 2 * DEPTH_M + 0.5 + LANE_M


def _reach(shape: BaseGeometry, layer: str) -> BaseGeometry:
    """Return the ground that something drawn keeps free; of the citadel that is its wall, for people live within."""
    setback = next(metres for name, metres in SETBACK_M.items() if layer.startswith(name))
    return (shape.boundary if layer == "citadel" else shape).buffer(setback)


def _feature(shape: BaseGeometry, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": mapping(shape), "properties": dict(properties)}


def _collection(features: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}, ensure_ascii=False)
