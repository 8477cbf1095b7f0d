"""Default deny: every route and every callback names its permission, and every role gets exactly what it holds."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbacks.asked import Asked, outputs, read
from callbacks.guard import CALLBACKS
from callbacks.rules import RULES
from callbacks.web import PAGES
from dashboard.access import PERMISSIONS, ROLES, may
from tests.web.conftest import PACK

SAME = {"Sec-Fetch-Site": "same-origin"}
ADDRESSES = {
    "/console": "console.view",
    "/cameras": "camera.view",
    "/wall/main": "wall.view",
    "/leader": "leader.view",
    "/account": "signed_in",
    "/metrics": "metrics.read",
    f"/city/{PACK.city.version}.json": "page.draw",
    "/_dash-layout": "page.draw",
    "/_dash-dependencies": "page.draw",
    "/leader/figures": "leader.view",
    "/leader/items?list=overdue": "leader.view",
    "/api/v1/figures": "leader.view",
    "/api/v1/events": "api.read",
    "/api/v1/cameras": "api.read",
    "/api/v1/cameras/H-001": "api.read",
    "/cameras/unknown": "camera.adopt",
    "/unknown-cameras": "camera.adopt",
    "/api/v1/kpis": "api.read",
    "/api/v1/feeds": "api.read",
    "/api/v1/around?lon=107.58&lat=16.46&at=1": "api.read",
    "/api/v1/alarm-report": "report.view",
    "/alarm-report": "report.view",
    "/incidents": "incident.view",
    "/incidents/list": "incident.view",
    "/reports": "case.view",
    "/my-unit": "case.own",
    "/reports/list": "case.read",
    "/reports/facts": "case.read",
    "/replay/span": "replay.view",
    "/replay/frames?at=1": "replay.view",
    "/layers/list": "layer.view",
    "/api/v1/layers": "layer.view",
    "/api/v1/ogc/collections": "layer.view",
    "/api/v1/here?lon=107.58&lat=16.46": "layer.view",
    "/healthz": "public",
    "/sign-in": "public",
    "/i18n/vi.json": "public",
    "/api/v1/openapi.json": "public",
}


def test_every_rule_names_its_permission(web) -> None:
    named = {"static" if rule.endpoint == "static" else rule.rule for rule in web.server.url_map.iter_rules()}
    assert named - set(RULES) == set()
    assert set(RULES.values()) <= {*PERMISSIONS, "page", "denied"}


def test_every_callback_names_its_permission(web) -> None:
    web.signed("operator").get("/console")
    served = {outputs(key)[0] for key, one in web.mounted.dash.callback_map.items() if one.get("callback")}
    assert served - set(CALLBACKS) == set()


def test_every_page_asks_for_a_permission_of_the_list() -> None:
    assert {page.permission for page in PAGES} <= set(PERMISSIONS)


@pytest.mark.parametrize("path", sorted(ADDRESSES))
@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_role_gets_what_it_holds_and_no_more(web, role, path) -> None:
    client = web.signed(role) if role else web.server.test_client()
    status = client.get(path, headers={"Accept": "application/json"}).status_code
    if may(role, ADDRESSES[path]):
        assert status == 200
    else:
        assert status == (403 if role else 401)


def test_a_person_is_led_to_sign_in_and_a_machine_is_told(web) -> None:
    client = web.server.test_client()
    answer = client.get("/console", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/console")
    assert client.get("/api/v1/events").json["error"]["code"] == "unauthorized"


def test_a_scripts_question_is_told_that_the_session_has_ended_and_a_filtered_list_is_found_again_after_signing_in(web) -> None:
    client = web.server.test_client()
    asked = client.get("/reports/list?tab=received", headers={"Accept": "*/*"})  # as a page's fetch asks
    assert (asked.status_code, asked.json["error"]["code"]) == (401, "unauthorized")
    where = "/reports?tab=overdue&ward=19789,19753&q=hoa+binh"
    led = client.get(where, headers={"Accept": "text/html,application/xhtml+xml"}).headers["Location"]
    page = client.get(led).text
    assert 'name="next" value="/reports?tab=overdue&amp;ward=19789,19753&amp;q=hoa+binh"' in page


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/wall/main/x",
        "/console/..%2f",
        "/_reload-hash",
        "/_mcp",
        "/static/x",
        "/assets/../app.py",
        "/.git/config",
        "/wall/",
    ],
)
def test_what_is_not_there_is_404(web, path) -> None:
    assert web.signed("admin").get(path, headers={"Accept": "application/json"}).status_code == 404


def test_a_kiosk_sees_its_own_wall_alone(web) -> None:
    client = web.signed("wall")
    assert client.get("/wall/main").status_code == 200
    assert client.get("/wall/other").status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
        ({"Origin": "http://localhost"}, 303),
    ],
)
def test_no_foreign_page_posts_with_our_cookie(web, headers, status) -> None:
    assert web.signed("operator").post("/sign-out", headers=headers).status_code == status


def test_a_cookie_does_not_open_the_api_to_foreign_posts(web) -> None:
    client = web.signed("operator")
    for path in ("/api/v1/intake/native", "/NotificationInfo/KeepAlive"):
        assert client.post(path, data=b"{}", headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_machine_that_names_no_origin_is_asked_for_its_key(web) -> None:
    client = web.server.test_client()
    for path, status in (("/api/v1/intake/nobody", 404), ("/NotificationInfo/KeepAlive", 401)):
        assert client.post(path, data=b"{}").status_code == status


def callback(output: str, pathname: str) -> dict[str, object]:
    return {
        "output": output,
        "outputs": {"id": output.split(".")[0], "property": output.split(".")[-1]},
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": pathname},
            {"id": "_pages_location", "property": "search", "value": ""},
        ],
        "changedPropIds": ["_pages_location.pathname"],
        "state": [],
    }


PAGE_OUTPUT = ".._pages_content.children..._pages_store.data.."


def ask(client, body: object):
    return client.post("/_dash-update-component", data=json.dumps(body), headers=SAME | {"Content-Type": "application/json"})


def pages_body(path: str) -> dict[str, object]:
    two = [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}]
    return callback(PAGE_OUTPUT, path) | {"outputs": two}


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("operator", "/console", 200),
        ("leader", "/console", 403),
        ("operator", "/leader", 403),
        ("wall", "/wall/main", 200),
        ("wall", "/wall/other", 403),
        ("wall", "/console", 403),
        ("operator", "/nowhere", 403),
    ],
)
def test_a_page_is_laid_out_only_for_who_may_see_it(web, role, path, status) -> None:
    client = web.signed(role)
    client.get("/wall/main" if role == "wall" else "/account")
    assert ask(client, pages_body(path)).status_code == status
    laid = client.get("/_dash-layout", query_string={"at": path})
    assert laid.status_code == status
    assert (len(laid.data) > 3000) is (status == 200), "the page itself, or nothing"


@pytest.mark.parametrize(
    "at", ["//console", "/console?x", "/console/../leader", "https://elsewhere/console", "/wall/<b>", "\x00", "/" * 5000]
)
def test_an_address_that_is_none_is_laid_out_as_none(web, at) -> None:
    assert web.signed("operator").get("/_dash-layout", query_string={"at": at}).status_code == 403


def test_without_an_address_the_slot_is_empty(web) -> None:
    client = web.signed("operator")
    bare, filled = (client.get("/_dash-layout", query_string=query) for query in ({}, {"at": "/console"}))
    assert (bare.status_code, filled.status_code) == (200, 200)
    assert len(bare.data) < 300
    assert len(filled.data) > 10_000
    assert "no-store" in filled.headers["Cache-Control"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'{"output":1}',
        b'{"output":"x.y"}',
        b'{"output":"a.b","inputs":{},"outputs":{}}',
        b'{"output":"a.b","inputs":[1],"outputs":{}}',
        b"\xff",
    ],
)
def test_a_malformed_callback_is_400(web, body) -> None:
    client = web.signed("operator")
    answer = client.post("/_dash-update-component", data=body, headers=SAME | {"Content-Type": "application/json"})
    assert answer.status_code == 400


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["output", "outputs", "inputs", "state", "id", "property", "value", "changedPropIds"]),
                inner,
                max_size=6,
            )
        ),
        max_leaves=15,
    )
)
def test_no_callback_body_is_ever_a_5xx(web, body) -> None:
    assert ask(web.signed("operator"), body).status_code < 500


@given(st.binary(max_size=100))
def test_reading_a_callback_never_raises(body) -> None:
    assert read(body, {}) is None


def test_what_is_read_is_what_was_declared(web) -> None:
    web.signed("operator").get("/console")
    served = web.mounted.dash.callback_map
    told = pages_body("/console")
    assert read(json.dumps(told).encode(), served) == Asked(
        PAGE_OUTPUT, "_pages_content.children", {"pathname": "/console", "search": ""}
    )


def test_headers_hold_the_browser_to_us(web) -> None:
    answer = web.signed("operator").get("/console", headers={"Accept": "text/html"})
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in policy
