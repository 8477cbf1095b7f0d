"""The leader's page on a telephone: what a first visit fetches without the map, and when its largest part is painted, over a 4G line."""

from playwright.sync_api import Browser, Page

from tests.bench.painted import Load, send
from tests.bench.tally import Tally, middle
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import Rig

LINE = {
    "offline": False,
    "latency": 60,
    "downloadThroughput": 9_000_000 / 8,
    "uploadThroughput": 3_000_000 / 8,
}  # ms there and back, bytes a second
SLOWER = 4  # the phone's processor against this machine's
FILLED = (
    "document.querySelector('[data-figure=reports_received] [data-value]') && document.querySelector('.leader:not([aria-busy])')"
)
LARGEST = """
() => { window.__largest = 0; new PerformanceObserver((seen) => { for (const one of seen.getEntries()) window.__largest = one.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true}); }
"""


def visit(browser: Browser, rig: Rig) -> tuple[float, int]:
    """Return (seconds until the largest paint, bytes over the line without the map) of one first visit."""
    context = signed_in(browser, rig.base, rig.session("leader"), width=390, height=844, has_touch=True, is_mobile=True)
    context.add_init_script(f"({LARGEST})()")
    page = context.new_page()
    told = carried(page)
    page.goto(f"{rig.base}/leader")
    wait_in(page, FILLED, seconds=30)
    page.wait_for_load_state("networkidle")
    largest = float(page.evaluate("window.__largest")) / 1000
    context.close()
    return largest, sum(size for url, size in told.values() if "/map/" not in url)


def carried(page: Page) -> dict[str, tuple[str, int]]:
    """Count what comes over the line by the browser's own protocol, headers included; the line and the processor are a phone's."""
    cdp, told = page.context.new_cdp_session(page), dict[str, tuple[str, int]]()
    cdp.send("Network.enable")
    cdp.send("Network.emulateNetworkConditions", LINE)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    urls: dict[str, str] = {}
    cdp.on("Network.requestWillBeSent", lambda one: urls.update({one["requestId"]: one["request"]["url"]}))
    cdp.on(
        "Network.loadingFinished",
        lambda one: told.update({one["requestId"]: (urls.get(one["requestId"], ""), int(one["encodedDataLength"]))}),
    )
    return told


def run(tally: Tally, *, quick: bool) -> None:
    """Measure first visits with empty caches."""
    rounds = 1 if quick else 5
    rig = Rig().start()
    try:
        send(rig, Load(20, 2), 0).communicate(timeout=60)
        with chromium() as browser:
            visit(browser, rig)
            seen = [visit(browser, rig) for _ in range(rounds)]
        note = f"9 Mbit/s, 60 ms there and back, a processor {SLOWER} times slower; median of {rounds} empty caches"
        tally.add("leader on a phone: largest paint", middle(one for one, _ in seen), "s", must=2.5, goal=1.5, note=note)
        tally.add(
            "leader on a phone: bytes over the line without map",
            middle(one for _, one in seen) / 1000,
            "kB",
            must=500,
            goal=250,
            note=note,
        )
    finally:
        rig.close()
