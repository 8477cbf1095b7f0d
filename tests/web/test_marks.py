"""The doors of marks: who draws, what is refused and how it is told, and the feed."""

import json
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import text

from dashboard.access import ROLES, may
from dashboard.masking import hidden
from data.doors.api import OPENAPI
from tests.web.conftest import PACK, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
SPEC = json.loads(OPENAPI.read_text())
WEST, SOUTH, _, _ = PACK.city.bounds
LINE = [[WEST + 0.01, SOUTH + 0.01], [WEST + 0.02, SOUTH + 0.01], [WEST + 0.02, SOUTH + 0.02]]
DRAW = {
    "action": "draw",
    "key": "draw-0001",
    "shape": "area",
    "points": LINE,
    "kind": "event",
    "name": "<b>Lễ hội</b>",
    "note": "gọi 0912345678",
}


@pytest.fixture
def kept(web):
    with web.engine.begin() as sql:
        sql.execute(text("INSERT INTO mark (one, entry, fence) VALUES (1, '0-0', 0)"))
    return web


def act(client, **body: object):
    return client.post("/marks/act", json=body, headers=SAME)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_operators_and_supervisors_draw_and_who_may_reads(kept, role) -> None:
    client = kept.signed(role) if role else kept.server.test_client()
    draws, reads = (may(role, "mark.draw"), may(role, "mark.view"))
    assert act(client, **DRAW).status_code == (200 if draws else 401 if role is None else 403)
    assert client.get("/api/v1/marks").status_code == (200 if reads else 401 if role is None else 403)
    assert client.get("/marks/1").status_code == ((200 if draws else 404) if reads else 401 if role is None else 403)


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        ({"points": [LINE[0], LINE[0], LINE[1]]}, 400, {"code": "unfit", "field": "points", "why": "too_few"}),
        ({"points": [[y, x] for x, y in LINE]}, 400, {"code": "unfit", "field": "points", "why": "outside"}),
        ({"points": [[WEST, SOUTH]] * 2001}, 400, {"code": "bad_request"}),
        ({"name": ""}, 400, {"code": "unfit", "field": "name", "why": "missing"}),
        ({"until": 5}, 400, {"code": "unfit", "field": "until", "why": "past"}),
        ({"incident": 12}, 400, {"code": "unfit", "field": "incident", "why": "missing"}),
        ({"mark": 3}, 400, {"code": "unfit", "field": "mark", "why": "given"}),
        ({"kind": "party"}, 400, {"code": "bad_request"}),
        ({"more": 1}, 400, {"code": "bad_request"}),
        ({"points": [["a", 1]]}, 400, {"code": "bad_request"}),
        ({"action": "end", "mark": 9}, 404, {"code": "not_found"}),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_is_wrong(kept, more, status, error) -> None:
    answer = act(kept.signed("operator"), **{**DRAW, **more})
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert kept.signed("operator").get("/api/v1/marks").json["features"] == []


def test_bytes_that_are_no_json_are_refused(kept) -> None:
    for body in (b"", b"[" * 100_000, b'{"points": [[NaN, 1]]}', b"\xff"):
        assert kept.signed("operator").post("/marks/act", data=body, headers=SAME).status_code == 400


def test_a_token_reads_and_draws_nothing(kept) -> None:
    token = kept.accounts.add_token("gis", "supervisor", days=1, now_ms=now_ms())
    headers, client = {"Authorization": f"Bearer {token}", **SAME}, kept.server.test_client()
    assert client.post("/marks/act", json=DRAW, headers=headers).status_code == 403
    assert client.get("/api/v1/marks", headers=headers).status_code == 200


def test_the_second_is_told_who_was_first(kept) -> None:
    first, second = kept.signed("operator"), kept.signed("supervisor")
    mark = act(first, **DRAW).json["mark"]
    act(first, action="change", key="change-01", mark=1, version=1, name="Hội")
    answer = act(second, action="end", key="ending-01", mark=1, version=mark["version"])
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "outdated")
    assert (answer.json["last"]["who"], answer.json["mark"]["name"]) == ("operator-person", "Hội")
    assert [one["action"] for one in second.get("/marks/1").json["lines"]] == ["draw", "change"]


def test_the_feed_is_as_described_and_said_once(kept) -> None:
    client = kept.signed("operator")
    act(client, **DRAW)
    act(client, **{**DRAW, "key": "draw-0002", "shape": "route", "begins": now_ms() + 3_600_000})
    answer = client.get("/api/v1/marks")
    content = SPEC["paths"]["/marks"]["get"]["responses"]["200"]["content"]
    assert answer.mimetype in content
    told = json.loads(answer.data)
    Draft202012Validator(content[answer.mimetype]["schema"]).validate(told)
    (one,) = told["features"]
    assert (one["properties"]["name"], one["geometry"]["type"]) == ("<b>Lễ hội</b>", "Polygon")
    assert "0912345678" not in answer.text
    again = client.get("/api/v1/marks", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    later = json.loads(client.get(f"/api/v1/marks?at={now_ms() + 7_200_000}").data)
    assert [one["geometry"]["type"] for one in later["features"]] == ["Polygon", "LineString"]
    assert client.get("/api/v1/marks?at=x").status_code == 400


def test_marks_are_one_more_layer(kept) -> None:
    client, hour = kept.signed("supervisor"), 3_600_000
    later = {
        **DRAW,
        "key": "draw-0002",
        "name": "Cấm đường",
        "kind": "road_closed",
        "shape": "route",
        "begins": now_ms() + 24 * hour,
    }
    for body in (DRAW, later):
        assert act(client, **body).status_code == 200
    listed = client.get("/api/v1/layers").json["layers"]
    assert [(one["key"], one["shape"], one["count"]) for one in listed] == [("marks", "mixed", 1)]
    schema = SPEC["paths"]["/layers"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(client.get("/api/v1/layers").json)

    def ids(query: str = "", path: str = "/api/v1/layers/marks/features") -> list[int]:
        return [one["id"] for one in client.get(f"{path}{query}").json["features"]]

    day = datetime.fromtimestamp(now_ms() / 1000 + 86_400 + 3600, UTC)
    assert ids() == ids(path="/api/v1/ogc/collections/marks/items") == [1]
    assert ids(f"?datetime={day:%Y-%m-%dT%H:%M:%SZ}") == [2]
    assert ids("?datetime=../..") == ids(f"?datetime=../{day:%Y-%m-%d}") == [1, 2]
    assert ids("?datetime=2020-01-01/2020-01-02") == []
    assert ids("?datetime=../..&limit=1") == [1]
    assert ids("?datetime=../..&after=1") == ids("?datetime=../..&offset=1") == [2]
    assert ids(f"?bbox={WEST + 0.5},{SOUTH},{WEST + 0.6},{SOUTH + 0.1}") == []
    for wrong in ("2026-13-40", "2026-11-02/2026-11-01", "yesterday", "1/2/3"):
        assert client.get(f"/api/v1/layers/marks/features?datetime={wrong}").status_code == 400
    one = client.get("/api/v1/ogc/collections/marks/items/1").json
    assert (one["properties"]["name"], one["properties"]["note"]) == ("<b>Lễ hội</b>", "gọi " + hidden("0912345678"))
    assert client.get("/api/v1/ogc/collections/marks/items/9").status_code == 404
    assert client.get("/api/v1/ogc/collections/marks").json["extent"]["temporal"]
    table = client.get("/api/v1/layers/marks/export.csv?datetime=../..").text.splitlines()
    assert table[0].lstrip("\ufeff").split(",")[:3] == ["id", "kind", "name"]
    assert "LINESTRING" in table[2]
    assert "&lt;b&gt;Lễ hội" in client.get("/api/v1/layers/marks/export.kml").text
    assert "0912345678" not in client.get("/api/v1/layers/marks/export.geojson").text


def test_the_layer_of_marks_is_for_whom_marks_are(kept) -> None:
    for role in ROLES:
        client = kept.signed(role)
        wanted = 200 if may(role, "mark.view") else 404
        if may(role, "layer.view") and may(role, "api.read"):
            assert client.get("/api/v1/layers/marks/features").status_code == wanted
            assert [one["key"] for one in client.get("/api/v1/layers").json["layers"]] == ["marks"] * (wanted == 200)
