"""The doors of the watch lists: who may do what, what stays hidden, and what a table must be."""

import pytest

from dashboard.access import ROLES

SAME = {"Sec-Fetch-Site": "same-origin"}
SEE, DECIDE = {"operator", "supervisor", "auditor", "privacy_officer"}, {"supervisor"}
CONTENT = {"subject": "75A-123.45", "purpose": "xe bỏ chạy", "basis": "QĐ 12", "origin": "phường"}
REASON = "đối chiếu hồ sơ 17"


def post(client, path: str, body: object, **more: object):
    return client.post(f"/watch/{path}", json=body, headers=SAME, **more)


def another(web, name: str):
    """A second supervisor."""
    from tests.web.conftest import now_ms

    client = web.server.test_client()
    client.set_cookie("kydai", web.accounts.open_session(name, "supervisor", now_ms=now_ms()))
    return client


@pytest.fixture
def entry(web) -> int:
    return post(web.signed("supervisor"), "propose", {"content": CONTENT}).json["entry"]


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_role_may_do_what_it_holds_and_no_more(web, entry, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    no = 401 if role is None else 403
    assert client.get("/watch/entries").status_code == (200 if role in SEE else no)
    assert client.get(f"/watch/entries/{entry}").status_code == (200 if role in SEE else no)
    assert post(client, "propose", {"content": CONTENT}).status_code == (200 if role in DECIDE else no)
    for action, allowed in (("refuse", DECIDE), ("reveal", {"operator", "supervisor"})):
        status = post(client, "act", {"action": action, "entry": entry, "why": REASON}).status_code
        assert status == (200 if role in allowed else no), action


def test_whom_it_looks_for_is_hidden_until_asked_with_a_reason_and_that_is_kept(web, entry) -> None:
    client = web.signed("operator")
    told = client.get("/watch/entries")
    assert told.json["entries"][0]["subject"] == "75A-***.45"
    assert "123.45" not in told.text
    assert "phường" not in told.text
    assert post(client, "act", {"action": "reveal", "entry": entry, "why": "vì thế"}).json["error"]["why"] == "too_short"
    shown = post(client, "act", {"action": "reveal", "entry": entry, "why": REASON})
    assert shown.json["subject"] == "75A-123.45"
    assert shown.headers["Cache-Control"] == "no-store"
    acts = client.get(f"/watch/entries/{entry}").json["acts"]
    assert [(one["action"], one["who"], one["why"]) for one in acts][1:] == [("reveal", "operator-person", REASON)]


def test_nobody_approves_their_own_and_nobody_decides_twice(web, entry) -> None:
    own, other = web.signed("supervisor"), another(web, "minh")
    approve = {"action": "approve", "entry": entry}
    assert (post(own, "act", approve).status_code, post(own, "act", approve).json["error"]["code"]) == (409, "second_person")
    assert post(other, "act", approve).status_code == 200
    assert post(other, "act", approve).json["error"]["code"] == "state"
    assert other.get("/watch/entries").json["entries"][0]["state"] == "active"
    assert post(own, "act", {"action": "withdraw", "entry": entry, "why": REASON}).status_code == 200
    assert post(own, "act", {"action": "approve", "entry": 99}).status_code == 404


def test_a_table_is_taken_whole_or_not_at_all(web) -> None:
    own, other = web.signed("supervisor"), another(web, "minh")
    table = "\ufeffSubject;purpose;basis;origin;days\n75A-000.01;p;b;o;5\n75A-000.02;p;b;o;91\n;p;b;o;\n75A-000.03;p;b;o;x\n"
    wrong = own.post("/watch/import", data=table.encode(), headers=SAME)
    told = [(one["line"], one["field"], one["why"]) for one in wrong.json["error"]["mistakes"]]
    assert (wrong.status_code, told) == (400, [(3, "days", "too_long"), (4, "subject", "missing"), (5, "days", "no_number")])
    assert own.get("/watch/entries").json["entries"] == []
    good = own.post(
        "/watch/import", data=table.replace("91", "90").replace("\n;p", "\n75A-000.09;p").replace(";x", ";7").encode(), headers=SAME
    )
    assert good.json["n"] == 4
    batch = own.get("/watch/entries").json["batches"][0]
    assert (batch["n"], batch["proposer"]) == (4, "supervisor-person")
    approve = {"action": "approve", "batch": batch["batch"]}
    assert post(own, "act", approve).json["error"]["code"] == "second_person"
    assert post(other, "act", approve).json == {"n": 4}
    assert {one["state"] for one in own.get("/watch/entries").json["entries"]} == {"active"}


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"\xff\xfe",
        b"subject\n75A-1",
        b"subject,purpose,basis,origin",
        b'subject,purpose,basis,origin\n"75A',
        b"a,b\n1,2",
        b"\x00",
    ],
)
def test_what_is_no_table_is_refused_with_what_is_wrong(web, table: bytes) -> None:
    answer = web.signed("supervisor").post("/watch/import", data=table, headers=SAME)
    assert answer.status_code == 400
    assert answer.json["error"]["code"] in {"table", "bad_request"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": {}},
        {"content": CONTENT, "days": 91},
        {"content": {**CONTENT, "subject": "\x00"}},
        [],
        {"content": CONTENT, "what": "car"},
    ],
)
def test_what_is_no_proposal_is_refused(web, body: object) -> None:
    assert post(web.signed("supervisor"), "propose", body).status_code == 400


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}])
def test_a_page_of_another_origin_decides_nothing(web, entry, headers) -> None:
    answer = another(web, "minh").post("/watch/act", json={"action": "approve", "entry": entry}, headers=headers)
    assert answer.status_code == 403


def test_a_token_decides_nothing(web, entry) -> None:
    from tests.web.conftest import now_ms

    token = web.accounts.add_token("machine", "supervisor", days=1, now_ms=now_ms())
    answer = web.server.test_client().post(
        "/watch/act", json={"action": "approve", "entry": entry}, headers={"Authorization": f"Bearer {token}", **SAME}
    )
    assert answer.status_code == 403


def test_a_review_takes_a_reason_and_a_second_person(web, entry) -> None:
    other = another(web, "minh")
    post(other, "act", {"action": "approve", "entry": entry})
    review = {"action": "review", "entry": entry, "why": REASON}
    assert post(web.signed("supervisor"), "act", review).json["error"]["code"] == "second_person"
    assert post(other, "act", review | {"why": "cần"}).json["error"]["why"] == "too_short"
    assert post(web.signed("operator"), "act", review).status_code == 403
    assert post(other, "act", review).status_code == 200
    told = other.get("/watch/entries").json["entries"][0]
    assert (told["reviewed_by"], told["review_due"] > told["reviewed"] > 0) == ("minh", True)
