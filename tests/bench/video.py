"""What relaying a picture costs: a 1080p stream of 4 Mbit/s from a real RTSP server, copied by the house's own relay; and how soon a tile
shows a picture, that it is frozen, that it is lost, and an alarm's camera."""

import json
import shutil
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from tests.bench.tally import Tally, middle
from tests.browser.says import alive, sighted, tell
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import Rig
from tests.rtsp import RtspCamera, rtsp_camera, seeing_pack

CAMERA = "H-001"
SECONDS, ROUNDS = 15.0, 5
SOON_S = 30.0
SHAPE = {"width": 1920, "height": 1080, "rate": 25, "kbit": 4000, "key_every": 50, "moving": "snow"}


def run(tally: Tally, *, quick: bool) -> None:
    """Watch one camera, and look at what the relay's process takes, whole."""
    seconds, rounds = (5.0, 1) if quick else (SECONDS, ROUNDS)
    folder = Path(tempfile.mkdtemp(prefix="kdv"))
    try:
        with rtsp_camera(**SHAPE) as source:
            rig = Rig(environ={"KYDAI_CITY": str(seeing_pack(folder, {CAMERA: source.url}))}).start()
            try:
                _measure(tally, rig, seconds=seconds, rounds=rounds)
            finally:
                rig.close()
        with rtsp_camera() as source:
            rig = Rig(environ={"KYDAI_CITY": str(seeing_pack(folder / "again", {CAMERA: source.url}))}).start()
            try:
                _see(tally, rig, source)
            finally:
                rig.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _see(tally: Tally, rig: Rig, source: RtspCamera) -> None:
    """Open a tile in a real browser, and let its camera freeze, move and end."""
    tile = f".cam[data-cam='{CAMERA}']"
    with chromium() as browser:
        page = signed_in(browser, rig.base, rig.session()).new_page()
        page.goto(f"{rig.base}/cameras")
        wait_in(page, "window.kyDai?.fresh?.link === 'live' && document.querySelectorAll('#list [data-id]').length > 0")
        began = time.monotonic()
        tell(rig, alive(), sighted("fire_confirmed", CAMERA))
        wait_in(page, f'document.querySelector("{tile}")')
        up_s = time.monotonic() - began
        wait_in(page, f'document.querySelector("{tile} video")?.currentTime > 0')
        tally.add("P1 alarm POST → its camera's tile", up_s, "s", must=2)
        tally.add(
            "P1 alarm POST → its camera's moving picture", time.monotonic() - began, "s", must=4, note="key frames every second"
        )
        for what, act, word in (
            ("frozen source told", lambda: source.say("freeze"), "frozen"),
            ("killed source told as lost", source.kill, "lost"),
        ):
            source.say("move")
            wait_in(page, f"document.querySelector(\"{tile}\").dataset.sight === 'live'")
            began = time.monotonic()
            act()
            wait_in(page, f"document.querySelector(\"{tile}\").dataset.sight === '{word}'")
            tally.add(what, time.monotonic() - began, "s", must=12)


def _measure(tally: Tally, rig: Rig, *, seconds: float, rounds: int) -> None:
    relay, token = psutil.Process(rig.pid("relay")), rig.token()
    idle = share(relay, seconds, lambda: None)
    began = time.monotonic()
    while watch(rig, token)["sight"] != "live":
        if time.monotonic() - began > SOON_S:
            raise AssertionError(f"no picture within {SOON_S:.0f} s")
        time.sleep(0.1)
    first_s = time.monotonic() - began
    shares = [share(relay, seconds, lambda: watch(rig, token)) for _ in range(rounds)]
    bits = kbit(rig, token)
    what = f"median of {rounds} × {seconds:.0f} s, H.264 at {bits:,.0f} kbit/s; the whole relay process, of which {idle:.1f} % when nobody watches"
    tally.add("relay CPU, one 1080p stream copied", middle(shares), "% of a core", must=5, goal=2, note=what)
    tally.add("first piece of a stream after the first viewer", first_s, "s", note="key frames every 2 s")


def share(process: psutil.Process, seconds: float, meanwhile: object) -> float:
    """Return what a process takes of a core, in percent; every two seconds something is done meanwhile, as viewers do."""
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    while time.monotonic() - began < seconds:
        meanwhile()  # type: ignore[operator]
        time.sleep(min(2.0, seconds / 4))
    return (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began) * 100


def watch(rig: Rig, token: str) -> dict[str, object]:
    """Watch for thirty seconds more; return how the picture stands."""
    headers = {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{rig.base}/live/watching", json.dumps({"cameras": [CAMERA]}).encode(), headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return dict(json.load(answer)["cameras"][CAMERA])


def kbit(rig: Rig, token: str) -> float:
    """Return how many bits a second the pieces of the playlist hold."""
    lines = fetched(rig, token, "index.m3u8").decode().splitlines()
    lasts = sum(float(line.split(":")[1].rstrip(",")) for line in lines if line.startswith("#EXTINF"))
    return sum(len(fetched(rig, token, line)) for line in lines if line.endswith(".m4s")) * 8 / lasts / 1000


def fetched(rig: Rig, token: str, name: str) -> bytes:
    asked = urllib.request.Request(f"{rig.base}/live/{CAMERA}/{name}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return bytes(answer.read())
