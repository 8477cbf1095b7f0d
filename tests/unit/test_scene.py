"""What simulated cameras see: drawn, the same again from the same camera and moment, sent with its event, and to be had on loopback."""

import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from dashboard.events import Sighted
from dashboard.settings import Settings
from dashboard.video import way
from data.pack import load
from data.pictures.found import shots
from data.reading import ADAPTERS
from data.simulator.addresses import base, with_streets
from data.simulator.courier import _packed, drawer
from data.simulator.scene import HEIGHT, WIDTH, Seen, seen
from data.simulator.shares import ALARMS, VIOLATIONS
from data.simulator.street import Street

NOON = datetime(2026, 11, 10, 12, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
HUE = load("hue").city
KINDS = [kind for kind, _ in (*VIOLATIONS, *ALARMS)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_box_lies_within_the_picture_and_has_an_area(kind: str) -> None:
    for camera in ("H-001", "H-017"):
        found = seen(camera, NOON, kind=kind, moment=5.0)
        assert Image.open(io.BytesIO(found.jpeg)).size == (WIDTH, HEIGHT)
        if found.box:
            x, y, wide, high = found.box
            assert 0 <= x <= x + wide <= 1.0001
            assert 0 <= y <= y + high <= 1.0001
            assert min(wide, high) > 0
        else:
            assert kind in {"construction_continuing", "camera_tamper"}


def test_a_street_is_the_same_again_and_moves_on() -> None:
    assert seen("H-001", NOON, moment=5.0) == seen("H-001", NOON, moment=5.0)
    assert len({seen("H-001", NOON, moment=at).jpeg for at in (5.0, 7.0)} | {seen("H-002", NOON, moment=5.0).jpeg}) == 3


def test_an_event_carries_its_picture_and_its_box_through_the_door_of_everybody() -> None:
    event = {"type": "sighted", "id": "a", "at": 1_795_000_000_000, "kind": "red_light", "camera": "H-001"}
    picture = drawer(ZoneInfo(HUE.zone))(event)
    kind, body = _packed(json.dumps(event), picture)
    told = list(ADAPTERS["native"].parse(body, {"content-type": kind}))
    assert len(told) == 1
    assert isinstance(told[0], Sighted)
    assert told[0].box == pytest.approx(picture.box)
    assert [one.raw for one in shots(body, kind)] == [picture.jpeg]


def test_what_has_no_box_is_sent_without_one() -> None:
    _, body = _packed('{"type": "sighted"}', Seen(b"\xff\xd8jpeg", None))
    assert b"box" not in body


@pytest.fixture
def street() -> Iterator[tuple[Street, dict[str, str]]]:
    told: dict[str, str] = {}
    made = Street(HUE, 0, state=lambda key: told.get(key, ""))
    made.open()
    yield made, told
    made.close()


def fetched(street: Street, camera: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{street.port}/{camera}.jpg", timeout=10) as answer:
        assert answer.headers["Content-Type"] == "image/jpeg"
        return answer.read()


def test_a_camera_gives_its_picture_stands_still_and_says_nothing(street: tuple[Street, dict[str, str]]) -> None:
    made, told = street
    assert fetched(made, "H-001").startswith(b"\xff\xd8")
    told["H-001"] = "frozen"
    assert fetched(made, "H-001") == fetched(made, "H-001")
    told["H-001"] = "offline"
    for camera, status in (("H-001", 503), ("H-999", 404)):
        with pytest.raises(urllib.error.HTTPError) as no:
            fetched(made, camera)
        with no.value:
            assert no.value.code == status


def test_only_a_demonstration_has_streets_and_only_where_a_camera_has_nothing_of_its_own() -> None:
    demo = Settings(street_port=8052)
    assert {way(camera) for camera in with_streets(HUE, demo).cameras} == {"still"}
    assert with_streets(HUE, demo).version == HUE.version
    for other in (Settings(), Settings(demo=False, street_port=8052)):
        assert base(other) == ""
        assert with_streets(HUE, other) is HUE
