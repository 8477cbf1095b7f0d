"""Dahua: events of the stream and posts of ITSAPI are read exactly, and no clock, cut, order or lie makes one alarm two."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import Rejected
from dashboard.events import CameraChanged, FeedSpoke, Sighted
from data.clocks import unzoned
from data.episodes import ENDED
from data.source import Unread
from data.sources.dahua import KINDS, SOURCE

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "dahua"
FILES = sorted(SAMPLES.iterdir())
NOON = 1_795_410_000_000  # 12:00 in Huế
S = NOON // 1000
ZONE = 7 * 3_600
LOCAL = "2026-11-23 12:00:00"
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) + b"\xff\xd9"
OBJECT = {"ObjectType": "Human", "BoundingBox": [819.1, 1638.2, 2457.3, 4095.5], "Confidence": 51, "ObjectID": 9}


def event(code: str = "CrossRegionDetection", action: str = "Start", index: int | None = 0, **data: object) -> bytes:
    head = f"Code={code};action={action}" + ("" if index is None else f";index={index}")
    return (head + (f";data={json.dumps(data, indent=3, ensure_ascii=False)}" if data else "")).encode()


def stream(*bodies: bytes) -> bytes:
    """A piece of the stream, with lengths that say nothing."""
    found = b""
    for body in bodies:
        kind = b"image/jpeg" if body.startswith(b"\xff\xd8") else b"text/plain"
        found += b"--myboundary\r\nContent-Type: %b\r\nContent-Length:0\r\n\r\n%b\r\n\r\n" % (kind, body)
    return found


def read(raw: bytes, *, received: int = NOON, device: str = "gate-7", **headers: str) -> list:
    told = {key.replace("_", "-"): value for key, value in headers.items()}
    return list(SOURCE.parse(raw, {"x-kydai-received": str(received), "x-kydai-device": device} | told))


def seen(raw: bytes, **more) -> Sighted:
    (found,) = [one for one in read(raw, **more) if isinstance(one, Sighted)]
    return found


def names(raw: bytes, **more) -> list[str]:
    return [one.id for one in read(raw, **more) if isinstance(one, Sighted)]


def post(what: str = "TollgateInfo", *, received: int = NOON, **picture: object) -> list:
    raw = json.dumps({"Picture": picture}).encode()
    return list(SOURCE.parse(raw, {"itsapi": what, "x-kydai-received": str(received)}))


def its(plate: object = "75A12345", when: str = LOCAL + ".250", **snap: object) -> Sighted:
    found = post(Plate={"PlateNumber": plate, "Confidence": 95}, SnapInfo={"DeviceID": "6K0A1", "AccurateTime": when} | snap)
    return found[1]


def test_the_samples_say_what_they_say() -> None:
    fake, minimal = (read(path.read_bytes()) for path in FILES)
    assert fake == [
        CameraChanged(id="camera:FakeDevice:online:0", at=0, camera="FakeDevice", state="online"),
        Sighted(
            id="its:FakeDevice:1770385704000:64ed",
            at=0,
            kind="plate_read",
            camera="FakeDevice",
            score=0.95,
            plate="HRA1234",
            subject="direction Obverse; vehicle Car; sign FakeBrand; color Black",
        ),
    ]
    online, car = minimal
    assert (online.camera, car.kind, car.plate, car.score, car.at) == ("TEST_CAMERA", "plate_read", "TEST00001", None, 0)
    assert len(FILES) == 2


def test_an_event_says_what_it_says() -> None:
    raw = event(EventID=10, Name="Gate line", RealUTC=S, UTCMS=250, Direction="LeftToRight", Object=OBJECT)
    assert read(raw) == [
        CameraChanged(id=f"camera:gate-7/1:online:{NOON + 250}", at=NOON + 250, camera="gate-7/1", state="online"),
        Sighted(
            id=f"crossregiondetection:gate-7/1:10:{(NOON + 250) // 3_600_000}",
            at=NOON + 250,
            kind="intrusion",
            camera="gate-7/1",
            score=0.2,
            box=pytest.approx((0.1, 0.2, 0.2, 0.3)),
            subject="rule Gate line; object Human; direction LeftToRight",
        ),
    ]
    assert seen(raw, device="").camera == "1"
    assert seen(event("VideoMotion", index=15)).camera == "gate-7/16"


@pytest.mark.parametrize("more", [{"Name": "a=b;c={};action=Stop", "Note": "}{\\"}, {"Name": "x\ny", "Inner": {"a": {"b": [{}]}}}])
def test_signs_within_the_data_end_nothing(more: dict) -> None:
    raw = event(EventID=10, RealUTC=S, **more)
    for told in (raw, stream(raw), stream(JPEG, raw, JPEG), raw + b"\r\n", raw + b"\r\nHeartbeat\r\n"):
        assert seen(told).id == seen(raw).id
    assert len([one for one in read(raw + b"\r\n" + raw + b"\r\nHeartbeat") if isinstance(one, Sighted)]) == 2


def test_heartbeats_and_housekeeping_are_signs_of_life() -> None:
    assert read(b"Heartbeat") == read(stream(b"Heartbeat")) == [FeedSpoke(id="heartbeat", at=0)]
    for code in ("NTPAdjustTime", "RtspSessionDisconnect", "VideoMotionInfo"):
        assert read(event(code, "State", UTC=S)) == [FeedSpoke(id="alive", at=0)]
    assert seen(event("BrandNewDetection", RealUTC=S, Object=OBJECT)).kind == "dahua_brandnewdetection"
    assert read(event("VideoMotion", "State")) == [FeedSpoke(id="alive", at=0)]


def test_a_numbered_alarm_is_one_event_and_ended_once_over_the_hour_too() -> None:
    start = seen(event(EventID=10, RealUTC=S + 3_590, Name="R"))
    stop = event(action="Stop", EventID=10, RealUTC=S + 3_610, Name="R")
    ends = [one for one in read(stop) if isinstance(one, Sighted)]
    assert start.id in {one.id for one in ends}
    assert {(one.closes, one.ended, one.revision) for one in ends} == {(True, NOON + 3_610_000, ENDED)}
    assert start.id not in names(event(action="Stop", EventID=11, RealUTC=S + 3_610, Name="R"))
    assert start.id not in names(event(action="Stop", index=1, EventID=10, RealUTC=S + 3_610, Name="R"))
    assert start.id != seen(event(EventID=10, RealUTC=S + 8_000, Name="R")).id


def test_what_has_no_number_ends_by_the_time() -> None:
    start, later = event("VideoMotion"), NOON + 9 * 60_000
    assert seen(start).id in names(event("VideoMotion", "Stop"), received=later)
    assert seen(start).id not in names(event("VideoMotion", "Stop"), received=later + 120_000)
    assert seen(start).id != seen(start, received=later).id
    tamper = seen(event("VideoBlind"))
    assert (tamper.kind, tamper.at) == ("camera_tamper", 0)
    assert tamper.id in names(event("VideoBlind", "Stop"), received=NOON + 80 * 60_000)


def test_moments_have_their_moment_and_no_end() -> None:
    first, second = (seen(event("CrossLineDetection", RealUTC=S, UTCMS=ms, Name="L")) for ms in (100, 900))
    assert first.id != second.id
    assert names(event("CrossLineDetection", "Stop", RealUTC=S, Name="L")) == []
    pulses = {seen(event("CrossLineDetection", "Pulse", EventID=1, RealUTC=S + n)).id for n in range(3)}
    assert len(pulses) == 3


def test_a_lost_picture_is_a_lost_camera() -> None:
    (lost,), (back,) = read(event("VideoLoss")), read(event("VideoLoss", "Stop"))
    assert [(one.camera, one.state, one.at) for one in (lost, back)] == [("gate-7/1", "offline", 0), ("gate-7/1", "online", 0)]


@pytest.mark.parametrize(
    ("times", "at"),
    [
        ({"RealUTC": S, "UTC": S + ZONE, "UTCMS": 7}, NOON + 7),
        ({"UTC": S, "LocaleTime": LOCAL, "UTCMS": 7}, NOON + 7),
        ({"UTC": S + ZONE, "LocaleTime": LOCAL, "UTCMS": 7}, NOON + 7),
        ({"UTC": S + ZONE - 600, "LocaleTime": "2026-11-23 11:50:00"}, 0),
        ({"UTC": S - 3}, NOON - 3_000),
        ({"UTC": S + ZONE}, NOON),
        ({"UTC": S + ZONE - 20}, NOON - 20_000),
        ({"UTC": S + 400}, NOON + 400_000),
        ({"UTC": 5}, 5_000),
        ({"LocaleTime": LOCAL}, NOON),
        ({"LocaleTime": "2026-11-23 11:50:00"}, 0),
        ({"UTC": "soon", "UTCMS": -4, "RealUTC": None}, 0),
        ({"UTC": 0, "RealUTC": 0}, 0),
    ],
)
def test_every_clock_means_what_can_be_told_of_it(times: dict, at: int) -> None:
    assert seen(event("CrossLineDetection", "Pulse", **times)).at == at


def test_a_real_utc_and_a_wall_clock_of_the_same_event_agree() -> None:
    """A tricycle of 30 January 2024, as a camera in a zone of +7 told it."""
    real, wall, local = 1_706_600_095, 1_706_625_295, "2024-01-30 14:34:55"
    told = {"UTC": wall, "LocaleTime": local, "Object": {"ObjectType": "NonMotor", "Text": ""}, "TrafficCar": {"PlateNumber": ""}}
    tricycle = seen(event("TrafficJunction", "Pulse", RealUTC=real, **told), received=real * 1000 + 900)
    assert (tricycle.kind, tricycle.plate, tricycle.at) == ("vehicle_seen", None, real * 1000)
    assert seen(event("TrafficJunction", "Pulse", **told), received=real * 1000 + 900).at == real * 1000


@pytest.mark.parametrize("zone", [0, 7 * 3_600_000, -9 * 3_600_000 - 1_800_000, 12 * 3_600_000 + 2_700_000, 14 * 3_600_000])
def test_zones_are_found_and_nothing_else_is(zone: int) -> None:
    assert unzoned(NOON + zone, NOON + 800) == NOON
    assert unzoned(NOON + zone + 200_000, NOON) == 0
    assert unzoned(NOON + zone, 0) == 0


def test_a_wall_clock_a_day_off_is_no_zone() -> None:
    assert unzoned(NOON + 24 * 3_600_000, NOON) == 0


@pytest.mark.parametrize(
    ("data", "plate"),
    [
        ({"Object": {"ObjectType": "Plate", "Text": "75A12345"}}, "75A12345"),
        ({"Object": {"ObjectType": "Vehicle", "Text": "Toyota"}, "TrafficCar": {"PlateNumber": "75A12345"}}, "75A12345"),
        ({"Object": {"ObjectType": "Plate", "Text": ""}, "TrafficCar": {"PlateNumber": "75A12345"}}, "75A12345"),
        ({"Plate": {"Text": "75A12345"}}, "75A12345"),
        ({"Plate": "75A12345"}, None),
        ({"Object": {"ObjectType": "Plate", "Text": "--"}}, None),
        ({"TrafficCar": {"PlateNumber": "unlicensed"}}, None),
        ({"TrafficCar": {"PlateNumber": "<script>"}}, None),
        ({"Object": {"ObjectType": "NonMotor", "Text": "Giant"}}, None),
    ],
)
def test_a_plate_is_found_or_it_is_a_vehicle(data: dict, plate: str | None) -> None:
    car = seen(event("TrafficJunction", "Pulse", RealUTC=S, **data))
    assert (car.kind, car.plate) == ("plate_read" if plate else "vehicle_seen", plate)
    assert "75A12345" not in car.id


def test_a_violation_keeps_its_kind_and_its_plate() -> None:
    car = {"PlateNumber": "75A12345", "Speed": 63.7, "VehicleColor": "White", "Lane": 2}
    found = seen(event("TrafficRunRedLight", "Pulse", RealUTC=S, TrafficCar=car))
    assert (found.kind, found.plate, found.subject) == ("red_light", "75A12345", "lane 2; color White; speed 63 km/h")


@pytest.mark.parametrize(
    ("told", "share"),
    [(0, None), (51, 0.2), (160, pytest.approx(160 / 255)), (255, 1.0), (999, 1.0), ("x", None), (-1, 0.0), (None, None)],
)
def test_confidences_above_a_hundred_are_seen(told: object, share: float | None) -> None:
    assert seen(event(EventID=1, RealUTC=S, Object=OBJECT | {"Confidence": told})).score == share


@pytest.mark.parametrize(
    ("told", "box"),
    [
        ([0, 0, 8191, 8191], (0.0, 0.0, 1.0, 1.0)),
        ([0, 0, 8192, 8192], (0.0, 0.0, 1.0, 1.0)),
        ([-200, 0, 100, 100], None),
        ([0, 0, 9000, 100], None),
        ([100, 100, 50, 50], None),
        ([1, 2, 3], "none"),
        ([0, 0, 0, 0], "none"),
        ("x", "none"),
        ([1, 2, 3, "y"], "none"),
    ],
)
def test_boxes_are_shares_or_named_as_wrong(told: object, box: tuple | str | None) -> None:
    found = seen(event(EventID=1, RealUTC=S, Object=OBJECT | {"BoundingBox": told}))
    assert found.box == (pytest.approx(box) if isinstance(box, tuple) else None)
    assert ("box outside" in (found.subject or "")) == (box is None)


def test_smart_motion_has_a_box_of_its_own() -> None:
    found = seen(event("SmartMotionHuman", RegionName=["R1"], object=[{"HumanID": 9, "Rect": [0, 0, 4095.5, 4095.5]}]))
    assert (found.kind, found.box) == ("person_seen", pytest.approx((0, 0, 0.5, 0.5)))


def test_no_name_of_a_face_is_kept() -> None:
    person = {"Person": {"Name": "Nguyễn Văn A"}, "Similarity": 99}
    found = read(event("FaceRecognition", "Pulse", RealUTC=S, Object=OBJECT | {"Text": "Bob"}, Candidates=[person]))
    assert "Bob" not in repr(found)
    assert "Nguyễn" not in repr(found)
    assert found[1].kind == "face_seen"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"Code=",
        b"Code=X;",
        b"Code=X;action=Start;index=0;data={",
        b"Code=X;action=Start;index=0;data={}}",
        b"Code=X;action=Start;index=0;date={}",
        b"<Picture/>",
        b"{",
        b"{}",
        b"[]",
        b'{"Picture": 7}',
        b'{"Picture": {}}',
        b'{"a":' * 50_000,
        event(Object=[1]),
        event(RealUTC=1e15, EventID=3),
        stream(JPEG),
        b"--myboundary\r\n",
    ],
)
def test_what_cannot_be_read_is_rejected(raw: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        read(raw)
    assert str(refused.value)


def test_of_several_events_the_garbled_one_is_kept_aside() -> None:
    good, bad = event(EventID=1, RealUTC=S), b"Code=CrossRegionDetection;action=Start;index=0;data={\n  broken\n"
    for raw in (bad + good, good + b"\n" + bad, stream(good, bad), b"noise\n" + good):
        found = read(raw)
        assert len([one for one in found if isinstance(one, Sighted)]) == 1
        (unread,) = [one for one in found if isinstance(one, Unread)]
        assert unread.raw.strip() in {bad.strip(), b"noise"}


def test_a_hundred_thousand_pieces_cost_little() -> None:
    for raw in (
        b"\n" * 1_000_000,
        b"Code=" * 200_000,
        b"Code=A;action=Start;index=0;data={\n" * 30_000,
        b"\nCode=A;action=x" * 50_000,
    ):
        try:
            assert len(read(raw)) <= 10_001
        except Rejected:
            continue


def test_a_post_repeated_is_the_same_and_a_second_car_another() -> None:
    assert its() == its()
    assert its().at == NOON + 250
    assert len({its().id, its("75A12346").id, its(when=LOCAL + ".900").id, its(DeviceID="6K0A2").id}) == 4
    assert "75A12345" not in its().id
    bare = [
        post(Plate={"PlateNumber": plate}, SnapInfo={"DeviceID": "x"}, received=NOON + n)[1].id
        for plate in ("A1", "B2")
        for n in (0, 9)
    ]
    assert len(set(bare)) == 2


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-11-23 12:00:00", NOON),
        ("2026-11-23T12:00:00+07:00", NOON),
        ("2026-11-23T05:00:00Z", NOON),
        ("2026-11-23 11:00:10.5", NOON + 10_500),
        ("2026-11-23 11:52:00", 0),
        ("yesterday", 0),
    ],
)
def test_a_wall_clock_is_dated_only_where_its_zone_shows(told: str, at: int) -> None:
    assert its(when=told).at == at


@pytest.mark.parametrize("told", ["", "--", "unlicensed", "无车牌", 7, None, ["75A"], "<b>x</b>"])
def test_what_is_no_plate_is_a_vehicle(told: object) -> None:
    assert (its(told).kind, its(told).plate, its(told).score) == ("vehicle_seen", None, None)


def test_a_plate_that_does_not_exist_is_none() -> None:
    assert post(Plate={"PlateNumber": "75A1", "IsExist": False}, SnapInfo={"DeviceID": "x"})[1].kind == "vehicle_seen"


def test_heartbeats_of_a_camera_say_that_it_is_there() -> None:
    for what, body in (
        ("KeepAlive", {"Active": "keepAlive", "DeviceID": "6K0A1"}),
        ("DeviceInfo", {"DeviceID": "6K0A1", "DeviceType": "IPC"}),
    ):
        alive, online = SOURCE.parse(json.dumps(body).encode(), {"itsapi": what})
        assert (alive, online.camera, online.state) == (FeedSpoke(id="alive", at=0), "6K0A1", "online")
    assert SOURCE.parse(b"", {"itsapi": "KeepAlive"}) == [FeedSpoke(id="alive", at=0)]


def test_every_kind_stands_in_both_packs() -> None:
    from data.pack import load

    wanted = {*KINDS.values(), "plate_read"}
    for city in ("hue", "dong_hoi"):
        assert wanted - {kind.key for kind in load(city).city.kinds} == set()


def test_its_answer_is_the_one_that_cameras_need() -> None:
    assert SOURCE.answer is not None
    told = json.loads(SOURCE.answer.body)
    assert (SOURCE.answer.status, told["Result"], told["result"]) == (200, True, "true")


SEEDS = [path.read_bytes() for path in FILES] + [
    event(EventID=10, Name="R", RealUTC=S, UTC=S, UTCMS=3, LocaleTime=LOCAL, Object=OBJECT),
    event(
        "TrafficJunction", "Pulse", RealUTC=S, TrafficCar={"PlateNumber": "75A1"}, Object={"ObjectType": "Plate", "Text": "75A1"}
    ),
    event("VideoMotion", "Stop"),
    event("VideoLoss"),
    b"Heartbeat",
    stream(event("VideoBlind"), JPEG, b"Heartbeat", event(EventID=1, RealUTC=S)),
    json.dumps({"Picture": {"SnapInfo": {"DeviceID": "x"}, "NormalPic": {"Content": base64.b64encode(JPEG).decode()}}}).encode(),
]
PUT = [
    b"{",
    b"}",
    b";data=",
    b"\nCode=",
    b'"',
    b"\\ud800",
    b"\x00",
    b"1e999",
    b"-1",
    b"--myboundary\r\n",
    b"\xf0\x9f\x9a\x97",
    b"index=99999",
]


def held(found: list) -> None:
    assert all(isinstance(one, Sighted | CameraChanged | FeedSpoke | Unread) for one in found)
    for one in found:
        if isinstance(one, Sighted):
            assert one.score is None or 0 <= one.score <= 1
            assert one.box is None or all(0 <= side <= 1 for side in one.box)
            assert len(one.id) <= 200
            assert len(one.camera) <= 120
            assert len(one.subject or "") <= 200


@settings(max_examples=800, deadline=None)
@given(
    raw=st.sampled_from(SEEDS),
    start=st.floats(0, 1),
    cut=st.integers(0, 300),
    put=st.binary(max_size=20) | st.sampled_from(PUT),
    what=st.sampled_from(["", "TollgateInfo", "KeepAlive"]),
    device=st.text(max_size=80),
)
def test_nothing_makes_it_fall_over(raw: bytes, start: float, cut: int, put: bytes, what: str, device: str) -> None:
    at = int(start * len(raw))
    try:
        held(read(raw[:at] + put + raw[at + cut :], device=device, **({"itsapi": what} if what else {})))
    except Rejected as reason:
        assert str(reason)


odd = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.lists(st.integers() | st.floats(), max_size=5)
)
inner = st.dictionaries(
    st.sampled_from(["ObjectType", "Text", "BoundingBox", "Confidence", "PlateNumber", "Lane", "Speed"]), odd, max_size=5
)
FIELDS = [
    "RealUTC",
    "UTC",
    "UTCMS",
    "LocaleTime",
    "EventID",
    "Name",
    "Object",
    "Objects",
    "TrafficCar",
    "Plate",
    "Direction",
    "object",
]


@settings(max_examples=500, deadline=None)
@given(
    code=st.sampled_from(["TrafficJunction", "VideoMotion", "VideoLoss", "CrossLineDetection", "New"]),
    action=st.sampled_from(["Start", "Stop", "Pulse", "State", "x"]),
    data=st.dictionaries(st.sampled_from(FIELDS), odd | inner | st.lists(inner, max_size=2), max_size=8),
)
def test_no_value_makes_it_fall_over(code: str, action: str, data: dict) -> None:
    try:
        held(read(event(code, action, **data)))
    except Rejected as reason:
        assert str(reason)
