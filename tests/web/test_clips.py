"""The doors of clips: that there are some for those who see pictures, one after a reason, in parts, and for nobody else."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from dashboard.access import ROLES
from dashboard.board import turn
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.pictures import DAY_MS
from dashboard.ports import Reading
from data.pictures.copied import copy
from data.store.record import SqlStore
from tests.films import film
from tests.web.conftest import PACK, now_ms
from tests.web.test_pictures import REASON, SAME, SEE

HEARING = Hearing(PACK.city, locate=lambda *_: "")
FILM = copy(film(seconds=1))


@pytest.fixture
def alarm(web) -> str:
    """An alarm with a clip of its event."""
    now = now_ms()
    heard = HEARING.hear("native", now, Sighted(id="f", at=now, kind="fire_single", camera=PACK.city.cameras[0].id))
    store = SqlStore(web.engine, city=PACK.city)
    board = store.record(turn(store.load(now), now), Reading((heard,), ()), "1-0")
    web.clips.want("native:f", source="native", camera="c", began=now - 3000, ended=now, expires=now + DAY_MS)
    with web.engine.connect() as sql:
        web.clips.keep(sql.scalar(text("SELECT id FROM clip")), FILM)
    return next(iter(board.alarms.values())).id


def listed(client, alarm: str):
    return client.get(f"/clips?alarm={alarm}").json["clips"]


def shown(client, alarm: str) -> str:
    told = {"clip": listed(client, alarm)[0]["id"], "why": REASON}
    return client.post("/clips/reveal", json=told, headers=SAME).json["url"]


@pytest.mark.parametrize("role", [None, *ROLES])
def test_who_may_see_clips_and_who_may_not(web, alarm, role) -> None:
    client, operator = web.signed(role) if role else web.server.test_client(), web.signed("operator")
    address, clip = shown(operator, alarm), listed(operator, alarm)[0]["id"]
    no = 401 if role is None else 403
    assert client.get(f"/clips?alarm={alarm}").status_code == (200 if role in SEE else no)
    assert client.post("/clips/reveal", json={"clip": clip, "why": REASON}, headers=SAME).status_code == (
        200 if role in SEE else no
    )
    assert client.get(address).status_code == (404 if role in SEE else no)  # it was made for somebody else


def test_a_clip_needs_a_reason_that_is_written_down_and_tells_no_address_before(web, alarm) -> None:
    client = web.signed("operator")
    (one,) = listed(client, alarm)
    assert set(one) == {"id", "state", "at", "lasts", "size"}
    assert client.post("/clips/reveal", json={"clip": one["id"], "why": "ngắn"}, headers=SAME).status_code == 400
    assert client.post("/clips/reveal", json={"clip": "../etc", "why": REASON}, headers=SAME).status_code == 400
    assert client.post("/clips/reveal", json={"clip": "0" * 32, "why": REASON}, headers=SAME).status_code == 404
    assert (
        client.post("/clips/reveal", json={"clip": one["id"], "why": REASON}, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    with web.engine.connect() as sql:
        assert sql.execute(text("SELECT picture FROM picture_act")).all() == []
    assert client.get(f"/clips/{one['id']}/film").status_code == 404
    answer = client.get(shown(client, alarm))
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "video/mp4", FILM.content)
    assert answer.headers["Cache-Control"] == "no-store"
    with web.engine.connect() as sql:
        assert sql.execute(text("SELECT picture, why FROM picture_act")).all() == [(one["id"], REASON)]


def test_the_address_is_good_for_five_minutes_and_for_this_clip(web, alarm, monkeypatch) -> None:
    client = web.signed("operator")
    url = shown(client, alarm)
    until = int(parse_qs(urlsplit(url).query)["until"][0])
    assert 290_000 < until - now_ms() <= 300_000
    for other in (url.replace(str(until), str(until + 1)), url + "0", url.split("?")[0], url.replace("/film", "/clear")):
        assert client.get(other).status_code == 404
    monkeypatch.setattr("time.time_ns", lambda: (until + 1) * 1_000_000)
    assert client.get(url).status_code in {401, 404}


def test_parts_are_given_as_they_are_asked_for(web, alarm) -> None:
    client = web.signed("operator")
    url, size = shown(client, alarm), len(FILM.content)
    part = client.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, FILM.content[10:20], f"bytes 10-19/{size}")
    assert part.headers["Content-Length"] == "10"
    last = client.get(url, headers={"Range": "bytes=-7"})
    assert last.data == FILM.content[-7:]
    none = client.get(url, headers={"Range": f"bytes={size}-"})
    assert (none.status_code, none.headers["Content-Range"]) == (416, f"bytes */{size}")
    head = client.head(url)
    assert (head.status_code, head.headers["Accept-Ranges"], head.headers["Content-Length"]) == (200, "bytes", str(size))


def test_the_timeline_of_an_incident_tells_that_there_is_a_clip(web, alarm) -> None:
    client = web.signed("operator")
    body = {"action": "open", "key": "clip-test-1", "members": [{"what": "alarm", "key": alarm}]}
    number = client.post("/incidents/act", json=body, headers=SAME).json["incident"]["id"]
    lines = client.get(f"/incidents/{number}").json["lines"]
    assert [(one["of"], one["key"]) for one in lines if one["action"] == "clip"] == [("alarm", alarm)]


def test_a_token_gets_no_clip(web, alarm) -> None:
    clip = listed(web.signed("operator"), alarm)[0]["id"]
    token = web.accounts.add_token("test", "operator", days=1, now_ms=now_ms())
    headers = {"Authorization": f"Bearer {token}"}
    assert web.server.test_client().post("/clips/reveal", json={"clip": clip, "why": REASON}, headers=headers).status_code == 403
