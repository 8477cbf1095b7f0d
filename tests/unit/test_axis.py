"""AXIS License Plate Verifier: a car is one event over all its tellings, and no text, order or cut makes it two."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import Rejected
from dashboard.events import FeedSpoke, Sighted
from data.source import Unread
from data.sources.axis import SOURCE

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "axis"
FILES = sorted(SAMPLES.iterdir())
UPDATE = json.loads((SAMPLES / "alpv_http_post_update.json").read_text())
NOON = 1_795_410_000_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def car(**changed: object) -> dict:
    told = UPDATE | {"capture_timestamp": str(NOON), "capture_ts": str(NOON * 1_000_000)} | changed
    return {key: value for key, value in told.items() if value is not None}


def read(body: object, **headers: str) -> list:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(SOURCE.parse(raw, {key.replace("_", "-"): value for key, value in headers.items()}))


def seen(body: object, **headers: str) -> Sighted:
    alive, found = read(body, **headers)
    assert alive == FeedSpoke(id="alive", at=0)
    assert isinstance(found, Sighted)
    return found


def form(*fields: tuple[str, str, bytes]) -> bytes:
    heads = [
        f'--b1\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\nContent-Type: {kind}\r\nContent-Length: 5\r\n\r\n'
        for name, kind, _ in fields
    ]
    return b"".join(head.encode() + body + b"\r\n" for head, (_, _, body) in zip(heads, fields, strict=True)) + b"--b1--\r\n"


def test_an_update_says_what_it_says() -> None:
    found = seen((SAMPLES / "alpv_http_post_update.json").read_bytes())
    assert found == Sighted(
        id="car:ACCC8EBFB452:54950:472860",
        at=1_702_297_625_507,
        revision=(1 << 60) + 2_117_397,
        kind="plate_read",
        camera="ACCC8EBFB452",
        score=0.73721,
        plate="HWR6677",
        subject="direction out; zone 1; vehicle CAR; color BLACK; country DEU",
    )


def test_a_new_car_with_a_picture_that_lies_about_itself_says_what_it_says() -> None:
    found = seen((SAMPLES / "alpv_tcp_new_umlaut_blocklist.json").read_bytes())
    assert found == Sighted(
        id="car:ACCC8E9BB16D:34939:472860",
        at=1_702_299_266_977,
        revision=8_104_955,
        kind="plate_read",
        camera="ACCC8E9BB16D",
        score=0.725149,
        plate="TÖLSL123",
        subject="zone 1; vehicle CAR; color BLUE; country DEU; list block",
    )


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".xml"], ids=lambda path: path.stem)
def test_onvif_events_of_the_same_camera_are_sent_elsewhere(path: Path) -> None:
    with pytest.raises(Rejected, match="is XML"):
        read(path.read_bytes())


def test_the_samples_are_all_tried() -> None:
    assert len(FILES) == 5


def test_the_tellings_of_a_car_are_one_event_of_which_the_last_stands() -> None:
    told = [
        car(carState="new", plateUTF8="MWR6677", packetCounter="9", carMoveDirection="unknown"),
        car(carState="update", plateUTF8="HWR6677", packetCounter="10"),
        car(carState="update", plateUTF8="HWR6677", packetCounter="12"),
        car(carState="lost", plateUTF8="HWR6677", packetCounter="11"),
    ]
    found = [seen(one) for one in told]
    assert len({one.id for one in found}) == 1
    assert [one.revision for one in found] == sorted({one.revision for one in found})
    assert {one.at for one in found} == {NOON}


def test_cars_are_told_apart_by_camera_number_and_time() -> None:
    names = [
        seen(one).id
        for one in (
            car(),
            car(carID="54951"),
            car(camera_info={"SerialNumber": "ACCC8E000001"}),
            car(capture_timestamp=str(NOON + 2 * 3_600_000)),
        )
    ]
    assert len(set(names)) == 4
    assert not any("6677" in name for name in names)


def test_without_a_number_the_packet_or_the_moment_names_the_car() -> None:
    assert seen(car(carID=None)).id.endswith("packet 2117397:498725")
    assert seen(car(carID=None, packetCounter=None)).id.endswith(f"at {NOON}")


def test_a_wall_clock_names_a_car_and_does_not_date_it() -> None:
    old = car(capture_timestamp=None, capture_ts=None)
    assert (seen(old).at, seen(old).id) == (0, seen(old).id)
    assert seen(old).id != seen(old | {"datetime": "20231211 162705507"}).id
    assert seen(car(capture_timestamp=None)).at == NOON
    with pytest.raises(Rejected, match="capture_timestamp"):
        read(car(capture_timestamp=None, capture_ts=None, datetime="today"))


@pytest.mark.parametrize(
    ("told", "share"),
    [
        ("0.737210", 0.73721),
        ("96.657967", 0.96657967),
        (0.5, 0.5),
        ("1", 1.0),
        ("160", 1.0),
        ("-2", 0.0),
        ("", None),
        ("nan", None),
        ({}, None),
    ],
)
def test_confidence_in_every_form_is_a_share(told: object, share: float | None) -> None:
    assert seen(car(plateConfidence=told)).score == (None if share is None else pytest.approx(share))


@pytest.mark.parametrize("told", ["", "unknown", "----", "<b>75A</b>", "A" * 50, 7 * [1], None])
def test_what_is_no_plate_is_a_vehicle(told: object) -> None:
    found = seen(car(plateUTF8=told, plateUnicode=told, plateText=told, plateASCII=told))
    assert (found.kind, found.plate, found.score) == ("vehicle_seen", None, None)


def test_the_first_text_that_is_a_plate_is_taken() -> None:
    assert seen(car(plateUTF8="", plateUnicode="75A-123.45")).plate == "75A-123.45"
    assert seen(car(plateUTF8=None, plateUnicode=None, plateText=None)).plate == "HWR6677"
    assert seen(json.dumps(car(plateUTF8="\u0037\u0035A12345")).encode()).plate == "75A12345"


@pytest.mark.parametrize(
    ("of", "given", "camera"),
    [
        ({"SerialNumber": "accc8ebfb452", "IPAddress": "10.0.0.1"}, "PRG-82", "ACCC8EBFB452"),
        ({"MACAddress": "AC:CC:8E:D3:29:0D"}, "PRG-82", "ACCC8ED3290D"),
        ({"IPAddress": "10.0.0.1"}, "PRG-82", "PRG-82"),
        ({"IPAddress": "10.0.0.1"}, "defaultID_176", "10.0.0.1"),
    ],
)
def test_a_camera_is_named_by_its_serial_number(of: dict, given: str, camera: str) -> None:
    assert seen(car(camera_info=of, sensorProviderID=given)).camera == camera


def test_a_form_gives_its_event_whatever_stands_beside_it() -> None:
    told = json.dumps(car()).encode()
    plain = read(told)
    shapes = [
        form(("event", "application/json", told), ("image", "image/jpeg", PNG)),
        form(("image", "image/jpeg", PNG), ("event", "application/octet-stream", told)),
        form(("image", "application/octet-stream", PNG), ("data", "text/plain", told)),
    ]
    for raw in shapes:
        assert read(raw, content_type="multipart/form-data; boundary=b1") == plain
        assert read(raw) == plain
    assert read(shapes[0][:-200]) == plain
    with pytest.raises(Rejected, match="event"):
        read(form(("image", "image/png", PNG)))


def test_objects_one_after_another_and_in_an_array_are_all_read() -> None:
    told = [car(carID=str(number)) for number in range(3)]
    alone = [seen(one) for one in told]
    for gap in ("", "\n", " \r\n\n"):
        assert read(gap.join(json.dumps(one) for one in told).encode())[1:] == alone
    assert read(told)[1:] == alone
    first, second, third = read((json.dumps(told[0]) + json.dumps(told[1]) + json.dumps(told[2])[:80]).encode())[1:]
    assert [first, second] == alone[:2]
    assert isinstance(third, Unread)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"7", b"null", b"[]", b"[7]", b"{}", b"hello", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000]
)
def test_what_cannot_be_read_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected):
        read(body)


def test_more_cars_than_any_camera_sends_are_refused_whole() -> None:
    one = json.dumps(car()).encode()
    for raw in (one * 10_001, b"[" + b",".join([one] * 10_001) + b"]"):
        with pytest.raises(Rejected, match="several posts"):
            read(raw)


def test_nothing_is_placed_and_no_pixels_are_taken_for_shares() -> None:
    found = seen(car())
    assert "55.7" not in repr(found)
    assert found.box is None


SEEDS = [path.read_bytes() for path in FILES] + [
    form(("event", "application/json", json.dumps(car()).encode()), ("image", "image/jpeg", PNG)),
    json.dumps(car()).encode() * 3,
]
PUT = [b'"', b"{", b"}", b"[", b"\\ud800", b"\\u0000", b"1e999", b"null", b"--b1\r\n", b"\xf0\x9f\x9a\x97"]


@settings(max_examples=600, deadline=None)
@given(
    raw=st.sampled_from(SEEDS),
    start=st.floats(0, 1),
    cut=st.integers(0, 300),
    put=st.binary(max_size=20) | st.sampled_from(PUT),
    header=st.sampled_from(["", "multipart/form-data; boundary=b1"]),
)
def test_nothing_makes_it_fall_over(raw: bytes, start: float, cut: int, put: bytes, header: str) -> None:
    at = int(start * len(raw))
    try:
        found = read(raw[:at] + put + raw[at + cut :], content_type=header)
    except Rejected as reason:
        assert str(reason)
        return
    assert all(isinstance(one, Sighted | FeedSpoke | Unread) for one in found)


odd = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers(), max_size=3)
fields = st.dictionaries(st.sampled_from(sorted(UPDATE)), odd, max_size=8)


@settings(max_examples=400, deadline=None)
@given(changed=fields, info=st.dictionaries(st.sampled_from(["SerialNumber", "MACAddress", "IPAddress"]), odd))
def test_no_value_makes_it_fall_over(changed: dict, info: dict) -> None:
    try:
        found = read(json.dumps(UPDATE | {"camera_info": info} | changed).encode())
    except Rejected as reason:
        assert str(reason)
        return
    event = found[-1]
    assert isinstance(event, Sighted)
    assert event.score is None or 0 <= event.score <= 1
    assert len(event.subject or "") <= 200
    event.camera.encode()
