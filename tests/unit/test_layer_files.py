"""Layers from files: every format says the same wards, wrong coordinates are refused with their cause, and hostile files with what to do."""

import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely

from dashboard.layers.layer import LayerRefused
from data.layers import files, reading, tiles
from data.layers.importing import Wish, compared, described, understood
from data.layers.kept import Feature
from data.layers.legacy import from_tcvn3, from_vni, recognised
from data.pack import load
from tests import layer_files
from tests.layer_files import shapefile, turned, write, zipped
from tests.rig import ROOT

CITY = load("hue").city
SHAPES, FIELDS = layer_files.wards()
PLAIN = Wish()
PROJECTED = turned(SHAPES, 9214)
DEGREE_M = 111_320
LAMPS = shapely.points([[107.58, 16.46], [107.59, 16.47], [107.60, 16.45]])


def refusal(file: Path, wish: Wish = PLAIN) -> str:
    with pytest.raises(LayerRefused) as refused:
        understood(file, wish, CITY)
    return str(refused.value)


def vertices(shapes):
    return [shapely.points(shapely.get_coordinates(one)) for one in shapes]


def apart_m(shapes, others=SHAPES) -> float:
    """Return how far any vertex is from the nearest one of the same feature, either way."""
    far = []
    for mine, theirs in zip(vertices(shapes), vertices(others), strict=True):
        for some, all_of_them in ((mine, theirs), (theirs, mine)):
            _, metres = shapely.STRtree(all_of_them).query_nearest(some, return_distance=True, all_matches=False)
            far.append(metres.max() * DEGREE_M)
    return max(far)


def the_wards(folder: Path, form: str) -> Path:
    if form == "shp":
        return zipped(shapefile(folder / "a", PROJECTED, FIELDS))
    drivers = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "kml": "KML", "geojson": "GeoJSON"}
    degrees = form in ("kml", "geojson")
    shapes, crs = (SHAPES, "EPSG:4326") if degrees else (PROJECTED, "EPSG:9214")
    return write(folder / f"w.{form}", shapes, FIELDS, crs=crs, driver=drivers[form])


@pytest.mark.parametrize("form", ["shp", "gpkg", "fgb", "kml", "geojson"])
def test_every_format_holds_the_same_wards_within_a_metre(tmp_path, form) -> None:
    draft = understood(the_wards(tmp_path, form), PLAIN, CITY)
    names = {name.casefold(): draft.column(name) for name in draft.names}
    code, name = names["code"], names["fullname"]
    order = [code.index(one) for one in FIELDS["code"]]
    assert [name[at] for at in order] == FIELDS["fullName"]
    assert apart_m(draft.shapes[order]) < 1.0


def test_mapinfo_forgets_the_datum_and_is_read_with_it_told(tmp_path) -> None:
    folder = tmp_path / "tab"
    folder.mkdir()
    file = zipped(write(folder / "w.tab", PROJECTED, FIELDS, crs="EPSG:9214", driver="MapInfo File"))
    told = refusal(file)
    assert "wrong datum" in told
    assert "225 m" in told
    assert "--epsg 9214" in told
    assert apart_m(understood(file, Wish(epsg=9214), CITY).shapes) < 1.0


@pytest.mark.parametrize(
    ("shapes", "crs", "cause"),
    [
        (PROJECTED, "EPSG:5899", "wrong zone. Say --epsg 9214"),
        (PROJECTED, "EPSG:9217", "wrong zone. Say --epsg 9214"),
        (PROJECTED, "EPSG:3405", "wrong zone. Say --epsg 9214"),
        (PROJECTED, "EPSG:4326", "EPSG:9214"),
        (shapely.transform(PROJECTED, lambda xy: xy[:, ::-1]), "EPSG:9214", "axes are swapped"),
        (shapely.transform(SHAPES, lambda xy: xy[:, ::-1]), "EPSG:4326", "Longitude and latitude are swapped"),
        (shapely.transform(SHAPES, lambda xy: xy - [3, 0]), "EPSG:4326", "another place"),
        (PROJECTED, "+proj=tmerc +lon_0=107 +k=0.9999 +x_0=500000 +datum=WGS84", "wrong datum"),
        (turned(SHAPES, 32648), "EPSG:9214", "EPSG:3405"),
    ],
)
def test_wrong_coordinates_are_refused_with_their_likely_cause(tmp_path, shapes, crs, cause) -> None:
    assert cause in refusal(write(tmp_path / "w.gpkg", shapes, FIELDS, crs=crs, driver="GPKG"))


def test_swapped_axes_are_read_when_told(tmp_path) -> None:
    file = write(tmp_path / "w.gpkg", shapely.transform(PROJECTED, lambda xy: xy[:, ::-1]), FIELDS, crs="EPSG:9214", driver="GPKG")
    assert apart_m(understood(file, Wish(swap=True), CITY).shapes) < 1.0


def test_degrees_of_the_other_datum_are_known_by_the_version_before(tmp_path) -> None:
    vn2000 = turned(SHAPES, 4756)
    draft = understood(write(tmp_path / "w.gpkg", vn2000, FIELDS, crs="EPSG:4326", driver="GPKG"), PLAIN, CITY)
    before = [
        Feature(n, name, [], shapely.to_wkb(shape)) for n, (name, shape) in enumerate(zip(FIELDS["code"], SHAPES, strict=True))
    ]
    assert "wrong datum" in compared(draft, "code", before)
    right = understood(write(tmp_path / "r.gpkg", vn2000, FIELDS, crs="EPSG:4756", driver="GPKG"), PLAIN, CITY)
    assert compared(right, "code", before) == ""
    assert apart_m(right.shapes) < 1.0


def test_a_layer_partly_outside_is_taken_without_what_lies_there_when_told(tmp_path) -> None:
    points = shapely.points([[107.58, 16.46], [0.0, 0.0], [107.60, 16.45]])
    file = write(tmp_path / "p.gpkg", points, {"ten": ["a", "b", "c"]}, crs="EPSG:4326", driver="GPKG", kind="Point")
    assert "1 of 3 features lie outside" in refusal(file)
    draft = understood(file, Wish(leave_out=True), CITY)
    assert draft.column("ten") == ["a", "c"]


def test_without_prj_nothing_is_guessed_and_what_fits_is_said(tmp_path) -> None:
    file = zipped(shapefile(tmp_path / "s", PROJECTED, FIELDS), without=[".prj"])
    told = refusal(file)
    assert "does not say which coordinates" in told
    assert "--epsg 9214" in told
    assert apart_m(understood(file, Wish(epsg=9214), CITY).shapes) < 1.0


@pytest.mark.parametrize("lost", [".dbf", ".shx"])
def test_a_shapefile_without_its_parts_says_which(tmp_path, lost) -> None:
    told = refusal(zipped(shapefile(tmp_path / "s", PROJECTED, FIELDS), without=[lost]))
    assert lost in told
    assert "Zip" in told


@pytest.mark.parametrize(("name", "table"), [("tcvn3", from_tcvn3), ("vni", from_vni)])
def test_old_encodings_of_vietnamese_are_recognised_and_converted(tmp_path, name, table) -> None:
    texts = {
        "tcvn3": ["Ph\u00adêng Phó Xu©n", "Ph\u00adêng Vü D¹", "X· Phó Léc"],
        "vni": ["Phöôøng Phuù Xuaân", "Phöôøng Vyõ Daï", "Xaõ Phuù Loäc"],
    }[name]
    said = ["Phường Phú Xuân", "Phường Vỹ Dạ", "Xã Phú Lộc"]
    assert [table(text) for text in texts] == said
    assert recognised(texts) == name
    file = shapefile(tmp_path / "s", LAMPS, {"ten": texts}, crs="EPSG:4326", kind="Point", encoding="ISO-8859-1")
    file.with_suffix(".cpg").unlink(missing_ok=True)
    assert understood(zipped(file), PLAIN, CITY).column("ten") == said


def test_unicode_is_left_alone(tmp_path) -> None:
    assert recognised(FIELDS["fullName"]) == ""
    assert recognised(["café", "Ngã tư à"]) == ""
    file = shapefile(tmp_path / "s", LAMPS, {"ten": ["Đèn số 1", "Đèn số 2", "Đường Lê Lợi"]}, crs="EPSG:4326", kind="Point")
    file.with_suffix(".cpg").unlink()
    assert understood(zipped(file), PLAIN, CITY).column("ten") == ["Đèn số 1", "Đèn số 2", "Đường Lê Lợi"]


def test_broken_shapes_are_mended_and_counted(tmp_path) -> None:
    bow_tie = shapely.from_wkt("POLYGON ((107.58 16.46, 107.59 16.47, 107.59 16.46, 107.58 16.47, 107.58 16.46))")
    whole = shapely.box(107.60, 16.46, 107.61, 16.47)
    shapes = np.array([bow_tie, whole, shapely.Polygon()], dtype=object)
    file = write(tmp_path / "a.gpkg", shapes, {"ten": ["a", "b", "c"]}, crs="EPSG:4326", driver="GPKG", kind="Unknown")
    draft = understood(file, PLAIN, CITY)
    assert shapely.is_valid(draft.shapes).all()
    assert draft.column("ten") == ["a", "b"]
    assert "1 broken shapes mended, 1 without a shape" in draft.told[-1]


def test_mixed_shapes_are_named_and_one_sort_can_be_taken(tmp_path) -> None:
    shapes = np.array([LAMPS[0], shapely.box(107.60, 16.46, 107.61, 16.47)], dtype=object)
    file = write(tmp_path / "m.gpkg", shapes, {"ten": ["a", "b"]}, crs="EPSG:4326", driver="GPKG", kind="Unknown")
    assert "mixes 1 point, 1 area." in refusal(file)
    assert understood(file, Wish(only="area"), CITY).column("ten") == ["b"]


def test_a_table_with_coordinates_is_read_as_people_write_it(tmp_path) -> None:
    file = tmp_path / "lights.csv"
    file.write_text("Tên;Kinh độ;Vĩ độ;Công suất\nĐèn 1;107,58;16,46;150\nĐèn 2;107.59;16.47;\n", encoding="utf-8-sig")
    draft = understood(file, PLAIN, CITY)
    assert draft.column("Tên") == ["Đèn 1", "Đèn 2"]
    assert draft.column("Công suất") == ["150", None]
    assert apart_m(draft.shapes, LAMPS[:2]) < 0.1
    file.write_text("ten,x,y\na,x,16\n", encoding="utf-8")
    assert "line 2" in refusal(file)
    file.write_text("ten,a,b\na,1,2\n", encoding="utf-8")
    assert "--lon" in refusal(file)
    x, y = shapely.get_coordinates(turned(LAMPS[0], 9214))[0]
    file.write_text(f"ten,x,y\na,{x},{y}\n", encoding="utf-8")
    assert "--epsg 9214" in refusal(file)
    assert apart_m(understood(file, Wish(epsg=9214), CITY).shapes, LAMPS[:1]) < 0.1


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch) -> None:
    bomb = tmp_path / "b.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.shp", b"\0" * 80_000_000)
    assert "zip bomb" in refusal(bomb)
    # One that lies about its size is stopped at the size that it told.
    monkeypatch.setattr(files, "FREE_BYTES", 1 << 40)
    told = bomb.read_bytes().replace(struct.pack("<I", 80_000_000), struct.pack("<I", 1000))
    bomb.write_bytes(told)
    assert "cannot be unpacked" in refusal(bomb) or "zip bomb" in refusal(bomb)


def test_names_in_a_zip_lead_nowhere_else(tmp_path) -> None:
    room, evil = tmp_path / "room", tmp_path / "e.zip"
    room.mkdir()
    geojson = json.dumps({"type": "FeatureCollection", "features": []})
    with zipfile.ZipFile(evil, "w") as packed:
        packed.writestr("../../outside.geojson", geojson)
        packed.writestr("/rooted/outside.geojson", geojson)
    assert "Say which with --sublayer" in refusal(evil)
    with pytest.raises(LayerRefused):
        files.opened(evil, room)
    assert [path.parent for path in room.rglob("*")] == [room, room]
    assert not (tmp_path / "outside.geojson").exists()


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("a.geojson", b'<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "whatever its name says"),
        (
            "a.geojson",
            b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /etc/passwd"}',
            "cannot be read",
        ),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 100, "cannot be read"),
        (
            "a.kml",
            b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa">]><kml xmlns="http://www.opengis.net/kml/2.2">&a;</kml>',
            "entities",
        ),
        ("a.shp", b"no shapefile", "whatever its name says"),
        ("a.tif", b"II*\0", "format that is not read"),
        ("a.geojson", b"", "empty"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[]}', "No feature"),
        ("a.zip", b"PK\x05\x06" + b"\0" * 18, "holds no layer"),
    ],
)
def test_what_is_no_layer_is_refused_with_what_to_do(tmp_path, name, body, told) -> None:
    file = tmp_path / name
    file.write_bytes(body)
    assert told in refusal(file)


def test_too_many_vertices_are_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(reading, "MOST_VERTICES", 10_000)
    told = refusal(the_wards(tmp_path, "gpkg"))
    assert "more than 10,000 vertices" in told
    assert "Simplify" in told


def test_markup_and_control_signs_stay_text(tmp_path) -> None:
    texts = ["<img src=x onerror=alert(1)>", "a\u202eb\x07c", "e\u0302\u0301"]
    file = write(tmp_path / "p.geojson", LAMPS, {"<b>ten</b>": texts}, crs="EPSG:4326", driver="GeoJSON", kind="Point")
    draft = understood(file, PLAIN, CITY)
    assert draft.names == ["<b>ten</b>"]
    assert draft.columns[0] == ["<img src=x onerror=alert(1)>", "a b c", "ế"]
    layer = described(draft, None, None, key="lamps")
    assert layer.name_field == "<b>ten</b>"
    with pytest.raises(LayerRefused, match="is no key"):
        described(draft, None, None, key="<script>")


def test_no_role_that_serves_screens_loads_gdal() -> None:
    told = "import sys, app, data.opened, data.boardroom, data.darkroom, callbacks.layers; print({'pyogrio', 'pyproj'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


def test_a_very_long_border_is_drawn_with_few_corners_and_stays_where_it_is() -> None:
    turn = np.linspace(0, 2 * np.pi, 3 * tiles.LONG)
    coast = shapely.polygons(
        np.column_stack([107.58 + 0.03 * np.cos(turn), 16.46 + (0.03 + 0.0001 * np.sin(turn * 500)) * np.sin(turn)])
    )
    dot = 1 / (tiles.DOTS << 12)
    (drawn,) = tiles._simple(np.array([coast], dtype=object), dot, "area")
    whole = tiles._flat(np.array([coast], dtype=object), "area")[0]
    assert drawn.is_valid
    assert shapely.get_num_coordinates(drawn) < tiles.LONG
    assert shapely.hausdorff_distance(drawn.exterior, whole.exterior) < dot
