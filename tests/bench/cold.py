"""A first visit: what comes over the line, compressed, and when the page is painted, at 20 Mbit/s and with nothing in the cache."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser

from tests.bench.painted import Load, send
from tests.bench.restart import PAINTED
from tests.bench.tally import Tally, middle
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import ROOT, Rig, free_port

LINE_BYTES_S, LATENCY_MS = 20_000_000 / 8, 10  # each way: 20 ms there and back
CONSOLE = """
document.querySelector("[data-kpi='events_today'] [data-value]") &&
  document.querySelector("[data-kpi='events_today'] [data-value]").textContent !== '—' && document.querySelector('[data-map][data-drawn]')
  && document.querySelectorAll('.mk-cam').length > 0 && document.querySelector('.statebar .clock')?.textContent !== '—'
"""
LEADER = "document.querySelector('[data-figures] tr') && document.querySelectorAll('[data-choropleth] path').length > 40"


def visit(browser: Browser, rig: Rig, base: str, path: str, painted: str) -> float:
    """Return the seconds until painted of one first visit."""
    context = signed_in(browser, base, rig.session())
    page = context.new_page()
    began = time.monotonic()
    page.goto(f"{base}{path}", wait_until="commit")
    wait_in(page, painted, seconds=30)
    took = time.monotonic() - began
    page.wait_for_timeout(300)
    context.close()
    return took


@contextmanager
def line(port: int) -> Iterator[tuple[str, Callable[[], int]]]:
    """Yield the near end of a line to a port of ours, and what tells how much went over it since last asked."""
    near = free_port()
    argv = [sys.executable, "-m", "tests.bench.link", str(near), str(port), str(LINE_BYTES_S), str(LATENCY_MS)]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()

    def carried() -> int:
        process.stdin.write("\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    try:
        yield f"http://127.0.0.1:{near}", carried
    finally:
        process.terminate()
        process.communicate()


def run(tally: Tally, *, quick: bool) -> None:
    """Measure wall and console."""
    rounds = 1 if quick else 7
    rig = Rig().start()
    try:
        send(rig, Load(20, 2), 0).communicate(timeout=60)
        with chromium() as browser, line(rig.port) as (base, carried):
            for name, path, painted, must in (
                ("wall", "/wall/main", PAINTED, True),
                ("console", "/console", CONSOLE, True),
                ("leader", "/leader", LEADER, False),
            ):
                seen = []
                for _ in range(rounds + 1):
                    carried()
                    took = visit(browser, rig, base, path, painted)
                    seen.append((carried(), took))
                size, took = (middle(one[at] for one in seen[1:]) for at in (0, 1))
                note = f"median of {rounds} empty caches; the house's very first visitor waited {seen[0][1]:.1f} s"
                bounds = [{"must": 0.9, "goal": 0.5}, {"must": 1.5, "goal": 1.0}] if must else [{}, {}]
                tally.add(f"{name}, cold: bytes over the line", size / 1e6, "MB", note=note, **bounds[0])
                tally.add(f"{name}, cold: painted at 20 Mbit/s, 20 ms there and back", took, "s", note=note, **bounds[1])
    finally:
        rig.close()
