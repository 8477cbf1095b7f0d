"""A dispatched unit is told by a whole house whose messenger and board are killed meanwhile; what is undone is told to nobody (UX-60)."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from data.pack import load
from tests.browser.says import alarm_at, alive, fresh_id, sighted, tell
from tests.conftest import until
from tests.devices import Device, device, plain
from tests.rig import ROOT, Rig, prompt_pack

ARRIVES_S = 90.0
UNIT = load(str(ROOT / "data" / "cities" / "hue")).city.units[0].code


@pytest.fixture
def receiver() -> Iterator[Device]:
    with device(lambda _request, say: say(plain(b"{}"))) as one:
        yield one


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Rig]:
    pack = prompt_pack(tmp_path)
    with (pack / "city.toml").open("a", encoding="utf-8") as told:
        told.write('\n[outward]\nallow = ["127.0.0.1"]\n')
    rig = Rig(environ={"KYDAI_CITY": str(pack)})
    try:
        rig.source()
        yield rig.start()
    finally:
        rig.close()


def command(rig: Rig, *words: str) -> str:
    told = subprocess.run([sys.executable, "app.py", *words], cwd=ROOT, env=rig.environ, capture_output=True, text=True, check=True)
    return told.stdout.strip()


def act(rig: Rig, alarm: str, action: str, **more: object) -> None:
    body = {"alarm": alarm, "action": action, "key": fresh_id()} | more
    headers = {"Cookie": f"kydai={rig.session('operator')}", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{rig.base}/alarms/act", json.dumps(body).encode(), headers), timeout=30):
        pass


def killed(rig: Rig, role: str) -> None:
    with suppress(ProcessLookupError, FileNotFoundError, ValueError):
        os.kill(int((rig.home / f"{role}.pid").read_text()), signal.SIGKILL)


def test_a_unit_is_told_though_messenger_and_board_are_killed(house: Rig, receiver: Device) -> None:
    assert command(house, "webhook", "add", UNIT, f"{receiver.url}/kydai").startswith("whsec_")
    assert command(house, "webhook", "list").startswith(f"{UNIT}\t{receiver.url}/kydai")
    tell(house, alive(), sighted("crowd", "H-001"), sighted("crowd", "H-002"))
    sent, undone = alarm_at(house, "H-001", "crowd"), alarm_at(house, "H-002", "crowd")
    act(house, sent, "dispatch", unit=UNIT, why="Đến ngay")
    act(house, undone, "dispatch", unit=UNIT, why="Nhầm")
    act(house, undone, "undo")
    for _ in range(3):
        killed(house, "messenger")
        killed(house, "board")
    until(lambda: receiver.asked, seconds=ARRIVES_S)
    killed(house, "messenger")

    def delivered() -> bool:
        with urllib.request.urlopen(
            urllib.request.Request(f"{house.base}/alarms/{sent}", headers={"Cookie": f"kydai={house.session('operator')}"}),
            timeout=30,
        ) as answer:
            return [one["state"] for one in json.loads(answer.read())["messages"]] == ["sent"]

    until(delivered, seconds=ARRIVES_S)
    assert len({one.headers["webhook-id"] for one in receiver.asked}) == 1
    assert {json.loads(one.body)["alarm"]["id"] for one in receiver.asked} == {sent}
    assert {json.loads(one.body)["text"] for one in receiver.asked} == {"Đến ngay"}
