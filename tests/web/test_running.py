"""A running house, attacked from outside: sockets, broken HTTP, slow visitors, what is written down, parts that stand still."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from simple_websocket import Client, ConnectionClosed

from callbacks.visitors import UNNAMED_S
from data.listening import HEAD_S
from tests.conftest import until
from tests.rig import ROOT, Rig, now_ms

PLATE, ODD, PHONE = "75A-987.13", "TM-77-31", "0905 987 131"
CANARIES = ("98713", "987.13", "TM-77-31", "TM7731", "0905987131", PHONE)


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    house = Rig(environ={"KYDAI_LOG_LEVEL": "DEBUG"})
    try:
        yield house.start()
    finally:
        house.close()


def opened(rig: Rig, **headers: str) -> Client:
    return Client.connect(f"ws://127.0.0.1:{rig.port}/socket.io/?EIO=4&transport=websocket", headers=headers)


def hears(client: Client, seconds: float) -> list[str]:
    """Return what comes within some seconds. Raises ConnectionClosed."""
    end, heard = time.monotonic() + seconds, []
    while (left := end - time.monotonic()) > 0:
        told = client.receive(timeout=left)
        if told == "2":
            client.send("3")
        elif told is not None:
            heard.append(str(told))
    return heard


def joined(rig: Rig, auth: object = None, **headers: str) -> Client | None:
    """Return a socket that was let in, or None."""
    client = opened(rig, **headers)
    client.send("40/live," + ("" if auth is None else json.dumps(auth)))
    for _ in range(10):
        told = str(client.receive(timeout=5))
        if told.startswith("44/live"):
            return None
        if told.startswith("40/live"):
            return client
    raise AssertionError("neither let in nor refused")


def ended(client: Client, seconds: float, *, say: str = "", times: int = 0) -> bool:
    """Say something some times over; return whether the other end then closes within some seconds."""
    try:
        for _ in range(times):
            client.send(say)
        hears(client, seconds)
    except ConnectionClosed:
        return True
    return False


def raw(port: int, sent: bytes, seconds: float = 4.0) -> bytes:
    """Return whatever a port answers, until it closes or says no more."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.settimeout(seconds)
        line.sendall(sent)
        got = b""
        try:
            while some := line.recv(65_536):
                got += some
        except (TimeoutError, ConnectionResetError):
            pass
        return got


def status(rig: Rig, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{rig.base}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as no:
        return no.code


def test_who_may_join(rig: Rig) -> None:
    """A cookie counts from a page of ours alone, a token from anywhere, and neither where its role may not (S-04)."""
    cookie = f"kydai={rig.session('operator')}"
    ours = "http://127.0.0.1"  # the client sends its host without the port
    assert joined(rig, Cookie=cookie, Origin=ours) is not None
    for foreign in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": f"{ours}.evil.example"}):
        assert joined(rig, Cookie=cookie, **foreign) is None, foreign
    assert joined(rig, {"token": rig.token("operator")}) is not None
    kiosk = rig.kiosk().rsplit("/", 1)[1]
    for auth in ({"token": rig.token("auditor")}, {"token": kiosk}, {"token": 5}, {"token": "\ud800"}, {"token": ""}, ["x"], None):
        assert joined(rig, auth) is None, auth


def test_a_flood_of_joins_is_given_one_picture_and_the_door(rig: Rig) -> None:
    client = joined(rig, {"token": rig.token()})
    assert client is not None
    hears(client, 1.5)
    for _ in range(30):
        client.send('42/live,["join"]')
    assert sum(told.startswith('42/live,["frame",[{"topic":"status"') and "kpi" in told for told in hears(client, 1.0)) <= 2
    assert ended(client, 5, say='42/live,["join"]', times=200)


@pytest.mark.parametrize(
    "sent", ["4x", "49", "4", "42/live,[", "40/live," + "[" * 5000, '451-/live,["x"]', "45999999-/live,[]", "4" + "a" * 200_000]
)
def test_nonsense_is_shown_the_door_and_leaves_no_line(rig: Rig, sent: str) -> None:
    written = (rig.home / "logs" / "web.log").stat().st_size
    client = opened(rig)
    client.send(sent)
    assert ended(client, 5)
    told = (rig.home / "logs" / "web.log").read_bytes()[written:].decode()
    assert "Traceback" not in told
    ours = [line for line in told.splitlines() if "says too much" not in line]  # those may still be of the flood before
    assert len("".join(ours)) < 500
    assert status(rig, "/healthz") == 200


def test_who_says_no_name_does_not_stay(rig: Rig) -> None:
    client = opened(rig)
    assert ended(client, UNNAMED_S + 5)


def test_what_is_revoked_goes_dark_within_five_seconds(rig: Rig) -> None:
    """A display, an account and a role (S-03, S-10)."""
    rig.accounts.add("an", "operator", "a long enough password", now_ms=now_ms())
    session = rig.accounts.open_session("an", "operator", now_ms=now_ms())
    screen = rig.accounts.open_kiosk(rig.accounts.add_kiosk("cửa", "main", now_ms=now_ms()), now_ms=now_ms())
    assert screen is not None
    sockets = [joined(rig, {"token": session}), joined(rig, {"token": screen[0]})]
    rig.accounts.set_role("an", "leader", now_ms=now_ms())
    rig.accounts.revoke("kiosk", "cửa", now_ms=now_ms())
    began = time.monotonic()
    for client in sockets:
        assert client is not None
        assert ended(client, 5.0)
    assert time.monotonic() - began < 5


FORM = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BROKEN = [
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
    FORM + b"Content-Length: -5\r\n\r\n",
    FORM + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    FORM + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    FORM + b"Content-Length: 3\r\nContent-Length: 40\r\n\r\na=1",
    FORM + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    FORM + b"Content-Length: 99999999999\r\n\r\nname=a",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(3000)) + b"\r\n",
    b"GET /console HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Basic \xe9\r\n\r\n",
    b"GET /console HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: kydai=\xff\xfe\r\n\r\n",
    b"GET /%zz%ff?a=%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET http://evil.example/console HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"BREW /\r\n\r\n",
]


@pytest.mark.parametrize("sent", BROKEN, ids=range(len(BROKEN)))
def test_broken_http_is_refused_and_nothing_slips_through_behind_it(rig: Rig, sent: bytes) -> None:
    got = raw(rig.port, sent)
    assert b"HTTP/1.1 2" not in got
    if got:
        assert 400 <= int(got.split()[1]) < 500, got[:200]
    assert b"Traceback" not in got
    assert b'"alive"' not in got


@pytest.mark.parametrize(
    "head",
    [
        b"Authorization: Basic \xe9\r\nContent-Length: 2\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"webhook-id: a\r\nwebhook-timestamp: \xb2\r\nwebhook-signature: v1,\xe9\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_no_broken_post_is_a_5xx_at_the_intake(rig: Rig, head: bytes) -> None:
    key = b"" if b"Authorization" in head or b"webhook" in head else f"Authorization: Bearer {rig.source()}\r\n".encode()
    rig.source()
    for port in (rig.port, rig.port + 1):
        got = raw(port, b"POST /api/v1/intake/native HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + key + head)
        assert 400 <= int(got.split()[1]) < 500, got[:300]


def test_who_sends_a_head_for_ever_is_cut_off(rig: Rig) -> None:
    """Slow loris, at the web and at the intake."""
    for port in (rig.port, rig.port + 1):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.settimeout(HEAD_S + 5)
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            began = time.monotonic()
            while line.recv(4096):
                pass
            assert time.monotonic() - began < HEAD_S + 5


@pytest.mark.parametrize("path", ["/socket.io/", "/socket.io/?EIO=4&transport=polling", "/nothing"])
def test_answers_from_below_are_dressed_too(rig: Rig, path: str) -> None:
    for port in (rig.port, rig.port + 1):
        got = raw(port, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()).lower()
        for name in (
            b"x-content-type-options: nosniff",
            b"content-security-policy: ",
            b"referrer-policy: ",
            b"cache-control: no-store",
        ):
            assert name in got, (port, name)


def test_who_is_being_answered_is_answered_before_the_end(rig: Rig) -> None:
    """SIGTERM in the middle of a post: it gets its 202, nobody new is let in, and the process goes (R-16)."""
    pid = rig.pid("intake")
    body = json.dumps({"type": "feed_spoke", "id": "last words", "at": now_ms()}).encode()
    head = f"POST /api/v1/intake/native HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", rig.port + 1)) as line:
        line.settimeout(5)
        line.sendall(head.encode() + f"Authorization: Bearer {rig.source()}\r\n\r\n".encode() + body[:10])
        until(lambda: b"\r\n" in raw(rig.port + 1, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        rig.signal("intake", signal.SIGTERM)
        until(lambda: not _connects(rig.port + 1) or rig.pid("intake") != pid, seconds=5)
        line.sendall(body[10:])
        assert line.recv(4096).startswith(b"HTTP/1.1 202")
    until(lambda: rig.pid("intake") != pid and _connects(rig.port + 1), seconds=15)


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_no_plate_and_no_number_leaves_by_any_way(rig: Rig) -> None:
    """Through every text field of every shape: the frames, the API, every log at DEBUG, the list of dead letters (S-02, S-17, P-01)."""
    at = now_ms()
    good = [
        {"type": "sighted", "id": f"evt-{PLATE}", "at": at, "kind": "plate_read", "camera": "H-001", "plate": PLATE},
        {
            "type": "sighted",
            "id": f"evt {ODD}",
            "at": at,
            "kind": "red_light",
            "camera": f"cam {PLATE}",
            "plate": ODD,
            "subject": PLATE,
        },
        {"type": "sighted", "id": "k", "at": at, "kind": f"saw {PLATE}", "camera": f"gọi {PHONE}"},
        {"type": "sighted", "id": "f", "at": at, "kind": "fire_single", "camera": f"cam {PLATE}", "plate": PLATE},
        {"type": "camera_changed", "id": "c", "at": at, "camera": f"cam {PLATE}", "state": "offline"},
        {
            "type": "report_changed",
            "id": f"r {PLATE}",
            "at": at,
            "report": f"R {PLATE}",
            "service": PHONE,
            "submitted": at,
            "open": True,
        }
        | {"ward": PLATE, "unit": PLATE, "channel": PHONE},
    ]
    bad = [
        {"type": PLATE, "id": "x", "at": at},
        {"type": "sighted", "id": "x", "at": f"lúc {PLATE}", "kind": "a", "camera": "b"},
        {"type": "sighted", "id": "x", "at": at, "kind": "a", "camera": "b", PLATE: 1},
        {"type": "camera_changed", "id": "x", "at": at, "camera": "b", "state": PHONE},
    ]
    for event in [*good, *bad]:
        rig.post(event)
    rig.post(f'{{"broken {PLATE} {PHONE}'.encode())
    token = rig.token("supervisor")
    until(lambda: len(rig.get("/api/v1/events?limit=1000", token)["events"]) >= len(good), seconds=20)  # type: ignore[arg-type]
    client = joined(rig, {"token": token})
    assert client is not None
    client.send('42/live,["join"]')
    seen = "".join(hears(client, 6.5))
    for topic in ("events", "plates", "alarms", "cameras", "reports", "kpi", "status", "series"):
        assert f'"topic":"{topic}"' in seen
    assert '"#' in seen.replace("native:#", '"#')
    seen += json.dumps(
        [rig.get(f"/api/v1/{name}", token) for name in ("events?limit=1000", "cameras", "kpis", "feeds")], ensure_ascii=False
    )
    seen += json.dumps(rig.get("/leader/figures", token), ensure_ascii=False)
    seen += _dead_letters(rig)
    seen += "".join(path.read_text(errors="replace") for path in (rig.home / "logs").iterdir())
    assert [canary for canary in CANARIES if canary in seen] == []
    assert "75A-***.13" in seen
    assert seen.count("is no JSON") == 1


def _dead_letters(rig: Rig) -> str:
    listed = subprocess.run(
        [sys.executable, "app.py", "dead-letters", "list"], cwd=ROOT, env=rig.environ, capture_output=True, text=True, check=True
    )
    assert listed.stdout.count("\n") == 5
    return listed.stdout


@pytest.mark.parametrize("part", ["board", "log", "wire"])
def test_ready_turns_red_within_fifteen_seconds_of_a_part_that_stands_still(rig: Rig, part: str) -> None:
    """Stopped, not killed: a killed one is back before anybody can ask (R-17)."""
    until(rig.ready, seconds=20)
    rig.signal(part, signal.SIGSTOP)
    began = time.monotonic()
    try:
        until(lambda: not rig.ready(), seconds=17, every_s=0.2)
        assert time.monotonic() - began <= 17
        assert status(rig, "/healthz") == 200
    finally:
        rig.signal(part, signal.SIGCONT)
    until(rig.ready, seconds=20)


def test_what_we_write_is_ours_alone_to_read(rig: Rig) -> None:
    assert rig.home.stat().st_mode & 0o077 == 0
    for path in rig.home.rglob("*"):
        if path.is_file() and not path.name.startswith("kydai.db"):  # the test itself made the record, before the house
            assert path.stat().st_mode & 0o077 == 0, path
