"""The door of acts: who may do what, what is refused and in which words, and what two people at once are told."""

import threading

import pytest

from dashboard.access import ROLES
from dashboard.alarms.acts import RULES
from dashboard.board import turn
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.store.record import SqlStore
from tests.web.conftest import PACK, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
HEARING = Hearing(PACK.city, locate=lambda *_: "")
ACTING = {"operator", "supervisor"}


@pytest.fixture
def fires(web):
    """Three fires, as a board has recorded them: their ids."""
    store, now = SqlStore(web.engine, city=PACK.city), now_ms()
    cameras = [camera.id for camera in PACK.city.cameras[:3]]
    heard = [HEARING.hear("native", now, Sighted(id=f"f{one}", at=now, kind="fire_single", camera=one)) for one in cameras]
    board = store.record(turn(store.load(now), now), Reading(heard, ()), "1-0")
    return [one.id for one in board.alarms.values()]


def post(client, alarm: str, action: str, *, headers=SAME, **more: object):
    body = {"alarm": alarm, "action": action, "key": f"key-{action}-{alarm}"} | more
    return client.post("/alarms/act", json=body, headers=headers)


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_role_may_do_what_it_holds_and_no_more(web, fires, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    full = {"why": "a reason", "minutes": 5, "outcome": "handled", "unit": PACK.city.units[0].code}
    for action, rule in RULES.items():
        told = full | ({"outcome": "right"} if action == "verify" else {})
        status = post(client, fires[0], action, **told).status_code
        if role is None:
            assert status == 401
        elif role in ACTING and (rule.permission != "alarm.suppress" or role == "supervisor"):
            assert status in {200, 409}, action
        else:
            assert status == 403, action


def test_only_people_with_a_session_act(web, fires) -> None:
    token = web.accounts.add_token("machine", "operator", days=1, now_ms=now_ms())
    client = web.server.test_client()
    answer = post(client, fires[0], "acknowledge", headers={"Authorization": f"Bearer {token}", **SAME})
    assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}])
def test_a_page_of_another_origin_cannot_act(web, fires, headers) -> None:
    assert post(web.signed("operator"), fires[0], "acknowledge", headers=headers).status_code == 403


def test_an_act_is_done_told_and_kept(web, fires) -> None:
    client = web.signed("operator")
    done = post(client, fires[0], "acknowledge", version=0)
    assert done.status_code == 200
    assert {key: done.json["alarm"][key] for key in ("id", "state", "owner", "version", "kind")} == {
        "id": fires[0],
        "state": "acknowledged",
        "owner": "operator-person",
        "version": 1,
        "kind": "fire_single",
    }
    post(client, fires[0], "note", why="gọi 0905 123 456, xe 75A-123.45")
    told = client.get(f"/alarms/{fires[0]}").json
    assert [(one["action"], one["who"], one["state"]) for one in told["acts"]] == [
        ("raise", "", "new"),
        ("acknowledge", "operator-person", "acknowledged"),
        ("note", "operator-person", "acknowledged"),
    ]
    assert told["acts"][2]["why"] == "gọi 0***56, xe 75A-***.45"
    assert told["acts"][1]["at"] == done.json["at"]


def test_the_same_act_posted_again_is_answered_the_same(web, fires) -> None:
    client = web.signed("operator")
    first, again = (post(client, fires[0], "acknowledge", version=0) for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert len(client.get(f"/alarms/{fires[0]}").json["acts"]) == 2


def test_who_comes_second_is_told_who_was_first_and_when(web, fires) -> None:
    first = post(web.signed("operator"), fires[0], "acknowledge", version=0)
    second = post(web.signed("supervisor"), fires[0], "acknowledge", version=0, key="another-key")
    assert second.status_code == 409
    assert second.json["error"]["code"] == "outdated"
    assert (second.json["alarm"]["state"], second.json["alarm"]["owner"]) == ("acknowledged", "operator-person")
    last = second.json["last"]
    assert (last["action"], last["who"], last["at"]) == ("acknowledge", "operator-person", first.json["at"])
    assert post(web.signed("supervisor"), fires[0], "close", outcome="handled").json["error"]["code"] == "held"
    assert post(web.signed("supervisor"), fires[0], "unshelve").json["error"]["code"] == "state"


def test_two_people_at_once_never_act_twice(web, fires) -> None:
    clients = [web.signed("operator"), web.signed("supervisor")]
    gate, found = threading.Barrier(2), []

    def person(client, name: str) -> None:
        gate.wait()
        found.extend(post(client, alarm, "claim", version=0, key=f"person-{name}-{alarm}").status_code for alarm in fires)

    people = [threading.Thread(target=person, args=(client, str(n))) for n, client in enumerate(clients)]
    for one in people:
        one.start()
    for one in people:
        one.join(30)
    assert sorted(found) == [200] * len(fires) + [409] * len(fires)
    for alarm in fires:
        assert [one["action"] for one in clients[0].get(f"/alarms/{alarm}").json["acts"]] == ["raise", "claim"]


def test_what_an_act_lacks_is_named(web, fires) -> None:
    client = web.signed("operator")
    for action in ("shelve", "note"):
        answer = post(client, fires[0], action, minutes=5)
        assert (answer.status_code, answer.json["lacks"]) == (400, "why")
    post(client, fires[1], "acknowledge")
    assert post(web.signed("supervisor"), fires[1], "take_over", why="  ").json["lacks"] == "why"
    assert post(client, fires[0], "shelve", why="x", minutes=6).json["lacks"] == "minutes"
    post(client, fires[2], "acknowledge")
    assert post(client, fires[2], "close", outcome="over").json["lacks"] == "outcome"


def test_there_is_no_such_alarm(web, fires) -> None:
    client = web.signed("operator")
    assert post(client, "404404", "acknowledge").status_code == 404
    assert client.get("/alarms/404404", headers={"Accept": "application/json"}).status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {"action": "destroy"},
        {"alarm": "1; DROP TABLE alarm"},
        {"alarm": 1},
        {"key": "short"},
        {"key": "house:12345678"},
        {"why": "a\x00b"},
        {"why": "x" * 1001},
        {"minutes": -5},
        {"minutes": "five"},
        {"version": -1},
        {"who": "somebody else"},
    ],
)
def test_a_body_that_is_no_act_is_refused(web, fires, more) -> None:
    answer = web.signed("operator").post(
        "/alarms/act", json={"alarm": fires[0], "action": "acknowledge", "key": "k" * 8} | more, headers=SAME
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff\xfe", b'"acknowledge"', b"[" * 100_000])
def test_bytes_that_are_no_act_are_refused(web, fires, raw) -> None:
    answer = web.signed("operator").post("/alarms/act", data=raw, headers=SAME, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_what_was_done(web, fires, role) -> None:
    status = web.signed(role).get(f"/alarms/{fires[0]}", headers={"Accept": "application/json"}).status_code
    assert status == (403 if role in {"wall", "privacy_officer"} else 200)


def test_a_unit_that_the_city_does_not_have_is_refused_and_one_that_it_has_is_told_of(web, fires) -> None:
    client, unit = web.signed("operator"), PACK.city.units[0].code
    answer = post(client, fires[0], "dispatch", why="go", unit="NOBODY")
    assert (answer.status_code, answer.json["lacks"]) == (400, "unit")
    answer = post(client, fires[0], "dispatch", why="go", unit=unit, key="key-second")
    assert answer.status_code == 200
    assert answer.json["alarm"]["units"] == [unit]
    assert answer.json["alarm"]["goes"] > now_ms()
    last = client.get(f"/alarms/{fires[0]}").json["acts"][-1]
    assert (last["action"], last["unit"], last["why"]) == ("dispatch", unit, "go")
    other = web.signed("supervisor")
    assert post(other, fires[0], "dispatch", why="go", unit=unit).json["error"]["code"] == "held"


def together(client, chosen, action: str = "claim", *, headers=SAME, **more: object):
    named = [{"alarm": one, "version": 0} for one in chosen]
    body = {"alarms": named, "action": action, "key": f"many-{action}-{len(chosen)}", "why": "a reason"} | more
    return client.post("/alarms/act-together", json=body, headers=headers)


def test_several_at_once_are_answered_each_for_itself(web, fires) -> None:
    client = web.signed("operator")
    post(web.signed("supervisor"), fires[0], "claim")
    told = together(client, [*fires, "424242"])
    assert told.status_code == 200
    results = {one["alarm"]: one for one in told.json["results"]}
    assert {alarm: one["done"] for alarm, one in results.items()} == {
        fires[0]: False,
        fires[1]: True,
        fires[2]: True,
        "424242": False,
    }
    assert results[fires[0]]["code"] == "outdated"
    assert results[fires[0]]["last"]["who"] == "supervisor-person"
    assert results[fires[1]]["row"]["owner"] == "operator-person"
    assert results["424242"]["code"] == "not_found"
    assert [one["action"] for one in client.get(f"/alarms/{fires[1]}").json["acts"]] == ["raise", "claim"]
    back = together(client, fires[1:], "undo", alarms=[{"alarm": one} for one in fires[1:]], why="")
    assert [one["row"]["state"] for one in back.json["results"]] == ["new", "new"]


@pytest.mark.parametrize(
    "more",
    [
        {"action": "dispatch"},
        {"action": "note"},
        {"alarms": []},
        {"alarms": [{"alarm": str(n)} for n in range(21)]},
        {"alarms": "all"},
        {"everything": True},
    ],
)
def test_no_more_than_twenty_that_were_seen_and_nothing_but_the_four_acts(web, fires, more) -> None:
    assert together(web.signed("operator"), fires, **more).status_code == 400


def test_several_at_once_ask_for_a_reason_and_for_the_right_of_the_act(web, fires) -> None:
    lacks = together(web.signed("operator"), fires, why=" ").json["results"]
    assert [(one["done"], one["code"], one["lacks"]) for one in lacks] == [(False, "incomplete", "why")] * 3
    for role in (one for one in ROLES if one not in ACTING):
        assert together(web.signed(role), fires).status_code == 403
    token = web.accounts.add_token("machine", "operator", days=1, now_ms=now_ms())
    headers = {"Authorization": f"Bearer {token}", **SAME}
    assert together(web.server.test_client(), fires, headers=headers).status_code == 403
