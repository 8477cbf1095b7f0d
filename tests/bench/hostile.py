"""What a device that is asked can do to the others: eight good ones tell all they have, alone and beside four that misbehave."""

import re
import shutil
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from data.pack import folder_of
from data.store.sources import Sources
from tests.bench.tally import Tally, middle
from tests.bench.told import alert
from tests.devices import Request, device
from tests.rig import Rig, now_ms

GOOD, EACH, WAIT_S = 8, 200, 60.0
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=boundary\r\n\r\n"
PART = b"--boundary\r\nContent-Type: %b\r\n\r\n"
Say = Callable[[bytes], None]


def told(number: int) -> bytes:
    return PART % b"application/xml" + alert(number) + b"\r\n"


class Herald:
    """A good device: at every call of `go` it tells so many alerts at once."""

    def __init__(self) -> None:
        self._go = threading.Semaphore(0)

    def go(self) -> None:
        self._go.release()

    def __call__(self, _request: Request, say: Say) -> None:
        say(HEAD)
        while True:
            if self._go.acquire(timeout=2.0):
                say(b"".join(told(number) for number in range(EACH)))
            else:
                say(PART % b"text/plain" + b"<eventType>heartbeat</eventType>\r\n")


def endless(raw: bytes, before: bytes) -> Callable[[Request, Say], None]:
    def answer(_request: Request, say: Say) -> None:
        say(before)
        while True:  # until the line is cut
            say(raw)

    return answer


def trickle(_request: Request, say: Say) -> None:
    say(HEAD)
    while True:
        say(b"a")
        time.sleep(0.01)


BAD = {
    "a picture without an end": endless(b"\xff" * 262_144, HEAD + PART % b"image/jpeg"),
    "lines without an end": endless(b"<\n" * 131_072, HEAD + PART % b"application/xml"),
    "headers without an end": endless(b"X-More: " + b"a" * 4_000 + b"\r\n", b"HTTP/1.1 200 OK\r\n"),
    "a byte now and then": trickle,
}


@contextmanager
def house() -> Iterator[Rig]:
    """A house whose pack lets it ask this machine."""
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder) / "hue"
        shutil.copytree(folder_of("hue"), pack)
        with (pack / "city.toml").open("a", encoding="utf-8") as file:
            file.write('\n[outward]\nallow = ["127.0.0.1"]\n')
        rig = Rig(environ={"KYDAI_CITY": str(pack)}).start()
        try:
            yield rig
        finally:
            rig.close()


def pieces(rig: Rig) -> int:
    """Return how many alerts of the good devices are kept."""
    with urllib.request.urlopen(f"{rig.intake}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return sum(int(float(found)) for found in re.findall(r'kydai_pull_pieces_total\{source="hikvision-good\d"\} (\S+)', text))


def wait(ready: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError("the devices were not heard")
        time.sleep(0.01)


def once(rig: Rig, heralds: list[Herald]) -> float:
    """Return how long it takes until all that the good devices tell is kept (s)."""
    before, began = pieces(rig), time.perf_counter()
    for one in heralds:
        one.go()
    wait(lambda: pieces(rig) >= before + GOOD * EACH)
    return time.perf_counter() - began


def run(tally: Tally, *, quick: bool) -> None:
    """Measure the good devices alone, then beside the bad ones."""
    rounds = 2 if quick else 7
    with ExitStack() as stack:
        rig = stack.enter_context(house())
        sources, heralds = Sources(rig.engine), [Herald() for _ in range(GOOD)]
        for number, one in enumerate(heralds):
            there = stack.enter_context(device(one))
            sources.add(f"hikvision-good{number}", adapter="hikvision", now_ms=now_ms(), address=there.url)
            wait(lambda there=there: there.open_now)
        intake = psutil.Process(rig.pid("intake"))
        once(rig, heralds)
        alone = [paused(rig, heralds) for _ in range(rounds)]
        before = intake.memory_info().rss
        bad = [stack.enter_context(device(answer)) for answer in BAD.values()]
        for number, there in enumerate(bad):
            sources.add(f"hikvision-bad{number}", adapter="hikvision", now_ms=now_ms(), address=there.url)
            wait(lambda there=there: there.asked)
        beside = [paused(rig, heralds) for _ in range(rounds)]
        grown = (intake.memory_info().rss - before) / 2**20
    share = 100 * (middle(beside) / middle(alone) - 1)
    note = (
        f"{GOOD * EACH} alerts of {GOOD} devices in {middle(alone):.2f} s alone, {middle(beside):.2f} s beside; median of {rounds}"
    )
    tally.add("four hostile devices slow the others by", max(share, 0.0), "%", must=20.0, goal=5.0, note=note)
    tally.add("memory that the intake holds for them", max(grown, 0.0), "MiB", must=100.0, goal=30.0)


def paused(rig: Rig, heralds: list[Herald]) -> float:
    """Measure once more, when every device has saved up its share of time again."""
    time.sleep(2.5)
    return once(rig, heralds)
