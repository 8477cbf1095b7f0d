"""ONVIF: events by MQTT and in XML are read exactly; a state told again is no alarm, and nothing that is sent makes one alarm two."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import Rejected
from dashboard.events import CameraChanged, FeedSpoke, Sighted
from data.episodes import ENDED
from data.source import Unread
from data.sources.onvif import KINDS, SOURCE

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "onvif"
FILES = sorted(SAMPLES.iterdir())
NOON = 1_795_410_000_000
TIME = "2026-11-23T05:00:%02dZ"
ALIVE = FeedSpoke(id="alive", at=0)
AJAX = "onvif-parsers_ajax_ajax_"


def read(raw: bytes, **headers: str) -> list:
    told = {key.replace("_", "-"): value for key, value in headers.items()}
    return list(SOURCE.parse(raw, {"x-kydai-received": str(NOON), "x-kydai-device": "gate"} | told))


def note(
    topic: str, data: str = "", *, operation: str | None = "Changed", second: int = 0, source: str = "", utc: str | None = None
) -> str:
    source = source or '<tt:SimpleItem Name="VideoSourceToken" Value="v1"/><tt:SimpleItem Name="Rule" Value="R1"/>'
    said = "" if operation is None else f' PropertyOperation="{operation}"'
    at = TIME % second if utc is None else utc
    return (
        f"<wsnt:NotificationMessage><wsnt:Topic>\n {topic}\n</wsnt:Topic><wsnt:Message><tt:Message UtcTime='{at}'{said}>"
        f"<tt:Source>{source}</tt:Source><tt:Data>{data}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>"
    )


def item(name: str, value: object) -> str:
    return f'<tt:SimpleItem Name="{name}" Value="{value}"/>'


def xml(*notes: str) -> list:
    return read(
        f"<s:Envelope><s:Body><tev:PullMessagesResponse>{''.join(notes)}</tev:PullMessagesResponse></s:Body></s:Envelope>".encode()
    )


def mqtt(topic: str, body: object, *, prefix: str = "hue/cam-1", mark: str = "onvif-ej", retain: str = "0") -> list:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read(raw, mqtt_topic=f"{prefix}/{mark}/{topic}", mqtt_retain=retain)


def told(data: dict, second: int = 0, **source: object) -> dict:
    return {"UtcTime": TIME % second, "Source": {"VideoSource": "1", "Rule": "R1"} | source, "Data": data}


def only(found: list) -> Sighted:
    (one,) = [event for event in found if isinstance(event, Sighted)]
    return one


def names(found: list) -> set[str]:
    return {one.id for one in found if isinstance(one, Sighted)}


EXPECTED = {
    "human_animal": ("gate/9c756e1c82d0-0", 1_772_986_745_000, "person_seen", "rule 9c756e1c82d0-0-dk2t3b; class human animal"),
    "human_vehicle": ("gate/9c756e1c82d0-0", 1_772_986_981_000, "person_seen", "rule 9c756e1c82d0-0-dk2t3b; class human vehicle"),
    "line_crossing": ("gate/9c756e1c82d0-0", 1_772_987_009_000, "line_crossing", "rule 9c756e1c82d0-0-dk2t3c"),
    "missing_attributes": ("gate", 0, "person_seen", "class human"),
    "motion_detector": ("gate/vsconf", 1_768_075_472_000, "motion", "rule AjaxMotionRule"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_sample_says_what_it_says(name: str) -> None:
    camera, at, kind, subject = EXPECTED[name]
    alive, online, event = read((SAMPLES / f"{AJAX}{name}.xml").read_bytes())
    assert (alive, online.camera, online.state, online.at) == (ALIVE, camera, "online", at)
    assert (event.camera, event.at, event.kind, event.subject) == (camera, at, kind, subject)
    assert (event.plate, event.score, event.box, event.ended, event.closes) == (None, None, None, None, False)


@pytest.mark.parametrize(
    "name",
    [f"{AJAX}object_detector_human", "onvif-parsers_generic_line_detector_crossed", "onvif-parsers_hikvision_hikvision_alarm", "onvif-parsers_reolink_reolink_package"],
)  # fmt: skip
def test_a_sample_that_only_replays_a_state_is_no_alarm(name: str) -> None:
    raw = (SAMPLES / f"{name}.xml").read_bytes()
    assert read(raw) == [ALIVE]
    changed = only(read(raw.replace(b"Initialized", b"Changed")))
    assert changed.kind in {"person_seen", "line_crossing", "alarm_input", "object_seen"}


def test_the_cleared_sample_ends_what_was_detected() -> None:
    raw = (SAMPLES / f"{AJAX}object_detector_cleared.xml").read_bytes()
    begun = only(read(raw.replace(b'Value=""', b'Value="Human"')))
    alive, online, *ends = read(raw)
    assert (alive, online.camera, len(ends)) == (ALIVE, "gate/vsconf", 10)
    assert {(one.closes, one.revision) for one in ends} == {(True, ENDED)}
    assert begun.id in {one.id for one in ends}


def test_the_specification_s_two_crossed_lines_are_two_by_either_way() -> None:
    events = [
        one for one in read((SAMPLES / "spec_PullMessagesResponse_LineDetector.xml").read_bytes()) if isinstance(one, Sighted)
    ]
    assert [(one.camera, one.at, one.kind, one.subject) for one in events] == [
        ("gate/1", 1_223_641_497_321, "line_crossing", "rule MyImportantFence1; object 15"),
        ("gate/1", 1_223_641_497_789, "line_crossing", "rule MyImportantFence2; object 19"),
    ]
    sample = json.loads((SAMPLES / "spec_mqtt_LineDetector_Crossed.json").read_text())
    crossed = only(read(json.dumps(sample["payload"]).encode(), mqtt_topic=sample["topic"]))
    assert (crossed.camera, crossed.at, crossed.kind, crossed.subject) == (
        "MyDevice/1",
        *[getattr(events[0], key) for key in ("at", "kind", "subject")],
    )
    assert len({one.id for one in [*events, crossed]}) == 3


def test_metadata_tells_an_object_with_its_class_its_likelihood_and_its_box() -> None:
    sample = json.loads((SAMPLES / "spec_mqtt_onvif-mj_VideoAnalytics.json").read_text())
    by_mqtt = read(json.dumps(sample["payload"]).encode(), mqtt_topic=sample["topic"])
    by_xml = read((SAMPLES / "spec_metadata_frame_human.xml").read_bytes())
    for found, camera in ((by_mqtt, "MyDevice/1"), (by_xml, "gate")):
        human = only(found)
        assert (human.id, human.at, human.kind, human.camera) == (
            f"object:{camera}:15:453735",
            1_633_446_807_321,
            "person_seen",
            camera,
        )
        assert human.box == pytest.approx((0.03125, 0.833333, 0.125, 0.104167), abs=1e-5)
        assert (human.score, human.subject) == (0.8, "class human")


def test_metadata_tells_a_plate() -> None:
    car = only(read((SAMPLES / "spec_metadata_LicensePlateInfo.xml").read_bytes()))
    assert (car.id, car.at, car.kind, car.plate, car.score, car.revision) == (
        "object:gate:12:357660",
        1_287_577_497_321,
        "plate_read",
        "6DZG261",
        0.9,
        901,
    )


@pytest.mark.parametrize(
    "name", ["spec_rule_FaceRecognition.xml", "spec_rule_LicensePlateRecognition.xml", "spec_mqtt_onvif-ej_examples.txt"]
)
def test_a_sample_that_is_no_message_is_rejected(name: str) -> None:
    with pytest.raises(Rejected):
        read((SAMPLES / name).read_bytes())


def test_the_specification_s_examples_are_read_but_for_its_broken_ones() -> None:
    pieces = (SAMPLES / "spec_mqtt_onvif-ej_examples.txt").read_text().split("----")
    topics = [one.strip() for one in pieces if "/onvif-ej/" in one]
    bodies = [one.strip().encode() for one in pieces if one.strip().startswith(("{", '"Utc'))]
    kinds = []
    for topic, body in zip(topics, [bodies[0], bodies[1], *bodies[3:]], strict=True):
        try:
            kinds.append(only(read(body, mqtt_topic=topic)).kind)
        except Rejected:
            kinds.append("")
    assert kinds == ["line_crossing", "", "onvif_temperature_high", "onvif_relativehumidity_high", "onvif_absolutehumidity_high"]
    with pytest.raises(Rejected):
        read(bodies[2], mqtt_topic=topics[0])


def test_the_samples_are_all_tried() -> None:
    assert len(FILES) == 18


@pytest.mark.parametrize(
    ("topic", "data", "kind"),
    [
        ("tns1:VideoSource/MotionAlarm", item("State", "true"), "motion"),
        ("tns1:RuleEngine/CellMotionDetector/Motion", item("IsMotion", "true"), "motion"),
        ("tns1:RuleEngine/MotionRegionDetector/Motion", item("State", "1"), "motion"),
        ("tns1:RuleEngine/tnsajax:MotionDetector/Detection", item("Detected", "True"), "motion"),
        ("tns1:RuleEngine/FieldDetector/ObjectsInside", item("IsInside", "true"), "intrusion"),
        ("tns1:RuleEngine/LoiteringDetector/ObjectIsLoitering", item("State", "true"), "loitering"),
        ("x:RuleEngine/y:FieldDetector/z:ObjectIsLoitering", item("Status", "true"), "loitering"),
        ("tns1:RuleEngine/LineDetector/Crossed", item("ObjectId", "1"), "line_crossing"),
        ("tns1:RuleEngine/ObjectDetection/Object", item("ClassTypes", "Vehicle"), "vehicle_seen"),
        ("tns1:RuleEngine/ObjectDetection/Object", item("ClassTypes", "Animal"), "object_seen"),
        ("tns1:RuleEngine/ObjectAbandoned", item("State", "true"), "object_left"),
        ("tns1:RuleEngine/TamperDetector/Tamper", item("IsTamper", "true"), "camera_tamper"),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", item("State", "true"), "camera_tamper"),
        ("tns1:VideoSource/ImageTooDark/AnalyticsService", item("State", "true"), "camera_tamper"),
        ("tns1:VideoSource/ImageTooBlurry/RecordingService", item("State", "true"), "camera_tamper"),
        ("tns1:Device/HardwareFailure/StorageFailure", item("Failed", "true"), "storage_fail"),
        ("tns1:Device/Trigger/DigitalInput", item("LogicalState", "true"), "alarm_input"),
        ("tns1:Device/Trigger/tnshik:AlarmIn", item("State", "true"), "alarm_input"),
        ("Device/tns1:Trigger/tnssamsung:DigitalInput", item("State", "true"), "alarm_input"),
        ("tns1:RuleEngine/CellMotionDetector/Intrusion", item("IsIntrusion", "true"), "intrusion"),
        ("tns1:RuleEngine/CellMotionDetector/LineCross", item("IsLineCross", "true"), "line_crossing"),
        ("tns1:RuleEngine/CellMotionDetector/People", item("IsPeople", "true"), "person_seen"),
        ("tns1:RuleEngine/PeopleDetector/People", item("IsPeople", "true"), "person_seen"),
        ("tns1:RuleEngine/MyRuleDetector/VehicleDetect", item("State", "true"), "vehicle_seen"),
        ("tns1:RuleEngine/MyRuleDetector/FaceDetect", item("State", "true"), "face_seen"),
        ("tns1:RuleEngine/acme:Spill/Oil", item("State", "true"), "onvif_spill_oil"),
        ("tns1:Device/HardwareFailure/FanFailure", item("Failed", "true"), "onvif_hardwarefailure_fanfailure"),
    ],
)
def test_topics_become_kinds_by_either_way(topic: str, data: str, kind: str) -> None:
    assert only(xml(note(topic, data))).kind == kind
    name, value = data.split('"')[1::2]
    for written in (value, True) if value == "true" else (value,):
        assert only(mqtt(topic.replace("tns1:", "") + "/&1/R1", told({name: written}))).kind == kind
    assert xml(note(topic, data, operation="Initialized")) == [ALIVE]
    assert mqtt(topic, told({name: value}), retain="1") == [ALIVE]


@pytest.mark.parametrize(
    "topic",
    [
        "tns1:Monitoring/ProcessorUsage",
        "tns1:Device/Trigger/Relay",
        "tns1:RecordingConfig/JobState",
        "tns1:RuleEngine/CountAggregation/Counter",
        "tnsaxis:CameraApplicationPlatform/ALPV.AllPlates",
        "",
        "/",
        ":",
    ],
)
def test_housekeeping_and_counters_are_signs_of_life(topic: str) -> None:
    assert xml(note(topic, item("State", "true"))) == [ALIVE]


def test_a_property_begins_is_told_again_and_ends() -> None:
    def motion(state: str, second: int, **more: str) -> list:
        return xml(note("tns1:RuleEngine/CellMotionDetector/Motion", item("IsMotion", state), second=second, **more))

    begun = only(motion("true", 1))
    assert only(motion("true", 9)).id == begun.id
    ends = [one for one in motion("false", 40) if isinstance(one, Sighted)]
    assert begun.id in {one.id for one in ends}
    assert {(one.ended, one.closes) for one in ends} == {(NOON + 40_000, True)}
    assert begun.id in names(motion("true", 40, operation="Deleted"))
    other = item("VideoSourceToken", "v1") + item("Rule", "R2")
    assert begun.id not in names(motion("false", 40, source=other))


def test_an_emptied_topic_is_the_end_of_its_property() -> None:
    topic = "RuleEngine/FieldDetector/ObjectsInside/&1/R1"
    begun = only(mqtt(topic, told({"IsInside": True})))
    for gone in (b"", b" \n"):
        for retain in "01":
            ends = mqtt(topic, gone, retain=retain)
            assert begun.id in names(ends)
            assert {one.camera for one in ends if isinstance(one, Sighted)} == {"hue/cam-1/1"}
    assert begun.id in names(mqtt(topic, told({"IsInside": "false"}, 30)))
    assert begun.id not in names(mqtt(topic.replace("R1", "R2"), b""))
    assert mqtt("Monitoring/ProcessorUsage/&1", b"") == [ALIVE]


def test_a_lost_signal_is_a_lost_camera_also_when_it_is_only_replayed() -> None:
    for operation in ("Changed", "Initialized"):
        for state, stands in (("true", "offline"), ("false", "online")):
            (_, camera) = xml(note("tns1:VideoSource/SignalLoss", item("State", state), operation=operation))
            assert (camera.camera, camera.state, camera.at) == ("gate/v1", stands, NOON)
    (_, camera) = mqtt("VideoSource/SignalLoss/&1", told({"State": True}), retain="1")
    assert (camera.camera, camera.state) == ("hue/cam-1/1", "offline")


@pytest.mark.parametrize(
    ("source", "camera"),
    [
        ({"VideoSourceToken": "t"}, "hue/cam-1/t"),
        ({"Source": 1, "VideoSource": None}, "hue/cam-1/1"),
        ({"VideoSource": None, "VideoSourceConfigurationToken": "c"}, "hue/cam-1/c"),
        ({"VideoSource": None, "AlarmInToken": "a"}, "hue/cam-1"),
    ],
)
def test_a_camera_is_its_device_and_its_source_of_pictures(source: dict, camera: str) -> None:
    body = told({"State": True})
    body["Source"] = {key: value for key, value in ({"VideoSource": "1"} | source).items() if value is not None}
    assert only(mqtt("VideoSource/MotionAlarm", body)).camera == camera


def test_without_a_device_the_producer_s_address_or_the_token_names_it() -> None:
    inner = note("tns1:VideoSource/MotionAlarm", item("State", "true"))
    address = "<wsnt:ProducerReference><wsa:Address>http://10.17.1.9:80/onvif</wsa:Address></wsnt:ProducerReference><wsnt:Message>"
    bare = {"x_kydai_device": ""}
    assert only(read(inner.replace("<wsnt:Message>", address, 1).encode(), **bare)).camera == "10.17.1.9/v1"
    assert only(read(inner.encode(), **bare)).camera == "v1"
    with pytest.raises(Rejected, match="device"):
        read(note("tns1:VideoSource/MotionAlarm", item("State", "true"), source=item("x", "y")).encode(), **bare)


def test_a_time_without_a_zone_is_utc_and_none_is_counted_when_received() -> None:
    alarm = ("tns1:VideoSource/MotionAlarm", item("State", "true"))
    assert only(xml(note(*alarm, utc="2026-11-23T05:00:00.5"))).at == NOON + 500
    assert only(xml(note(*alarm, utc="2026-11-23T12:00:00+07:00"))).at == NOON
    assert only(xml(note(*alarm, utc=""))).at == 0
    good, bad = note(*alarm), note(*alarm, utc="yesterday")
    found = xml(good, bad, bad)
    assert only(found).at == NOON
    assert [one.reason for one in found if isinstance(one, Unread)] == ["lacks or garbles UtcTime: 'yesterday'"]
    with pytest.raises(Rejected, match="UtcTime"):
        xml(bad)


PLATE = '<tt:ElementItem Name="LicensePlateInfo"><tt:PlateNumber Likelihood="0.8">75A-123.45</tt:PlateNumber></tt:ElementItem>'


def test_plates_in_every_form() -> None:
    box = '<tt:ElementItem Name="BoundingBox"><tt:Rectangle left="-0.5" top="0.5" right="0.5" bottom="-0.5"/></tt:ElementItem>'
    spec = only(xml(note("tns1:RuleEngine/Recognition/LicensePlate", item("Likelihood", "0.91") + PLATE + box, operation=None)))
    assert (spec.kind, spec.plate, spec.score, spec.box) == ("plate_read", "75A-123.45", 0.91, (0.25, 0.25, 0.5, 0.5))
    hik = only(
        xml(note("tns1:RuleEngine/VehicleDetector/tnshik:Vehicle", item("PlateNumber", "75A12345") + item("Likelihood", 87)))
    )
    assert (hik.kind, hik.plate, hik.score) == ("plate_read", "75A12345", 0.87)
    body = {"Likelihood": 0.7, "LicensePlateInfo": {"PlateNumber": {"@Likelihood": 0.6, "#text": "75A1"}}, "Image": "A" * 100_000}
    by_mqtt = only(mqtt("RuleEngine/Recognition/LicensePlate", told(body)))
    assert (by_mqtt.plate, by_mqtt.score) == ("75A1", 0.7)
    assert only(mqtt("RuleEngine/Recognition/LicensePlate", told({"LicensePlateInfo": {"PlateNumber": "75A1"}}))).plate == "75A1"
    none = only(
        mqtt("RuleEngine/Recognition/LicensePlate", told({"Likelihood": 0.7, "LicensePlateInfo": {"PlateNumber": "unknown"}}))
    )
    assert (none.kind, none.plate) == ("vehicle_seen", None)
    assert not any("75A" in one.id for one in (spec, hik, by_mqtt))


def test_profile_m_tells_the_object_within_an_event() -> None:
    for wrap in (
        lambda one: {"Object": {"Object": [one]}},
        lambda one: {"Object": one},
        lambda one: {"Objects": [{"Object": {"Object": one}}]},
    ):
        inner = {"@ObjectId": 7, "Appearance": {"Class": {"Type": {"@Likelihood": 0.5, "#text": "Vehicle"}}}}
        found = only(mqtt("RuleEngine/LineDetector/Crossed/&1/R1", told(wrap(inner))))
        assert (found.kind, found.score, found.subject) == ("line_crossing", 0.5, "rule R1; class vehicle")
    old = {"Appearance": {"Class": {"ClassCandidate": {"Type": "Human", "Likelihood": "0.7"}}}}
    assert only(mqtt("RuleEngine/CellMotionDetector/Motion", told({"IsMotion": True, "Object": old}))).kind == "person_seen"


def frame(*objects: dict, second: int = 0, **more: object) -> list:
    return mqtt("VideoAnalytics/p1/m1", {"Frame": [{"@UtcTime": TIME % second, "Object": list(objects), **more}]}, mark="onvif-mj")


def thing(number: int, kind: str | None = "Vehicle", **appearance: object) -> dict:
    told_class = {"Class": {"Type": [{"@Likelihood": 0.9, "#text": kind}]}} if kind else {}
    return {"@ObjectId": number, "Appearance": told_class | appearance}


def test_an_object_is_one_event_over_all_its_frames_and_a_plate_amends_it() -> None:
    plate = {"LicensePlateInfo": {"PlateNumber": {"@Likelihood": 0.9, "#text": "75A1"}}}
    first, second, third = only(frame(thing(7))), only(frame(thing(7), second=1)), only(frame(thing(7, **plate), second=2))
    assert first.id == second.id == third.id
    assert first.revision == second.revision < third.revision
    assert (first.kind, third.kind, third.plate) == ("vehicle_seen", "plate_read", "75A1")
    assert len(names(frame(thing(7), thing(8), thing(9, None), {"x": 1}))) == 2


@pytest.mark.parametrize(
    ("sides", "box"),
    [
        ((-1, 1, 1, -1), (0.0, 0.0, 1.0, 1.0)),
        ((-1, -1, 1, 1), (0.0, 0.0, 1.0, 1.0)),
        ((0, 1, 0.5, 0.5), (0.5, 0.0, 0.25, 0.25)),
        ((-1.5, 1, 1, -1), None),
        ((0, 0, 0, 0), None),
        ((20, 80, 100, 30), None),
    ],
)
def test_boxes_are_shares_or_named_as_wrong(sides: tuple, box: tuple | None) -> None:
    rectangle = {f"@{side}": value for side, value in zip(("left", "top", "right", "bottom"), sides, strict=True)}
    found = only(frame(thing(1, Shape={"BoundingBox": rectangle})))
    assert found.box == (pytest.approx(box) if box else None)
    assert ("box outside" in (found.subject or "")) == (box is None)


def test_no_name_of_a_face_is_kept() -> None:
    data = {"Likelihood": 0.9, "EnrollmentID": "Bob", "Label": "Nguyễn Văn A", "RefImageUri": "http://x/Bob.jpg"}
    found = mqtt("RuleEngine/Recognition/Face", told(data))
    assert only(found).kind == "face_seen"
    assert "Bob" not in repr(found)
    assert "Nguyễn" not in repr(found)


def test_bombs_are_refused_before_they_go_off() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bombs = [
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{levels}]><a>&l9;</a>'.encode(),
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
        b"<a>" * 30 + b"</a>" * 30,
        b"<a>" + b"<b/>" * 60_000 + b"</a>",
        b"<?xml version='1.0' encoding='nonsense'?><a/>",
        b"",
        b"{}",
        b"<s:Envelope><s:Body><s:Fault><s:Reason/></s:Fault></s:Body></s:Envelope>",
    ]
    for bomb in bombs:
        with pytest.raises(Rejected):
            read(bomb)
    assert xml() == [ALIVE]
    for body in (b"{", b"[]", b"7", b'{"Data": 5}', b'{"a":' * 100_000, b"\xff"):
        with pytest.raises(Rejected):
            mqtt("RuleEngine/LineDetector/Crossed", body)
    with pytest.raises(Rejected, match="onvif-ej"):
        read(b"{}", mqtt_topic="frigate/events")


def test_every_kind_stands_in_both_packs() -> None:
    from data.pack import load

    wanted = {*KINDS.values(), "plate_read"}
    for city in ("hue", "dong_hoi"):
        assert wanted - {kind.key for kind in load(city).city.kinds} == set()


def held(found: list) -> None:
    assert all(isinstance(one, Sighted | CameraChanged | FeedSpoke | Unread) for one in found)
    for one in found:
        if isinstance(one, Sighted):
            assert one.score is None or 0 <= one.score <= 1
            assert one.box is None or all(0 <= side <= 1 for side in one.box)
            assert max(len(one.id), len(one.subject or "")) <= 200
            assert len(one.camera) <= 120


SEEDS = [path.read_bytes() for path in FILES] + [
    note("tns1:RuleEngine/Recognition/LicensePlate", item("Likelihood", "0.91") + PLATE).encode(),
    note("tns1:VideoSource/SignalLoss", item("State", "true")).encode(),
    json.dumps(told({"State": True})).encode(),
]
TOPICS = [
    "",
    "a/onvif-ej/RuleEngine/LineDetector/Crossed/&1",
    "onvif-ej/VideoSource/SignalLoss",
    "a/onvif-mj/VideoAnalytics/1/m",
    "a/onvif-ej",
    "a/onvif-mj",
]


@settings(max_examples=800, deadline=None)
@given(
    raw=st.sampled_from(SEEDS),
    start=st.floats(0, 1),
    cut=st.integers(0, 300),
    put=st.binary(max_size=20)
    | st.sampled_from([b"<a>", b"&x;", b"\x00", b"-1", b"1e999", b'"', b"Initialized", b"false", b"\\ud800"]),
    topic=st.sampled_from(TOPICS),
    device=st.text(max_size=90),
)
def test_nothing_makes_it_fall_over(raw: bytes, start: float, cut: int, put: bytes, topic: str, device: str) -> None:
    at = int(start * len(raw))
    try:
        held(read(raw[:at] + put + raw[at + cut :], x_kydai_device=device, **({"mqtt_topic": topic} if topic else {})))
    except Rejected as reason:
        assert str(reason)


KEYS = ["UtcTime", "Source", "Data", "Frame", "Object", "Appearance", "Class", "Type", "Shape", "BoundingBox", "@left", "@ObjectId", "@UtcTime",
        "#text", "Transformation", "Scale", "State", "ClassTypes", "LicensePlateInfo", "PlateNumber", "Likelihood", "VideoSource", "Rule"]  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(TIME % 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=600, deadline=None)
@given(
    body=values,
    topic=st.sampled_from([*TOPICS[1:], "x/onvif-ej/" + "y" * 300 + "/" + "z" * 300, "x/onvif-ej/RuleEngine/" + "q" * 400]),
)
def test_no_json_makes_it_fall_over(body: object, topic: str) -> None:
    try:
        held(read(json.dumps(body).encode(), mqtt_topic=topic))
    except Rejected as reason:
        assert str(reason)
