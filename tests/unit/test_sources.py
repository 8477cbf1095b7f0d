"""Adapters: what systems really send is read, and nothing that they could send makes us fall over or count twice."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import Rejected
from dashboard.events import CameraChanged, FeedSpoke, ReportChanged, Sighted
from data.source import Unread
from data.sources.frigate import SOURCE as FRIGATE
from data.sources.frigate import plate_of
from data.sources.native import SOURCE as NATIVE

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "frigate"
EVENT = {"type": "sighted", "id": "a1", "at": "2026-11-23T10:00:00+07:00", "kind": "red_light", "camera": "H-001"}
FILES = sorted(SAMPLES.glob("*.json"))


def native(body: object, **headers: str) -> list:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(NATIVE.parse(raw, headers))


def topic_of(path: Path) -> str:
    for name in ("reviews", "events", "tracked_object_update", "stats"):
        if name in path.name:
            return f"frigate/{name}"
    return "frigate/triggers"


def test_native_reads_an_object_an_array_an_envelope_and_lines() -> None:
    lines = b"\n".join(json.dumps(EVENT | {"id": key}).encode() for key in "ab")
    for body, count in ((EVENT, 1), ([EVENT, EVENT], 2), ({"events": [EVENT]}, 1), (lines, 2)):
        found = native(body)
        assert [type(one) for one in found] == [Sighted] * count
        assert found[0].at == 1_795_402_800_000


def test_native_reads_every_shape() -> None:
    camera = {"type": "camera_changed", "id": "c", "at": 5, "camera": "H-001", "state": "offline"}
    report = {
        "type": "report_changed",
        "id": "r",
        "at": 5,
        "report": "7",
        "service": "MT01",
        "submitted": 1,
        "open": False,
        "closed": 3,
    }
    found = native([camera, report, {"type": "feed_spoke", "id": "f", "at": 5}])
    assert [type(one) for one in found] == [CameraChanged, ReportChanged, FeedSpoke]


def test_native_reads_cloudevents_in_each_mode() -> None:
    inner = {key: value for key, value in EVENT.items() if key not in {"type", "id", "at"}}
    envelope = {"specversion": "1.0", "type": "vn.kydai.sighted", "source": "/x", "id": "a1", "time": EVENT["at"], "data": inner}
    plain = native(EVENT)
    assert native(envelope) == plain
    assert native([envelope]) == plain
    headers = {"ce-id": "a1", "ce-type": "vn.kydai.sighted", "ce-time": EVENT["at"], "ce-specversion": "1.0"}
    assert native(inner, **headers) == plain


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (EVENT | {"at": "2026-11-23T10:00:00"}, "offset"),
        (EVENT | {"at": "yesterday"}, "ISO 8601"),
        (EVENT | {"score": 7}, "score"),
        (EVENT | {"surprise": 1}, "surprise"),
        (EVENT | {"type": "murder"}, "murder"),
        (7, "object"),
        ({"specversion": "2.0"}, "CloudEvent"),
    ],
)
def test_one_bad_piece_is_named_and_spoils_no_other(piece: object, reason: str) -> None:
    good, bad = native([EVENT, piece])
    assert isinstance(good, Sighted)
    assert isinstance(bad, Unread)
    assert reason in bad.reason


def test_what_is_no_json_is_rejected() -> None:
    with pytest.raises(Rejected, match="JSON"):
        native(b"<xml/>")


def test_a_bad_line_among_good_ones() -> None:
    found = native(json.dumps(EVENT).encode() + b"\n{oops\n" + json.dumps(EVENT | {"id": "b"}).encode())
    assert [type(one).__name__ for one in found] == ["Sighted", "Unread", "Sighted"]
    assert "line 2" in found[1].reason


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_frigates_own_examples_are_read(path: Path) -> None:
    told = json.loads(path.read_text())
    for message in told if isinstance(told, list) else [told]:
        raw = json.dumps(message).encode()
        if not isinstance(message, dict):
            with pytest.raises(Rejected):
                FRIGATE.parse(raw, {"mqtt-topic": topic_of(path)})
            continue
        by_topic = list(FRIGATE.parse(raw, {"mqtt-topic": topic_of(path)}))
        assert not any(isinstance(one, Unread) for one in by_topic)
        if "triggers" not in path.name:
            assert list(FRIGATE.parse(raw, {})) == by_topic


def test_a_review_rises_ends_and_stays_one() -> None:
    path = SAMPLES / "docs_v0.17.0_reviews_update.json"
    alert = json.loads(path.read_text())
    detection = json.loads(path.read_text())
    detection["after"]["severity"] = "detection"
    end = json.loads(path.read_text())
    end["after"]["end_time"] = end["after"]["start_time"] + 30
    first, second, third = (FRIGATE.parse(json.dumps(one).encode(), {})[0] for one in (detection, alert, end))
    assert first.id == second.id == third.id
    assert first.revision < second.revision < third.revision
    assert third.ended == third.at + 30_000


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("fire", "fire_single"),
        ("smoke-verified", "fire_single"),
        ("person", "person_seen"),
        ("bus", "vehicle_seen"),
        ("kite", "object_seen"),
    ],
)
def test_labels_become_kinds(label: str, kind: str) -> None:
    told = json.loads((SAMPLES / "docs_v0.17.0_reviews_update.json").read_text())
    told["after"]["data"]["objects"] = [label]
    assert FRIGATE.parse(json.dumps(told).encode(), {})[0].kind == kind


@pytest.mark.parametrize(
    ("told", "score", "read"),
    [
        ("ABC", 0.9, ("ABC", 0.9)),
        (["ABC", 0.9], None, ("ABC", 0.9)),
        (["ABC"], None, ("ABC", None)),
        (None, None, ("", None)),
        (7, None, ("", None)),
    ],
)
def test_plates_in_every_form(told: object, score: object, read: tuple) -> None:
    assert plate_of(told, score) == read


def test_stats_say_how_cameras_stand() -> None:
    told = {
        "cameras": {"a": {"camera_fps": 5, "process_fps": 5}, "b": {"camera_fps": 0}, "c": {"camera_fps": 5, "process_fps": 0}},
        "service": {"last_updated": 9},
    }
    found = FRIGATE.parse(json.dumps(told).encode(), {"mqtt-topic": "frigate/stats"})
    assert {one.camera: one.state for one in found if isinstance(one, CameraChanged)} == {
        "a": "online",
        "b": "offline",
        "c": "frozen",
    }


def test_available_and_status_need_no_json() -> None:
    assert FRIGATE.parse(b"online", {"mqtt-topic": "frigate/available"})[0].online
    assert not FRIGATE.parse(b"stopped", {"mqtt-topic": "frigate/available"})[0].online
    (_, camera) = FRIGATE.parse(b"offline", {"mqtt-topic": "frigate/gate/status/detect"})
    assert (camera.camera, camera.state) == ("gate", "offline")
    assert FRIGATE.parse(b"\xff\xd8jpeg", {"mqtt-topic": "frigate/gate/person/snapshot"}) == []


def test_a_face_with_a_name_amends_the_same_without_and_only_then_is_something_to_join() -> None:
    told = {"type": "face", "id": "1-a", "name": "unknown", "score": 0.2, "camera": "gate", "timestamp": 1607123999.7}
    (nobody,) = FRIGATE.parse(json.dumps(told).encode(), {})
    (bob,) = FRIGATE.parse(json.dumps({**told, "name": "Bob", "timestamp": 1607123958.7}).encode(), {})
    assert (nobody.id, nobody.subject, nobody.things) == (bob.id, None, ())
    assert (bob.subject, bob.things) == ("Bob", ("1-a",))
    assert bob.revision > nobody.revision


@pytest.mark.parametrize(
    ("sub_label", "whose"), [("Bob", "Bob"), (["Bob", 0.8], "Bob"), (None, None), ([], None), (["", 0.1], None)]
)
@pytest.mark.parametrize("label", ["person", "car"])
def test_both_forms_of_a_sub_label_are_a_face_where_it_is_a_person(sub_label: object, whose: str | None, label: str) -> None:
    after = {
        "id": "1-a",
        "camera": "gate",
        "label": label,
        "sub_label": sub_label,
        "start_time": 1607123958.7,
        "frame_time": 1607123959.7,
    }
    found = FRIGATE.parse(
        json.dumps({"type": "update", "before": after, "after": after}).encode(), {"mqtt-topic": "frigate/events"}
    )
    assert [one.subject for one in found if isinstance(one, Sighted)] == ([whose] if whose and label == "person" else [])


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(FILES), start=st.floats(0, 1), cut=st.integers(0, 400), put=st.binary(max_size=20), topic=st.booleans())
def test_nothing_makes_frigate_fall_over(path: Path, start: float, cut: int, put: bytes, topic: bool) -> None:
    raw = path.read_bytes()
    at = int(start * len(raw))
    broken = raw[:at] + put + raw[at + cut :]
    try:
        found = FRIGATE.parse(broken, {"mqtt-topic": topic_of(path)} if topic else {})
    except Rejected:
        return
    assert all(isinstance(one, Sighted | CameraChanged | FeedSpoke | Unread) for one in found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "after",
                    "before",
                    "type",
                    "id",
                    "camera",
                    "data",
                    "severity",
                    "start_time",
                    "events",
                    "at",
                    "cameras",
                    "service",
                    "x",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=400, deadline=None)
@given(
    told=json_values,
    topic=st.sampled_from(["", "frigate/reviews", "frigate/events", "frigate/tracked_object_update", "frigate/stats"]),
)
def test_no_json_makes_an_adapter_fall_over(told: object, topic: str) -> None:
    raw = json.dumps(told).encode()
    for source in (FRIGATE, NATIVE):
        try:
            source.parse(raw, {"mqtt-topic": topic} if topic else {})
        except Rejected as reason:
            assert str(reason)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_native_fall_over(raw: bytes) -> None:
    try:
        assert isinstance(NATIVE.parse(raw, {}), list)
    except Rejected as reason:
        assert str(reason)
