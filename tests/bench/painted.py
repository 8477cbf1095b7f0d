"""POST → painted: the clock starts before the POST and ends after the frame in which number, list row and marker have all changed."""

import json
import subprocess
import sys
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.bench.servers import wait_for
from tests.bench.tally import Tally, percentile
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import ROOT, Rig

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
    requestAnimationFrame(look);
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


def send(rig: Rig, load: Load, first: int) -> "subprocess.Popen[str]":
    """Start a sender in a process of its own."""
    url = f"{rig.intake}/api/v1/intake/native"
    argv = [
        sys.executable,
        "-m",
        "tests.bench.sender",
        url,
        rig.source(),
        str(load.rate),
        str(load.seconds),
        str(load.per),
        str(first),
    ]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def watch(page: Page, rig: Rig, load: Load, first: int) -> tuple[list[float], dict[str, list[float]]]:
    """Return how long each event took to be painted (ms), and what the sender noted. Raises when one is missing."""
    page.evaluate(PROBE.replace("FIRST", str(first)))
    sender = send(rig, load, first)
    told, _ = sender.communicate(timeout=load.seconds + 60)
    noted = json.loads(told)
    wait_in(page, f"window.__probe.done >= {load.count}", seconds=30)
    page.wait_for_timeout(100)
    return latencies(noted["sent"], page.evaluate("window.__probe.marks")), noted


def latencies(sent: list[float], marks: list[list[float]]) -> list[float]:
    """Join when events were sent with when their number was first reached on the screen."""
    found, at = [], 0
    for n, began in enumerate(sent, 1):
        while marks[at][0] < n:
            at += 1
        found.append(marks[at][1] - began)
    return found


def open_console(rig: Rig, page: Page) -> None:
    """Open the console at its list of events, and wait until it is painted."""
    page.goto(f"{rig.base}/console")
    page.wait_for_selector("[data-map][data-drawn]")
    page.click("[data-tab='events']")
    wait_in(page, "document.querySelector(\"[data-kpi='events_today'] [data-value]\").textContent !== '—'")


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
                    took, noted = watch(page, rig, load, first)
                    first += load.count
                    found.append(took)
                    posts += noted["answered"]
                note = f"median of {rounds}, {load.count * rounds} events, none missing; POST alone p95 {percentile(posts, 0.95):.0f} ms"
                for share, at in ((0.95, 0), (0.99, 1)):
                    middle = sorted(percentile(one, share) for one in found)[rounds // 2]
                    tally.add(f"POST → painted {name}, p{share * 100:.0f}", middle, "ms", must=must[at], goal=goal[at], note=note)
    finally:
        rig.close()
