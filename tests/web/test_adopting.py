"""The doors of the unknown cameras: who may do what, what stays hidden, and a city document that follows."""

import pytest
from msgspec import msgpack

from dashboard.access import ROLES
from dashboard.board import Unknown
from dashboard.cameras.adopted import key_of
from data.store.tables import STANDING
from tests.web.conftest import PACK, now_ms

SAME = {"Sec-Fetch-Site": "same-origin"}
MAY = {"supervisor", "admin"}
PLACE = {"name_vi": "Ngã tư Mới", "lon": 107.58, "lat": 16.46}
HOSTILE = "<script>alert(1)</script>"
NAMES = ("cam-7", HOSTILE, "75A-123.45", "x" * 120)


@pytest.fixture
def speaking(web):
    """Strangers have spoken."""
    now = now_ms()
    with web.engine.begin() as sql:
        for at, name in enumerate(NAMES):
            body = msgpack.encode(Unknown("native", name, 3, now - at))
            sql.execute(STANDING.insert().values(part="unknown", key=f"native/{name}", body=body))
    return web


def post(client, path: str, body: object, **more: object):
    return client.post(f"/cameras/{path}", json=body, headers=SAME, **more)


def adopting(name: str = "cam-7", **more: object) -> dict[str, object]:
    return {"stranger": key_of("native", name), **PLACE, **more}


def naming(name: str, camera: str = "H-002") -> dict[str, str]:
    return {"stranger": key_of("native", name), "camera": camera}


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_role_may_do_what_it_holds_and_no_more(speaking, role) -> None:
    client = speaking.signed(role) if role else speaking.server.test_client()
    no = 401 if role is None else 403
    good = 200 if role in MAY else no
    assert client.get("/cameras/unknown").status_code == good
    assert post(client, "adopt", adopting()).status_code == good
    assert post(client, "change", {"camera": "N-001", **PLACE}).status_code == good
    assert client.get("/cameras/adopted/N-001").status_code == good
    assert post(client, "remove", {"camera": "N-001"}).status_code == good
    assert post(client, "name", naming(HOSTILE)).status_code == good
    assert post(client, "unname", {"stranger": key_of("native", HOSTILE)}).status_code == good
    page = client.get("/unknown-cameras", headers={"Accept": "text/html"})
    assert page.status_code == (200 if role in MAY else 302 if role is None else 403)


def test_what_sources_write_is_text_and_a_plate_is_masked(speaking) -> None:
    told = speaking.signed("supervisor").get("/cameras/unknown")
    names = [one["name"] for one in told.json["strangers"]]
    assert names == ["cam-7", HOSTILE, "75A-***.45", "x" * 120]
    assert told.mimetype == "application/json"
    assert "123.45" not in told.text


def test_one_is_adopted_once_and_everybody_is_told_whose_it_is(speaking) -> None:
    first, second = speaking.signed("supervisor"), speaking.signed("admin")
    made = post(first, "adopt", adopting())
    assert (made.json["camera"]["id"], made.json["camera"]["ward"], made.json["camera"]["by"]) == (
        "N-001",
        "19789",
        "supervisor-person",
    )
    again = post(second, "adopt", adopting(name_vi="Khác"))
    assert (again.status_code, again.json["error"]) == (409, {"code": "adopted", "camera": "N-001"})
    listed = second.get("/cameras/unknown").json
    assert "cam-7" not in [one["name"] for one in listed["strangers"]]
    assert [(one["id"], one["ignored"]) for one in listed["adopted"]] == [("N-001", False)]
    acts = second.get("/cameras/adopted/N-001").json["acts"]
    assert [(one["step"], one["who"]) for one in acts] == [("adopt", "supervisor-person")]


def test_a_stranger_is_said_to_be_a_camera_of_ours(speaking) -> None:
    client = speaking.signed("supervisor")
    assert post(client, "name", naming("75A-123.45")).json["name"]["called"] == "75A-***.45"
    listed = client.get("/cameras/unknown").json
    assert "75A-***.45" not in [one["name"] for one in listed["strangers"]]
    assert [(one["camera"], one["by"]) for one in listed["names"]] == [("H-002", "supervisor-person")]
    again = post(client, "name", naming("75A-123.45", "H-003"))
    assert (again.status_code, again.json["error"]) == (409, {"code": "adopted", "camera": "H-002"})
    second = post(client, "name", naming("cam-7"))
    assert (second.status_code, second.json["error"]["why"]) == (400, "named")
    assert post(client, "name", naming("cam-7", "H-999")).status_code == 404
    assert post(client, "unname", {"stranger": key_of("native", "cam-7")}).status_code == 404


@pytest.mark.parametrize(
    ("more", "status", "why"),
    [
        ({"lon": 106.0}, 400, "outside"),
        ({"lon": 16.46, "lat": 107.58}, 400, "swapped"),
        ({"name_vi": PACK.city.cameras[0].name["vi"].upper()}, 400, "taken"),
        ({"name_vi": "a\x00"}, 400, "signs"),
        ({"name_vi": "x" * 200}, 400, "too_long"),
        ({"name_vi": "x" * 201}, 400, None),
        ({"owner": "me"}, 400, None),
        ({"stranger": "0" * 24}, 404, None),
        ({"stranger": "cam-7"}, 400, None),
        ({"more": 1}, 400, None),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_wrong(speaking, more, status: int, why) -> None:
    client = speaking.signed("supervisor")
    answer = post(client, "adopt", adopting(**more))
    assert (answer.status_code, answer.json["error"].get("why")) == (status, why)
    assert client.get("/cameras/unknown").json["adopted"] == []


def test_the_city_document_follows_and_the_shapes_stay(speaking) -> None:
    client = speaking.signed("operator")
    before = client.get(f"/city/{PACK.city.version}.json").json
    post(speaking.signed("supervisor"), "adopt", adopting())
    version = speaking.living.look().version
    after = client.get(f"/city/{version}.json")
    assert after.status_code == 200
    assert (after.json["version"], after.json["cameras"][:-1]) == (version, before["cameras"])
    assert (after.json["cameras"][-1]["id"], after.json["cameras"][-1]["gone"]) == ("N-001", False)
    assert "names" not in after.json["cameras"][-1]
    assert client.get(f"/city/{PACK.city.version}.json").json == before
    assert client.get(f"/city/{PACK.city.version}-0000.json").status_code == 404
    assert client.get(f"/map/{version}/base.geojson").status_code == 200
    assert client.get("/map/other-0000/base.geojson").status_code == 404
    assert [one["id"] for one in client.get("/api/v1/cameras").json["cameras"]][-1] == "N-001"
    post(speaking.signed("supervisor"), "remove", {"camera": "N-001"})
    assert [one["id"] for one in client.get("/api/v1/cameras").json["cameras"]][-1] != "N-001"
    assert client.get(f"/city/{speaking.living.look().version}.json").json["cameras"][-1]["gone"] is True


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}])
def test_a_page_of_another_origin_adopts_nothing(speaking, headers) -> None:
    assert speaking.signed("supervisor").post("/cameras/adopt", json=adopting(), headers=headers).status_code == 403


def test_a_token_adopts_nothing(speaking) -> None:
    token = speaking.accounts.add_token("machine", "supervisor", days=1, now_ms=now_ms())
    headers = {"Authorization": f"Bearer {token}", **SAME}
    assert speaking.server.test_client().post("/cameras/adopt", json=adopting(), headers=headers).status_code == 403
