"""In and out: accounts, links, kiosks, sessions and the brake."""

from types import SimpleNamespace

import pytest

from callbacks import sign_in
from callbacks.guard import local
from data.store.accounts import DAY, IDLE_MS, LINK_MS, Refused, SqlAccounts
from tests.web.conftest import PASSWORD, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}


def enter(web, name="an", password=PASSWORD, **more):
    return web.server.test_client().post("/sign-in", data={"name": name, "password": password, **more}, headers=SAME)


@pytest.fixture
def an(web):
    web.accounts.add("an", "operator", PASSWORD, now_ms=now_ms())


def test_the_right_person_gets_in_to_their_page(web, an) -> None:
    answer = enter(web)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_stranger_and_a_wrong_password_are_told_the_same(web, an) -> None:
    wrong, stranger = enter(web, password="wrong" * 4), enter(web, name="nobody")
    assert wrong.status_code == stranger.status_code == 401
    assert wrong.text == stranger.text
    assert "chưa đúng" in wrong.text


def test_guessing_is_slowed_down_and_never_locked(web, an, monkeypatch) -> None:
    monkeypatch.setattr(
        sign_in, "time", SimpleNamespace(monotonic=lambda: 1000.0)
    )  # a slow machine sits the first second out while it tries
    for _ in range(sign_in.FREE_TRIES):
        enter(web, password="wrong" * 4)
    slowed = enter(web)
    assert slowed.status_code == 429
    assert "giây" in slowed.text
    monkeypatch.setattr(sign_in.Brake, "wait_s", lambda *_: 0.0)
    assert enter(web).status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil", "javascript:alert(1)", "/console?x=<script>"]
)
def test_going_on_stays_in_the_house(web, an, target) -> None:
    assert enter(web, next=target).headers["Location"] == "/console"
    assert local(target) == "/"


def test_a_name_is_shown_as_text(web) -> None:
    page = web.server.test_client().get('/sign-in?next="><script>alert(1)</script>').text
    assert "<script>alert" not in page


def test_a_link_works_once_and_for_a_while(web) -> None:
    now = now_ms()
    secret = web.accounts.add_link("demo", "supervisor", now_ms=now)
    assert web.server.test_client().get(f"/sign-in/{secret}").status_code == 303
    assert web.server.test_client().get(f"/sign-in/{secret}").status_code == 410
    late = web.accounts.add_link("demo", "supervisor", now_ms=now - LINK_MS - 1)
    assert web.accounts.use_link(late, now_ms=now) is None


def test_signing_out_ends_the_session_everywhere(web) -> None:
    client = web.signed("operator")
    assert client.get("/console").status_code == 200
    secret = client.get_cookie("kydai").value
    assert client.post("/sign-out", headers=SAME).status_code == 303
    other = web.server.test_client()
    other.set_cookie("kydai", secret)
    assert other.get("/console", headers={"Accept": "application/json"}).status_code == 401


def test_a_kiosk_is_exchanged_for_a_cookie_and_does_not_stay_in_the_address(web) -> None:
    secret = web.accounts.add_kiosk("tường", "main", now_ms=now_ms())
    first, second = web.server.test_client(), web.server.test_client()
    assert first.get(f"/kiosk/{secret}").headers["Location"] == "/wall/main"
    assert first.get("/wall/main").status_code == 200
    second.get(f"/kiosk/{secret}")
    assert second.get("/wall/main").status_code == 200
    assert first.get("/wall/main", headers={"Accept": "application/json"}).status_code == 401
    web.accounts.revoke("kiosk", "tường", now_ms=now_ms())
    assert second.get("/wall/main", headers={"Accept": "application/json"}).status_code == 401
    assert web.server.test_client().get(f"/kiosk/{secret}").status_code == 410


def test_sessions_end_by_idleness_shift_and_disabling(web, an) -> None:
    accounts, now = web.accounts, now_ms()
    idle = accounts.open_session("l", "leader", now_ms=now)
    assert accounts.who(idle, now_ms=now + IDLE_MS) is not None
    late = accounts.open_session("l", "leader", now_ms=now)
    assert accounts.who(late, now_ms=now + IDLE_MS + 1) is None
    duty = accounts.open_session("an", "operator", now_ms=now)
    assert accounts.who(duty, now_ms=now + 11 * 3_600_000) is not None
    assert accounts.who(duty, now_ms=now + 12 * 3_600_000 + 1) is None
    other = accounts.open_session("an", "operator", now_ms=now)
    accounts.disable("an", now_ms=now)
    assert accounts.who(other, now_ms=now) is None
    assert accounts.verify("an", PASSWORD) is None


def test_tokens_last_their_days(web) -> None:
    now = now_ms()
    token = web.accounts.add_token("api", "operator", days=2, now_ms=now)
    assert web.accounts.who(token, now_ms=now + DAY).kind == "token"
    assert web.accounts.who(token, now_ms=now + 2 * DAY + 1) is None
    assert web.server.test_client().get("/api/v1/feeds", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_no_secret_is_kept_in_clear(web) -> None:
    secret = web.accounts.add_token("api", "operator", days=2, now_ms=now_ms())
    assert all(secret not in repr(row) for row in web.accounts.issued("token"))
    assert SqlAccounts(web.engine, pepper=b"q" * 32).who(secret, now_ms=now_ms()) is None


@pytest.mark.parametrize(
    ("name", "role", "password"), [("x", "wall", PASSWORD), ("x", "king", PASSWORD), ("x", "operator", "short")]
)
def test_what_cannot_be_an_account_is_refused(web, name, role, password) -> None:
    with pytest.raises(Refused):
        web.accounts.add(name, role, password, now_ms=now_ms())


def test_the_language_is_one_click_away(web) -> None:
    client = web.signed("operator")
    assert 'lang="vi"' in client.get("/console").text
    assert client.get("/language/en?next=/console").headers["Location"] == "/console"
    assert 'lang="en"' in client.get("/console").text
