"""2 000 events through the front door while everything is killed again and again: none acknowledged is lost, none counted twice."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.rig import Rig, now_ms

EVENTS, SENDERS = 2000, 4
KINDS = ("red_light", "crowd", "plate_read", "no_helmet")
TURNS = ("intake", "board", "web", "log", "wire") * 3


class Sender(threading.Thread):
    """Posts its share and keeps a ledger of what was answered, fsynced, that the house never sees."""

    def __init__(self, rig: Rig, number: int, ledger: Path) -> None:
        super().__init__(daemon=True)
        self.rig, self.number, self.ledger = rig, number, ledger
        self.headers = {"Authorization": f"Bearer {rig.source()}", "Content-Type": "application/json"}
        self.acknowledged: list[str] = []

    def run(self) -> None:
        with self.ledger.open("a") as file:
            for n in range(EVENTS // SENDERS):
                key = f"{self.number}/{n}"
                body = {
                    "type": "sighted",
                    "id": key,
                    "at": now_ms(),
                    "kind": KINDS[n % len(KINDS)],
                    "camera": f"H-{n % 42 + 1:03d}",
                }
                self.deliver(json.dumps(body).encode())
                file.write(key + "\n")
                file.flush()
                os.fsync(file.fileno())
                self.acknowledged.append(key)

    def deliver(self, raw: bytes) -> None:
        """Send until it is acknowledged: a time-out is unknown, not failed, and is sent again."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            try:
                asked = urllib.request.Request(f"{self.rig.intake}/api/v1/intake/native", raw, self.headers)
                with urllib.request.urlopen(asked, timeout=3) as answer:
                    if answer.status == 202:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError("the intake did not come back")


@pytest.mark.timeout(150)
def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(tmp_path: Path) -> None:
    rig = Rig().start()
    try:
        senders = [Sender(rig, number, tmp_path / f"{number}.ledger") for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        kills = kill_in_turn(rig, senders)
        for sender in senders:
            sender.join(90)
            assert not sender.is_alive()
        assert kills >= 10
        ledger = [key for sender in senders for key in sender.acknowledged]
        assert len(ledger) == EVENTS
        rig.wait_ready()
        settle(rig, EVENTS)
        check(rig, ledger)
    finally:
        rig.close()


def kill_in_turn(rig: Rig, senders: list[Sender]) -> int:
    """Kill one process after another while there is something to lose; returns how many were killed."""
    kills = 0
    for name in TURNS:
        if not any(sender.is_alive() for sender in senders) and kills >= len(TURNS) - 3:
            break
        try:
            rig.signal(name)
            kills += 1
        except (ProcessLookupError, FileNotFoundError):
            pass
        back = time.monotonic() + 8
        old = rig.pid(name)
        while rig.pid(name) == old and time.monotonic() < back:
            time.sleep(0.05)
        until_some_more_came(rig, senders)
    return kills


def until_some_more_came(rig: Rig, senders: list[Sender]) -> None:
    before = sum(len(sender.acknowledged) for sender in senders)
    end = time.monotonic() + 3
    while time.monotonic() < end and any(sender.is_alive() for sender in senders):
        if sum(len(sender.acknowledged) for sender in senders) > before + 60:
            return
        time.sleep(0.02)


def settle(rig: Rig, count: int) -> None:
    end = time.monotonic() + 30
    while stored(rig) < count:
        assert time.monotonic() < end, (stored(rig), rig.logs())
        time.sleep(0.1)


def stored(rig: Rig) -> int:
    with rig.engine.connect() as sql:
        return int(sql.scalar(text("SELECT count(*) FROM event")) or 0)


def check(rig: Rig, ledger: list[str]) -> None:
    with rig.engine.connect() as sql:
        keys = [key for (key,) in sql.execute(text("SELECT key FROM event"))]
        windows = dict(sql.execute(text("SELECT kind, sum(n) FROM hour_kind GROUP BY kind")).all())
        cameras = sql.scalar(text("SELECT sum(n) FROM hour_camera"))
        dead = sql.scalar(text("SELECT count(*) FROM dead_letter"))
    assert sorted(keys) == sorted(f"native:{key}" for key in ledger)
    assert {kind: int(n) for kind, n in windows.items()} == dict.fromkeys(KINDS, EVENTS // len(KINDS))
    assert (int(cameras or 0), dead) == (EVENTS, 0)
    token = rig.token()
    end = time.monotonic() + 10
    while True:
        kpis = {one["key"]: one["value"] for one in rig.get("/api/v1/kpis", token)["kpis"]}  # type: ignore[index, attr-defined]
        if (kpis.get("events_today"), kpis.get("plates_today")) == (EVENTS * 3 // 4, EVENTS // 4):
            break
        assert time.monotonic() < end, kpis
        time.sleep(0.2)
