"""Asking devices, over real sockets: whole pieces however the line cuts them, digest, heartbeats, and whatever may go wrong."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.events import FeedSpoke, Sighted
from data import puller
from data.outward import Line, Login, Unreached, check
from data.puller import Pace, Piece, Target
from data.pulling import PULLS
from data.reading import ADAPTERS
from data.source import DEVICE, RECEIVED
from tests.devices import PASSWORD, USER, Device, Request, device, plain

LOGIN = Login(USER, PASSWORD)
Say = Callable[[bytes], None]
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 3 + b"\r\n--bound\n\xff\xd9"
NOW = 1_795_600_000_000


def target(one: Device, login: Login | None = LOGIN) -> Target:
    return Target(check(one.url, ["127.0.0.1"]), Line(login), "gate-7", lambda _s: None)


def alert(number: int, *, kind: str = "linedetection", state: str = "active", count: int = 1) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">\r\n'
        f"<macAddress>80:be:af:89:d9:ee</macAddress>\r\n<channelID>1</channelID>\r\n<dateTime>2026-11-25T08:{number:02}:00+07:00</dateTime>\r\n"
        f"<activePostCount>{count}</activePostCount>\r\n<eventType>{kind}</eventType>\r\n<eventState>{state}</eventState>\r\n"
        "</EventNotificationAlert>"
    ).encode()


BEAT = alert(0, kind="videoloss", state="inactive", count=0)


def hik_part(body: bytes, kind: bytes = b'application/xml; charset="UTF-8"', *, length: int | None = None) -> bytes:
    told = len(body) if length is None else length
    return b"--boundary\r\nContent-Type: " + kind + b"\r\nContent-Length: %d\r\n\r\n" % told + body + b"\r\n"


def dahua_part(body: bytes, kind: bytes = b"text/plain", length: int = 0) -> bytes:
    return b"--myboundary\r\nContent-Type: " + kind + b"\r\nContent-Length:%d\r\n\r\n" % length + body + b"\r\n\r\n"


def line(number: int) -> bytes:
    return (
        b"Code=CrossLineDetection;action=Start;index=0;data={\n"
        b'   "EventID" : %d,\n   "Name" : "a=b;{\\"}",\n   "Object" : {\n      "BoundingBox" : [ 1, 2, 3, 4 ]\n   }\n}\n' % number
    )


HIK = b"".join(hik_part(one, length=wrong) for one, wrong in [(BEAT, None), (alert(1), 0), (alert(2), 99_999)])
HIK += hik_part(JPEG, b"image/jpeg") + hik_part(alert(3)) + hik_part(BEAT)
DAHUA = dahua_part(b"Heartbeat", length=9) + dahua_part(line(1)) + dahua_part(line(2), length=77)
DAHUA += dahua_part(JPEG, b"image/jpeg") + dahua_part(line(3)) + dahua_part(b"Heartbeat", length=9)
HEADS = {
    "hikvision": b"HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=boundary\r\n\r\n",
    "dahua": b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=myboundary\r\n\r\n",
}
BODIES = {"hikvision": HIK, "dahua": DAHUA}
PATHS = {
    "hikvision": "/ISAPI/Event/notification/alertStream",
    "dahua": "/cgi-bin/eventManager.cgi?action=attach&codes=[All]&heartbeat=5",
}
KINDS = pytest.mark.parametrize("kind", ["hikvision", "dahua"])


def chunked(raw: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in [*sizes, len(raw)]:
        if piece := raw[at : at + size]:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
        at += size


def streams(kind: str, sizes: list[int], *, packed: bool) -> Callable[[Request, Say], None]:
    """Return a device that sends its stream in such cuts, bare or in HTTP's chunks, and then is silent."""

    def answer(_request: Request, say: Say) -> None:
        raw = BODIES[kind]
        if packed:
            say(HEADS[kind].replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"))
            for piece in chunked(raw, sizes):
                say(piece)
            return
        say(HEADS[kind])
        at = 0
        for size in [*sizes, len(raw)]:
            say(raw[at : at + size])
            at += size

    return answer


def heard(kind: str, one: Device, count: int, login: Login | None = LOGIN) -> list[Piece | None]:
    with closing(PULLS[kind].listen(target(one, login))) as found:
        return list(islice(found, count))


def understood(kind: str, found: list[Piece | None]) -> list[object]:
    headers = {RECEIVED: str(NOW)}
    return [event for one in found if one is not None for event in ADAPTERS[kind].parse(one.raw, {**one.headers, **headers})]


@KINDS
@pytest.mark.parametrize("packed", [False, True])
def test_cut_at_every_byte_the_same_pieces_come_out(kind: str, packed: bool) -> None:
    with device(streams(kind, [1] * len(BODIES[kind]), packed=packed), auth="md5") as one:
        found = heard(kind, one, 7)
        assert [request.path for request in one.asked] == [PATHS[kind]]
    told = [piece and piece.raw for piece in found]
    events = [alert(n) if kind == "hikvision" else line(n).strip() for n in (1, 2, 3)]
    assert told[:4] == [None, None, events[0], events[1]]  # let in, a heartbeat, and two events
    assert told[5:] == [events[2], None]
    assert events[1] in (told[4] or b"")  # the second once more, with its picture
    assert JPEG in (told[4] or b"")
    assert {piece.headers[DEVICE] for piece in found if piece} == {"gate-7"}


@KINDS
@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 900), max_size=30), packed=st.booleans())
def test_however_it_is_cut_the_same_events_are_understood(kind: str, sizes: list[int], packed: bool) -> None:
    with device(streams(kind, sizes, packed=packed)) as one:
        found = understood(kind, heard(kind, one, 7, None))
    sighted = [event for event in found if isinstance(event, Sighted)]
    assert len(sighted) == 4
    assert len({event.id for event in sighted}) == 3  # with its picture it is the same event
    assert sighted[1] == sighted[2]


def trouble(kind: str) -> list[tuple[str, Callable[[Request, Say], None]]]:
    head = HEADS[kind]
    return [
        ("denied", lambda _request, say: say(plain(b"", status="403 Forbidden"))),
        ("absent", lambda _request, say: say(plain(b"", status="404 Not Found"))),
        ("status", lambda _request, say: say(plain(b"", status="503 Busy"))),
        ("moved", lambda _request, say: say(plain(b"", status="302 Found", more="Location: http://169.254.169.254/\r\n"))),
        ("protocol", lambda _request, say: say(plain(b"<html>", content_type="text/html"))),
        ("cut", lambda _request, say: say(head)),
        ("cut", lambda _request, say: say(head + BODIES[kind][:-40])),
        ("protocol", lambda _request, say: say(b"220 ftp ready\r\n\r\n")),
    ]


@KINDS
def test_every_trouble_has_its_word(kind: str) -> None:
    for word, answer in trouble(kind):
        with device(answer) as one, pytest.raises(Unreached) as no:
            heard(kind, one, 100)
        assert no.value.kind == word, str(no.value)
    with device(streams(kind, [], packed=False), auth="md5") as one, pytest.raises(Unreached) as no:
        heard(kind, one, 1, Login(USER, "wrong"))
    assert no.value.kind == "denied"


@KINDS
def test_who_says_nothing_whole_is_left(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes alone are no sign of life: a slow trickle, a part without an end, and silence are all the same."""
    import importlib

    monkeypatch.setattr(importlib.import_module(f"data.pull.{kind}"), "SILENT_S", 0.4)

    def trickle(_request: Request, say: Say) -> None:
        say(HEADS[kind] + BODIES[kind])
        while not one.over.wait(0.02):
            say(b"a")

    def endless(_request: Request, say: Say) -> None:
        say(HEADS[kind] + BODIES[kind] + b"--boundary\r\n--myboundary\r\nContent-Type: image/jpeg\r\n\r\n")
        while not one.over.is_set():
            say(b"\n" * 65_536)

    def silent(request: Request, say: Say) -> None:
        say(HEADS[kind] + BODIES[kind])
        request.hold()

    for answer, words in ((trickle, {"silent"}), (endless, {"silent"}), (silent, {"slow"})):
        with device(answer) as one, pytest.raises(Unreached) as no:
            heard(kind, one, 1_000)
        assert no.value.kind in words


@KINDS
def test_a_part_of_two_gigabytes_is_dropped_and_held_in_little(kind: str) -> None:
    import tracemalloc

    mark = b"--boundary\r\n" if kind == "hikvision" else b"--myboundary\r\n"

    def answer(_request: Request, say: Say) -> None:
        say(HEADS[kind] + mark + b"Content-Type: image/jpeg\r\nContent-Length: 2147483648\r\n\r\n")
        for _ in range(400):  # 100 MB of it are as good as 2 GB: after nine, nothing more is held
            say(b"\xff" * 262_144)
        say(b"\r\n" + BODIES[kind])

    with device(answer) as one:
        aim = target(one)
        tracemalloc.start()
        with closing(PULLS[kind].listen(aim)) as found:
            events = understood(kind, list(islice(found, 7)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len({event.id for event in events if isinstance(event, Sighted)}) == 3
    assert aim.dropped == 1
    assert peak < 40_000_000


def test_the_heartbeat_of_a_recorder_is_no_event_but_the_return_of_a_picture_is() -> None:
    back = alert(5, kind="videoloss", state="inactive", count=3)
    raw = HEADS["hikvision"] + hik_part(BEAT) + hik_part(back) + hik_part(BEAT)
    with device(lambda _request, say: say(raw)) as one:
        assert [piece and piece.raw for piece in heard("hikvision", one, 4)] == [None, None, back, None]


def test_a_picture_goes_with_the_event_before_it_and_with_no_other() -> None:
    raw = (
        HEADS["hikvision"]
        + hik_part(JPEG, b"image/jpeg")
        + hik_part(alert(1))
        + hik_part(BEAT)
        + hik_part(JPEG, b"image/jpeg")
        + hik_part(BEAT)
    )
    with device(lambda _request, say: say(raw)) as one:
        assert [piece and piece.raw for piece in heard("hikvision", one, 4)] == [None, alert(1), None, None]


@KINDS
def test_a_stale_nonce_is_no_trouble(kind: str) -> None:
    with device(streams(kind, [], packed=False), auth="md5", uses=1) as one:
        aim = target(one)
        for _ in range(3):
            with closing(PULLS[kind].listen(aim)) as found:
                assert len(list(islice(found, 7))) == 7
        assert len(one.asked) == 3


def test_clocks_are_compared() -> None:
    shown = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 7 * 3600 + 90))
    answers = {
        "hikvision": plain(f"<Time><localTime>{shown}+07:00</localTime></Time>".encode()),
        "dahua": plain(f"result={shown.replace('T', ' ')}\r\n".encode()),
    }
    for kind, raw in answers.items():
        with device(lambda _request, say, raw=raw: say(raw), auth="md5") as one:
            ahead_ms = PULLS[kind].clock(target(one), "Asia/Ho_Chi_Minh")
        assert ahead_ms is not None
        assert 85_000 < ahead_ms < 92_000
        for nonsense in (b"", b"result=2026-99-99 1:00:00", b"<Time><localTime>now</localTime></Time>", b"\xff" * 99):
            with device(lambda _request, say, raw=nonsense: say(plain(raw))) as one:
                assert PULLS[kind].clock(target(one), "Asia/Ho_Chi_Minh") is None


def test_a_device_pays_for_the_time_it_takes() -> None:
    now = [100.0]
    pace = Pace(lambda: now[0])
    assert pace.after(1_000, 0.0001) == 0.0
    assert pace.after(round(0.4 * puller.BYTES_S), 0) == 0.0  # what it has saved up
    now[0] += 0.1
    assert 1.7 < pace.after(2 * puller.BYTES_S, 0) < 1.9
    now[0] += 60
    assert pace.after(0, 0.01) == 0.0
    assert 0.8 < pace.after(0, 0.03) < 0.9  # a second's worth of work: it has to wait until that is its share of the time


def test_nothing_but_signs_of_life_is_told_of_heartbeats() -> None:
    for kind, raw in (("hikvision", BEAT), ("dahua", b"Heartbeat")):
        assert all(isinstance(event, FeedSpoke) for event in ADAPTERS[kind].parse(raw, {RECEIVED: str(NOW)}))
