"""The base map made from real files: an OpenStreetMap extract, layers in VN-2000; tiles that are read back; and what is refused."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from click.testing import CliRunner
from flask import Flask
from osmium.osm.mutable import Node, Way
from pyproj import Transformer

from data.basemap.kept import find
from data.commands.basemap import COMMAND
from data.doors.basemap import door
from data.layers.gdal import pyogrio, raw

RIVER = [(107.53, 16.44), (107.57, 16.457), (107.60, 16.468), (107.60, 16.471), (107.57, 16.46), (107.53, 16.443)]
ROAD, FAR = [(107.55, 16.455), (107.58, 16.465), (107.62, 16.47)], [(100.0, 10.0), (100.1, 10.1)]
PNG = b"\x89PNG\r\n\x1a\nA PICTURE"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KYDAI_CITY", "hue")
    return tmp_path / "home"


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm.pbf"
    nodes: list[tuple[float, float]] = []
    ways = [
        (ROAD, {"highway": "primary", "name": "Lê Lợi", "name:en": "Le Loi"}),
        ([*RIVER, RIVER[0]], {"natural": "water", "water": "river", "name": "Sông Hương"}),
        (FAR, {"highway": "primary", "name": "Far away"}),
        (ROAD[:2], {"power": "line"}),
    ]
    with osmium.SimpleWriter(str(path)) as writer:
        for points, _ in ways:
            nodes += points
        for number, point in enumerate(nodes, 1):
            writer.add_node(Node(id=number, location=point))
        writer.add_node(Node(id=900, location=(107.59, 16.46), tags={"place": "suburb", "name": "Thuận Hóa"}))
        for number, (points, tags) in enumerate(ways, 1):
            writer.add_way(Way(id=number, nodes=[nodes.index(point) + 1 for point in points], tags=tags))
    return path


def called(*words: object) -> str:
    done = CliRunner().invoke(COMMAND, [str(word) for word in words])
    return f"{done.exit_code}: {done.output}"


def told(path: Path, layer: str) -> list[dict[str, object]]:
    meta, _, _, columns = raw.read(path, layer=layer)
    return [dict(zip(meta["fields"], row, strict=True)) for row in zip(*columns, strict=True)]


def test_an_extract_becomes_tiles_of_what_lies_in_the_city(home: Path, extract: Path) -> None:
    assert called("build", "--osm", extract).startswith("0:")
    kept = find(home, "hue")
    assert kept is not None
    assert (kept.tiles.form, kept.tiles.nearest, kept.tiles.credit) == ("pmtiles", 15, "© OpenStreetMap")
    roads = told(kept.path, "roads")
    assert {(one["kind"], one["name"], one["name:en"]) for one in roads} == {("major_road", "Lê Lợi", "Le Loi")}
    assert {one["name"] for one in told(kept.path, "water")} == {"Sông Hương"}
    assert {one["name"] for one in told(kept.path, "places")} == {"Thuận Hóa"}


def test_layers_in_vn2000_lie_where_they_are(home: Path, tmp_path: Path) -> None:
    turned = Transformer.from_crs(4326, 9214, always_xy=True)
    line = shapely.LineString(list(zip(*turned.transform(*zip(*ROAD, strict=True)), strict=True)))
    path = tmp_path / "roads.gpkg"
    raw.write(
        path,
        np.array([line.wkb], dtype=object),
        [np.array(["trunk"], dtype=object)],
        ["fclass"],
        geometry_type="LineString",
        crs="EPSG:9214",
    )
    assert called("build", "--layer", "roads", path, "--credit", "UBND").startswith("0:")
    kept = find(home, "hue")
    assert kept is not None
    west, south, east, north = pyogrio.read_info(kept.path, layer="roads")["total_bounds"]
    back = Transformer.from_crs(3857, 4326, always_xy=True).transform([west, east], [south, north])
    assert [round(one, 3) for one in (*back[0], *back[1])] == [107.55, 107.62, 16.455, 16.47]
    assert told(kept.path, "roads")[0]["kind"] == "highway"


def test_what_is_no_map_of_this_city_is_refused_and_the_map_before_stays(home: Path, extract: Path, tmp_path: Path) -> None:
    assert called("build", "--osm", extract).startswith("0:")
    before = find(home, "hue")
    for name, body, why in (
        ("empty.geojson", '{"type": "FeatureCollection", "features": []}', "nothing that a base map draws"),
        ("page.geojson", "<html>not found</html>", "cannot be read as a map"),
        ("made.pmtiles", "not tiles", "is no PMTiles file"),
        ("made.mbtiles", "not tiles", "is no MBTiles file"),
    ):
        path = tmp_path / name
        path.write_text(body)
        words = ("build", "--layer", "roads", path) if name.endswith("geojson") else ("use", path)
        answer = called(*words, "--credit", "x")
        assert answer.startswith("1:"), answer
        assert why in answer
    assert find(home, "hue") == before
    assert called("build", "--layer", "roads", tmp_path / "page.geojson").startswith("2:")
    assert called("remove") == "0: removed\n"
    assert find(home, "hue") is None


def pictures(path: Path, bounds: str) -> Path:
    with sqlite3.connect(path) as tiles:
        tiles.execute("CREATE TABLE metadata (name, value)")
        tiles.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        tiles.executemany("INSERT INTO metadata VALUES (?, ?)", [("format", "png"), ("bounds", bounds)])
        tiles.execute("INSERT INTO tiles VALUES (2, 3, 2, ?)", (PNG,))
    tiles.close()
    return path


def test_pictures_are_taken_into_use_and_given_by_their_place(home: Path, tmp_path: Path) -> None:
    away = called("use", pictures(tmp_path / "away.mbtiles", "2.0,48.0,3.0,49.0"), "--credit", "x")
    assert "which is not this city" in away
    assert called("use", pictures(tmp_path / "ortho.mbtiles", "107.0,16.0,108.0,17.0"), "--credit", "x").startswith("0:")
    kept = find(home, "hue")
    assert kept is not None
    server = Flask("test")
    server.register_blueprint(door(lambda: find(home, "hue")))
    asked = server.test_client()
    at = f"/basemap/{kept.tiles.version}"
    assert (asked.get(f"{at}/2/3/1").data, asked.get(f"{at}/2/3/1").mimetype) == (PNG, "image/png")
    assert [asked.get(path).status_code for path in (f"{at}/2/0/0", f"{at}/2/4/0", f"{at}.pmtiles", "/basemap/old/2/3/1")] == [
        204,
        404,
        404,
        404,
    ]


def test_vector_tiles_are_given_in_ranges_alone(home: Path, extract: Path) -> None:
    assert called("build", "--osm", extract).startswith("0:")
    kept = find(home, "hue")
    assert kept is not None
    server = Flask("test")
    server.register_blueprint(door(lambda: find(home, "hue")))
    asked, at = server.test_client(), f"/basemap/{kept.tiles.version}.pmtiles"
    head = asked.get(at, headers={"Range": "bytes=0-126"}, buffered=True)
    head.close()
    assert (head.status_code, head.data) == (206, kept.path.read_bytes()[:127])
    assert head.headers["Content-Range"] == f"bytes 0-126/{kept.path.stat().st_size}"
    assert [
        asked.get(path, headers=more, buffered=True).status_code
        for path, more in ((at, {}), ("/basemap/old.pmtiles", {"Range": "bytes=0-1"}))
    ] == [400, 404]
    assert json.loads(kept.path.with_name("hue.pmtiles.json").read_text())["origin"] == "town.osm.pbf"
