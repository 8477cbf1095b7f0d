"""The door of hot spots: as described, for whom, and never of fewer than five people."""

import json

import pytest
from jsonschema import Draft202012Validator

from dashboard.access import ROLES, may
from dashboard.calendar import hour_of
from data.doors.api import OPENAPI
from data.store.spots import add
from tests.web.conftest import PACK, now_ms

SPEC = json.loads(OPENAPI.read_text())


@pytest.mark.parametrize("role", [None, *ROLES])
def test_what_is_told_is_as_described_and_leaders_see_five_at_least(web, role) -> None:
    hour, cameras = hour_of(now_ms(), PACK.city.zone), PACK.city.cameras
    with web.engine.begin() as sql:
        told = {(hour - 1 - n, cameras[0].id, "red_light"): 3 for n in range(2)}
        add(sql, told | {(hour - 1, cameras[40].id, "red_light"): 2})
    client = web.signed(role) if role else web.server.test_client()
    answer = client.get("/api/v1/hot-spots?kind=red_light")
    assert answer.status_code == (200 if may(role, "api.read") else 401 if role is None else 403)
    if answer.status_code == 200:
        schema = SPEC["paths"]["/hot-spots"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        Draft202012Validator(schema).validate(answer.json)
        on_duty = may(role, "console.view")
        assert [one["n"] for one in answer.json["spots"]] == ([6, 2] if on_duty else [6])
        assert (answer.json["few"], answer.json["total"]) == ((0, 8) if on_duty else (1, 6))
        assert client.get("/api/v1/hot-spots?of=reports").json["least"] == 5


@pytest.mark.parametrize("query", ["of=people", "kind=nothing", "of=reports&kind=red_light", "period=1y", "by=name"])
def test_what_cannot_be_asked_is_named(web, query) -> None:
    answer = web.signed("operator").get(f"/api/v1/hot-spots?{query}")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_parameter")
