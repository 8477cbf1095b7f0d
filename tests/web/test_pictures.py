"""The doors of pictures: masked for those who may, clear after a reason, and addresses that are of no use to anybody else."""

import io
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from sqlalchemy import text

from dashboard.access import ROLES
from dashboard.board import turn
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.pictures import DAY_MS
from dashboard.ports import Reading
from data.pictures.developed import develop
from data.store.pictures import New
from data.store.record import SqlStore
from tests.web.conftest import PACK, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
SEE = {"operator", "supervisor"}
REASON = "đối chiếu hồ sơ 17"
HEARING = Hearing(PACK.city, locate=lambda *_: "")


@pytest.fixture
def alarm(web) -> str:
    """An alarm with a picture of its event."""
    out, now = io.BytesIO(), now_ms()
    Image.new("RGB", (640, 360), "navy").save(out, "JPEG")
    heard = HEARING.hear("native", now, Sighted(id="f", at=now, kind="fire_single", camera=PACK.city.cameras[0].id))
    store = SqlStore(web.engine, city=PACK.city)
    board = store.record(turn(store.load(now), now), Reading((heard,), ()), "1-0")
    web.pictures.keep(
        [New("native:f", "scene", now, now + DAY_MS, develop(out.getvalue(), None), PACK.city.cameras[0].id)], mark="1-0"
    )
    return next(iter(board.alarms.values())).id


def listed(client, alarm: str):
    return client.get(f"/pictures?alarm={alarm}").json["pictures"]


@pytest.mark.parametrize("role", [None, *ROLES])
def test_who_may_see_pictures_and_who_may_not(web, alarm, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    address = listed(web.signed("operator"), alarm)[0]["url"]
    no = 401 if role is None else 403
    assert client.get(f"/pictures?alarm={alarm}").status_code == (200 if role in SEE else no)
    told = {"picture": address.split("/")[2], "why": REASON}
    assert client.post("/pictures/reveal", json=told, headers=SAME).status_code == (200 if role in SEE else no)
    assert client.get(address).status_code == (404 if role in SEE else no)  # it was made for somebody else


def test_a_masked_picture_is_served_for_five_minutes_to_whom_it_was_told(web, alarm, monkeypatch) -> None:
    client = web.signed("operator")
    (one,) = listed(client, alarm)
    answer = client.get(one["url"])
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.data)).size == (640, 360)
    until = int(parse_qs(urlsplit(one["url"]).query)["until"][0])
    assert 290_000 < until - now_ms() <= 300_000
    for other in (
        one["url"].replace(str(until), str(until + 1)),
        one["url"].replace("masked", "clear"),
        one["url"] + "0",
        one["url"].split("?")[0],
    ):
        assert client.get(other).status_code == 404
    monkeypatch.setattr("time.time_ns", lambda: (until + 1) * 1_000_000)
    assert client.get(one["url"]).status_code in {401, 404}


def test_a_clear_one_needs_a_reason_that_is_written_down_first(web, alarm) -> None:
    client = web.signed("operator")
    picture = listed(client, alarm)[0]["id"]
    for why in ("", "vì thế"):
        assert client.post("/pictures/reveal", json={"picture": picture, "why": why}, headers=SAME).status_code == 400
    assert (
        client.post(
            "/pictures/reveal", json={"picture": picture, "why": REASON}, headers={"Origin": "https://x.example"}
        ).status_code
        == 403
    )
    assert client.post("/pictures/reveal", json={"picture": "0" * 32, "why": REASON}, headers=SAME).status_code == 404
    address = client.post("/pictures/reveal", json={"picture": picture, "why": REASON}, headers=SAME).json["url"]
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    with web.engine.connect() as sql:
        assert sql.execute(text("SELECT picture, who, why FROM picture_act")).all() == [(picture, "operator-person", REASON)]
    assert web.signed("supervisor").get(address).status_code == 404


def test_nothing_is_told_of_what_is_not_there(web, alarm) -> None:
    client = web.signed("operator")
    for asked in ("alarm=999", "alarm=x", "seq=999999", "seq=-1", "alarm=", "", "seq=1%27", f"alarm={'9' * 40}"):
        assert client.get(f"/pictures?{asked}").json == {"pictures": []}
    for path in ("/pictures/../../etc/passwd/masked", f"/pictures/{'0' * 32}/masked", f"/pictures/{'0' * 32}/raw"):
        assert client.get(path).status_code == 404


def test_a_token_gets_no_clear_picture(web, alarm) -> None:
    token = web.accounts.add_token("machine", "operator", days=1, now_ms=now_ms())
    picture = listed(web.signed("operator"), alarm)[0]["id"]
    headers = {"Authorization": f"Bearer {token}", **SAME}
    answer = web.server.test_client().post("/pictures/reveal", json={"picture": picture, "why": REASON}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("role", [None, *ROLES])
def test_the_last_picture_of_a_camera_is_masked_and_for_those_who_see_pictures(web, alarm, role) -> None:
    client = web.signed(role) if role else web.server.test_client()
    answer = client.get("/pictures/last")
    if role not in SEE:
        assert answer.status_code == (401 if role is None else 403)
        return
    (told,) = answer.json["cameras"].items()
    assert told[0] == PACK.city.cameras[0].id
    assert "/masked?" in told[1]["url"]
    assert client.get(told[1]["url"]).status_code == 200


def test_the_api_tells_when_a_camera_s_last_picture_came(web, alarm) -> None:
    client, camera = web.signed("operator"), PACK.city.cameras[0].id
    (at,) = [one["at"] for one in listed(client, alarm)]
    told = {one["id"]: one["pictured"] for one in client.get("/api/v1/cameras").json["cameras"]}
    assert {camera_id: one for camera_id, one in told.items() if one} == {camera: at}
    assert client.get(f"/api/v1/cameras/{camera}").json["pictured"] == at
    assert client.get(f"/api/v1/cameras/{PACK.city.cameras[1].id}").json["pictured"] is None
