"""Two people work through their alarms while board, web and log are killed under them: every act once, none lost, one picture after."""

import json
import threading
import time
import urllib.error
import urllib.request
import uuid

import pytest
from sqlalchemy import text

from tests.rig import Rig, now_ms

ALARMS = 16
WORK = (("acknowledge", {}), ("claim", {}), ("note", {"why": "seen"}), ("close", {"outcome": "handled"}))
TURNS = ("board", "web", "log", "board", "web", "board")


class Operator(threading.Thread):
    """Works on each alarm in turn, and posts an act until it is answered: the same key again is the same act."""

    def __init__(self, rig: Rig, role: str, alarms: list[str]) -> None:
        super().__init__(daemon=True)
        self.rig, self.alarms, self.answers = rig, alarms, list[tuple[str, str, int]]()
        self.headers = {"Cookie": f"kydai={rig.session(role)}", "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}

    def run(self) -> None:
        for alarm in self.alarms:
            for action, more in WORK:
                body = {"alarm": alarm, "action": action, "key": uuid.uuid4().hex, **more}
                self.answers.append((alarm, action, self.post(json.dumps(body).encode())))

    def post(self, raw: bytes) -> int:
        end = time.monotonic() + 40
        while time.monotonic() < end:
            try:
                asked = urllib.request.Request(f"{self.rig.base}/alarms/act", raw, self.headers)
                with urllib.request.urlopen(asked, timeout=3) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as no:
                if no.code < 500:
                    return no.code
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.05)
        raise AssertionError("the web role did not come back")


def rows(rig: Rig, question: str) -> list[tuple]:
    with rig.engine.connect() as sql:
        return [tuple(row) for row in sql.execute(text(question))]


def waits(rig: Rig, ready, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, rig.logs()
        time.sleep(0.05)


@pytest.mark.timeout(150)
def test_every_act_takes_effect_once_whoever_is_killed() -> None:
    rig = Rig()
    rig.source()
    rig.start()
    try:
        cameras = [f"H-{n:03d}" for n in range(1, ALARMS + 1)]
        rig.post([{"type": "sighted", "id": one, "at": now_ms(), "kind": "fire_single", "camera": one} for one in cameras])
        waits(rig, lambda: len(rows(rig, "SELECT id FROM alarm")) == ALARMS)
        alarms = [one for (one,) in rows(rig, "SELECT id FROM alarm")]
        people = [Operator(rig, "operator", alarms), Operator(rig, "supervisor", alarms[::-1])]
        for one in people:
            one.start()
        kills = 0
        for name in TURNS:
            old = rig.pid(name)
            rig.signal(name)
            kills += 1
            waits(rig, lambda name=name, old=old: rig.pid(name) != old)
            time.sleep(0.3)  # let some work be done between two kills
        for one in people:
            one.join(90)
            assert not one.is_alive()
        assert kills == len(TURNS)
        check(rig, people)
    finally:
        rig.close()


def check(rig: Rig, people: list[Operator]) -> None:
    answered = [(alarm, action) for one in people for alarm, action, status in one.answers if status == 200]
    assert {status for one in people for _, _, status in one.answers} <= {200, 409}
    acts = rows(rig, "SELECT seq, alarm, action, who FROM alarm_act ORDER BY seq")
    assert [seq for seq, *_ in acts] == list(range(1, len(acts) + 1))
    kept = sorted((alarm, action) for _, alarm, action, who in acts if who)
    assert kept == sorted(answered)  # what was answered 200 is kept, and nothing else is
    for wanted in ("acknowledge", "close"):  # one of the two, never both
        assert [action for _, action in kept].count(wanted) == ALARMS
    assert rows(rig, "SELECT DISTINCT state FROM alarm") == [("closed",)]
    rig.wait_ready()
    rig.post([{"type": "sighted", "id": "after", "at": now_ms(), "kind": "crowd", "camera": "H-001"}])
    waits(rig, lambda: rows(rig, "SELECT kind FROM alarm WHERE closed = 0") == [("crowd",)])
    waits(rig, lambda: rows(rig, "SELECT acted FROM mark") == rows(rig, "SELECT max(seq) FROM alarm_act"))
    assert rows(rig, "SELECT count(*) FROM dead_letter") == [(0,)]
