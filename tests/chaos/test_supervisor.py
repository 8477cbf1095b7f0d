"""`python app.py` as a user has it: it starts, says where to look, stops without loss, goes on, and refuses what cannot be."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from data.store.judge import decode
from data.supervisor import Supervisor
from tests.conftest import until
from tests.rig import ROOT, Rig, free_port

ROLES = ("log", "wire", "board", "web", "intake", "relay", "messenger", "simulate")
START_S, STOP_S = 60.0, 10.0


class Run:
    """One `python app.py`, with what it says."""

    def __init__(self, home: Path, **settings: str) -> None:
        given = {"KYDAI_HOME": str(home), "PYTHONUNBUFFERED": "1"} | settings
        environ = {key: value for key, value in os.environ.items() if not key.startswith("KYDAI_")} | given
        self.said = home.parent / f"said-{time.monotonic_ns()}"
        with self.said.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=out, stderr=out)

    def text(self) -> str:
        return self.said.read_text()

    def says(self, word: str) -> str:
        """Wait until it has said something; returns everything it said."""

        def told() -> str:
            whole = self.text()
            assert word in whole or self.process.poll() is None, whole
            return whole if word in whole else ""

        return until(told, seconds=START_S)

    def ends(self) -> int:
        return self.process.wait(START_S)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def pids(home: Path) -> dict[str, int]:
    return {name: int((home / f"{name}.pid").read_text()) for name in ROLES if (home / f"{name}.pid").exists()}


def stored(rig: Rig) -> set[str]:
    with rig.engine.connect() as sql:
        return {key for (key,) in sql.execute(text("SELECT key FROM event"))}


@pytest.mark.timeout(240)
def test_a_demonstration_starts_stops_goes_on_and_leaves_nobody_behind(tmp_path: Path) -> None:
    home = tmp_path.resolve() / "var"
    rig = Rig(demo=True, home=made(home), environ={"KYDAI_SECRET_KEY": ""})
    ours = {key: rig.environ[key] for key in ("KYDAI_PORT", "KYDAI_DEMO")}
    first = Run(home, **ours)
    try:
        banner = first.says("Ctrl-C")
        assert str(home) in banner
        assert "SIMULATION" in banner
        link_works_once(re.search(r"http://\S+/sign-in/\S+", banner)[0])  # type: ignore[index]
        assert opens(re.search(r"http://\S+/kiosk/\S+", banner)[0]).endswith("/wall/main")  # type: ignore[index]
        second = Run(home, KYDAI_PORT=str(free_port()))
        assert second.ends() == 1
        assert "runs already" in second.text()
        stranger = Run(made(tmp_path / "other"), **ours)
        assert stranger.ends() == 1
        assert f"port {rig.port} on 127.0.0.1 cannot be used" in stranger.text()
        until(lambda: len(stored(rig)) > 100, seconds=60)
        children = pids(home)
        assert set(children) == set(ROLES)
        began = time.monotonic()
        first.process.send_signal(signal.SIGINT)
        assert first.ends() == 0
        assert time.monotonic() - began <= STOP_S
        assert "Stopped, nothing lost" in first.text()
        assert [name for name, pid in children.items() if lives(pid)] == []
        kept = stored(rig)
    finally:
        end(first)
    break_the_tail(home)
    again = Run(home, **ours)
    try:
        again.says("Ctrl-C")
        children = pids(home)
        assert kept <= stored(rig)
        until(lambda: len(stored(rig)) > len(kept), seconds=60)
        again.process.kill()
        again.ends()
        until(lambda: [name for name, pid in children.items() if lives(pid)] == [], seconds=15)
        assert kept <= stored(rig)
    finally:
        end(again)
    real = Run(home, KYDAI_PORT=str(rig.port), KYDAI_DEMO="0", KYDAI_SECRET_KEY="only for tests: 0123456789abcdefghijklmnopq")
    assert real.ends() == 1
    assert "was a demonstration's home" in real.text()
    assert tally(rig) == len(stored(rig)), "the board's own count is the record's"
    assert all(decode(body).simulated for body in bodies(rig)), "everything that the simulator said is marked"
    rig.engine.dispose()


def bodies(rig: Rig) -> list[bytes]:
    with rig.engine.connect() as sql:
        return [body for (body,) in sql.execute(text("SELECT body FROM event"))]


def tally(rig: Rig) -> int:
    with rig.engine.connect() as sql:
        body = sql.execute(text("SELECT body FROM standing WHERE part = 'tally'")).scalar_one()
    return int(msgspec.msgpack.decode(body)[0])


def made(home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    return home


def end(run: Run) -> None:
    if run.process.poll() is None:
        run.process.send_signal(signal.SIGINT)
        run.process.wait(20)


def opens(address: str, cookies: CookieJar | None = None) -> str:
    """Return where an address leads."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies if cookies is not None else CookieJar()))
    with opener.open(urllib.request.Request(address, headers={"Accept": "text/html"}), timeout=20) as answer:
        assert answer.status == 200
        return str(answer.url)


def link_works_once(link: str) -> None:
    assert opens(link).endswith("/console")
    with pytest.raises(urllib.error.HTTPError, match="410"):
        opens(link)


def break_the_tail(home: Path) -> None:
    """As when the power went while Redis wrote: half an entry stands at the end of its file."""
    aof = max((home / "log").rglob("*.aof"), key=lambda path: path.stat().st_mtime)
    with aof.open("ab") as file:
        file.write(b"*3\r\n$4\r\nXADD\r\n$12\r\nkydai:int")


@pytest.mark.timeout(120)
def test_a_home_with_spaces_and_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    home = made(tmp_path / "nhà của tôi" / ("x" * 90))
    rig = Rig(home=home).start()
    try:
        assert rig.post({"type": "sighted", "id": "a", "at": 5, "kind": "crowd", "camera": "H-001"}) == 202
        until(lambda: stored(rig) == {"native:a"})
        events = rig.get("/api/v1/events", rig.token())["events"]
        assert [one["simulated"] for one in events] == [False]  # type: ignore[index, attr-defined]
    finally:
        rig.close()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data" / "cities" / "dong_hoi", tmp_path / "pack")
    cameras = tmp_path / "pack" / "cameras.csv"
    cameras.write_text(cameras.read_text(encoding="utf-8").replace("106.", "206.", 1), encoding="utf-8")
    return tmp_path / "pack"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"KYDAI_CITY": "nowhere"}, "nowhere"),
        ({"KYDAI_CITY": "PACK"}, "cameras.csv:"),
        ({"KYDAI_DEMO": "0"}, "KYDAI_SECRET_KEY"),
        ({"KYDAI_DEMO": "0", "KYDAI_SECRET_KEY": "short"}, "32 bytes"),
        ({"KYDAI_PORT": "65535"}, "port 65536"),
        ({"KYDAI_PORT": "many"}, "KYDAI settings: "),
        ({"KYDAI_LOG_LEVEL": "LOUD"}, "log_level"),
        ({"KYDAI_DATABASE_URL": "postgresql://kydai@127.0.0.1:1/none"}, "KYDAI_DATABASE_URL"),
        ({"KYDAI_DATABASE_URL": "nonsense"}, "KYDAI_DATABASE_URL"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_started(
    tmp_path: Path, pack: Path, settings: dict[str, str], told: str
) -> None:
    home = made(tmp_path / "var")
    chosen = {"KYDAI_PORT": str(free_port())} | {key: str(pack) if value == "PACK" else value for key, value in settings.items()}
    run = Run(home, **chosen)
    assert run.ends() == 1
    assert told in run.text()
    assert "Traceback" not in run.text()
    assert pids(home) == {}


def test_without_redis_it_says_what_to_install(monkeypatch) -> None:
    from data import embedded

    monkeypatch.setattr(embedded.shutil, "which", lambda _name: None)
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    with pytest.raises(embedded.NoRedis, match="apt-get install redis-server"):
        embedded.binary()


def test_an_old_redis_is_not_taken(tmp_path: Path, monkeypatch) -> None:
    from data import embedded

    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=5.0.14 sha=0'\n")
    old.chmod(0o700)
    assert embedded.version_of(str(old)) == (5, 0)
    monkeypatch.setattr(embedded.shutil, "which", lambda _name: str(old))
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    with pytest.raises(embedded.NoRedis):
        embedded.binary()


DEAF = "import signal, time, pathlib, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"


def test_children_that_do_not_hear_are_gone_within_ten_seconds(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    for number in range(6):
        supervisor.add(f"deaf{number}", [sys.executable, "-c", DEAF, str(tmp_path / f"up{number}")])
    until(lambda: len(list(tmp_path.glob("up*"))) == 6)
    children = [int(path.read_text()) for path in tmp_path.glob("*.pid")]
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began <= STOP_S
    assert [pid for pid in children if lives(pid)] == []
    assert list(tmp_path.glob("*.pid")) == []


def test_a_child_that_falls_is_started_again_and_one_that_keeps_falling_not_at_once(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    tape = tmp_path / "tape"
    supervisor.add("falls", ["/bin/sh", "-c", f"echo x >> {tape}; exit 3"])
    began = time.monotonic()
    supervisor.wait(lambda: tape.exists() and len(tape.read_text()) >= 2 * 5, seconds=20)
    assert len(tape.read_text()) >= 10
    assert time.monotonic() - began > 0.1 + 0.2 + 0.4
    supervisor.stop()


def test_the_port_that_the_house_wants_is_tried_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        run = Run(made(tmp_path / "var"), KYDAI_PORT=str(other.getsockname()[1]))
        assert run.ends() == 1
    assert "choose KYDAI_PORT" in run.text()
    assert pids(tmp_path / "var") == {}
