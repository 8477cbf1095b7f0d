"""The doors of marks: who draws, what is refused and how it is told, and the feed."""

import json

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import text

from dashboard.access import ROLES, may
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
