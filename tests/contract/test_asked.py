"""Devices asked by a whole house: from the command that names one to the event in the record, and back again."""

import itertools
import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

import app
from data.pack import folder_of
from data.store.tables import EVENT
from tests.conftest import until
from tests.contract.test_pull import HEADS, alert, dahua_part, hik_part, line
from tests.contract.test_pulling import holding
from tests.contract.test_subscribing import Guarded
from tests.devices import PASSWORD, USER, Device, device
from tests.onvif_device import PullPoint, message
from tests.rig import ROOT, Rig, now_ms


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    pack = tmp_path_factory.mktemp("pack") / "hue"
    shutil.copytree(folder_of("hue"), pack)
    with (pack / "city.toml").open("a", encoding="utf-8") as file:
        file.write('\n[outward]\nallow = ["127.0.0.1"]\n')
    rig = Rig(environ={"KYDAI_CITY": str(pack)}).start()
    yield rig
    rig.close()


def run(house: Rig, *words: str, typed: str = "", code: int = 0) -> str:
    told = subprocess.run(
        [sys.executable, "app.py", *words],
        cwd=ROOT,
        env=house.environ,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == code, told.stdout + told.stderr
    return told.stdout + told.stderr


def events(house: Rig) -> dict[str, int]:
    """Return how many sightings of each source are in the record."""
    with house.engine.connect() as sql:
        keys = [row.key for row in sql.execute(select(EVENT.c.key).where(EVENT.c.kind.in_(["line_crossing", "intrusion"])))]
    found = [key.partition(":")[0] for key in keys]
    return {source: found.count(source) for source in set(found)}


def _taken(house: Rig, source: str) -> bool:
    """Whether the doors have heard of a source."""
    try:
        return house.post({"type": "feed_spoke", "id": "alive", "at": 0}, source=source) == 202
    except urllib.error.HTTPError as no:
        no.close()
        return False


def test_a_source_that_posts_is_tried_by_waiting_for_it(house: Rig) -> None:
    """What comes is told masked, with what to do about it, and counted as ever: the trial only listens."""
    house.source("native-try")
    until(lambda: _taken(house, "native-try"), seconds=15, every_s=0.2)
    started = subprocess.Popen(
        [sys.executable, "app.py", "source", "test", "native-try", "--seconds", "8"],
        cwd=ROOT,
        env=house.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told = {"type": "sighted", "at": now_ms() - 90_000, "kind": "plate_read", "camera": "H-001", "plate": "75A-123.45"}
    numbers, out = itertools.count(), ""

    def heard() -> bool:
        """Post until the trial is over: when it begins to listen, it does not say."""
        ended = started.poll() is not None
        if not ended:
            house.post([{**told, "id": f"t-{next(numbers)}"}, {**told, "id": "x", "camera": "Cổng Đông"}], source="native-try")
            house.post(b"{half", source="native-try")
        return ended

    until(heard, seconds=60, every_s=0.3)
    assert started.stdout is not None
    with started.stdout as read:
        out = read.read()
    assert started.returncode == 0, out
    assert "waiting   8 s for what it posts to " in out
    assert "plate_read 75A-***.45, camera H-001 → H-001; its clock is -" in out
    assert "unknown   Cổng Đông" in out
    assert "unread    " in out
    assert "75A-123.45" not in out
    with house.engine.connect() as sql:
        kept = sql.scalar(select(func.count()).select_from(EVENT).where(EVENT.c.key.like("native-try:t-%")))
    assert kept == next(numbers)


def test_a_source_that_says_nothing_is_told_what_to_look_at(house: Rig) -> None:
    house.source("native-mute")
    out = run(house, "source", "test", "native-mute", "--seconds", "1", code=1)
    assert "silent    nothing came" in out
    assert "kydai_intake_refused_total" in out


def test_a_source_behind_a_broker_from_the_command_to_the_record(house: Rig, tmp_path: Path) -> None:
    broker = Guarded(tmp_path / "broker")
    place = f"mqtt://127.0.0.1:{broker.port}/city/south"
    try:
        run(house, "login", "add", f"127.0.0.1:{broker.port}", "--user", "kydai", "--stdin", typed="right\n")
        assert "is heard through" in run(house, "source", "add", "frigate-south", "--broker", place)
        until(lambda: f"{place}\tonline for" in run(house, "source", "list"))
        broker.say(("city/south/available", b"online"), retain=True)
        told = review("alert", started=now_ms() / 1000)
        broker.say(("city/south/reviews", told), ("city/south/reviews", told), ("north/reviews", told))
        until(lambda: _kinds(house, "frigate-south") == ["person_seen"], seconds=30)
        tried = run(house, "source", "test", "frigate-south", "--seconds", "1")
        assert "city/south/reviews" in tried
        assert "1 signs of life" in tried
        until(lambda: f"{place}\tonline for" in run(house, "source", "list"))  # a trial drives nobody out
        run(house, "login", "add", f"127.0.0.1:{broker.port}", "--user", "kydai", "--stdin", typed="wrong\n")
        assert "does not let us in" in run(house, "source", "test", "frigate-south", "--seconds", "1", code=1)
        assert "no more heard" in run(house, "source", "move", "frigate-south", "--broker", "")
    finally:
        broker.stop()


def review(severity: str, *, started: float) -> bytes:
    after = {"id": f"{started}-abc", "camera": "south_gate", "start_time": started, "end_time": None, "severity": severity}
    return json.dumps(
        {"type": "new", "before": after, "after": {**after, "data": {"detections": [], "objects": ["person"]}}}
    ).encode()


def _kinds(house: Rig, source: str) -> list[str]:
    with house.engine.connect() as sql:
        return list(sql.scalars(select(EVENT.c.kind).where(EVENT.c.key.like(f"{source}:%"))))


def test_from_the_command_to_the_record_and_back(house: Rig) -> None:
    point = PullPoint()
    with ExitStack() as stack:

        def there(answer: object, auth: str) -> Device:
            return stack.enter_context(device(answer, auth=auth))

        hik = there(holding(HEADS["hikvision"] + hik_part(alert(1)) + hik_part(alert(3))), "md5")
        dahua = there(holding(HEADS["dahua"] + dahua_part(line(1)) + dahua_part(line(1)) + dahua_part(line(2))), "md5")
        onvif = there(point, "none")
        point.happens(message(1))
        run(house, "login", "add", "127.0.0.1", "--user", USER, "--stdin", typed=f"{PASSWORD}\n")
        for key, one in (("hikvision-1", hik), ("dahua-1", dahua), ("onvif-1", onvif)):
            assert "is asked at" in run(house, "source", "add", key, "--address", one.url, "--device", "H-002")
        until(lambda: events(house) == {"hikvision-1": 2, "dahua-1": 2, "onvif-1": 1}, seconds=30)
        until(lambda: run(house, "source", "list").count("online for") == 3)

        tried = run(house, "source", "test", "hikvision-1", "--seconds", "1")
        assert f"login     as {USER}" in tried
        assert "line_crossing, camera 80:be:af:89:d9:ee/1 → unknown" in tried
        assert "heard     " in tried
        assert "write hikvision-1=80:be:af:89:d9:ee/1 into the column names" in tried
        assert "days" not in tried
        assert events(house)["hikvision-1"] == 2  # a trial is in no count

        hik.close()
        until(lambda: "hikvision-1\thikvision\tactive\t\t" + hik.url + "\twaiting for" in run(house, "source", "list"))
        with urllib.request.urlopen(f"{house.base}/readyz", timeout=5) as told:
            assert told.status == 200  # a camera that is down does not make us unready
        assert "do        Is it switched on" in run(house, "source", "test", "hikvision-1", "--seconds", "1", code=1)

        began = time.monotonic()
        run(house, "source", "disable", "dahua-1")
        until(lambda: dahua.open_now == 0, seconds=5)
        assert time.monotonic() - began < 8
        house.stop()
        until(lambda: point.calls[-1] == "Unsubscribe")


def refused(*words: str) -> str:
    """Return what a command says that is refused: in this process, a start for each of them takes most of a second."""
    told = CliRunner().invoke(app.main, words)
    assert told.exit_code == 1, told.output
    return told.output


def test_what_cannot_be_asked_is_refused_with_a_reason(house: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in house.environ.items():
        if name.startswith("KYDAI_"):
            monkeypatch.setenv(name, value)

    for broker, word in {
        "mqtt://10.1.2.3/frigate/#": "prefix of the topics",
        "mqtt://kydai:a@10.1.2.3/frigate": "login add",
        "redis://10.1.2.3/frigate": "begins with mqtt",
        "mqtt://10.1.2.3:6379/frigate": "another kind of service",
        "mqtt://203.0.113.9/frigate": "[outward] allow",
    }.items():
        assert word in refused("source", "add", "frigate-x", "--broker", broker), broker
    for address, word in {
        "http://10.1.2.3/stream": "the path is known",
        "http://169.254.169.254": "never allowed",
        "http://2130706433": "is no address",
        "rtsp://10.1.2.3": "begins with http",
        "http://a@10.1.2.3": "login add",
        "http://203.0.113.9": "[outward] allow",
    }.items():
        assert word in refused("source", "add", "hikvision-x", "--address", address), address
    assert "it posts" in refused("source", "add", "axis-x", "--address", "http://10.1.2.3")
    assert "there is no source" in refused("source", "test", "nobody")
