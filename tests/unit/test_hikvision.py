"""Hikvision: what its devices really post is read exactly; whatever is cut, repeated, mixed up or made up counts nothing twice."""

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import Rejected
from dashboard.events import CameraChanged, FeedSpoke, Sighted
from data.reading_multipart import parts
from data.source import Unread
from data.sources.hikvision import ENDED, KINDS, SOURCE
from data.xml_tree import tree

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "hikvision"
FILES = sorted(SAMPLES.iterdir())
NAMESPACES = (
    "http://www.hikvision.com/ver20/XMLSchema",
    "http://www.isapi.org/ver20/XMLSchema",
    "http://www.std-cgi.com/ver10/XMLSchema",
    "urn:selfextension:psiaext-ver10-xsd",
    "urn:psialliance-org",
)
DAY = "2026-11-23T12:00:%02d+07:00"
NOON = 1_795_410_000_000
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4 + b"\xff\xd9"


def alert(extra: str = "", **told: object) -> bytes:
    base: dict[str, object] = {
        "ipAddress": "10.17.1.105",
        "macAddress": "80:be:af:89:d9:ee",
        "channelID": 1,
        "dateTime": DAY % 0,
        "activePostCount": 1,
        "eventType": "fielddetection",
        "eventState": "active",
    }
    fields = "".join(f"<{key}>{value}</{key}>" for key, value in (base | told).items() if value is not None)
    return f"<EventNotificationAlert version='2.0'>{fields}{extra}</EventNotificationAlert>".encode()


def anpr(plate: str = "75A12345", extra: str = "", **told: object) -> bytes:
    inner = (
        f"<licensePlate>{plate}</licensePlate><line>2</line><direction>forward</direction><confidenceLevel>97.5</confidenceLevel>"
    )
    more = "<vehicleType>vehicle</vehicleType><vehicleListName>blockList</vehicleListName><vehicleInfo><color>white</color></vehicleInfo>"
    return alert(f"<ANPR>{inner}{more}{extra}</ANPR>", **({"eventType": "ANPR"} | told))


def form(*bodies: bytes, boundary: bytes = b"boundary", length: int = 7) -> bytes:
    """A multipart with lengths that are wrong."""
    found = b""
    for number, body in enumerate(bodies):
        kind = b"image/jpeg" if body.startswith(b"\xff\xd8") else b"application/xml"
        head = b'Content-Disposition: form-data; name="part%d"\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n' % (
            number,
            kind,
            length,
        )
        found += b"--%b\r\n%b%b\r\n" % (boundary, head, body)
    return found + b"--%b--\r\n" % boundary


def read(raw: bytes, **headers: str) -> list:
    return list(SOURCE.parse(raw, {key.replace("_", "-"): value for key, value in headers.items()}))


def seen(raw: bytes, **headers: str) -> Sighted:
    (found,) = [one for one in read(raw, **headers) if isinstance(one, Sighted)]
    return found


@pytest.mark.parametrize(
    ("name", "camera", "at", "kind", "subject", "box"),
    [
        ("cam1_DS-2CD2T46G2-ISU_io_notification.xml", "4f:e4:2f:81:cd:1b/1", 1_732_031_608_000, "alarm_input", "input 1", None),
        (
            "http_multipart_linedetection.txt",
            "80:be:af:89:d9:ee/1",
            1_754_225_495_000,
            "line_crossing",
            "target vehicle; region 1",
            (0.425, 0.144, 0.021, 0.09),
        ),
        ("ipc_thermometry_motiondetection.xml", "a6:60:9e:f8:01:09/2", 1_731_525_652_000, "motion", None, None),
        ("pir.xml", "c6:e6:61:0a:46:37/1", 1_680_816_141_000, "motion", None, None),
    ],
)
def test_every_sample_says_what_it_says(name: str, camera: str, at: int, kind: str, subject: str | None, box: tuple | None) -> None:
    raw = (SAMPLES / name).read_bytes()
    first, event = read(raw)
    blind = kind == "alarm_input" or name == "pir.xml"
    assert isinstance(first, FeedSpoke) if blind else (first.camera, first.state, first.at) == (camera, "online", at)
    assert (event.camera, event.at, event.kind, event.subject, event.box) == (camera, at, kind, subject, box)
    assert (event.plate, event.score, event.ended, event.closes) == (None, None, None, False)
    assert read(raw) == [first, event]


@pytest.mark.parametrize("path", [path for path in FILES if path.name.startswith("httpHosts")], ids=lambda path: path.stem)
def test_a_sample_that_is_no_alert_is_rejected_by_name(path: Path) -> None:
    with pytest.raises(Rejected, match="HttpHostNotificationList"):
        read(path.read_bytes())


def test_the_samples_are_all_tried() -> None:
    assert len(FILES) == 7


@pytest.mark.parametrize("space", NAMESPACES)
def test_any_namespace_and_any_prefix_say_the_same(space: str) -> None:
    plain = read(alert())
    assert read(alert().replace(b" version", f" xmlns='{space}' version".encode())) == plain
    for bound in (f" xmlns:ns1='{space}' version", " version"):
        told = alert().replace(b"</", b"</ns1:").replace(b"<ns1:", b"\0").replace(b"</ns1:", b"\1")
        told = told.replace(b"<", b"<ns1:").replace(b"\1", b"</ns1:").replace(b" version", bound.encode())
        assert read(told) == plain


def test_a_multipart_gives_its_alert_whatever_the_part_is_called() -> None:
    plain = read(alert())
    for raw in (form(alert(), JPEG), form(JPEG, alert(), JPEG), form(alert(), JPEG, length=10**9), form(alert(), boundary=b"x--y")):
        assert read(raw, content_type="multipart/form-data; boundary=boundary") == plain
        assert read(raw) == plain
    assert read(form(alert(), JPEG)[:-300]) == plain  # the picture was cut off
    assert read(form(alert(), JPEG).replace(b"\r\n", b"\n")) == plain
    assert len(read(form(alert(), anpr()))) == 4


def test_a_picture_that_names_no_type_is_set_aside_by_its_first_bytes() -> None:
    raw = form(alert(), JPEG).replace(b"image/jpeg", b"application/octet-stream")
    assert read(raw) == read(alert())


def test_of_two_alerts_the_garbled_one_is_kept_aside() -> None:
    good, bad = [one for one in read(form(alert(), b"<Event")) if not isinstance(one, CameraChanged)]
    assert isinstance(good, Sighted)
    assert isinstance(bad, Unread)
    assert bad.raw == b"<Event"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"--b\r\n\r\n" + JPEG + b"\r\n--b--\r\n", "without an alert"),
        (b"--b\r\n\r\n<x\r\n--b\r\n\r\n<y\r\n--b--", "is no XML"),
        (b'{"eventType": "VMD"}', "XML"),
        (b"hello", "is no XML"),
        (form(*[alert()] * 70), "parts"),
        (b"--", "boundary"),
        (alert(eventType=None), "eventType"),
        (alert(eventType="<b>x</b>"), "eventType"),
        (alert(eventType="x" * 500), "eventType"),
        (alert(dateTime=None), "dateTime"),
        (alert(dateTime="yesterday"), "dateTime"),
        (alert(dateTime="1901-01-01T00:00:00Z"), "at"),
        (alert(macAddress=None, ipAddress=None), "macAddress"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        read(raw)


def test_bombs_are_refused_before_they_go_off() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bombs = [
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{levels}]><a>&l9;</a>'.encode(),
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
        b"<a>" * 30 + b"</a>" * 30,
        b"<a>" * 100_000,
        b"<a>" + b"<b/>" * 60_000 + b"</a>",
        b"<a>" + b"x" * 300_000 + b"</a>",
        b"<?xml version='1.0' encoding='GB2312'?><a/>",
        b"<?xml version='1.0' encoding='nonsense'?><a/>",
    ]
    for bomb in bombs:
        for raw in (bomb, form(bomb, JPEG)):
            with pytest.raises(Rejected):
                read(raw)


def test_posts_of_one_alarm_are_one_event_that_began_when_it_began_and_is_ended_once() -> None:
    posts = [seen(alert(dateTime=DAY % n, activePostCount=n + 1)) for n in range(60)]
    assert {(one.id, one.at) for one in posts} == {(posts[0].id, NOON)}
    assert [one.revision for one in posts] == list(range(1, 61))
    end = seen(alert(dateTime=DAY % 59, activePostCount=60, eventState="inactive"))
    assert (end.id, end.ended, end.closes, end.revision) == (posts[0].id, NOON + 59_000, True, ENDED + 60)


def test_an_alarm_of_an_hour_does_not_claim_that_its_clock_is_an_hour_off() -> None:
    late = seen(alert(activePostCount=3600))
    assert late.at == NOON
    assert late.id == seen(alert(dateTime="2026-11-23T11:00:01+07:00", activePostCount=1)).id


def test_two_alarms_a_quarter_of_an_hour_apart_are_two() -> None:
    assert seen(alert()).id != seen(alert(dateTime="2026-11-23T12:15:00+07:00")).id
    assert seen(alert()).id != seen(alert(channelID=2)).id
    assert seen(alert()).id != seen(alert(macAddress="80:be:af:89:d9:ef")).id
    assert seen(alert()).id != seen(alert(eventType="loitering")).id


def test_duration_is_what_it_goes_on_about() -> None:
    inner = "<DurationList><Duration><relationEvent>fielddetection</relationEvent></Duration></DurationList>"
    assert read(alert(inner, eventType="duration")) == read(alert())
    two = inner.replace("</DurationList>", "<Duration><relationEvent>VMD</relationEvent></Duration></DurationList>")
    assert [one.kind for one in read(alert(two, eventType="duration")) if isinstance(one, Sighted)] == ["intrusion", "motion"]
    assert seen(alert(eventType="duration")).kind == "hikvision_duration"


@pytest.mark.parametrize(("told", "channel"), [(1, 1), (32, 32), (33, 1), (34, 2), (96, 64)])
def test_a_recorder_counts_its_channels_from_33(told: int, channel: int) -> None:
    assert seen(alert(channelID=told)).camera == f"80:be:af:89:d9:ee/{channel}"
    assert seen(alert(channelID=None, dynChannelID=told)).camera == f"80:be:af:89:d9:ee/{channel}"


def test_a_camera_is_named_by_the_first_thing_that_its_device_says_of_itself() -> None:
    serial = "<Extensions><serialNumber xmlns='urn:x'>DS-7608NXI-I0\n    </serialNumber></Extensions>"
    nothing: dict[str, object] = {"macAddress": None, "ipAddress": None}
    assert seen(alert(macAddress="80-BE-AF-89-D9-EE")).camera == "80:be:af:89:d9:ee/1"
    assert seen(alert(macAddress=None, deviceID="gate-7")).camera == "gate-7/1"
    assert seen(alert(serial, **nothing)).camera == "DS-7608NXI-I0/1"
    assert seen(alert(macAddress=None)).camera == "10.17.1.105/1"
    assert seen(alert(channelID=None)).camera == "80:be:af:89:d9:ee"


def test_a_heartbeat_is_a_sign_of_life_and_a_lost_picture_a_lost_camera() -> None:
    for beat in (
        alert(eventType="videoloss", eventState="inactive", activePostCount=0),
        alert(eventType="heartBeat", dateTime=None),
    ):
        assert read(beat) == [FeedSpoke(id="heartbeat", at=0)]
    (lost,) = read(alert(eventType="videoloss"))
    (back,) = read(alert(eventType="videoloss", eventState="inactive", activePostCount=3))
    assert [(one.camera, one.state) for one in (lost, back)] == [
        ("80:be:af:89:d9:ee/1", "offline"),
        ("80:be:af:89:d9:ee/1", "online"),
    ]


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("VMD", "motion"),
        ("shelteralarm", "camera_tamper"),
        ("regionEntrance", "intrusion"),
        ("regionExiting", "line_crossing"),
        ("facedetection", "face_seen"),
        ("diskfull", "storage_fail"),
        ("brandNewIn2027", "hikvision_brandnewin2027"),
    ],
)
def test_types_become_kinds(kind: str, means: str) -> None:
    assert seen(alert(eventType=kind)).kind == means


def test_every_kind_stands_in_both_packs() -> None:
    from data.pack import load

    wanted = {*KINDS.values(), "plate_read", "vehicle_seen", "person_seen"}
    for city in ("hue", "dong_hoi"):
        assert wanted - {kind.key for kind in load(city).city.kinds} == set()


@pytest.mark.parametrize(("target", "kind"), [("human", "person_seen"), ("vehicle", "vehicle_seen"), ("animal", "motion")])
def test_motion_of_something_is_that(target: str, kind: str) -> None:
    entry = f"<DetectionRegionList><DetectionRegionEntry><detectionTarget>{target}</detectionTarget></DetectionRegionEntry></DetectionRegionList>"
    assert seen(alert(eventType="VMD", targetType=target)).kind == kind
    assert seen(alert(entry, eventType="VMD")).kind == kind
    assert seen(alert(entry, eventType="linedetection")).kind == "line_crossing"


def test_a_plate_is_read_with_what_stands_around_it() -> None:
    rect = "<pictureInfoList><pictureInfo><plateRect><X>544</X><Y>835</Y><width>40</width><height>35</height></plateRect></pictureInfo></pictureInfoList>"
    car = seen(anpr(extra=rect, UUID="2026112312000001x"))
    assert (car.id, car.kind, car.plate, car.score, car.box) == (
        "anpr:2026112312000001x",
        "plate_read",
        "75A12345",
        0.975,
        (0.544, 0.835, 0.04, 0.035),
    )
    assert car.subject == "lane 2; direction forward; vehicle vehicle; color white; list blockList"


@pytest.mark.parametrize("told", ["unknown", "Unknown", "", "  ", "--", "&lt;script&gt;alert(1)&lt;/script&gt;", "75A12345" * 5])
def test_what_is_no_plate_is_a_vehicle(told: str) -> None:
    car = seen(anpr(told))
    assert (car.kind, car.plate, car.score) == ("vehicle_seen", None, None)


@pytest.mark.parametrize(
    ("told", "share"), [("100", 1.0), ("0", 0.0), ("87", 0.87), ("255", 1.0), ("-3", 0.0), ("nan", None), ("", None)]
)
def test_confidence_is_a_share(told: str, share: float | None) -> None:
    assert seen(anpr().replace(b"97.5", told.encode())).score == share


def test_cars_of_one_second_are_told_apart_and_one_car_told_twice_is_one() -> None:
    assert seen(anpr("75A12345")).id == seen(anpr("75A12345", dateTime=DAY % 3, activePostCount=2)).id
    assert seen(anpr("75A12345")).id != seen(anpr("75A12346")).id
    assert "75A12345" not in seen(anpr("75A12345")).id


@pytest.mark.parametrize(
    ("sides", "box"),
    [
        (("0.1", "0.2", "0.3", "0.4"), (0.1, 0.2, 0.3, 0.4)),
        (("100", "200", "300", "400"), (0.1, 0.2, 0.3, 0.4)),
        (("900", "0", "200", "100"), (0.9, 0.0, 0.1, 0.1)),
        (("-100", "200", "300", "400"), None),
        (("1100", "200", "300", "400"), None),
        (("0", "0", "0", "0"), None),
        (("1e400", "0", "1", "1"), None),
        (("x", "0", "1", "1"), None),
    ],
)
def test_boxes_are_shares_of_the_picture_or_named_as_wrong(sides: tuple, box: tuple | None) -> None:
    rect = "".join(f"<{name}>{side}</{name}>" for name, side in zip(("X", "Y", "width", "height"), sides, strict=True))
    entry = (
        f"<DetectionRegionList><DetectionRegionEntry><TargetRect>{rect}</TargetRect></DetectionRegionEntry></DetectionRegionList>"
    )
    found = seen(alert(entry))
    assert found.box == (pytest.approx(box) if box else None)
    assert ("box outside" in (found.subject or "")) == (box is None and any(side not in {"0", "x"} for side in sides))


def test_a_clock_without_a_zone_names_the_event_and_does_not_date_it() -> None:
    bare, again = seen(alert(dateTime="2026-11-23T12:00:00")), seen(alert(dateTime="2026-11-23T12:00:05", activePostCount=6))
    assert (bare.at, again.at, bare.id) == (0, 0, again.id)
    assert seen(alert(dateTime="2026-11-23T05:00:00.250Z")).at == NOON + 250


def test_nobody_is_named_and_nothing_is_placed() -> None:
    gps = "<DeviceGPSInfo><Longitude><degree>7</degree></Longitude></DeviceGPSInfo><faceContrast><name>Bob</name></faceContrast>"
    found = read(alert(gps, eventType="facedetection", channelName="Nguyễn Văn A"))
    assert "Bob" not in repr(found)
    assert "Nguyễn" not in repr(found)


SEEDS = [path.read_bytes() for path in FILES] + [
    alert(),
    anpr(),
    form(alert(), JPEG),
    form(anpr(UUID="u"), JPEG, JPEG),
    alert(eventType="videoloss"),
]


@settings(max_examples=600, deadline=None)
@given(
    raw=st.sampled_from(SEEDS),
    start=st.floats(0, 1),
    cut=st.integers(0, 300),
    put=st.binary(max_size=20)
    | st.sampled_from([b"<a>", b"</channelID>", b"&x;", b"\0", b"-1", b"1e999", b"\xf0\x9f\x9a\x97", b"--boundary"]),
    header=st.sampled_from(["", "multipart/form-data; boundary=boundary", 'multipart/mixed; boundary="\u2713"', "application/xml"]),
)
def test_nothing_makes_it_fall_over(raw: bytes, start: float, cut: int, put: bytes, header: str) -> None:
    at = int(start * len(raw))
    try:
        found = read(raw[:at] + put + raw[at + cut :], content_type=header)
    except Rejected as reason:
        assert str(reason)
        return
    assert all(isinstance(one, Sighted | CameraChanged | FeedSpoke | Unread) for one in found)
    for one in found:
        assert not isinstance(one, Sighted) or one.score is None or 0 <= one.score <= 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: b"--b\r\n" + tail))
def test_no_bytes_make_it_fall_over(raw: bytes) -> None:
    try:
        assert isinstance(read(raw), list)
    except Rejected as reason:
        assert str(reason)


def test_order_does_not_matter_to_names() -> None:
    raws = [alert(dateTime=DAY % n, activePostCount=n + 1) for n in range(4)]
    names = [{seen(raw).id for raw in order} for order in permutations(raws)]
    assert all(one == names[0] and len(one) == 1 for one in names)


def test_the_tree_keeps_what_another_reader_needs() -> None:
    top = tree(b"<tt:a xmlns:tt='u'><tt:Item Name='x' Value='7'>t<b>1</b>u</tt:Item><c/></tt:a>")
    (item,) = top.all("Item")
    assert (top.name, item.attributes["Value"], item.text, item.text_of("b"), top.find("d")) == ("a", "7", "tu", "1", None)


def test_parts_tell_their_names() -> None:
    raw = (SAMPLES / "http_multipart_linedetection.txt").read_bytes()
    assert [(part.name, part.mimetype, part.is_picture) for part in parts(raw)] == [
        ("linedetection", "application/xml", False),
        ("lineCrossImage", "image/jpeg", True),
    ]
