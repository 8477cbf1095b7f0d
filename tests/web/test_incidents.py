"""The doors of incidents: who may do what, what stays hidden, what can never be changed, and what two at once are told."""

import threading

import pytest

from dashboard.access import ROLES
from dashboard.board import turn
from dashboard.events import ReportChanged, Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.store.record import SqlStore
from data.store.sources import Sources
from tests.web.conftest import PACK, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
HEARING = Hearing(PACK.city, locate=lambda *_: "")
SEE, ACT = {"operator", "supervisor", "leader", "ward_officer", "auditor", "admin"}, {"operator", "supervisor"}
NEVER = ("put", "patch", "delete")
DOORS = ("/incidents", "/incidents/list", "/incidents/of", "/incidents/1", "/incidents/act")


@pytest.fixture
def fires(web) -> list[str]:
    """Three fires and a report, as a board has recorded them: the alarms' ids."""
    store, now = SqlStore(web.engine, city=PACK.city), now_ms()
    cameras = [camera.id for camera in PACK.city.cameras[:3]]
    heard = [HEARING.hear("native", now, Sighted(id=f"f{one}", at=now, kind="fire_single", camera=one)) for one in cameras]
    told = ReportChanged(id="r1", at=now, report="PA-1", service="MT01", submitted=now, open=True, lon=107.58, lat=16.46)
    Sources(web.engine).add("reports", adapter="native", now_ms=now)
    board = store.record(turn(store.load(now), now), Reading([*heard, HEARING.hear("reports", now, told)], ()), "1-0")
    return [one.id for one in board.alarms.values()]


def post(client, action: str, *, headers=SAME, alarms=(), **more: object):
    named = [{"what": "alarm", "key": one} for one in alarms]
    body = {"action": action, "key": f"key-{action}-{more.get('incident', '')}"} | ({"members": named} if named else {}) | more
    return client.post("/incidents/act", json=body, headers=headers)


@pytest.fixture
def opened(web, fires) -> int:
    return post(web.signed("operator"), "open", alarms=fires[:1], key="opened-by-operator").json["incident"]["id"]


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_role_may_do_what_it_holds_and_no_more(web, fires, opened, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    no = 401 if role is None else 403
    for path in ("/incidents", "/incidents/list", f"/incidents/{opened}", f"/incidents/of?what=alarm&key={fires[0]}"):
        assert client.get(path, headers={"Accept": "application/json"}).status_code == (200 if role in SEE else no), path
    full = {"title": "Cháy chợ", "why": "a reason", "outcome": "handled", "to": "operator-person", "other": opened}
    acts = [post(client, "open", alarms=fires[1:2])]
    acts += [
        post(client, action, incident=opened, alarms=fires[2:], **full)
        for action in ("add", "remove", "split", "merge", "take", "hand_over", "note", "rename", "close", "reopen")
    ]
    for answer in acts:
        assert answer.status_code in ({200, 400, 409} if role in ACT else {no})


@pytest.mark.parametrize("role", sorted(SEE))
@pytest.mark.parametrize("path", DOORS)
def test_nothing_is_ever_changed_or_removed(web, opened, role, path) -> None:
    client = web.signed(role)
    before = client.get(f"/incidents/{opened}").json["lines"]
    for method in NEVER:
        answer = getattr(client, method)(path, json={}, headers=SAME)
        assert answer.status_code == 405, method
        assert answer.headers["Allow"] == ("POST" if path.endswith("act") else "GET")
    assert client.get(f"/incidents/{opened}").json["lines"] == before


@pytest.mark.parametrize("method", NEVER)
def test_a_stranger_is_not_even_told_that(web, method) -> None:
    for path in DOORS:
        assert getattr(web.server.test_client(), method)(path, json={}, headers=SAME).status_code == 401
        assert getattr(web.signed("wall"), method)(path, json={}, headers=SAME).status_code == 403


def test_only_people_with_a_session_act(web, fires) -> None:
    token = web.accounts.add_token("machine", "operator", days=1, now_ms=now_ms())
    answer = post(web.server.test_client(), "open", alarms=fires[:1], headers={"Authorization": f"Bearer {token}", **SAME})
    assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}])
def test_a_page_of_another_origin_does_nothing(web, fires, headers) -> None:
    assert post(web.signed("operator"), "open", alarms=fires[:1], headers=headers).status_code == 403


def test_one_is_opened_told_and_kept_with_what_is_private_hidden(web, fires) -> None:
    client = web.signed("operator")
    made = post(client, "open", alarms=fires[:2], title="Cháy, xe 75A-123.45")
    assert made.status_code == 200
    number = made.json["incident"]["id"]
    assert made.json["incident"]["title"] == "Cháy, xe 75A-***.45"
    assert post(client, "note", incident=number, why="gọi 0905 123 456").status_code == 200
    assert post(client, "add", incident=number, members=[{"what": "report", "key": "PA-1"}]).status_code == 200
    told = client.get(f"/incidents/{number}")
    assert told.headers["Cache-Control"] == "no-store"
    assert [one["what"] for one in told.json["members"]] == ["alarm", "alarm", "report"]
    lines = [(one["of"], one["action"], one["who"]) for one in told.json["lines"]]
    assert lines[-3:] == [("incident", one, "operator-person") for one in ("open", "note", "add")]
    assert told.json["lines"][-2]["why"] == "gọi 0***56"
    assert "123.45" not in told.text
    home = client.get(f"/incidents/of?what=alarm&key={fires[0]}").json
    assert (home["incident"]["id"], home["incident"]["owner"]) == (number, "operator-person")
    listed = client.get("/incidents/list").json
    assert [(one["id"], one["prio"], one["n"]) for one in listed["incidents"]] == [(number, 2, 3)]
    assert "operator-person" in told.json["people"]
    assert web.signed("leader").get(f"/incidents/{number}").json["people"] == []


def test_who_comes_second_is_told_who_was_first_and_when(web, fires, opened) -> None:
    first = post(web.signed("supervisor"), "take", incident=opened, version=1, why="đổi ca")
    second = post(web.signed("operator"), "close", incident=opened, version=1, outcome="handled")
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json["error"]["code"] == "outdated"
    assert second.json["last"] == {"who": "supervisor-person", "at": first.json["at"], "action": "take"}
    assert second.json["incident"]["owner"] == "supervisor-person"
    taken = post(web.signed("supervisor"), "open", alarms=fires[:1])
    assert (taken.status_code, taken.json["error"]["code"], taken.json["incident"]["id"]) == (409, "taken", opened)


def test_two_people_at_once_never_act_twice(web, fires, opened) -> None:
    clients = [web.signed("operator"), web.signed("supervisor")]
    post(clients[0], "add", incident=opened, alarms=fires[1:])
    gate, found = threading.Barrier(2), []

    def person(client, name: str) -> None:
        gate.wait()
        found.append(post(client, "take", incident=opened, version=2, why="vì thế", key=f"person-{name}").status_code)
        found.append(post(client, "open", alarms=fires[:1], key=f"person-{name}-opens").status_code)

    people = [threading.Thread(target=person, args=(client, str(n))) for n, client in enumerate(clients)]
    for one in people:
        one.start()
    for one in people:
        one.join(30)
    assert sorted(found) == [200, 409, 409, 409]


def test_the_same_act_posted_again_is_answered_the_same(web, fires) -> None:
    client = web.signed("operator")
    first, again = (post(client, "open", alarms=fires[:1]) for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"action": "open"}, 400),
        ({"action": "open", "key": "short"}, 400),
        ({"action": "open", "key": "long-enough"}, 400),
        ({"action": "open", "key": "long-enough", "incident": 1}, 400),
        ({"action": "note", "key": "long-enough", "why": "x"}, 400),
        ({"action": "merged", "key": "long-enough", "incident": 1}, 400),
        ({"action": "note", "key": "long-enough", "incident": 1, "why": "\x00"}, 400),
        ({"action": "note", "key": "long-enough", "incident": 1, "who": "another"}, 400),
        ({"action": "open", "key": "long-enough", "members": [{"what": "camera", "key": "1"}]}, 400),
        ({"action": "open", "key": "long-enough", "members": [{"what": "alarm", "key": "9999"}]}, 404),
        ({"action": "note", "key": "long-enough", "incident": 77, "why": "x"}, 404),
    ],
)
def test_what_cannot_be_read_or_is_not_there_is_refused(web, opened, body: object, status: int) -> None:
    assert web.signed("operator").post("/incidents/act", json=body, headers=SAME).status_code == status


@pytest.mark.parametrize("query", ["", "?what=camera&key=1", "?what=alarm", "?what=alarm&key=%00", f"?what=alarm&key={'1' * 301}"])
def test_what_is_no_member_is_refused(web, fires, query: str) -> None:
    assert web.signed("operator").get(f"/incidents/of{query}").status_code == 400


def test_what_an_act_lacks_is_named(web, opened) -> None:
    client = web.signed("operator")
    for action, lacks in (("note", "why"), ("close", "outcome"), ("hand_over", "to"), ("merge", "why")):
        answer = post(client, action, incident=opened)
        assert (answer.status_code, answer.json["error"]["lacks"]) == (400, lacks)
    assert client.get("/incidents/99").status_code == 404


def test_it_is_renamed_by_its_owner_or_a_supervisor_and_both_names_stay(web, opened) -> None:
    other = web.server.test_client()
    other.set_cookie("kydai", web.accounts.open_session("lan", "operator", now_ms=now_ms()))
    told = {"incident": opened, "title": "Cháy chợ Đông Ba, xe 75A-123.45"}
    assert post(other, "rename", **told).json["error"]["code"] == "held"
    assert post(web.signed("operator"), "rename", incident=opened, title=" ").json["error"]["lacks"] == "title"
    done = post(web.signed("operator"), "rename", **told, key="renamed-by-owner")
    assert done.json["incident"]["title"] == "Cháy chợ Đông Ba, xe 75A-***.45"
    assert post(web.signed("supervisor"), "rename", incident=opened, title="Cháy chợ", key="renamed-by-lead").status_code == 200
    lines = web.signed("auditor").get(f"/incidents/{opened}").json["lines"]
    assert [(one["who"], one["title"]) for one in lines if one["action"] == "rename"] == [
        ("operator-person", "Cháy chợ Đông Ba, xe 75A-***.45"),
        ("supervisor-person", "Cháy chợ"),
    ]


def test_whom_an_alarm_was_sent_to_and_with_which_words_stands_in_its_incident(web, fires, opened) -> None:
    client, unit = web.signed("operator"), PACK.city.units[0].code
    body = {"alarm": fires[0], "action": "dispatch", "unit": unit, "why": "Đến ngay, gọi 0905 123 456", "key": "dispatched-1"}
    assert client.post("/alarms/act", json=body, headers=SAME).status_code == 200
    lines = web.signed("auditor").get(f"/incidents/{opened}").json["lines"]
    (sent,) = [one for one in lines if one["action"] == "dispatch"]
    assert (sent["of"], sent["unit"], sent["who"]) == ("alarm", unit, "operator-person")
    assert sent["why"].startswith("Đến ngay, gọi")
    assert "123 456" not in sent["why"]


@pytest.mark.parametrize("role", ["auditor", "privacy_officer"])
def test_who_may_not_listen_is_drawn_the_pages_that_they_may_see(web, role) -> None:
    client = web.signed(role)
    page = {"auditor": "/incidents", "privacy_officer": "/plate-search"}[role]
    assert client.get(page).status_code == 200
    assert '"live":false' in client.get(page).text.replace(" ", "")
    for path in ("/_dash-layout", "/_dash-dependencies", f"/city/{PACK.city.version}.json"):
        assert client.get(path).status_code == 200, path
