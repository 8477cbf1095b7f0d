"""Pictures over HTTP: of the registry's cameras alone, for those who may look, from a real wire."""

import json
from types import SimpleNamespace

import pytest

from dashboard.access import ROLES, may
from dashboard.video import WATCHED_MS, Clip, Seen
from data.video.wire import RedisVideo
from tests.web.conftest import PACK, now_ms

SAME = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
FIRST, PAGE = "H-001", "H-002"
LIVE = Seen(sight="live", since=1, at=2, told=1 << 50, run=77, clips=(Clip(5, 1000, 1_700_000_000_000),))


@pytest.fixture
def video(web: SimpleNamespace) -> RedisVideo:
    web.video.tell({FIRST: LIVE})
    web.video.keep(FIRST, "77/init", b"init")
    web.video.keep(FIRST, "77/5", b"piece")
    web.video.keep(FIRST, "still", b"\x89PNG\r\n\x1a\n!")
    return web.video


def watch(client: object, body: object) -> object:
    return client.post("/live/watching", data=body if isinstance(body, bytes) else json.dumps(body), headers=SAME)


ADDRESSES = {
    f"/live/{FIRST}/index.m3u8": "application/vnd.apple.mpegurl",
    f"/live/{FIRST}/77/init.mp4": "video/mp4",
    f"/live/{FIRST}/77/5.m4s": "video/mp4",
    f"/live/{FIRST}/still": "image/png",
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("role", [None, *ROLES])
def test_who_may_look_sees_and_nobody_else(web: SimpleNamespace, video: RedisVideo, role: str | None, address: str) -> None:
    client = web.signed(role) if role else web.server.test_client()
    answer = client.get(address)
    if may(role, "camera.view"):
        assert (answer.status_code, answer.mimetype) == (200, ADDRESSES[address])
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    else:
        assert answer.status_code == (403 if role else 401)


def test_whoever_watches_is_told_and_noted(web: SimpleNamespace, video: RedisVideo) -> None:
    answer = watch(web.signed("operator"), {"cameras": [FIRST, PAGE]})
    assert answer.json["cameras"][FIRST] == {"sight": "live", "since": 1, "at": 2, "why": "", "run": 77, "coding": ""}
    assert answer.json["cameras"][PAGE]["sight"] == "starting"
    assert sorted(video.watched(now_ms())) == [FIRST, PAGE]
    assert video.watched(now_ms() + WATCHED_MS) == []


def test_without_a_relay_nothing_is_said_to_begin(web: SimpleNamespace) -> None:
    told = watch(web.signed("operator"), {"cameras": [PAGE]}).json["cameras"][PAGE]
    assert (told["sight"], told["why"]) == ("lost", "relay")


def test_a_playlist_is_watching_too(web: SimpleNamespace, video: RedisVideo) -> None:
    assert b"77/5.m4s" in web.signed("admin").get(f"/live/{FIRST}/index.m3u8").data
    assert video.watched(now_ms()) == [FIRST]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"cameras":"H-001"}',
        {"cameras": ["no-such-camera"]},
        {"cameras": ["rtsp://127.0.0.1/x"]},
        {"cameras": [FIRST] * 10},
        {"cameras": [FIRST], "stream": "rtsp://127.0.0.1/"},
        {"cameras": [["H-001"]]},
    ],
)
def test_only_cameras_of_the_registry_are_watched(web: SimpleNamespace, video: RedisVideo, body: object) -> None:
    assert watch(web.signed("operator"), body).status_code == 400
    assert video.watched(now_ms()) == []


@pytest.mark.parametrize(
    "address",
    [
        "/live/no-such-camera/index.m3u8",
        f"/live/{PAGE}/index.m3u8",
        f"/live/{FIRST}/77/6.m4s",
        f"/live/{FIRST}/78/init.mp4",
        f"/live/{FIRST}/77/head.mp4",
        f"/live/{FIRST}/head",
        f"/live/{FIRST}/77/..%2fhead.m4s",
        f"/live/{FIRST}/-1/5.m4s",
        "/live/no-such-camera/still",
        f"/live/{FIRST}/page",
        "/live/../alarms/act",
    ],
)
def test_what_is_not_there_is_404(web: SimpleNamespace, video: RedisVideo, address: str) -> None:
    assert web.signed("operator").get(address).status_code == 404


def test_no_foreign_page_watches_with_our_cookie(web: SimpleNamespace) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert web.signed("operator").post("/live/watching", data=b'{"cameras":[]}', headers=headers).status_code == 403


def test_only_the_page_of_the_cameras_may_play(web: SimpleNamespace) -> None:
    client = web.signed("supervisor")
    policies = {path: client.get(path).headers["Content-Security-Policy"] for path in ("/cameras", "/console", "/leader")}
    assert "media-src blob:;" in policies.pop("/cameras")
    assert "media-src 'self';" in policies.pop("/console")
    assert not any("media-src" in policy for policy in policies.values())


def test_the_city_document_tells_the_way_and_no_address(web: SimpleNamespace) -> None:
    told = web.signed("operator").get(f"/city/{PACK.city.version}.json")
    assert {camera["video"] for camera in told.json["cameras"]} == {""}
    assert not {"stream", "snapshot"} & set(told.json["cameras"][0])
