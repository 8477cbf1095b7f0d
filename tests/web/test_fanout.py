"""Real sockets against a real gevent server: frames arrive whole, the slow are dropped, the revoked are expelled, nothing grows.

It holds `callbacks/wire.py` and `callbacks/fanout.py`, which reach below the libraries, to the versions in use.
"""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from data.boardroom import TOPICS
from data.frames import RedisFrames
from data.store.accounts import SqlAccounts
from data.store.engine import connect
from data.store.migrate import migrate
from tests.conftest import Server, until
from tests.rig import ROOT, free_port, now_ms
from tests.web.fan_server import PEPPER

TEXT, CLOSE, PING = 1, 8, 9
KEYS = [topic.key for topic in TOPICS]


class Fan:
    """The server under test, its accounts and the road its frames come by."""

    def __init__(self, folder: Path, wire: Server) -> None:
        record = f"sqlite:///{folder / 'kydai.db'}"
        migrate(record)
        self.engine, self.port = connect(record), free_port()
        self.accounts = SqlAccounts(self.engine, pepper=PEPPER)
        self.redis = Redis.from_url(wire.url)
        self.opened: list[socket.socket] = []
        self.frames = RedisFrames(self.redis, KEYS)
        told = (folder / "fan.log").open("wb")
        argv = [sys.executable, "-m", "tests.web.fan_server", str(self.port), wire.url, record]
        self.process = subprocess.Popen(argv, cwd=ROOT, stdout=told, stderr=told)
        told.close()
        until(self.answers)

    def answers(self) -> bool:
        assert self.process.poll() is None, "the server ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def state(self) -> dict[str, int]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/state", timeout=10) as answer:
            return dict(json.load(answer))

    def token(self) -> str:
        return self.accounts.add_token("test", "operator", days=1, now_ms=now_ms())

    def publish(self, **bodies: object) -> None:
        """Publish topics; each body is put under `data`, with the time at which it left."""
        at = time.time()
        self.frames.publish(
            {key: json.dumps({"topic": key, "epoch": 1, "at": at, "data": data}).encode() for key, data in bodies.items()}
        )

    def close(self) -> None:
        for one in self.opened:
            one.close()
        self.process.kill()
        self.process.wait()
        self.redis.close()
        self.engine.dispose()


@pytest.fixture
def fan(tmp_path: Path, wire_server: Server, redis_wire: Redis) -> Iterator[Fan]:
    made = Fan(tmp_path, wire_server)
    yield made
    made.close()


class Screen:
    """A browser's socket, byte by byte: it checks every frame of RFC 6455 and Engine.IO that comes."""

    def __init__(self, fan: Fan, *, token: str | None = None, cookie: str = "", origin: str = "", narrow: bool = False) -> None:
        self.sock = socket.socket()
        fan.opened.append(self.sock)
        if narrow:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.settimeout(15)
        self.sock.connect(("127.0.0.1", fan.port))
        self.held = b""
        lines = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: 127.0.0.1:{fan.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            *([f"Cookie: kydai={cookie}"] if cookie else []),
            *([f"Origin: {origin}"] if origin else []),
        ]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.held:
            self.held += self._more()
        head, _, self.held = self.held.partition(b"\r\n\r\n")
        assert b" 101 " in head.splitlines()[0], head
        opened = self.message()
        assert opened.startswith("0{"), opened
        self.say("40/live," + (json.dumps({"token": token}) if token is not None else ""))
        self.early: list[str] = []
        while not (answer := self.message()).startswith(("40/live", "44/live")):
            self.early.append(answer)  # the picture may come before the word that we are in
        self.answer = answer

    @property
    def joined(self) -> bool:
        return self.answer.startswith("40/live,{")

    def say(self, text: str) -> None:
        body, mask = text.encode(), os.urandom(4)
        size = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
        self.sock.sendall(b"\x81" + size + mask + bytes(sign ^ mask[n % 4] for n, sign in enumerate(body)))

    def _more(self, most: int = 65_536) -> bytes:
        got = self.sock.recv(most)
        if not got:
            raise ConnectionError("closed")
        return got

    def _take(self, count: int) -> bytes:
        while len(self.held) < count:
            self.held += self._more()
        taken, self.held = self.held[:count], self.held[count:]
        return taken

    def message(self) -> str:
        """Return the next Engine.IO packet; pings are answered. Raises ConnectionError once the other end has closed."""
        while True:
            first, second = self._take(2)
            assert first & 0x70 == 0, "no reserved bit, no compression"
            assert first & 0x80, "one frame is one message"
            assert second & 0x80 == 0, "a server does not mask"
            size = int.from_bytes(self._take(2 if second == 126 else 8), "big") if second >= 126 else second
            body, opcode = self._take(size), first & 0x0F
            if opcode == CLOSE:
                raise ConnectionError("closed")
            assert opcode == TEXT, opcode
            if body == b"2":
                self.say("3")
                continue
            return body.decode()

    def event(self) -> tuple[str, object]:
        """Return the next Socket.IO event (name, body)."""
        text = self.early.pop(0) if self.early else self.message()
        assert text.startswith("42/live,"), text[:80]
        name, body = json.loads(text.removeprefix("42/live,"))
        return name, body

    def frames(self) -> list[dict]:
        """Return the next round of frames."""
        while True:
            name, body = self.event()
            if name == "frame":
                assert isinstance(body, list)
                return body

    def until_closed(self, seconds: float) -> float:
        """Read on until the server closes; returns how long that took."""
        began = time.monotonic()
        self.sock.settimeout(seconds)
        try:
            while time.monotonic() - began < seconds:
                self.message()
        except (ConnectionError, OSError) as error:
            assert not isinstance(error, TimeoutError), f"still open after {seconds} s"
            return time.monotonic() - began
        raise AssertionError(f"still open after {seconds} s")


def letters(number: int, size: int) -> dict[str, object]:
    """A picture that shows whether anything fell into its middle."""
    return {"n": number, "x": chr(97 + number % 26) * size}


def whole(frame: dict, size: int) -> int:
    number = frame["data"]["n"]
    assert frame["data"] == letters(number, size)
    return int(number)


def test_frames_arrive_whole_however_slowly_they_are_read(fan: Fan) -> None:
    """Frames beyond 64 KB that stop half-way for want of room, with joins, beats and more rounds coming meanwhile."""
    size, narrow, other = 150_000, Screen(fan, token=fan.token(), narrow=True), Screen(fan, token=fan.token())
    assert fan.state()["direct"] == 2, "the libraries no longer go through callbacks/wire.py"
    seen: dict[str, list[int]] = {"narrow": [], "other": []}
    last = [1 << 60]

    def read(screen: Screen, name: str) -> None:
        while not seen[name] or seen[name][-1] < last[0]:
            seen[name].extend(whole(one, size) for one in screen.frames() if one["topic"] == "events")

    quick = threading.Thread(target=read, args=(other, "other"), daemon=True)
    quick.start()
    number = 0
    for _ in range(3):  # three times the line is full and somebody waits to write the rest
        while not fan.state()["busy"]:
            assert number < 300, "no write ever stopped half-way"
            fan.publish(events=letters(number, size), kpi={"n": number})
            number += 1
        narrow.say('42/live,["join"]')
        fan.publish(events=letters(number, size))
        number += 1
        while not seen["narrow"] or seen["narrow"][-1] < number - 1:
            seen["narrow"].extend(whole(one, size) for one in narrow.frames() if one["topic"] == "events")
    last[0] = number
    fan.publish(events=letters(number, size))
    quick.join(15)
    assert not quick.is_alive()
    read(narrow, "narrow")
    assert fan.state()["members"] == 2
    for name in ("narrow", "other"):
        assert seen[name] == sorted(seen[name]), name


def test_a_screen_that_never_reads_is_dropped_and_delays_nobody(fan: Fan) -> None:
    size, late = 60_000, []
    dead = Screen(fan, token=fan.token(), narrow=True)
    living = [Screen(fan, token=fan.token()) for _ in range(5)]
    until(lambda: fan.state()["members"] == 6)
    before, stop = fan.state()["rss"], threading.Event()

    def read(screen: Screen) -> None:
        while not stop.is_set():
            late.extend(time.time() - one["at"] for one in screen.frames())

    readers = [threading.Thread(target=read, args=(screen,), daemon=True) for screen in living]
    for reader in readers:
        reader.start()
    began = time.monotonic()
    number = 0
    while fan.state()["members"] == 6:
        assert time.monotonic() - began < 9, "R-24: five seconds, or a megabyte"
        number += 1
        fan.publish(events=letters(number, size))
        time.sleep(0.05)
    state = fan.state()
    assert (state["members"], state["sockets"]) == (5, 5)
    assert state["rss"] - before < 20_000_000
    fan.publish(kpi={"last": 1})
    stop.set()
    fan.publish(kpi={"last": 2})
    for reader in readers:
        reader.join(10)
        assert not reader.is_alive()
    assert len(late) >= 5 * 5
    assert sorted(late)[int(len(late) * 0.95)] < 1.0
    dead.until_closed(10)


def test_who_is_revoked_is_expelled_within_five_seconds(fan: Fan) -> None:
    fan.publish(kpi={"n": 1})
    token, session = fan.token(), fan.accounts.open_session("an", "operator", now_ms=now_ms())
    kiosk = fan.accounts.open_kiosk(fan.accounts.add_kiosk("door", "main", now_ms=now_ms()), now_ms=now_ms())
    assert kiosk is not None
    own = f"http://127.0.0.1:{fan.port}"
    stays = Screen(fan, token=fan.token())
    screens = {
        "token": Screen(fan, token=token),
        "session": Screen(fan, cookie=session, origin=own),
        "kiosk": Screen(fan, cookie=kiosk[0], origin=own),
    }
    assert all(screen.joined for screen in screens.values())
    for key in ("token", "session"):
        who = fan.accounts.who(token if key == "token" else session, now_ms=now_ms())
        assert who is not None
        fan.accounts.end(who.key, now_ms=now_ms())
    fan.accounts.revoke("kiosk", "door", now_ms=now_ms())
    for key, screen in screens.items():
        assert screen.until_closed(5) < 5, key
    until(lambda: fan.state()["members"] == 1)
    fan.publish(kpi={"n": 2})
    while stays.frames()[-1]["data"] != {"n": 2}:
        pass


def test_who_joins_late_and_who_asks_again_is_given_the_whole_picture(fan: Fan) -> None:
    early = Screen(fan, token=fan.token())
    for number, key in enumerate(KEYS):
        fan.publish(**{key: {"n": number}})
    held: dict[str, dict] = {}
    while held.keys() != set(KEYS):
        held |= {one["topic"]: one for one in early.frames()}
    late = Screen(fan, token=fan.token())
    whole = {one["topic"]: one for one in late.frames()}
    assert {key: one["data"] for key, one in whole.items()} == {key: one["data"] for key, one in held.items()}
    name, beat = late.event()
    assert (name, beat["heads"]) == ("heartbeat", {key: one["seq"] for key, one in whole.items()})  # type: ignore[index]
    until(lambda: not time.sleep(0.3))
    late.say('42/live,["join"]')
    assert {one["topic"]: one for one in late.frames()} == whole


def test_only_who_shows_something_is_let_in(fan: Fan) -> None:
    own, foreign = f"http://127.0.0.1:{fan.port}", "https://elsewhere.example"
    session = fan.accounts.open_session("an", "operator", now_ms=now_ms())
    link = fan.accounts.add_link("an", "operator", now_ms=now_ms())
    for shown, let_in in (
        ({"token": fan.token()}, True),
        ({"token": fan.token(), "origin": foreign}, True),
        ({"cookie": session, "origin": own}, True),
        ({"cookie": session, "origin": foreign}, False),
        ({"cookie": session}, False),
        ({"token": "nonsense"}, False),
        ({"token": "nonsense", "cookie": session, "origin": own}, False),
        ({"token": link}, False),
        ({"origin": own}, False),
        ({}, False),
    ):
        assert Screen(fan, **shown).joined is let_in, shown  # type: ignore[arg-type]


def test_screens_that_vanish_leave_nothing_behind(fan: Fan) -> None:
    def come_and_go(count: int) -> None:
        for _ in range(count):
            screen = Screen(fan, token=token)
            screen.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            screen.sock.close()  # with a reset, as when a cable is pulled

    token = fan.token()
    fan.publish(events=letters(1, 30_000))
    come_and_go(30)
    until(lambda: fan.state()["sockets"] == 0)
    before = fan.state()["rss"]
    come_and_go(80)
    until(lambda: fan.state()["sockets"] == 0)
    after = fan.state()
    assert (after["members"], after["late"]) == (0, 0)
    assert after["rss"] - before < 5_000_000
