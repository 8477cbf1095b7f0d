"""What a hostile visitor tries, and does not get: lying callbacks, made-up hosts, broken bodies, guessing, previews, floods of addresses."""

import json
import re
import time
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from callbacks import answers, sign_in
from callbacks.rules import RULES
from callbacks.sign_in import Brake, neighbourhood
from dashboard.access import ROLES
from dashboard.errors import Away
from data.store.accounts import HOUR, MINUTE, SqlAccounts
from tests.web.conftest import PASSWORD, now_ms
from tests.web.test_guard import PAGE_OUTPUT, SAME, ask, pages_body
from tests.web.test_sign_in import enter

JSON = {"Accept": "application/json"}
HTML = {"Accept": "text/html"}


@pytest.fixture
def an(web):
    web.accounts.add("an", "operator", PASSWORD, now_ms=now_ms())


def location(value: object, prop: str = "pathname", name: str = "_pages_location") -> dict[str, object]:
    return {"id": name, "property": prop, "value": value}


LIES = {
    "the names lie about the order": {"inputs": [location("/leader", "search"), location("/console", "pathname")]},
    "the first is called otherwise": {"inputs": [location("/leader", "x"), location("/console")]},
    "another's id": {"inputs": [location("/leader", name="evil"), location("", "search")]},
    "one too many": {"inputs": [location("/leader"), location("", "search"), location("/console")]},
    "one too few": {"inputs": [location("/leader")]},
    "a state that nobody declared": {"state": [location("/console")]},
    "no address": {"inputs": [location(["/console"]), location("", "search")]},
    "a search that is none": {"inputs": [location("/console"), location({"a": 1}, "search")]},
    "outputs of nothing": {"outputs": [1]},
    "other outputs": {"outputs": [{"id": "a", "property": "b"}, {"id": "c", "property": "d"}]},
    "one output": {"outputs": {"id": "_pages_content", "property": "children"}},
    "a part of the output": {"output": "_pages_content.children"},
    "the other part": {"output": "_pages_store.data"},
    "one of two": {"output": ".._pages_content.children.."},
    "one more": {"output": f"{PAGE_OUTPUT[:-2]}...x.y.."},
    "a tail": {"output": f"{PAGE_OUTPUT}x"},
    "a hash": {"output": "_pages_content.children@0123abcd"},
    "one that only browsers run": {"output": "_pages_dummy.children"},
    "another that is none": {"output": "slot.lang"},
    "changed things that are no names": {"changedPropIds": [1]},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_callback_whose_body_lies_reaches_nothing(web, lie) -> None:
    client = web.signed("operator")
    client.get("/console")
    answer = ask(client, pages_body("/console") | lie)
    assert answer.status_code == 400
    assert "children" not in answer.text


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_page_by_every_role_through_the_callback(web, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    web.signed("admin").get("/console")
    for path in ("/console", "/leader", "/wall/main", "/wall/other", "/account"):
        seen = client.get(path, headers=JSON).status_code
        assert ask(client, pages_body(path)).status_code == (401 if role is None else seen), path


def test_a_question_mark_does_not_change_the_wall(web) -> None:
    client = web.signed("wall")
    client.get("/wall/main")
    plain = pages_body("/wall/main")
    asked = pages_body("/wall/main") | {
        "inputs": [location("/wall/main"), location("?name=other&context=x&path=/leader", "search")]
    }
    assert ask(client, asked).json == ask(client, plain).json


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("role", [None, "wall", "auditor"])
def test_no_other_method_opens_anything(web, method, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    for path in ("/console", "/leader", "/_dash-layout", "/_dash-dependencies", "/leader/figures", "/api/v1/events", "/wall/other"):
        if role == "auditor" and path == "/api/v1/events":
            continue
        if role is not None and path.startswith("/_dash"):
            continue
        answer = client.open(path, method=method, headers=SAME | {"X-HTTP-Method-Override": "GET"})
        assert answer.status_code in {401, 403, 404, 405}, (path, answer.status_code)


@pytest.mark.parametrize(
    "path",
    [
        "//console",
        "/console//",
        "/CONSOLE",
        "/./console",
        "/console%00",
        "/console;x",
        "/console%2f",
        "/x/../console",
        "//_dash-layout",
        "/_dash-layout/",
        "/_reload-hash",
        "/_mcp",
        "/_alive_abc",
        "/socket.io",
        "/api/v1//events",
    ],
)
def test_another_spelling_of_an_address_is_no_address(web, path) -> None:
    for client in (web.server.test_client(), web.signed("leader")):
        assert client.get(path, headers=JSON).status_code in {401, 403, 404}


@pytest.mark.parametrize(
    "host", [{"Host": ""}, {"Host": "", "Origin": "null"}, {"Host": "evil.example", "Origin": "https://evil.example"}]
)
def test_a_made_up_host_makes_no_foreign_page_ours(web, host) -> None:
    client = web.signed("operator")
    assert client.post("/sign-out", headers={"Origin": "null"} | host).status_code == 403
    assert client.get("/console").status_code == 200


def test_behind_https_only_the_address_we_were_told_is_ours(web) -> None:
    web.mounted.guard.secure, web.mounted.guard.origins = True, frozenset({"https://ioc.example.vn"})
    guard = web.mounted.guard
    with web.server.test_request_context("/", headers={"Host": "ioc.example.vn"}):
        assert guard.own_origin("https://ioc.example.vn")
        assert not guard.own_origin("http://ioc.example.vn")
        assert not guard.own_origin("https://ioc.example.vn.evil.example")
        assert not guard.own_origin("")
    assert guard.cookie == "__Host-kydai"


@pytest.mark.parametrize(
    "path", ["/_dash-component-suites/dash/no.js", "/_dash-component-suites/no/x.js", "/_dash-component-suites/dash/../../app.py"]
)
def test_a_component_that_is_not_there_is_404(web, path) -> None:
    answer = web.server.test_client().get(path, headers=JSON)
    assert answer.status_code == 404
    assert answer.json["error"]["code"] == "not_found"


def test_a_body_that_is_too_large_is_refused_unread(web) -> None:
    client = web.signed("operator")
    answer = client.post("/_dash-update-component", data=b"x" * 1_100_000, headers=SAME | {"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_what_fails_says_nothing_of_us(web, monkeypatch, caplog) -> None:
    def fall(*_: object, **__: object) -> None:
        raise RuntimeError("of 75A-123.45 and a secret")

    monkeypatch.setattr(web.accounts, "who", fall)
    for headers in (JSON, HTML):
        answer = web.signed("operator").get("/console", headers=headers)
        assert answer.status_code == 500
        assert "RuntimeError" not in answer.text
        assert "secret" not in answer.text
        assert "Content-Security-Policy" in answer.headers
    assert "RuntimeError" in caplog.text


def test_where_nobody_can_be_looked_up_nobody_gets_in_and_what_is_public_stays(web, monkeypatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise Away("locked")

    client = web.signed("operator")
    assert "Refresh" not in client.get("/nowhere", headers=HTML).headers
    monkeypatch.setattr(web.accounts, "who", away)
    assert client.get("/console", headers=JSON).status_code == 503
    sorry = client.get("/console", headers=HTML)
    assert "cơ sở dữ liệu" in sorry.text
    assert sorry.headers["Refresh"] == "10"  # a wall has nobody who presses anything
    assert client.get("/healthz").status_code == 200
    assert client.get("/assets/00-core.js", buffered=True).status_code == 200


def test_a_record_that_cannot_be_written_turns_nobody_away(web, monkeypatch) -> None:
    secret = web.accounts.open_session("an", "operator", now_ms=now_ms())

    def locked(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE", {}, __import__("sqlite3").OperationalError("database is locked"))

    monkeypatch.setattr(web.engine.__class__, "begin", locked)
    assert web.accounts.who(secret, now_ms=now_ms() + 2 * MINUTE).name == "an"


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/console"])
def test_a_theme_out_of_a_cookie_stays_one_of_ours(web, path) -> None:
    client = web.signed("operator")
    client.set_cookie("theme", "x'><b>")
    client.set_cookie("tongue", "../../x")
    assert "<b>" not in client.get(path, headers=HTML).text.split("<body>")[0]


# Who guesses.


def test_a_hundred_at_once_are_a_hundred_tries(web, an, monkeypatch) -> None:
    """Each is counted before its password is looked at: the sixth finds the brake on while the first is still being hashed."""
    asked = []

    def slow(name: str, _password: str) -> None:
        asked.append(name)
        if len(asked) < 12:
            assert enter(web, password="guess" * 4).status_code in {401, 429}

    monkeypatch.setattr(web.accounts, "verify", slow)
    enter(web, password="guess" * 4)
    assert len(asked) == sign_in.FREE_TRIES


@pytest.fixture
def no_hash(web, monkeypatch) -> None:
    """Let binh in and nobody else, without the time that a hash takes: the brake's second must not pass meanwhile."""
    monkeypatch.setattr(web.accounts, "verify", lambda name, _: "operator" if name == "binh" else None)
    monkeypatch.setattr(sign_in.time, "monotonic", lambda: 1000.0)


def test_signing_in_oneself_does_not_lift_the_brake_for_the_next_guess(web, no_hash) -> None:
    for n in range(sign_in.FREE_AT_ADDRESS):
        assert enter(web, name=f"guess{n}", password="wrong" * 4).status_code == 401
        if n % 7 == 6 and n < sign_in.FREE_AT_ADDRESS - 2:
            assert enter(web, name="binh").status_code == 303
    assert enter(web, name="another").status_code == 429


def test_a_forwarded_address_is_not_believed_without_a_proxy_of_ours(web, no_hash) -> None:
    client = web.server.test_client()
    statuses = [
        client.post(
            "/sign-in",
            data={"name": f"guess{n}", "password": "wrong" * 4},
            headers=SAME | {"X-Forwarded-For": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}", "X-Real-IP": f"10.0.0.{n}"},
        ).status_code
        for n in range(sign_in.FREE_AT_ADDRESS + 1)
    ]
    assert statuses[-1] == 429


def test_the_brake_forgets_before_it_grows(monkeypatch) -> None:
    monkeypatch.setattr(sign_in, "MOST_REMEMBERED", 50)
    brake = Brake()
    for n in range(500):
        brake.count(f"name {n}")
    for _ in range(sign_in.FREE_TRIES):
        brake.count("an")
    assert len(brake.tries) == 50
    assert brake.wait_s("an") > 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "", True),
    ],
)
def test_an_ipv6_network_is_one_neighbour(one, other, same) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is same


def test_a_stranger_costs_what_a_wrong_password_costs(web, an) -> None:
    """The same hash is computed: counted, not timed, for the clock of a busy machine says nothing."""
    hashes = []
    accounts = SqlAccounts(web.engine, pepper=b"p" * 32, apart=lambda call, given: hashes.append(given[0]) or call(*given))
    web.accounts.disable("an", now_ms=now_ms())
    for name in ("an", "nobody", "an\x00", "\x00"):
        assert accounts.verify(name, "wrong" * 4) is None
    assert len(hashes) == 4
    assert {one.split("$")[3] for one in hashes} == {hashes[0].split("$")[3]}
    assert accounts.verify("an", PASSWORD) is None


@pytest.mark.parametrize("sent", [b"name=%00a&password=x", b"name=%ff%fe&password=%ed%a0%80", b"&" * 200_000, b"name=an"])
def test_no_form_is_a_5xx(web, sent) -> None:
    answer = web.server.test_client().post(
        "/sign-in", data=sent, headers=SAME | {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code in {400, 401, 413, 429}


# Links and displays.


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("OPTIONS", {}),
        ("GET", {"Sec-Purpose": "prefetch"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"X-Moz": "prefetch"}),
        ("GET", {"Sec-Fetch-Dest": "image"}),
        ("GET", {"Sec-Fetch-Dest": "iframe"}),
    ],
)
def test_a_preview_uses_no_link_up_and_drives_no_wall_out(web, method, headers) -> None:
    link = web.accounts.add_link("demo", "supervisor", now_ms=now_ms())
    kiosk = web.accounts.add_kiosk("tường", "main", now_ms=now_ms())
    wall = web.server.test_client()
    wall.get(f"/kiosk/{kiosk}")
    for path in (f"/sign-in/{link}", f"/kiosk/{kiosk}"):
        assert "Set-Cookie" not in web.server.test_client().open(path, method=method, headers=headers).headers
    assert wall.get("/wall/main").status_code == 200
    assert web.server.test_client().get(f"/sign-in/{link}", headers={"Sec-Fetch-Dest": "document"}).status_code == 303


def test_signing_in_again_ends_the_session_that_the_browser_had(web, an) -> None:
    client = web.signed("leader")
    before = client.get_cookie("kydai").value
    client.post("/sign-in", data={"name": "an", "password": PASSWORD}, headers=SAME)
    assert client.get_cookie("kydai").value != before
    assert web.accounts.who(before, now_ms=now_ms()) is None


def test_a_display_ends_after_ninety_days_and_may_not_post(web) -> None:
    kiosk = web.accounts.add_kiosk("tường", "main", now_ms=now_ms())
    screen, _ = web.accounts.open_kiosk(kiosk, now_ms=now_ms())
    assert web.accounts.who(screen, now_ms=now_ms() + 89 * 24 * HOUR) is not None
    assert web.accounts.who(screen, now_ms=now_ms() + 90 * 24 * HOUR + 1) is None
    assert web.accounts.open_kiosk(kiosk, now_ms=now_ms() + 90 * 24 * HOUR + 1) is None
    assert web.accounts.who(kiosk, now_ms=now_ms()) is None
    assert web.signed("wall").post("/sign-out", headers=SAME).status_code == 403


# Accounts.


def test_another_role_or_password_ends_what_was_open(web, an) -> None:
    now = now_ms()
    first = web.accounts.open_session("an", "operator", now_ms=now)
    web.accounts.set_role("an", "leader", now_ms=now)
    assert web.accounts.who(first, now_ms=now) is None
    second = web.accounts.open_session("an", "leader", now_ms=now)
    web.accounts.set_password("an", "another long password", now_ms=now)
    assert web.accounts.who(second, now_ms=now) is None
    assert web.accounts.verify("an", PASSWORD) is None
    assert web.accounts.verify("an", "another long password") == "leader"
    web.accounts.disable("an", now_ms=now)
    web.accounts.enable("an", now_ms=now)
    assert web.accounts.verify("an", "another long password") == "leader"


def test_many_credentials_are_asked_for_together(web) -> None:
    now = now_ms()
    key = {n: web.accounts.who(web.accounts.add_token("t", "operator", days=1, now_ms=now), now_ms=now).key for n in range(3)}
    web.accounts.end(key[1], now_ms=now)
    assert web.accounts.standing([*key.values(), "nobody", *map(str, range(1200))], now_ms=now) == {key[0], key[2]}


def test_what_is_long_over_is_let_go(web) -> None:
    web.accounts.add_token("old", "operator", days=1, now_ms=now_ms() - 40 * 24 * HOUR)
    web.accounts.add_token("new", "operator", days=1, now_ms=now_ms())
    assert [row.name for row in web.accounts.issued("token")] == ["new"]


# What is kept of answers.


def test_made_up_addresses_of_one_file_cost_one_packing(web, monkeypatch) -> None:
    packed = []
    pack = answers.pack
    monkeypatch.setattr(answers, "pack", lambda body, how, *, quality: packed.append(quality) or pack(body, how, quality=quality))
    client = web.server.test_client()
    for n in range(40):
        answer = client.get(f"/assets/00-core.js?m={n}", headers={"Accept-Encoding": "br"}, buffered=True)
        assert answer.headers["Content-Encoding"] == "br"
        client.get(f"/i18n/x{n}.json", headers={"Accept-Encoding": "br"})
    assert len(packed) == 4
    later: list[object] = []
    kept = answers.Answers(csp=str, secure=False, later=later.append)
    for n in range(answers.MOST_KEPT * 2):
        kept._keep(b"%d" % n * 1000, "br")
    for work in later[: answers.MOST_KEPT]:
        work()
    assert len(kept._kept) == answers.MOST_KEPT


def test_every_answer_carries_the_policy(web) -> None:
    client = web.signed("operator")
    for path in (
        "/console",
        "/nothing",
        "/assets/00-core.js",
        "/assets/no.js",
        "/metrics",
        "/readyz",
        "/api/v1/events?limit=x",
        "/sign-in",
    ):
        headers = client.get(path, headers=JSON, buffered=True).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert "Cache-Control" in headers, path
    first = client.get("/assets/00-core.js", buffered=True)
    first.close()
    etag = first.headers["ETag"]
    again = client.get("/assets/00-core.js", headers={"If-None-Match": etag})
    again.close()
    assert again.status_code == 304
    assert "Content-Security-Policy" in again.headers


def test_a_page_loads_its_own_scripts_for_good(web) -> None:
    client = web.signed("operator")
    paths = re.findall(r'"(/page-assets/[^"]+)"', client.get("/console", headers=HTML).text)
    assert [path.split("/")[-1].rpartition("-")[0] for path in paths] == ["every-page", "console"] * 2
    for path in paths:
        answer = client.get(path, buffered=True)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.mimetype == ("text/css" if path.endswith(".css") else "text/javascript")
    assert client.get("/page-assets/console-0.js").status_code == 404


def test_nothing_is_open_that_is_not_meant_to_be() -> None:
    """At most these need no credential, and each says why it may not."""
    public = {rule for rule, needed in RULES.items() if needed == "public"}
    assert public == {
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",  # scripts
        "/_favicon.ico",
        "/assets/<path:filename>",  # scripts and styles
        "/page-assets/<name>",  # the same, put together for a page
        "/sign-in",
        "/sign-in/<secret>",
        "/kiosk/<secret>",
        "/language/<tongue>",
        "/theme/<theme>",
        "/healthz",
        "/readyz",
        "/map/<version>/<name>",  # the city's outline stands on the sign-in page too
        "/i18n/<tongue>.json",
        "/api/v1/openapi.json",
        "/api/v1/indicators",  # POST: the source's key is asked for at the door itself
        "/api/v1/intake/<source>",  # the source's key is asked for at the door itself
        "/NotificationInfo/<what>",  # the same door, for cameras that cannot be told another address
        "/open311/discovery.<any(json, xml):form>",  # what may be reported is for everybody
        "/open311/v2/discovery.<any(json, xml):form>",
        "/open311/v2/services.<any(json, xml):form>",
        "/open311/v2/services/<code>.<any(json, xml):form>",
        "/open311/v2/requests.<any(json, xml):form>",  # for these the client's key is asked for at the door itself
        "/open311/v2/requests/<path:number>.<any(json, xml):form>",
        "/open311/v2/media/<picture>.jpg",  # masked; its name is drawn by lot
        "/open311/v2/requests/<path:number>/media/<picture>.jpg",  # masked, and only once the report is published
        "/open311/v2/tokens/<path:token>.<any(json, xml):form>",
        "/open311/v2/servicerequestupdates.<any(json, xml):form>",
        "/open311/<path:rest>",  # nothing, said in the words of the standard
    }


def test_a_metrics_scraper_shows_a_token(web) -> None:
    client = web.server.test_client()
    assert client.get("/metrics").status_code == 401
    for role, status in (("auditor", 200), ("admin", 200), ("operator", 403)):
        token = web.accounts.add_token("prometheus", role, days=1, now_ms=now_ms())
        assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == status


def test_dash_opens_nothing_more_when_it_is_told_to(web, monkeypatch) -> None:
    """Whatever its environment says, what is in no rule of ours is not there."""
    monkeypatch.setenv("DASH_MCP_ENABLED", "1")
    monkeypatch.setenv("DASH_HOT_RELOAD", "1")
    client = web.signed("admin")
    for path in ("/_mcp", "/_mcp/", "/_reload-hash"):
        assert client.get(path, headers=JSON).status_code == 404
        assert client.post(path, headers=SAME, json={}).status_code == 404


@pytest.mark.parametrize("cursor", ["0", "-1", "1e3", "9" * 30, "1;DROP TABLE event", "1 OR 1=1", "%27", "0x10", " 1", "١"])
def test_a_cursor_is_a_number_or_refused(web, cursor) -> None:
    answer = web.signed("operator").get("/api/v1/events", query_string={"cursor": cursor})
    assert answer.status_code == (200 if cursor == "0" else 400)


@pytest.mark.parametrize("word", ["' OR '1'='1", "%", "_", "a" * 201, "\x00", "\\", '"; DROP TABLE event; --'])
def test_no_word_is_more_than_a_word(web, word) -> None:
    for name in ("kind", "camera", "ward"):
        answer = web.signed("operator").get("/api/v1/events", query_string={name: word})
        assert answer.status_code == 400 or answer.json["events"] == []
    assert web.signed("operator").get("/api/v1/events").status_code == 200


def test_a_body_of_json_is_judged_by_its_session_not_by_its_words(web) -> None:
    client = web.signed("leader")
    client.get("/leader")
    body = json.dumps(pages_body("/console")).replace("/console", "/console\\u0000")
    answer = client.post("/_dash-update-component", data=body, headers=SAME | {"Content-Type": "application/json"})
    assert answer.status_code == 403


def test_the_brake_lets_go_with_time(monkeypatch) -> None:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    brake = Brake()
    for _ in range(30):
        brake.count("an")
    assert 0 < brake.wait_s("an") <= sign_in.LONGEST_S
    clock.now += sign_in.LONGEST_S + 1
    assert brake.wait_s("an") == 0
    brake.count("an")
    assert brake.wait_s("an") > 0
    clock.now += sign_in.WINDOW_S + 1
    assert brake.wait_s("an") == 0
