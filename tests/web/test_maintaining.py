"""The doors of maintenance and of one camera."""

import pytest
from jsonschema import Draft202012Validator
from msgspec import json, msgpack

from dashboard.access import ROLES
from dashboard.calendar import hour_of
from dashboard.spot import Spot
from data.doors.api import OPENAPI
from data.store.tables import HOUR_CAMERA, STANDING
from tests.web.conftest import PACK, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
SPEC = json.decode(OPENAPI.read_bytes())
BEGINS = {"camera": "H-001", "minutes": 60, "why": "thay ống kính 0912345678"}


def post(client, path: str, body: object, **more: object):
    return client.post(f"/cameras/{path}", json=body, headers=SAME, **more)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_a_supervisor_alone_says_that_somebody_works_on_a_camera(web, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    good = 200 if role == "supervisor" else 401 if role is None else 403
    assert post(client, "maintain", BEGINS).status_code == good
    assert post(client, "maintained", {"camera": "H-001"}).status_code == good


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"minutes": 481}, 400, "minutes"),
        ({"minutes": 0}, 400, "minutes"),
        ({"why": "ngắn"}, 400, "why"),
        ({"why": "x" * 501}, 400, "why"),
        ({"minutes": "1"}, 400, None),
        ({"more": 1}, 400, None),
        ({"camera": "H-999"}, 404, None),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_wrong(web, more, status: int, field) -> None:
    answer = post(web.signed("supervisor"), "maintain", {**BEGINS, **more})
    assert (answer.status_code, answer.json["error"].get("field")) == (status, field)


def test_a_token_maintains_nothing(web) -> None:
    token = web.accounts.add_token("machine", "supervisor", days=1, now_ms=now_ms())
    headers = {"Authorization": f"Bearer {token}", **SAME}
    assert web.server.test_client().post("/cameras/maintain", json=BEGINS, headers=headers).status_code == 403


def test_one_camera_is_told_as_described(web) -> None:
    client, hour = web.signed("operator"), hour_of(now_ms(), PACK.city.zone)
    spot = Spot(state="online", since=5, last=9, skew=-125_400, skewed=True)
    with web.engine.begin() as sql:
        sql.execute(STANDING.insert().values(part="cameras", key="H-001", body=msgpack.encode(spot)))
        counts = [{"hour": hour - 168 * back, "camera": "H-001", "n": 10 * back} for back in range(5)]
        sql.execute(HOUR_CAMERA.insert(), [*counts, {"hour": hour - 1, "camera": "H-001", "n": 99}])
    post(web.signed("supervisor"), "maintain", BEGINS)
    told = client.get("/api/v1/cameras/H-001").json
    schema = SPEC["paths"]["/cameras/{camera}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": SPEC["components"]}).validate(told)
    assert (told["state"], told["skew_s"], told["skewed"], told["seen"]) == ("online", -125.4, True, 9)
    assert told["hour"]["usual"] == 25.0
    assert told["maintenance"]["who"] == "supervisor-person"
    assert "12345" not in told["maintenance"]["why"]
    post(web.signed("supervisor"), "maintained", {"camera": "H-001"})
    told = client.get("/api/v1/cameras/H-001").json
    assert (told["maintenance"], told["works"][0]["ended_by"]) == (None, "supervisor-person")
    quiet = client.get("/api/v1/cameras/H-002").json
    assert (quiet["state"], quiet["skew_s"], quiet["hour"]["usual"], quiet["works"]) == ("unknown", None, None, [])
    assert post(web.signed("supervisor"), "maintained", {"camera": "H-001"}).status_code == 404
    assert client.get("/api/v1/cameras/H-999").status_code == 404
