"""The page of layers over the web: a file in pieces, a look at it, an import by a process of its own, the way back; who may, what is refused."""

import fcntl
import json
import subprocess
import time
import zipfile

import pytest
import shapely

from dashboard.access import ROLES, may
from data.clock import SystemClock
from data.layers.desk import FileDesk
from data.store.layers import SqlLayers
from tests import layer_files
from tests.conftest import until

SAME = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
HOSTILE = '<img src=x onerror="alert(1)">'


def lamps(lon: float = 107.58, lat: float = 16.46, *, n: int = 3) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"ten": HOSTILE if not at else f"Đèn {at}", "loai": "LED", "goi": "0912345678"},
            "geometry": {"type": "Point", "coordinates": [lon + at / 10_000, lat]},
        }
        for at in range(n)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def desk(web, tmp_path, sqlite_url, monkeypatch):
    """The doors, over the home and the record that the job's process is told of."""
    monkeypatch.setenv("KYDAI_HOME", str(tmp_path))
    monkeypatch.setenv("KYDAI_DATABASE_URL", sqlite_url)
    return web.signed("admin")


def post(client, path: str, body: object = None, **more):
    return client.post(f"/layers/{path}", json={} if body is None else body, headers=SAME, **more)


def brought(client, body: bytes, name: str) -> str:
    token = post(client, "desk", {"name": name, "size": len(body)}).json["token"]
    middle = len(body) // 2
    for at, piece in ((0, body[:middle]), (middle, body[middle:])):
        assert client.post(f"/layers/desk/{token}/piece/{at}", data=piece, headers=SAME).status_code == 200
    return token


def done(client, token: str, does: str, **said: object):
    """Begin what is asked for and return how it ended."""
    assert post(client, f"desk/{token}/{does}", {"key": "lamps", **said}).status_code == 200
    until = time.monotonic() + 90
    while (told := client.get(f"/layers/desk/{token}").json)["step"] in {"reading", "importing"}:
        assert time.monotonic() < until
        time.sleep(0.05)
    return told


def test_it_is_said_by_which_fields_things_are_told_apart(desk) -> None:
    token = brought(desk, lamps(n=4), "lamps.geojson")
    assert done(desk, token, "read")["step"] == "read"
    seen = desk.get(f"/layers/desk/{token}/seen").json
    assert (seen["layer"]["id_fields"], seen["identity"]) == (["ten"], {"double": 0, "empty": 0, "alike": []})
    assert seen["apart"]["loai"] == {"double": 4, "empty": 0, "alike": ["LED"]}
    assert "0912345678" not in json.dumps(seen["apart"])
    assert done(desk, token, "read", about=True, id_fields=["loai", "goi"])["step"] == "read"
    seen = desk.get(f"/layers/desk/{token}/seen").json
    assert (seen["layer"]["id_fields"], seen["identity"]["double"]) == (["loai", "goi"], 4)
    assert dict(seen["facts"])["identity"]["vi"].startswith("loai + goi; 4 trong 4 đối tượng trùng nhau (LED / ")
    assert done(desk, token, "read", about=True, id_fields=["khong_co"])["why"]["vi"].startswith("Tệp không có trường khong_co")
    assert done(desk, token, "take", about=True, id_fields=["ten", "loai"])["step"] == "done"
    listed = desk.get("/api/v1/layers").json["layers"]
    assert [one["id_fields"] for one in listed if one["key"] == "lamps"] == [["ten", "loai"]]


def test_a_file_is_seen_imported_and_taken_back(desk, tmp_path) -> None:
    token = brought(desk, lamps(), "../Đèn đường.geojson")
    assert done(desk, token, "read")["step"] == "read"
    seen = desk.get(f"/layers/desk/{token}/seen").json
    assert [one["key"] for one in seen["layer"]["fields"]] == ["ten", "loai", "goi"]
    assert len(seen["shapes"]["features"]) == 3
    facts = dict(seen["facts"])
    assert facts["features"]["vi"] == "3 điểm; đã sửa 0 hình hỏng, bỏ 0 đối tượng không có hình và 0 nằm ngoài"
    assert facts["coordinates"] == {
        "vi": "EPSG:4326 (kinh độ, vĩ độ WGS 84), theo tệp",
        "en": "EPSG:4326 (WGS 84 longitude and latitude), as the file says",
    }
    assert seen["values"]["loai"] == ["LED"]
    assert "goi" not in seen["values"]  # a telephone number is no label
    assert "0912345678" not in json.dumps(seen)
    assert seen["rows"][0][0] == HOSTILE
    said = {
        "about": True,
        "title": {"vi": "Đèn", "en": "Lamps"},
        "name_field": "ten",
        "style_field": "loai",
        "source": "Sở Xây dựng",
    }
    told = done(desk, token, "take", **said, as_of="2026-11-01", every_days=30, roles=["admin"], drop=["goi"])
    assert (told["step"], told["version"]) == ("done", 1), told["why"]
    again = brought(desk, lamps(n=4), "lamps.geojson")
    assert done(desk, again, "take")["version"] == 2
    kept = desk.get("/layers/kept").json["layers"]
    assert [(one["key"], one["version"], one["count"], one["by"], one["source"], one["undo"]) for one in kept] == [
        ("lamps", 2, 4, "admin-person", "Sở Xây dựng", True)
    ]
    assert "goi" not in [one["key"] for one in kept[0]["fields"]]
    assert post(desk, "undo", {"key": "lamps"}).json == {"version": 1}
    assert not (tmp_path / "layers" / "lamps" / "2.db").exists()
    assert post(desk, "undo", {"key": "lamps"}).status_code == 404
    assert post(desk, "remove", {"key": "lamps"}).status_code == 200
    told = desk.get("/layers/kept").json
    assert (told["layers"], [one["key"] for one in told["removed"]]) == ([], ["lamps"])
    assert post(desk, "undo", {"key": "lamps"}).status_code == 200
    acts = [one["action"] for one in desk.get("/layers/kept/lamps").json["acts"]]
    assert acts == ["undone", "removed", "let go", "undone", "imported", "imported"]


def bomb(tmp_path) -> bytes:
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("big.geojson", b" " * 60_000_000)
    return file.read_bytes()


def lone(tmp_path) -> bytes:
    file = tmp_path / "lone.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("lamps.shp", b"\x00\x00\x27\x0a" + b"\x00" * 96)
    return file.read_bytes()


@pytest.mark.parametrize(
    ("made", "name", "vi", "en"),
    [
        (lambda _: lamps(16.46, 107.58), "swapped.geojson", "nằm ngoài thành phố", "lie outside"),
        (bomb, "bomb.zip", "bom nén", "zip bomb"),
        (lone, "lone.zip", "thiếu", "comes without its"),
        (lambda _: b"<html>no layer</html>", "page.geojson", "Nội dung không phải GeoJSON", "whatever its name says"),
    ],
)
def test_a_refused_file_says_why_in_both_languages_and_changes_nothing(desk, tmp_path, made, name, vi, en) -> None:
    assert done(desk, brought(desk, lamps(), "lamps.geojson"), "take")["version"] == 1
    token = brought(desk, made(tmp_path), name)
    told = done(desk, token, "take")
    assert told["step"] == "failed"
    assert vi in told["why"]["vi"]
    assert en in told["why"]["en"]
    assert "--" not in told["why"]["en"]
    assert [(one["key"], one["version"], one["count"]) for one in desk.get("/layers/kept").json["layers"]] == [("lamps", 1, 3)]


def test_values_get_their_labels_and_colours(desk) -> None:
    values = [{"value": "LED", "vi": "Đèn LED", "en": "LED lamp", "colour": 3}]
    token = brought(desk, lamps(), "lamps.geojson")
    told = done(desk, token, "take", about=True, name_field="ten", style_field="loai", values=values)
    assert told["step"] == "done", told["why"]
    assert desk.get("/layers/kept").json["layers"][0]["swatches"] == [
        {"value": "LED", "label": {"vi": "Đèn LED", "en": "LED lamp"}, "colour": 3}
    ]
    assert done(desk, brought(desk, lamps(n=4), "lamps.geojson"), "take")["version"] == 2  # nothing is said: they stay
    assert desk.get("/layers/kept").json["layers"][0]["swatches"][0]["label"]["en"] == "LED lamp"
    assert post(desk, f"desk/{token}/take", {"key": "lamps", "values": [{"value": "x", "colour": 9}]}).status_code == 400


def test_wards_are_taken_with_their_code_and_day(desk, web) -> None:
    shapes, fields = layer_files.wards()
    shapes = shapely.coverage_simplify(shapes, 0.001)  # six processes read them here: their outlines alone matter
    features = [
        {
            "type": "Feature",
            "properties": {"ma": code, "ten": name},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for shape, code, name in zip(shapes, *fields.values(), strict=True)
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    token = brought(desk, body, "wards.geojson")
    assert done(desk, token, "read", key="wards", wards_from="2025-07-01", code_field="ma")["step"] == "read"
    assert dict(desk.get(f"/layers/desk/{token}/seen").json["facts"])["wards"]["vi"].startswith(
        f"{len(features)} phường, xã từ 2025-07-01"
    )
    told = done(desk, token, "take", key="wards", about=True, name_field="ten", wards_from="2025-07-01", code_field="ma")
    assert told["step"] == "done", told["why"]
    assert desk.get("/layers/kept").json["layers"][0]["wards"] is True
    assert len(SqlLayers(web.engine, SystemClock()).wards("wards", 1)) == len(features)
    again = brought(desk, body, "wards.geojson")
    for said, vi in (
        ({}, "ngày hiệu lực"),
        ({"wards_from": "2025-07-01", "code_field": "ten"}, "không phải phường, xã của thành phố"),
        ({"wards_from": "2025-07-01", "code_field": "no"}, "không có trường mã"),
        ({"wards_from": "2025-13-01", "code_field": "ma"}, "Ngày không hợp lệ"),
    ):
        told = done(desk, again, "take", key="wards", **said)
        assert (told["step"], vi in told["why"]["vi"]) == ("failed", True), told
    assert desk.get("/layers/kept").json["layers"][0]["version"] == 1


def test_a_job_whose_process_is_gone_is_told_at_once(desk, tmp_path, monkeypatch) -> None:
    """The server that began it was killed with it: another one says so, and the file can be read again."""
    children: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr(FileDesk, "_wait", lambda _self, _job, child: children.append(child))  # nobody is left who saw it end
    token = brought(desk, lamps(), "lamps.geojson")
    with (tmp_path / "layer_desk.lock").open("w") as before:
        fcntl.flock(before, fcntl.LOCK_EX)  # another file is read: this one waits
        assert post(desk, f"desk/{token}/read", {"key": "lamps"}).status_code == 200
        other = FileDesk(tmp_path, SystemClock())
        assert other.job(token, who="admin-person").step == "reading"
        until(lambda: children)
        children[0].kill()
        children[0].wait()
        told = other.job(token, who="admin-person")
    assert told.step == "failed"
    why = told.why
    assert "bị ngắt" in why.vi
    assert "interrupted" in why.en
    assert done(desk, token, "read")["step"] == "read"
    children[1].wait()


def test_a_process_that_is_ended_by_its_limits_says_so(desk, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KYDAI_CITY", "no-such-city")  # the process ends without a word
    token = brought(desk, lamps(), "lamps.geojson")
    assert done(desk, token, "read")["step"] == "failed"


def test_pieces_follow_on_each_other_and_a_file_is_its_owners(desk, web) -> None:
    body = lamps()
    assert post(desk, "desk", {"name": "big.gpkg", "size": 3_000_000_000}).json["error"]["code"] == "refused"
    token = post(desk, "desk", {"name": "lamps.geojson", "size": len(body)}).json["token"]
    send = lambda at, piece: desk.post(f"/layers/desk/{token}/piece/{at}", data=piece, headers=SAME)  # noqa: E731
    assert send(5, b"x").json["error"] == {"code": "behind", "got": 0}
    assert send(0, body[:10]).json["got"] == 10
    assert send(0, body[:10]).json["error"] == {"code": "behind", "got": 10}
    assert post(desk, f"desk/{token}/read", {"key": "lamps"}).json["error"] == {"code": "behind", "got": 10}
    assert send(10, body).status_code == 400
    assert send(10, b"x" * ((4 << 20) + 1)).status_code == 413
    other = web.server.test_client()
    secret = web.accounts.open_session("another", "admin", now_ms=time.time_ns() // 1_000_000)
    other.set_cookie("kydai", secret)
    assert other.get(f"/layers/desk/{token}").status_code == 404
    assert post(desk, f"desk/{token}/drop").status_code == 200
    assert desk.get(f"/layers/desk/{token}").status_code == 404
    assert desk.get("/layers/desk/..%2f..%2fetc").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_only_who_keeps_layers_comes_to_the_desk(web, role) -> None:
    client = web.signed(role)
    good = 200 if may(role, "layer.manage") else 403
    assert client.get("/layers/kept").status_code == good
    assert post(client, "desk", {"name": "a.geojson", "size": 10}).status_code == good
