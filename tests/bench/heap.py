"""What a browser's heap gains over very many frames: console, wall and leader's page with its chart, in a house whose frames flow through
the socket faster than real time. The heap is what is left after a forced collection."""

import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, CDPSession, Page

from data.pack import load
from data.store.record import SqlStore
from tests.bench import preload
from tests.bench.cold import CONSOLE, LEADER
from tests.bench.restart import PAINTED
from tests.bench.tally import Tally
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import ROOT, Rig

ROUNDS_S, SAMPLES, PATIENCE_S = 50, 20, 900
WIDTH, HEIGHT = 1366, 768  # fewer pixels to paint by hand; the heap holds none
REPORTS, DAYS = 2000, 400
# Every frame that a page paints passes here (assets/01-live.js); counting adds one number to the page.
COUNT = (
    "() => { const paint = kyDai.paint; window.__frames = 0; kyDai.paint = (...given) => { window.__frames++; paint(...given); }; }"
)
CHART = "() => { const draw = Plotly.react; window.__charts = 0; Plotly.react = (...given) => { window.__charts++; return draw(...given); }; }"


@dataclass
class Watched:
    """A page whose heap is measured as its frames are counted."""

    name: str
    page: Page
    cdp: CDPSession
    began: float = field(default_factory=time.monotonic)
    seen: list[tuple[int, float, int, int]] = field(default_factory=list)
    note: str = ""

    def frames(self) -> int:
        """How many frames it has painted."""
        return int(self.page.evaluate("window.__frames"))

    def measure(self) -> None:
        """Collect the garbage, twice since finalisers free more, and note (frames, MB, DOM nodes, listeners)."""
        for _ in range(2):
            self.cdp.send("HeapProfiler.collectGarbage")
        told = {one["name"]: one["value"] for one in self.cdp.send("Performance.getMetrics")["metrics"]}
        self.seen.append((self.frames(), told["JSHeapUsedSize"] / 1e6, int(told["Nodes"]), int(told["JSEventListeners"])))

    def end(self) -> None:
        """Note how it went, and close the page: what it would paint on is taken from those that are not through yet."""
        charts = self.page.evaluate("window.__charts")
        self.note = f"{time.monotonic() - self.began:.0f} s" + (f", its chart drawn {charts} times" if charts is not None else "")
        self.page.context.close()

    def gained_mb(self) -> float:
        """What is there at the end and was not there before the first frame of the flood."""
        return self.seen[-1][1] - self.seen[0][1]

    def slope(self) -> float:
        """Bytes a frame over the last half."""
        half = [one for one in self.seen if one[0] >= self.seen[-1][0] / 2]
        frames, heap = [one[0] for one in half], [one[1] * 1e6 for one in half]
        return statistics.linear_regression(frames, heap).slope


def watched(browser: Browser, rig: Rig, name: str, path: str, painted: str) -> Watched:
    """Open a page, wait until it is painted, and start to count."""
    page = signed_in(browser, rig.base, rig.session(), width=WIDTH, height=HEIGHT).new_page()
    page.goto(f"{rig.base}{path}")
    wait_in(page, painted, seconds=60)
    cdp = page.context.new_cdp_session(page)
    for domain in ("HeapProfiler", "Performance"):
        cdp.send(f"{domain}.enable")
    page.evaluate(COUNT)
    return Watched(name, page, cdp)


@contextmanager
def flow(rig: Rig) -> Iterator[None]:
    """Hold the house's board, and let the brook speak in its place."""
    rig.signal("board", signal.SIGSTOP)
    argv = [sys.executable, "-m", "tests.bench.brook", str(rig.home), str(ROUNDS_S)]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield
        process.communicate(timeout=30)
        if process.returncode:
            raise RuntimeError("the brook ran dry")
    finally:
        process.kill()
        process.wait()
        rig.signal("board", signal.SIGCONT)


def use(pages: list[Watched], turn: int) -> None:
    """Do what a person does now and then: look at another period (which draws the chart anew) and at another list."""
    for one in pages:
        if one.name == "leader":
            one.page.evaluate(
                "(n) => { const all = document.querySelectorAll('[data-period]'); all[n % all.length].click(); }", turn
            )
        elif one.name == "console":
            one.page.evaluate("(n) => document.querySelectorAll('[data-tab]')[n % 3].click()", turn)


def follow(pages: list[Watched], most: int) -> None:
    """Measure each page as its frames go by, until it has painted `most`, or the time is out for all."""
    open_, turn, end = list(pages), 0, time.monotonic() + PATIENCE_S
    while open_ and time.monotonic() < end:
        use(open_, turn)
        open_[0].page.wait_for_timeout(1000)
        turn += 1
        for one in [one for one in open_ if one.frames() >= one.seen[-1][0] + most // SAMPLES]:
            one.measure()
            if one.seen[-1][0] >= most:
                one.end()
                open_.remove(one)
    for one in open_:
        one.end()


def run(tally: Tally, *, quick: bool) -> None:
    """Measure the three pages side by side."""
    most = 5_000 if quick else 50_000
    rig, pack = Rig(environ={"KYDAI_CITY": "hue"}), load("hue")
    try:
        preload.tell(
            SqlStore(rig.engine, city=pack.city), pack.city, preload.reports(REPORTS, time.time_ns() // 1_000_000, DAYS, pack.city)
        )
        rig.start()
        rig.post({"type": "sighted", "id": "first", "at": time.time_ns() // 1_000_000, "kind": "red_light", "camera": "H-001"})
        with chromium() as browser:
            asked = (("console", "/console", CONSOLE), ("wall", "/wall/main", PAINTED), ("leader", "/leader", LEADER))
            pages = [watched(browser, rig, *one) for one in asked]
            pages[2].page.click("[data-course=trend]")
            wait_in(pages[2].page, "document.querySelector('#trend .main-svg')", seconds=60)
            pages[2].page.evaluate(CHART)
            for one in pages:
                one.measure()
            with flow(rig):
                follow(pages, most)
            for one in pages:
                tell(tally, one, min(most, one.seen[-1][0]))
            if slow := [one.name for one in pages if one.seen[-1][0] < most]:
                raise AssertionError(
                    f"{', '.join(slow)} did not paint {most:,} frames in {PATIENCE_S} s: a machine too busy to tell"
                )
    finally:
        rig.close()


def tell(tally: Tally, one: Watched, most: int) -> None:
    """Tell what a page gained, and whether it still grows."""
    (_, start, nodes, ears), (frames, end, more_nodes, more_ears) = one.seen[0], one.seen[-1]
    told = (
        f"{start:.1f} → {end:.1f} MB, {frames:,} frames painted in {one.note}; last half {one.slope():+.0f} B a frame; "
        f"nodes {nodes:,} → {more_nodes:,}, listeners {ears} → {more_ears}"
    )
    tally.add(f"browser heap of {one.name}: gained over {most:,} frames", one.gained_mb(), "MB", must=5, goal=0.5, note=told)
