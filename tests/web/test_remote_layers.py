"""Layers by address over the web: who takes them in, who sees them, what nobody is told, and that the browser asks this server alone."""

import json

import pytest

from dashboard.access import ROLES, may
from data.outward import Login
from data.sealed import Seal
from data.store.logins import Logins
from tests.contract.test_remote_layers import square
from tests.devices import PASSWORD, USER
from tests.map_server import map_server
from tests.web.conftest import SECRET, now_ms
from tests.web.test_layer_desk import SAME

WANTED = {"kind": "wms", "layer": "city:lamps", "key": "far", "title": {"vi": "Đèn xa", "en": "Far lamps"}, "source": "Sở Xây dựng"}
SQUARE = "/".join(str(one) for one in square())


def post(client, does: str, body: object):
    return client.post(f"/layers/remote/{does}", json=body, headers=SAME)


def test_a_layer_by_address_from_the_look_to_its_end(web) -> None:
    admin, told = web.signed("admin"), []
    with map_server(auth="md5") as server:
        refused = post(admin, "look", {"address": server.url, "kind": "wms"})
        assert (refused.status_code, refused.json["error"]["trouble"]["code"]) == (400, "denied")
        Logins(web.engine, Seal(SECRET, "login")).add("127.0.0.1", Login(USER, PASSWORD), now_ms=now_ms())
        address = f"{server.url}?key=s3cret-key"
        looked = post(admin, "look", {"address": address, "kind": "wms"})
        assert [one["name"] for one in looked.json["offers"]] == ["city:lamps"]
        added = post(admin, "add", {**WANTED, "address": address, "roles": ["supervisor", "admin"]})
        assert added.json == {"key": "far"}, added.data
        kept = admin.get("/layers/remote")
        one = kept.json["layers"][0]
        assert (one["place"], one["state"], one["trouble"], one["by"]) == (server.device.url, "live", None, "admin-person")
        supervisor = web.signed("supervisor")
        picture = supervisor.get(f"/remote/far/{SQUARE}")
        assert (picture.status_code, picture.mimetype, picture.headers["X-Old"]) == (200, "image/png", "0")
        assert picture.headers["Cache-Control"] == "private, max-age=60"
        listed = supervisor.get("/layers/list")
        assert [(one["key"], one["remote"], one["state"]) for one in listed.json["layers"]] == [("far", "wms", "live")]
        for role in ("operator", "leader"):
            assert web.signed(role).get(f"/remote/far/{SQUARE}").status_code == 404
            assert web.signed(role).get("/layers/list").json["layers"] == []
        server.mode = "html"
        again = post(admin, "again", {"key": "far"})
        assert again.json == {"code": "html"}
        failed = supervisor.get("/remote/far/12/1/1"), supervisor.get("/layers/list")
        assert failed[1].json["layers"][0]["trouble"]["code"] == "html"
        told += [
            refused,
            looked,
            added,
            kept,
            picture,
            listed,
            again,
            *failed,
            admin.get("/layers/remote"),
            admin.get("/layers/kept"),
        ]
    for answer in told:
        words = answer.data.decode("latin-1") + json.dumps(dict(answer.headers))
        assert not any(secret in words for secret in ("s3cret", USER + ":", PASSWORD, "Digest")), answer.request.path
    assert post(admin, "remove", {"key": "far"}).status_code == 200
    assert post(admin, "remove", {"key": "far"}).status_code == 404
    assert supervisor.get(f"/remote/far/{SQUARE}").status_code == 404


def test_where_it_may_not_lead_is_told(web) -> None:
    admin = web.signed("admin")
    for address in ("http://169.254.169.254/ows", "http://203.0.113.9/ows"):
        told = post(admin, "add", {**WANTED, "address": address}).json["error"]["trouble"]
        assert told["code"] == "refused"
    for body in ({"address": "ftp://10.0.0.1/x", "kind": "wms"}, {"address": "http://10.0.0.1", "kind": "tms"}, {}, [], "x"):
        assert post(admin, "look", body).status_code == 400


@pytest.mark.parametrize("role", [role for role in ROLES if not may(role, "layer.manage")])
def test_only_who_keeps_layers_takes_them_in(web, role) -> None:
    client = web.signed(role)
    assert client.get("/layers/remote").status_code == 403
    for does in ("look", "add", "again", "remove"):
        assert post(client, does, {"address": "http://10.0.0.1/", "kind": "wms", "key": "far"}).status_code == 403
