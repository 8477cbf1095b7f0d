"""The console's live map: how soon it stands on a second visit, how long a change of a thousand things takes, and what eight hours of it leave
in the browser's memory."""

import statistics
import time

from playwright.sync_api import Browser, Page

from tests.bench.cold import CONSOLE
from tests.bench.painted import Load, send
from tests.bench.tally import Tally, middle
from tests.browser.conftest import DRAWN, PATHS
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import Rig

VISITS, THINGS, TURNS = 7, 1000, 60
HOURS, SAMPLES, QUICK_HOURS = 8, 16, 1
SETTLED_MS = (
    1200  # a new window is drawn by pages of Chromium's own, which take as much of both processors as ours: not what is measured
)
# A frame of reports as the board gives it, with as many things as asked for, of which one in twenty is another with every turn: gone, and a new one elsewhere.
MADE = """(count) => {
  const city = kyDai.city, {west, south, east, north} = (() => {
    const bounds = kyDai.map.leaflet().getBounds();
    return {west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth()};
  })();
  let next = 0, seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const made = () => ({id: `bench:${next++}`, service: city.services[next % city.services.length].code, ward: city.wards[next % city.wards.length].code,
    lon: west + random() * (east - west), lat: south + random() * (north - south), submitted: Date.now(), due: Date.now() + 86400000, open: true, urgent: next % 50 === 0});
  const rows = Array.from({length: count}, made);
  window.__turn = (nth) => {
    const some = Math.ceil(rows.length / 20);
    for (let at = 0; at < some; at++) rows[(nth * some + at) % rows.length] = made();
    const states = [...kyDai.frames.cameras.data.states];
    if (states.length) states[nth % states.length] = nth % 2 ? "o" : "l";
    kyDai.paint("cameras", {data: {...kyDai.frames.cameras.data, states: states.join("")}});
    kyDai.paint("reports", {data: {...kyDai.frames.reports.data, rows: [...rows]}});
  };
  window.__rows = () => rows;
  window.__turn(0);
}"""
# From the frame until a task after the animation frame in which it was painted.
REPAINTED = """async (turns) => {
  const took = [];
  for (let nth = 1; nth <= turns; nth++) {
    await new Promise((then) => setTimeout(then, 50));
    const from = performance.now();
    window.__turn(nth);
    await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
    took.push(performance.now() - from);
  }
  return took.sort((a, b) => a - b);
}"""
# Seconds of a live map, one after the other without a rest between them.
LIVED = """async (seconds) => {
  for (let nth = 0; nth < seconds; nth++) {
    window.__turn(nth);
    if (nth % 20 === 19) await new Promise((then) => requestAnimationFrame(then));
  }
}"""


def visited(browser: Browser, rig: Rig) -> list[float]:
    """Return how long each visit but the first took (s): what is kept for good is there, the page itself is asked for."""
    context, took = signed_in(browser, rig.base, rig.session()), []
    for _ in range(VISITS + 1):
        page = context.new_page()
        page.wait_for_timeout(SETTLED_MS)
        began = time.monotonic()
        page.goto(f"{rig.base}{PATHS['console']}", wait_until="commit")
        wait_in(page, CONSOLE, seconds=30)
        took.append(time.monotonic() - began)
        page.wait_for_timeout(300)
        page.close()
    context.close()
    return took[1:]


def repainted(tally: Tally, page: Page) -> None:
    """Measure a change of one in twenty of a thousand things."""
    page.evaluate(MADE, THINGS)
    page.evaluate(REPAINTED, 5)
    took = page.evaluate(REPAINTED, TURNS)
    note = f"p95 of {TURNS}, median {took[len(took) // 2]:.0f} ms; with the wait for the animation frame"
    tally.add(
        f"{THINGS:,} live things, 5 % of them change: repaint", took[int(len(took) * 0.95)], "ms", must=35, goal=10, note=note
    )


def lived(tally: Tally, page: Page, hours: int) -> None:
    """Measure the heap over hours of a hundred things, a frame a second of each kind."""
    page.evaluate(MADE, 100)
    cdp, seen = page.context.new_cdp_session(page), []
    cdp.send("Performance.enable")
    for sample in range(SAMPLES + 1):
        if sample:
            page.evaluate(LIVED, hours * 3600 // SAMPLES)
        for _ in range(2):
            cdp.send("HeapProfiler.collectGarbage")
        told = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
        seen.append((sample * hours / SAMPLES, told["JSHeapUsedSize"] / 1e6))
    late = seen[SAMPLES // 4 :]  # what is made once is there by then
    slope = statistics.linear_regression([at for at, _ in late], [size for _, size in late]).slope
    note = f"accelerated; {seen[0][1]:.1f} → {seen[-1][1]:.1f} MB in {hours} h, slope of the last three quarters"
    tally.add("browser memory of a live map", max(slope, 0.0), "MB/h", must=1, goal=0, note=note)


def run(tally: Tally, *, quick: bool) -> None:
    """Measure all three."""
    rig = Rig().start()
    try:
        send(rig, Load(20, 2), 0).communicate(timeout=60)
        with chromium() as browser:
            took = middle(visited(browser, rig))
            tally.add("map painted after opening the console, warm", took, "s", must=1.2, goal=0.6, note=f"median of {VISITS}")
            page = signed_in(browser, rig.base, rig.session()).new_page()
            page.goto(f"{rig.base}{PATHS['console']}")
            wait_in(page, DRAWN["console"])
            wait_in(page, "kyDai.frames.cameras && kyDai.frames.reports")
            repainted(tally, page)
            lived(tally, page, QUICK_HOURS if quick else HOURS)
    finally:
        rig.close()
