"""Pictures judged without being decoded, and what a player is told."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.video import FROZEN_MS, UNHEARD_MS, Clip, Seen, Stillness, judged, playlist, way
from data.video.cutting import Boxes
from data.video.looking import still_kind
from tests.town import town

CAMERA = town().cameras[0]


@pytest.mark.parametrize(
    ("stream", "snapshot", "told"),
    [
        ("rtsp://10.1.2.3/1", "", "stream"),
        ("RTSP://10.1.2.3/1", "http://10.1.2.3/s.jpg", "stream"),
        ("https://vms.example.vn/1", "", "page"),
        ("", "http://10.1.2.3/s.jpg", "still"),
        ("", "", ""),
    ],
)
def test_a_camera_is_looked_through_in_one_way(stream: str, snapshot: str, told: str) -> None:
    assert way(msgspec.structs.replace(CAMERA, stream=stream, snapshot=snapshot)) == told


def still(frames: list[tuple[int, int, bool]], every_ms: int = 40) -> tuple[int, int]:
    """Return when frames (size, mark, key) changed last, and when the last of them came."""
    seen = Stillness()
    for n, (size, mark, key) in enumerate(frames, 1):
        seen.see(size, mark, key=key, at=n * every_ms)
    return seen.changed, len(frames) * every_ms


def test_frames_that_tell_nothing_are_of_a_picture_that_stands() -> None:
    group = [(40_000, 1, True), *[(33, n, False) for n in range(49)]]
    changed, last = still([(40_000, 0, True), (5_000, 0, False), *group * 8])
    assert changed == 80
    assert last - changed > FROZEN_MS


def test_noise_is_life() -> None:
    group = [(40_000, 1, True), *[(900, n, False) for n in range(49)]]
    changed, last = still(group * 8)
    assert changed == last


def test_another_scene_under_quiet_frames_is_life() -> None:
    changed, _ = still([(40_000, 1, True), (33, 2, False), (33, 3, False), (20_000, 4, True), (33, 5, False)])
    assert changed == 160


def test_where_every_frame_is_whole_repeated_ones_stand() -> None:
    assert still([(40_000, 1, True), (40_000, 2, True), *[(40_000, n % 2 + 1, True) for n in range(300)]])[0] == 80
    changed, last = still([(40_000, n, True) for n in range(300)])
    assert changed == last


def test_a_relay_that_says_nothing_has_lost_the_picture() -> None:
    seen = Seen(sight="live", since=1_000, at=9_900, told=10_000, run=7)
    assert judged(seen, 10_000 + UNHEARD_MS, relayed=True) is seen
    lost = judged(seen, 10_001 + UNHEARD_MS, relayed=True)
    assert (lost.sight, lost.since, lost.at, lost.why) == ("lost", 10_000, 9_900, "relay")
    assert judged(None, 5, relayed=True).sight == "starting"
    assert judged(None, 5, relayed=False).why == "relay"


def test_a_playlist_is_one_that_players_read() -> None:
    told = playlist(1_700_000_000_000, [Clip(41, 533, 1_700_000_001_000), Clip(42, 1_600, 1_700_000_001_533)])
    assert told.splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:2",
        "#EXT-X-MEDIA-SEQUENCE:41",
        '#EXT-X-MAP:URI="1700000000000/init.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:21.000Z",
        "#EXTINF:0.533,",
        "1700000000000/41.m4s",
        "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:21.533Z",
        "#EXTINF:1.600,",
        "1700000000000/42.m4s",
    ]


def box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + name + body


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6), st.integers(1, 50))
def test_boxes_are_taken_apart_however_they_are_written(bodies: list[bytes], step: int) -> None:
    head, fragments = box(b"ftyp", b"x") + box(b"moov", b"y" * 9), [box(b"moof", b"m") + box(b"mdat", body) for body in bodies]
    raw, boxes = head + b"".join(fragments), Boxes()
    for at in range(0, len(raw), step):
        assert boxes.write(raw[at : at + step]) == len(raw[at : at + step])
    assert (boxes.init, boxes.fragments) == (head, fragments)


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"\xff\xd8\xff\xe0..", "image/jpeg"), (b"\x89PNG\r\n\x1a\n..", "image/png"), (b"<svg", ""), (b"GIF89a", ""), (b"", "")],
)
def test_only_what_begins_as_a_picture_is_one(body: bytes, kind: str) -> None:
    assert still_kind(body) == kind
