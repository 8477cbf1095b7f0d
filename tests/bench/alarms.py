"""Alarms under load: from the POST to console and wall at fifty events a second, and what thirty in a minute leave of an operator's screen."""

import time
from itertools import pairwise

from playwright.sync_api import Browser, Page

from tests.bench.painted import Load, send, sent
from tests.bench.tally import Tally, percentile
from tests.browser.says import alive, sighted, tell
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import Rig

EVERY_S, PATIENCE_S = 0.5, 15.0
# When the count of open alarms of priority 2 was first painted as so many, by this page's clock.
PROBE = """
() => {
  const node = document.querySelector("[data-open='2']"), probe = window.__probe = {base: +node.textContent || 0, marks: []};
  const look = () => {
    const n = (+node.textContent || 0) - probe.base;
    while (probe.marks.length < n) {
      const at = probe.marks.push(0) - 1, channel = new MessageChannel();
      channel.port1.onmessage = () => { probe.marks[at] = performance.timeOrigin + performance.now(); };
      channel.port2.postMessage(0);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""
LISTEN = """
window.__heard = [];
document.addEventListener("kydai:sound", (event) => window.__heard.push([performance.now(), event.detail, !!kyDai.frames.alarms.data.flood]));
"""
LOW = ("rain_heavy", "feed_lost", "report_due_soon")
URGENT = {2: "fire_confirmed", 10: "watch_plate", 18: "fire_single", 26: "crowd_critical"}
LISTED = "[...document.querySelectorAll('#list > li')].filter((row) => row.offsetHeight > 0).length"


def opened(browser: Browser, rig: Rig, page: str, *, first: str = "") -> Page:
    """Open a screen and wait until it lives."""
    found = signed_in(browser, rig.base, rig.session("operator" if page == "console" else "supervisor")).new_page()
    found.add_init_script(first)
    found.goto(f"{rig.base}/{page}")
    wait_in(
        found, "window.kyDai?.fresh?.link === 'live' && document.querySelector('[data-map][data-drawn]') && kyDai.frames.alarms"
    )
    return found


def delays(tally: Tally, rig: Rig, browser: Browser, *, seconds: float) -> None:
    """Raise an alarm every half second while fifty events a second come in, and see when each screen counts it."""
    screens = {name: opened(browser, rig, page) for name, page in (("console", "console"), ("wall", "wall/main"))}
    for page in screens.values():
        wait_in(page, "document.querySelector(\"[data-open='2']\").textContent !== '—'")
        page.evaluate(PROBE)
    load = Load(50, seconds + 2)
    sender, began = send(rig, load, 0), []
    for n in range(int(seconds / EVERY_S)):
        began.append(time.time() * 1000)
        tell(rig, sighted("crowd_critical", f"H-{n % 42 + 1:03d}", plate=None))
        rest = began[0] + (n + 1) * EVERY_S * 1000 - time.time() * 1000
        next(iter(screens.values())).wait_for_timeout(max(rest, 0))
    sent(sender, load)
    for name, page in screens.items():
        wait_in(page, f"window.__probe.marks.length >= {len(began)} && window.__probe.marks.every(Boolean)", seconds=PATIENCE_S)
        took = [mark - at for mark, at in zip(page.evaluate("window.__probe.marks"), began, strict=False)]
        note = f"{len(took)} alarms, p50 {percentile(took, 0.5):.0f} ms, worst {max(took):.0f} ms"
        tally.add(
            f"alarm POST → painted on the {name} at 50 events/s, p95", percentile(took, 0.95), "ms", must=1000, goal=500, note=note
        )
        page.context.close()


def flood(tally: Tally, rig: Rig, browser: Browser, *, seconds: float) -> None:
    """Tell thirty alarms at thirty cameras, and count rows, urgent rows and pauses between sounds."""
    page = opened(browser, rig, "console", first=LISTEN)
    page.mouse.click(900, 500)
    most = 0
    for n in range(30):
        tell(rig, alive(), sighted(URGENT.get(n, LOW[n % 3]), f"H-{n + 1:03d}"))
        page.wait_for_timeout(seconds / 30 * 1000)
        if page.evaluate("kyDai.frames.alarms.data.flood"):
            most = max(most, int(page.evaluate(LISTED)))
    wait_in(page, "kyDai.frames.alarms.data.rate10 === 30")
    urgent = page.evaluate(
        "document.querySelectorAll(\"#list > li[data-prio='1'][data-id], #list > li[data-prio='2'][data-id]\").length"
    )
    heard = page.evaluate("window.__heard")
    calm = (later for earlier, later in pairwise(heard) if later[1] < earlier[1] and not later[2])  # more urgent, before the flood
    sooner = {later[0] for later in calm}
    pauses = [later[0] - earlier[0] for earlier, later in pairwise(heard) if later[0] not in sooner]
    quick = min(pauses, default=seconds * 1000) / 1000
    note = f"{len(URGENT) - int(urgent)} of {len(URGENT)} urgent ones hidden; {len(heard)} sounds, {len(sooner)} of them sooner, being more urgent than the one before"
    if urgent != len(URGENT):
        raise AssertionError(note)
    tally.add(f"30 alarms in {seconds:.0f} s: most rows that the operator sees", most, "rows", must=12, note=note)
    tally.add(f"30 alarms in {seconds:.0f} s: the shortest pause between sounds", quick, "s", must=9.95, better="high")
    page.context.close()


def run(tally: Tally, *, quick: bool) -> None:
    """Measure both, each in a house of its own: a flood lasts for ten minutes."""
    for measure, seconds in ((delays, 5.0 if quick else 20.0), (flood, 60.0)):
        rig = Rig()
        for key in ("native", "reports"):
            rig.source(key)
        try:
            rig.start()
            with chromium() as browser:
                measure(tally, rig, browser, seconds=seconds)
        finally:
            rig.close()
