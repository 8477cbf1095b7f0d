"""Citizens' apps at the web server: past the guard by the client's key alone, whatever else they show."""

import pytest

from data.store.sources import Sources
from tests.citizens import REPORT
from tests.web.conftest import now_ms

EVIL = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def key(web) -> str:
    return Sources(web.engine).add("open311-app", adapter="open311", now_ms=now_ms())


def test_a_key_is_enough_and_nothing_else_is(web, key: str) -> None:
    stranger = web.server.test_client()
    assert stranger.post("/open311/v2/requests.json", data=REPORT | {"api_key": key}, headers=EVIL).status_code == 200
    assert stranger.post("/open311/v2/requests.json", data=REPORT).status_code == 403
    assert stranger.get("/open311/v2/requests.json").status_code == 403
    for role in ("admin", "operator", "wall"):
        assert web.signed(role).get("/open311/v2/requests.json").status_code == 403, role
    token = web.accounts.add_token("t", "operator", days=1, now_ms=now_ms())
    assert stranger.get("/open311/v2/requests.json", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert web.server.test_client().get("/api/v1/events", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_a_page_of_another_origin_cannot_post_with_somebodys_session(web, key: str) -> None:
    told = web.signed("operator").post("/open311/v2/requests.json", data=REPORT | {"api_key": key}, headers=EVIL)
    assert told.status_code == 403


def test_what_is_too_much_is_refused_in_the_words_of_the_standard(web, key: str) -> None:
    client = web.server.test_client()
    big = client.post("/open311/v2/requests.xml", data={"api_key": key, "description": "x" * 11_000_000})
    assert (big.status_code, big.content_type) == (413, "text/xml; charset=utf-8")
    many = client.post("/open311/v2/requests.json", data={"api_key": key} | {f"a{n}": "b" for n in range(5000)})
    assert many.status_code in {400, 413}
    assert client.get("/open311/v2/requests.html").status_code == 404
    assert client.get("/open311/v2/requests/..%2f..%2fetc%2fpasswd.json", query_string={"api_key": key}).status_code == 404


@pytest.mark.parametrize(
    ("verb", "path", "status", "allowed"),
    [
        ("DELETE", "v2/requests.json", 405, "GET, POST"),
        ("PUT", "v2/requests/x.xml", 405, "GET"),
        ("POST", "v2/services.xml", 405, "GET"),
        ("GET", "v2/services", 404, None),
        ("GET", "v2/services.json/", 404, None),
        ("GET", "v2/nothing.xml", 404, None),
    ],
)
def test_what_there_is_not_is_said_in_the_words_of_the_standard(
    web, verb: str, path: str, status: int, allowed: str | None
) -> None:
    answer = web.server.test_client().open(f"/open311/{path}", method=verb, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers.get("Allow")) == (status, allowed)
    if path.endswith(".xml"):
        assert answer.content_type == "text/xml; charset=utf-8"
        assert f"<errors><error><code>{status}</code><description>" in answer.get_data(as_text=True)
    else:
        assert [one["code"] for one in answer.json] == [status]


def test_which_verbs_there_are_is_told(web) -> None:
    told = web.server.test_client().options("/open311/v2/requests.json")
    assert (told.status_code, told.headers["Allow"]) == (200, "GET, POST, OPTIONS")
