"""The doors of violations: who reviews, who hands over, what is refused and in which words."""

import pytest

from dashboard.access import ROLES
from dashboard.board import turn
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.store.record import SqlStore
from tests.web.conftest import PACK, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
HEARING = Hearing(PACK.city, locate=lambda *_: "")
SEE, REVIEW, HAND = {"operator", "supervisor", "auditor"}, {"operator", "supervisor"}, {"supervisor"}


@pytest.fixture(autouse=True)
def three(web) -> None:
    """Three red lights run."""
    store, now = SqlStore(web.engine, city=PACK.city), now_ms()
    camera = PACK.city.cameras[0].id
    heard = [
        HEARING.hear("native", now, Sighted(id=f"v{n}", at=now, kind="red_light", camera=camera, plate="75A-123.45"))
        for n in range(3)
    ]
    store.record(turn(store.load(now), now), Reading(heard, ()), "1-0")


def post(client, *seqs: int, **more: object):
    return client.post("/violations/act", json={"seqs": list(seqs), **more}, headers=SAME)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_role_may_do_what_it_holds_and_no_more(web, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    no = 401 if role is None else 403
    assert client.get("/violations/list?state=detected").status_code == (200 if role in SEE else no)
    assert client.get("/violations/figures").status_code == (200 if role in SEE else no)
    assert post(client, 1, action="confirm").status_code == (200 if role in REVIEW else no)
    post(web.signed("operator"), 1, action="confirm")
    unit = PACK.city.units[0].code
    assert post(client, 1, action="hand", unit=unit).status_code == (200 if role in HAND else no)


def test_the_plate_is_masked_and_the_figures_follow(web) -> None:
    client = web.signed("supervisor")
    told = client.get("/violations/list?state=detected")
    assert [one["plate"] for one in told.json["rows"]] == ["75A-***.45"] * 3
    assert "123.45" not in told.text
    post(client, 1, 2, action="confirm")
    post(client, 3, action="reject", reason="misread")
    figures = client.get("/violations/figures?days=1").json
    assert figures["stages"] == {"detected": 3, "reviewed": 3, "confirmed": 2, "handed": 0, "decided": 0}
    assert figures["waiting"] == {"n": 0, "oldest": 0}
    assert client.get("/violations/figures?days=-1").json["days"] == 30


def test_the_second_one_is_told_who_was_first(web) -> None:
    post(web.signed("operator"), 1, action="confirm")
    answer = post(web.signed("supervisor"), 1, action="confirm")
    assert (answer.status_code, answer.json["error"]) == (
        409,
        {"code": "late", "seq": 1, "state": "confirmed", "reviewer": "operator-person"},
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"seqs": []}, 400),
        ({"seqs": list(range(1, 102))}, 400),
        ({"seqs": ["1"]}, 400),
        ({"seqs": [0]}, 400),
        ({"action": "fine"}, 400),
        ({"action": "reject"}, 400),
        ({"action": "reject", "reason": "<script>"}, 400),
        ({"action": "hand", "unit": "NOBODY"}, 400),
        ({"seqs": [99]}, 404),
        ({"action": "decide", "outcome": "fined"}, 409),
        ({"paper": "\x00"}, 400),
    ],
)
def test_what_cannot_be_done_is_refused(web, body: dict[str, object], status: int) -> None:
    told = {"seqs": [1], "action": "confirm"} | body
    assert web.signed("supervisor").post("/violations/act", json=told, headers=SAME).status_code == status
    assert web.signed("supervisor").get("/violations/list?state=anything").status_code == 400


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}])
def test_a_page_of_another_origin_decides_nothing(web, headers) -> None:
    answer = web.signed("operator").post("/violations/act", json={"seqs": [1], "action": "confirm"}, headers=headers)
    assert answer.status_code == 403
