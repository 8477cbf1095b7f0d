"""The doors of plate searches: who may search how far back, with what reason, and what never leaves in the clear otherwise."""

import pytest

from dashboard.access import ROLES
from dashboard.board import turn
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.sealed import PlateMark
from data.store.record import SqlStore
from tests.web.conftest import PACK, SECRET, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
ASKED = {"plate": "75a 12345", "days": 30, "purpose": "accident", "matter": "HS 17", "why": "xe gây tai nạn bỏ chạy"}
FAR = {"operator": 30, "supervisor": 90, "privacy_officer": 3650}
HEARING = Hearing(PACK.city, locate=lambda *_: "")


@pytest.fixture
def read(web) -> int:
    now = now_ms() - 1000
    store = SqlStore(web.engine, city=PACK.city, mark=PlateMark(SECRET).of)
    told = Sighted(id="r", at=now, kind="plate_read", camera="H-001", plate="75A-123.45")
    store.record(turn(store.load(now), now), Reading([HEARING.hear("native", now, told)], ()), "1-0")
    return now


def search(client, **more: object):
    return client.post("/plates/search", json=ASKED | more, headers=SAME)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_role_searches_as_far_back_as_it_may_and_no_further(web, read, role) -> None:
    client, no = (web.signed(role), 403) if role else (web.server.test_client(), 401)
    for days in (1, 30, 31, 90, 91, 3650):
        assert search(client, days=days).status_code == (200 if days <= FAR.get(role or "", 0) else no), days
    told = client.get("/plates/searchers").status_code
    assert told == (200 if role in {"auditor", "privacy_officer"} else no)


def test_what_is_found_is_in_the_clear_for_a_minute_and_kept(web, read) -> None:
    answer = search(web.signed("operator"))
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json
    assert [(one["at"], one["plate"], one["ix"]) for one in told["reads"]] == [(read, "75A-123.45", 0)]
    assert (told["who"], told["hides"] - told["at"]) == ("operator-person", 60_000)
    week = web.signed("auditor").get("/plates/searchers")
    assert [(one["who"], one["n"]) for one in week.json["searchers"]] == [("operator-person", 1)]
    assert "75A" not in week.text
    assert web.signed("auditor").get("/plates/searchers?back=1").json["searchers"] == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"plate": "75"}, "plate"),
        ({"plate": "7" * 21}, "plate"),
        ({"days": 0}, "days"),
        ({"days": 4000}, "days"),
        ({"matter": "  "}, "matter"),
        ({"why": "vì thế"}, "why"),
        ({"why": "x\x00" * 9}, "why"),
    ],
)
def test_a_search_without_purpose_case_and_reason_is_none(web, more, field) -> None:
    answer = search(web.signed("privacy_officer"), **more)
    assert (answer.status_code, answer.json["error"]["field"]) == (400, field)


@pytest.mark.parametrize("more", [{"purpose": ""}, {"purpose": "curiosity"}, {"days": "7"}, {"everything": 1}])
def test_what_is_no_search_is_refused(web, more) -> None:
    assert search(web.signed("supervisor"), **more).status_code == 400


@pytest.mark.parametrize("back", ["-1", "x", "53", "²"])
def test_weeks_are_counted_back(web, back) -> None:
    assert web.signed("auditor").get(f"/plates/searchers?back={back}").status_code == 400


def test_no_machine_searches(web, read) -> None:
    token = web.accounts.add_token("machine", "supervisor", days=1, now_ms=now_ms())
    headers = {"Authorization": f"Bearer {token}", **SAME}
    assert web.server.test_client().post("/plates/search", json=ASKED, headers=headers).status_code == 403


def test_the_thirty_first_of_an_hour_is_refused(web, read) -> None:
    client = web.signed("operator")
    assert [search(client).status_code for _ in range(31)] == [200] * 30 + [429]
