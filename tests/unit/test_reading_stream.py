"""An endless multipart: however the line cuts it, the same whole parts come out, and no more is held than one part may have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import reading_stream
from data.reading_multipart import Part
from data.reading_stream import MOST_MARK, PartStream

TYPE = "multipart/x-mixed-replace; boundary=myboundary"
MOTION = b"Code=VideoMotion;action=Start;index=0"
LINE = b'Code=CrossLineDetection;action=Start;index=1;data={\n   "Name" : "a=b;c=}{",\n   "Object" : {\n      "BoundingBox" : [ 1, 2, 3, 4 ]\n   }\n}'
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9 + b"\r\n--my\r\n\n--\n" + bytes(range(255, -1, -1)) + b"\xff\xd9"
BEAT = b"Heartbeat"
ALERT = b'<?xml version="1.0"?>\n<EventNotificationAlert version="2.0">\r\n <a>{ </a>\n\n <b/>}\n</EventNotificationAlert>'


def part(
    body: bytes, *, kind: bytes = b"text/plain", length: int | None = 0, end: bytes = b"\r\n\r\n", mark: bytes = b"--myboundary"
) -> bytes:
    told = b"" if length is None else b"Content-Length: %d\r\n" % length
    return mark + b"\r\nContent-Type: " + kind + b"\r\n" + told + b"\r\n" + body + end


def cut(raw: bytes, sizes: list[int], content_type: str = TYPE) -> tuple[list[Part], int]:
    stream, found, at = PartStream(content_type), [], 0
    for size in sizes:
        found += stream.feed(raw[at : at + size])
        at += size
    found += stream.feed(raw[at:]) + stream.close()
    return found, stream.dropped


def bodies(raw: bytes, content_type: str = TYPE) -> list[bytes]:
    return [one.body for one in cut(raw, [], content_type)[0]]


STREAM = part(MOTION, length=37) + part(BEAT, length=9) + part(JPEG, kind=b"image/jpeg", length=len(JPEG), end=b"\r\n")
STREAM += (
    part(LINE, length=3)
    + part(LINE, length=99_999, end=b"\n\n")
    + part(BEAT, length=None)
    + part(JPEG, kind=b"image/jpeg", end=b"\r\n")
    + part(MOTION)
)


def test_parts_are_whole_whatever_their_lengths_say() -> None:
    assert bodies(STREAM) == [MOTION, BEAT, JPEG, LINE, LINE, BEAT, JPEG, MOTION]
    assert [one.is_picture for one in cut(STREAM, [])[0]] == [False, False, True, False, False, False, True, False]
    assert bodies(STREAM + b"--myboundary--\r\n") == bodies(STREAM)
    assert bodies(b"HTTP noise\r\n" + STREAM) == bodies(STREAM)


def test_xml_is_told_at_the_end_of_its_outermost_element_and_not_before() -> None:
    kinds = (b'application/xml; charset="UTF-8"', b"text/xml", b"application/soap+xml")
    for kind in kinds:
        stream, raw = PartStream("multipart/mixed; boundary=boundary"), part(ALERT, kind=kind, mark=b"--boundary", end=b"\r\n")
        told = [one.body for at in range(len(raw)) for one in stream.feed(raw[at : at + 1])]
        assert told == [ALERT]
        stream.feed(b"--boundary\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff")
        assert [one.body for one in stream.feed(b"\r\n--boundary\r\n")] == [b"\xff\xd8\xff"]
    assert bodies(part(ALERT + b"\n" + ALERT, kind=kinds[0])) == [ALERT, ALERT]
    assert bodies(part(ALERT[:60], kind=kinds[0]) + part(BEAT)) == [ALERT[:60], BEAT]
    assert bodies(part(b'{\n"a": {}\n}', kind=b"application/json") + part(BEAT)) == [b'{\n"a": {}\n}', BEAT]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 700), max_size=60))
def test_however_it_is_cut_the_same_comes_out(sizes: list[int]) -> None:
    assert cut(STREAM, sizes) == cut(STREAM, [])


MARKS = [b"--myboundary\r\n", b"--myboundary--", b"\n", b"\r\n\r\n", b"{", b"}", b'"', b"\\", b"--", b"-"]
HEADS = [b"Content-Type: image/jpeg\r\n", b"Content-Type: text/plain\r\n\r\n"]
PIECES = st.sampled_from([*MARKS, *HEADS, MOTION, JPEG, b"x" * 400, ALERT, b"<a>\n", b"</a>", b"Content-Type: text/xml\r\n\r\n"])


@settings(max_examples=600, deadline=None)
@given(
    raw=st.lists(PIECES | st.binary(max_size=12), max_size=30).map(b"".join),
    sizes=st.lists(st.integers(0, 90), max_size=40),
    declared=st.booleans(),
    small=st.booleans(),
)
def test_whatever_the_bytes_are_the_cuts_decide_nothing(raw: bytes, sizes: list[int], declared: bool, small: bool) -> None:
    with pytest.MonkeyPatch.context() as patched:
        if small:  # so that the limits are met often
            patched.setattr(reading_stream, "MOST_TEXT", 300)
            patched.setattr(reading_stream, "MOST_PICTURE", 900)
            patched.setattr(reading_stream, "MOST_HEADER", 60)
        told = TYPE if declared else ""
        assert cut(raw, sizes, told) == cut(raw, [], told) == cut(raw, [1] * len(raw), told)


def test_an_event_is_told_at_once_and_not_with_the_next_heartbeat() -> None:
    stream = PartStream(TYPE)
    assert [one.body for one in stream.feed(part(MOTION, end=b"\r\n"))] == [MOTION]
    assert stream.feed(part(LINE, end=b"")) == []
    assert [one.body for one in stream.feed(b"\r\n")] == [LINE]
    assert stream.feed(b"\r\n--myboundary\r\n") == []


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "multipart/x-mixed-replace",
        'multipart/x-mixed-replace; boundary="myboundary"',
        "multipart/x-mixed-replace; boundary=--myboundary",
    ],
)
def test_the_boundary_is_known_however_it_is_told(content_type: str) -> None:
    assert bodies(STREAM, content_type) == bodies(STREAM)


def test_a_boundary_that_follows_without_a_line_s_end_is_one() -> None:
    raw = part(LINE, end=b"") + part(JPEG, kind=b"image/jpeg", end=b"") + part(MOTION, end=b"")
    assert bodies(raw) == [LINE, JPEG, MOTION]


def test_two_events_of_one_part_are_two() -> None:
    assert bodies(part(MOTION + b"\r\n" + LINE + b"\r\n" + MOTION)) == [MOTION, LINE, MOTION]


def test_what_the_end_cuts_off_is_a_text_to_keep_aside_or_a_picture_to_drop() -> None:
    assert bodies(part(LINE)[:-30])[-1].startswith(b"Code=CrossLine")
    found, dropped = cut(part(JPEG, kind=b"image/jpeg")[:-100], [])
    assert (found, dropped) == ([], 1)


def test_no_more_is_held_than_a_part_may_have(monkeypatch) -> None:
    monkeypatch.setattr(reading_stream, "MOST_PICTURE", 10_000)
    for body in (b"\x00" * 50_000, b"\x00\n" * 25_000):
        stream, most = PartStream(TYPE), 0
        for start in range(0, len(raw := part(body, kind=b"image/jpeg") + part(MOTION)), 100):
            found = stream.feed(raw[start : start + 100])
            most = max(most, len(stream._line) + len(stream._part))
        assert most <= 10_000 + MOST_MARK + 100
        assert ([one.body for one in found], stream.dropped) == ([MOTION], 1)


def test_a_stream_without_any_boundary_holds_nothing() -> None:
    stream = PartStream(TYPE)
    for _ in range(1_000):
        assert stream.feed(b"x" * 1_000) == []
    assert len(stream._line) + len(stream._part) <= MOST_MARK + 1


def test_a_flood_of_beginnings_is_not_searched_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """XML whose first element never comes costs no more for every line that it goes on."""
    searched = []

    class Counting:
        def search(self, line: bytes) -> None:
            searched.append(len(line))

    monkeypatch.setattr(reading_stream, "_ELEMENT", Counting())
    stream = PartStream(TYPE)
    stream.feed(b"--myboundary\r\nContent-Type: application/xml\r\n\r\n" + b"<\n" * 100_000)
    assert sum(searched) <= reading_stream.MOST_PROLOGUE
    assert searched
