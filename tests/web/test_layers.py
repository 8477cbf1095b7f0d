"""Layers over the web: tiles for the map, what stands at a place, OGC API – Features, files; each for whom it is meant."""

import csv
import gzip
import io
import json

import numpy as np
import pytest
import shapely
from defusedxml import ElementTree
from jsonschema import Draft202012Validator

from dashboard.access import ROLES, may
from dashboard.layers.layer import Field, Layer, Swatch
from data.atlas import Atlas
from data.clock import SystemClock
from data.doors.api import OPENAPI
from data.layers import kept, tiles
from data.store.layers import SqlLayers
from tests.web.conftest import PACK

SPEC = json.loads(OPENAPI.read_text())
NOW = 1_795_410_000_000
HOSTILE = '<img src=x onerror="alert(1)">'
LAMPS = [
    (f"Đèn {n}", [f"Đèn {n}", note, n], shapely.Point(107.58 + n / 10_000, 16.46))
    for n, note in enumerate(["=1+1", HOSTILE, "gọi 0912345678", "75A-123.45", None, *["@x"] * 20])
]
ZONE = shapely.box(107.57, 16.45, 107.60, 16.47).difference(shapely.box(107.59, 16.465, 107.595, 16.468))


def keep(web, folder, key: str, features, *, shape: str, roles: tuple[str, ...] = (), version: int = 1) -> Layer:
    """Keep a layer as an import would."""
    west, south, east, north = shapely.total_bounds([one[2] for one in features]).tolist()
    layer = Layer(
        key=key,
        version=version,
        title={"vi": key, "en": key},
        shape=shape,
        count=len(features),
        bounds=(west, south, east, north),
        fields=tuple(Field(key=name, label={"vi": name, "en": name}) for name in ("ten", "note", "so")),
        name_field="ten",
        swatches=(Swatch(value="x", label={"vi": "x", "en": "x"}, colour=1),),
        roles=roles,
        as_of=1_795_410_000_000,
        every_days=1,
    )
    shapes = np.array([one[2] for one in features], dtype=object)
    cut = tiles.cut(shapes, np.ones(len(shapes), dtype=np.int64), shape)
    kept.write(kept.file_of(folder, key, version), [(name, 1, values, one) for name, values, one in features], cut)
    SqlLayers(web.engine, SystemClock()).take(layer, who="lan")
    return layer


@pytest.fixture
def filled(web, tmp_path):
    keep(web, tmp_path, "lamps", LAMPS, shape="point")
    keep(web, tmp_path, "zones", [("Khu A", ["Khu A", "", 7], ZONE)], shape="area")
    keep(web, tmp_path, "masts", LAMPS[:2], shape="point", roles=("supervisor",))
    return web


def get(web, path: str, role: str = "operator", **headers: str):
    return web.signed(role).get(path, headers=headers)


def tile_of(lon: float, lat: float, zoom: int = 13) -> tuple[int, int]:
    x, y = tiles.mercator(np.array([[lon, lat]]))[0] * 2**zoom
    return int(x), int(y)


@pytest.mark.parametrize(
    "path",
    [
        "/here?lon=107.5801&lat=16.46",
        "/layers",
        "/layers/lamps/features",
        "/ogc",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/zones",
        "/ogc/collections/lamps/items",
        "/ogc/collections/zones/items/1",
    ],
)
def test_answers_are_as_described(filled, path) -> None:
    answer = get(filled, f"/api/v1{path}")
    assert answer.status_code == 200
    named = path.partition("?")[0].replace("/lamps", "/{key}").replace("/zones", "/{key}").replace("items/1", "items/{number}")
    content = SPEC["paths"][named]["get"]["responses"]["200"]["content"]
    assert answer.mimetype in content
    Draft202012Validator({**content[answer.mimetype]["schema"], "components": SPEC["components"]}).validate(answer.json)


def test_a_layer_is_there_for_its_roles_alone(filled) -> None:
    x, y = tile_of(107.58, 16.46)
    addresses = ["/api/v1/layers/masts/features", "/api/v1/ogc/collections/masts", "/api/v1/ogc/collections/masts/items/1"]
    addresses += ["/api/v1/layers/masts/export.csv", f"/layers/masts/1/13/{x}/{y}"]
    for role in ROLES:
        listed = get(filled, "/layers/list", role)
        if not may(role, "layer.view"):
            assert listed.status_code == 403
            continue
        seen = {one["key"] for one in listed.json["layers"]}
        assert seen == {"lamps", "zones"} | ({"masts"} if role == "supervisor" else set())
        for address in addresses:
            assert get(filled, address, role).status_code == (
                200 if role == "supervisor" else 403 if "export" in address and not may(role, "layer.export") else 404
            )
        assert ("masts" in get(filled, "/api/v1/here?lon=107.58&lat=16.46", role).text) == (role == "supervisor")
        assert ("masts" in get(filled, "/api/v1/ogc/collections", role).text) == (role == "supervisor")


def test_a_tile_is_kept_by_the_browser_and_asked_for_once(filled) -> None:
    x, y = tile_of(107.58, 16.46)
    answer = get(filled, f"/layers/lamps/1/13/{x}/{y}")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]
    assert int.from_bytes(gzip.decompress(answer.data)[:4], "little") == 1
    again = get(filled, f"/layers/lamps/1/13/{x}/{y}", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert get(filled, "/layers/lamps/1/13/0/0").status_code == 204
    assert get(filled, f"/layers/lamps/2/13/{x}/{y}").status_code == 404  # no such version
    assert get(filled, "/layers/lamps/1/13/99999999999999999999/1").status_code == 404
    assert get(filled, "/layers/../1/13/1/1").status_code == 404


def test_what_stands_at_a_place_is_told_nearest_first(filled) -> None:
    told = get(filled, "/api/v1/here?lon=107.5801&lat=16.46&radius=50").json
    assert told["ward"]["code"] == Atlas(PACK.folder, zone=PACK.city.zone).locate(107.5801, 16.46, NOW)
    assert told["ward"]["name"]["vi"].startswith("Phường ")
    by_key = {one["key"]: one["features"] for one in told["layers"]}
    first, *others = (one["name"] for one in by_key["lamps"])
    assert (first, set(others)) == ("Đèn 1", {"Đèn 0", "Đèn 2"})
    metres = 6_371_008.8 * 3.141592653589793 / 180 * 0.0001 * 0.9590  # cos of the latitude
    assert [one["metres"] for one in by_key["lamps"]] == pytest.approx([0, metres, metres], abs=0.15)
    assert [(one["name"], one["metres"]) for one in by_key["zones"]] == [("Khu A", 0.0)]
    assert [one["swatches"] for one in told["layers"]] == [[{"value": "x", "label": {"vi": "x", "en": "x"}}]] * 2
    in_hole = get(filled, "/api/v1/here?lon=107.5925&lat=16.4665&radius=100").json
    assert all(not one["features"] for one in in_hole["layers"])


@pytest.mark.parametrize("query", ["lon=107", "lon=x&lat=16", "lon=107&lat=91", "lon=107&lat=16&radius=2001", "lon=nan&lat=16"])
def test_a_place_that_is_none_is_named(filled, query) -> None:
    assert get(filled, f"/api/v1/here?{query}").status_code == 400


def test_pages_neither_skip_nor_repeat(filled) -> None:
    seen, address = [], "/api/v1/ogc/collections/lamps/items?limit=7"
    while address:
        told = get(filled, address).json
        assert told["numberMatched"] == len(LAMPS)
        seen += [one["id"] for one in told["features"]]
        following = [link["href"] for link in told["links"] if link["rel"] == "next"]
        address = following[0].removeprefix("http://localhost") if following else ""
    assert seen == list(range(1, len(LAMPS) + 1))
    skipped = get(filled, "/api/v1/layers/lamps/features?limit=2&offset=3").json
    assert [one["id"] for one in skipped["features"]] == [4, 5]
    boxed = get(filled, "/api/v1/layers/lamps/features?bbox=107.58005,16.4,107.58035,16.5&limit=1").json
    assert (boxed["numberMatched"], boxed["numberReturned"], boxed["features"][0]["id"]) == (3, 1, 2)
    assert get(filled, "/api/v1/layers/lamps/features?bbox=107.58005,16.4,0,107.58035,16.5,9").json["numberMatched"] == 3
    assert get(filled, "/api/v1/layers/lamps/features?datetime=2026-01-01T00:00:00Z/..").json["numberMatched"] == len(LAMPS)


@pytest.mark.parametrize(
    "query", ["bbox=1,2,3", "bbox=a,b,c,d", "bbox=200,0,1,1", "limit=0", "limit=1001", "offset=-1", "datetime=now", "filter=x"]
)
def test_a_bad_parameter_is_named(filled, query) -> None:
    answer = get(filled, f"/api/v1/ogc/collections/lamps/items?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json["error"]["message"]


def test_personal_data_in_texts_is_masked(filled) -> None:
    for path in ("/api/v1/layers/lamps/features", "/api/v1/here?lon=107.5803&lat=16.46"):
        text = get(filled, path).text
        assert "0912345678" not in text
        assert "123.45" not in text
    for form in ("csv", "kml", "geojson"):
        text = get(filled, f"/api/v1/layers/lamps/export.{form}", "supervisor").text
        assert "0912345678" not in text
        assert "123.45" not in text


def test_a_table_holds_no_formula(filled) -> None:
    answer = get(filled, "/api/v1/layers/lamps/export.csv", "supervisor")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert rows[0] == ["id", "ten", "note", "so", "lon", "lat"]
    assert rows[1] == ["1", "Đèn 0", "'=1+1", "0", "107.58", "16.46"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lamps-1.csv"'
    zones = get(filled, "/api/v1/layers/zones/export.csv", "supervisor").get_data(as_text=True)
    assert shapely.from_wkt(list(csv.reader(io.StringIO(zones)))[1][-1]).equals(ZONE)


def test_a_kml_is_one_and_markup_stays_text(filled) -> None:
    root = ElementTree.fromstring(get(filled, "/api/v1/layers/lamps/export.kml", "supervisor").data)
    space = {"k": "http://www.opengis.net/kml/2.2"}
    values = [one.text for one in root.findall(".//k:Data[@name='note']/k:value", space)]
    assert HOSTILE in values
    zones = ElementTree.fromstring(get(filled, "/api/v1/layers/zones/export.kml", "supervisor").data)
    assert len(zones.findall(".//k:innerBoundaryIs", space)) == 1


def test_an_exported_geojson_holds_every_feature(filled) -> None:
    told = json.loads(get(filled, "/api/v1/layers/lamps/export.geojson", "supervisor").data)
    assert len(told["features"]) == len(LAMPS)
    assert get(filled, "/api/v1/layers/lamps/export.exe", "supervisor").status_code == 404
    assert get(filled, "/api/v1/layers/lamps/export.csv", "operator").status_code == 403


def test_a_file_that_is_gone_is_told_as_not_there(filled, tmp_path) -> None:
    kept.file_of(tmp_path, "lamps", 1).unlink()
    assert get(filled, "/api/v1/layers/lamps/features").status_code == 404
    assert get(filled, "/api/v1/ogc/collections/none/items").status_code == 404


def test_a_wall_draws_what_its_plan_names_and_is_for_everybody(filled, tmp_path) -> None:
    x, y = tile_of(107.58, 16.46)
    told = get(filled, "/walls/main/layers", "wall").json["layers"]
    assert [one["key"] for one in told] == ["zones", "lamps"]  # in the plan's order; masts are for supervisors
    assert get(filled, f"/walls/main/layers/lamps/1/13/{x}/{y}", "wall").status_code == 200
    assert get(filled, f"/walls/main/layers/masts/1/13/{x}/{y}", "supervisor").status_code == 404
    assert get(filled, f"/layers/lamps/1/13/{x}/{y}", "wall").status_code == 403
    assert get(filled, "/walls/other/layers", "wall").status_code == 404
    assert get(filled, "/walls/other/layers", "operator").json["layers"] == []
    assert get(filled, "/walls/main/layers", "privacy_officer").status_code == 403
    keep(filled, tmp_path, "masts", LAMPS[:2], shape="point", roles=("supervisor", "wall"), version=2)
    assert [one["key"] for one in get(filled, "/walls/main/layers", "wall").json["layers"]] == ["zones", "masts", "lamps"]


def test_a_version_that_is_kept_is_drawn_of_its_day(filled, tmp_path) -> None:
    x, y = tile_of(107.58, 16.46)
    first = get(filled, "/layers/list").json
    keep(filled, tmp_path, "lamps", LAMPS[:3], shape="point", version=2)
    shown = {one["key"]: one["version"] for one in get(filled, "/layers/list").json["layers"]}
    assert shown["lamps"] == 2
    then = get(filled, f"/layers/list?at={first['now']}").json["layers"]
    assert {one["key"] for one in then} == set(shown)
    for version, status in ((1, 200), (2, 200), (3, 404)):
        assert get(filled, f"/layers/lamps/{version}/13/{x}/{y}").status_code == status
    assert get(filled, "/layers/list?at=yesterday").status_code == 404
