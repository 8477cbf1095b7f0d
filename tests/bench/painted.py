"""POST → painted: the clock starts before the POST and ends after the frame in which number, list row and marker have all changed."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Page

from tests.bench.servers import wait_for
from tests.bench.tally import Tally, percentile
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import ROOT, Rig

PATIENCE_S = 30.0
PROBE = """
() => {
  const digits = (node) => +(node?.textContent.replace(/\\D/g, "") || 0);
  const number = () => digits(document.querySelector("[data-kpi='events_today'] [data-value]"));
  const spoke = () => [...document.querySelectorAll(".mk-cam")].reduce((sum, node) => sum + +node.dataset.spoke, 0);
  const row = () => [...document.querySelectorAll("#list > li[data-id]")].reduce((most, node) => Math.max(most, +(/e-(\\d+)$/.exec(node.dataset.id)?.[1] ?? -1)), -1);
  const base = {number: number(), spoke: spoke()};
  const probe = window.__probe = {marks: [], done: 0};
  const look = () => {
    const n = Math.min(row() + 1 - probe.first, number() - base.number, spoke() - base.spoke);
    if (n > probe.done) {
      probe.done = n;
      const channel = new MessageChannel();
      channel.port1.onmessage = () => probe.marks.push([n, performance.timeOrigin + performance.now()]);
      channel.port2.postMessage(0);
    }
    if (!probe.over) requestAnimationFrame(look);
  };
  probe.first = FIRST;
  requestAnimationFrame(look);
}
"""


@dataclass(frozen=True)
class Load:
    """How much is sent: events a second, for how long, how many in one POST."""

    rate: float
    seconds: float
    per: int = 1

    @property
    def count(self) -> int:
        """How many events that is."""
        return int(self.rate * self.seconds)


class Takes(Protocol):
    """Whatever takes the sender's POSTs."""

    @property
    def intake(self) -> str:
        """Where it takes them."""
        ...

    def source(self) -> str:
        """Return the key to show."""
        ...


def send(to: Takes, load: Load, first: int) -> "subprocess.Popen[str]":
    """Start a sender in a process of its own."""
    told = (f"{to.intake}/api/v1/intake/native", to.source(), load.rate, load.seconds, load.per, first)
    argv = [sys.executable, "-m", "tests.bench.sender", *map(str, told)]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def sent(sender: "subprocess.Popen[str]", load: Load) -> dict[str, list[float]]:
    """Return what a sender noted. Raises when it fell over, or when a POST was not accepted."""
    told, _ = sender.communicate(timeout=load.seconds + 60)
    if sender.returncode:
        raise RuntimeError("the sender ended early: a POST was not accepted")
    return dict(json.loads(told))


def watch(page: Page, to: Takes, load: Load, first: int) -> tuple[list[float], dict[str, list[float]], int]:
    """Return how long each event took to be painted (ms), what the sender noted, and how many were not painted in half a minute."""
    page.evaluate(PROBE.replace("FIRST", str(first)))
    noted = sent(send(to, load, first), load)
    end = time.monotonic() + PATIENCE_S
    while (done := int(page.evaluate("window.__probe.done"))) < load.count and time.monotonic() < end:
        page.wait_for_timeout(20)
    page.wait_for_timeout(100)
    page.evaluate("window.__probe.over = true")
    return latencies(noted["sent"], page.evaluate("window.__probe.marks")), noted, load.count - min(done, load.count)


def latencies(sent: list[float], marks: list[list[float]]) -> list[float]:
    """Join when events were sent with when their number was first reached on the screen; what was never reached is left out."""
    found, at = [], 0
    for n, began in enumerate(sent, 1):
        while at < len(marks) and marks[at][0] < n:
            at += 1
        if at == len(marks):
            break
        found.append(marks[at][1] - began)
    return found


def open_console(rig: Rig, page: Page) -> None:
    """Open the console at its list of events, and wait until it is painted."""
    page.goto(f"{rig.base}/console")
    page.wait_for_selector("[data-map][data-drawn]")
    page.click("[data-tab='events']")
    wait_in(page, "kyDai.frames.kpi && kyDai.fresh.link === 'live'")


def warm(rig: Rig, page: Page) -> int:
    """Send some events so that every number stands, and return how many."""
    load = Load(20, 2)
    send(rig, load, 0).communicate(timeout=60)
    wait_for(lambda: rig.pulse().get("stored", 0) >= load.count, what="the board")
    page.wait_for_timeout(500)
    return load.count


def run(tally: Tally, *, quick: bool) -> None:
    """Measure a calm and a flooded minute, in a real browser."""
    rounds = 1 if quick else 3
    loads = (
        ("at 20 events/s", Load(20, 4 if quick else 12), (100, 250), (20, 40)),
        ("in a burst of 500 events/s, 10 a POST", Load(500, 2 if quick else 5, 10), (250, 500), (50, 100)),
        ("in a burst of 500 events/s, 1 a POST", Load(500, 2 if quick else 5), (250, 500), (50, 100)),
    )
    rig = Rig().start()
    try:
        with chromium() as browser:
            page = signed_in(browser, rig.base, rig.session()).new_page()
            open_console(rig, page)
            first = warm(rig, page)
            for name, load, must, goal in loads:
                found: list[list[float]] = []
                posts: list[float] = []
                for _ in range(rounds):
                    took, noted, missing = watch(page, rig, load, first)
                    if missing:
                        raise AssertionError(f"{missing} of {load.count} events were not painted")
                    first += load.count
                    found.append(took)
                    posts += noted["answered"]
                note = f"median of {rounds}, {load.count * rounds} events, none missing; POST alone p95 {percentile(posts, 0.95):.0f} ms"
                for share, at in ((0.95, 0), (0.99, 1)):
                    middle = sorted(percentile(one, share) for one in found)[rounds // 2]
                    tally.add(f"POST → painted {name}, p{share * 100:.0f}", middle, "ms", must=must[at], goal=goal[at], note=note)
    finally:
        rig.close()
