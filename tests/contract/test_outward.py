"""Asking devices, over real sockets: digest in its forms, redirects, TLS, and answers that are too slow, too large, or no HTTP."""

import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.outward import Checked, Keys, Login, Unreached, check, get, post, stream
from data.outward.wire import shown
from tests.devices import PASSWORD, USER, Device, Request, device, plain

LOGIN = Login(USER, PASSWORD)
Say = Callable[[bytes], None]


def at(one: Device, path: str = "/x?a=[All]") -> Checked:
    return check(one.url + path, ["127.0.0.1"])


def says(raw: bytes) -> Callable[[Request, Say], None]:
    return lambda _request, say: say(raw)


@pytest.mark.parametrize("auth", ["none", "basic", "md5", "md5-old", "sha256"])
def test_it_is_let_in_however_it_is_asked(auth: str) -> None:
    with device(says(plain(b"here")), auth=auth) as one:
        keys = Keys(LOGIN)
        for _ in range(3):
            told = get(at(one), keys=keys)
            assert (told.status, told.body, told.content_type) == (200, b"here", "text/plain")
        assert [request.path for request in one.asked] == ["/x?a=[All]"] * 3
        assert one.refused == (auth != "none")  # what was asked once is not asked again


@pytest.mark.parametrize("auth", ["md5", "sha256"])
def test_a_stale_nonce_is_replaced(auth: str) -> None:
    with device(says(plain(b"here")), auth=auth, uses=2) as one:
        keys = Keys(LOGIN)
        assert [get(at(one), keys=keys).status for _ in range(7)] == [200] * 7
        assert one.refused == 4


@pytest.mark.parametrize("auth", ["basic", "md5", "md5-old", "sha256"])
def test_a_wrong_password_is_an_answer_and_is_shown_once(auth: str) -> None:
    with device(says(plain(b"here")), auth=auth) as one:
        assert get(at(one), keys=Login(USER, "wrong")).status == 401
        assert one.refused == 2
        assert get(at(one)).status == 401
        assert one.refused == 3
        assert one.asked == []


def test_a_body_is_posted_and_again_once_keys_are_asked_for() -> None:
    with device(lambda request, say: say(plain(request.body[::-1])), auth="md5") as one:
        told = post(at(one), b"<soap/>", "application/soap+xml", keys=LOGIN)
        assert told.body == b">/paos<"
        assert one.asked[0].headers["content-type"] == "application/soap+xml"


def test_a_redirect_is_not_followed() -> None:
    with device(says(plain(b"secret"))) as other:
        moved = plain(b"", status="302 Found", more=f"Location: {other.url}/\r\n")
        with device(says(moved)) as one:
            told = get(at(one))
            assert (told.status, told.headers["location"]) == (302, f"{other.url}/")
            assert other.asked == []


def test_it_connects_to_the_address_that_was_checked() -> None:
    with device(says(plain(b"here"))) as one:
        place = check(f"http://cam.example.vn:{one.port}/", ["127.0.0.1"], resolve=lambda _host, _port: ["127.0.0.1"])
        assert get(place).body == b"here"
        assert one.asked[0].headers["host"] == f"cam.example.vn:{one.port}"


def chunked(body: bytes, sizes: list[int]) -> bytes:
    raw, at_ = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0
    for size in sizes:
        piece = body[at_ : at_ + size]
        at_ += size
        raw += b"%x;a=b\r\n%b\r\n" % (len(piece), piece) if piece else b""
    rest = body[at_:]
    return raw + (b"%X\r\n%b\r\n" % (len(rest), rest) if rest else b"") + b"0\r\n\r\n"


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(1, 60), max_size=8), st.integers(1, 50))
def test_chunks_are_joined_wherever_they_are_cut(body: bytes, sizes: list[int], sent: int) -> None:
    raw = chunked(body, sizes)

    def answer(_request: Request, say: Say) -> None:
        for start in range(0, len(raw), sent):
            say(raw[start : start + sent])

    with device(answer) as one:
        assert get(at(one)).body == body


def endless(raw: bytes, before: bytes = b"") -> Callable[[Request, Say], None]:
    def answer(_request: Request, say: Say) -> None:
        say(before)
        end = time.monotonic() + 15
        while time.monotonic() < end:
            say(raw)

    return answer


OK = b"HTTP/1.1 200 OK\r\n"
BAD = [
    ("large", endless(b"X-More: " + b"a" * 1_000 + b"\r\n", OK)),
    ("large", endless(b"a" * 4_000, OK + b"X: ")),
    ("large", endless(b"a" * 65_536, OK + b"\r\n")),
    ("large", endless(b"10000\r\n" + b"a" * 65_536 + b"\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n")),
    ("protocol", endless(b"a" * 4_000, OK + b"Transfer-Encoding: chunked\r\n\r\n")),
    ("protocol", says(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n")),
    ("protocol", says(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n")),
    ("protocol", says(b"HTTP/1.1 100 Continue\r\n\r\n" * 9)),
    ("protocol", says(b"ICY 200 OK\r\n\r\n")),
    ("protocol", says(b"\x16\x03\x01\x02\x00\r\n\r\n")),
    ("protocol", says(OK + b"A: b\r\n" * 200 + b"\r\n")),
    ("cut", says(b"")),
    ("cut", says(OK)),
    ("cut", says(OK + b"Content-Length: 9\r\n\r\nshort")),
    ("cut", says(OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nshort")),
]


@pytest.mark.parametrize(("kind", "answer"), BAD)
def test_what_is_no_answer_is_named(kind: str, answer: Callable[[Request, Say], None]) -> None:
    with device(answer) as one, pytest.raises(Unreached) as no:
        get(at(one), most=1_000_000, seconds=10)
    assert no.value.kind == kind, str(no.value)


@pytest.mark.parametrize("slow", [b"", OK, OK + b"\r\n", OK + b"Content-Length: 1000\r\n\r\n"])
def test_who_takes_too_long_is_left(slow: bytes) -> None:
    """A byte now and then keeps nobody waiting: the whole has one end."""

    def answer(_request: Request, say: Say) -> None:
        say(slow)
        while not one.over.wait(0.02):
            say(b"a")

    with device(answer) as one:
        began = time.monotonic()
        with pytest.raises(Unreached) as no:
            get(at(one), seconds=0.3)
        assert no.value.kind == "slow"
        assert time.monotonic() - began < 5


def test_nobody_at_home() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreached) as no:
        get(check(f"http://127.0.0.1:{port}/", ["127.0.0.1"]))
    assert no.value.kind == "connect"
    assert str(port) in str(no.value)


def test_a_stream_is_read_as_it_comes_and_left_when_it_falls_silent() -> None:
    def answer(_request: Request, say: Say) -> None:
        say(OK + b"Content-Type: multipart/mixed\r\n\r\n")
        for number in range(3):
            say(b"%d" % number)
            heard.get(timeout=10)
        one.over.wait(10)

    import queue

    heard: queue.Queue[int] = queue.Queue()
    with device(answer, auth="md5") as one, stream(at(one), keys=LOGIN, silent_s=0.3) as flow:
        assert (flow.status, flow.content_type) == (200, "multipart/mixed")
        found = []

        def read() -> None:
            for piece in flow.pieces():
                found.append(piece)
                heard.put(1)

        with pytest.raises(Unreached) as no:
            read()
        assert (found, no.value.kind) == ([b"0", b"1", b"2"], "slow")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder: Path = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=camera"]
    subprocess.run([*made, "-keyout", folder / "key", "-out", folder / "crt"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    return context


def test_a_certificate_of_its_own_is_refused_until_it_is_pinned(tls: ssl.SSLContext) -> None:
    with device(says(plain(b"here")), auth="md5", tls=tls) as one:
        with pytest.raises(Unreached, match="self-signed") as no:
            get(at(one), keys=LOGIN)
        assert no.value.kind == "tls"
        pin = shown(at(one), seconds=5)
        assert get(at(one), keys=LOGIN._replace(pin=pin)).body == b"here"
        with pytest.raises(Unreached, match="another certificate") as no:
            get(at(one), keys=LOGIN._replace(pin="0" * 64))
        assert pin in str(no.value)
        assert len(one.asked) == 1
