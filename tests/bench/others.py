"""The same work by others, in the same run and through the same code: a Dash page that polls, and Node-RED with its dashboard.

One after another, never at once. Each shows one number, a list and the cameras' markers; the sender's clock starts before its POST.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Request

from tests.bench.contenders import node_red
from tests.bench.painted import Load, open_console, send, sent, watch
from tests.bench.served import Served, ours, tree
from tests.bench.servers import answers_http, wait_for
from tests.bench.sockets import once
from tests.bench.tally import Tally, middle, percentile
from tests.chromium import chromium, signed_in, wait_in
from tests.rig import ROOT, Rig, free_port

GAP_MS = 16  # as often as our board draws when it is idle
SHOWN = "document.querySelector(\"[data-kpi='events_today'] [data-value]\")"
POLLS = "Dash, dcc.Interval(1000)"
Open = Callable[[Browser], Page]
Ready = tuple[Served, Open]


@contextmanager
def kydai() -> Iterator[Ready]:
    """Yield ours."""
    rig = Rig().start()

    def opened(browser: Browser) -> Page:
        page = signed_in(browser, rig.base, rig.session()).new_page()
        open_console(rig, page)
        return page

    try:
        yield ours(rig), opened
    finally:
        rig.close()


def served(name: str, port: int, process: "subprocess.Popen[bytes]", listening: tuple[str, str]) -> Served:
    """Return one of the others: a single server on a port."""
    base = f"http://127.0.0.1:{port}"
    return Served(name, base, "none", (listening[0], base, listening[1]), lambda: {"server": tree(process.pid)})


def ended(process: "subprocess.Popen[bytes]") -> None:
    """Stop a process that we started."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def interval() -> Iterator[Ready]:
    """Yield a Dash application that polls every second. Its listeners send what its own page sends."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.contenders.interval", str(port)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers_http(base), what="the Dash application")
        with chromium() as browser:
            body = asked_by(browser.new_page(), base)
        yield served(POLLS, port, process, ("poll", body)), lambda browser: visited(browser, base)
    finally:
        ended(process)


def asked_by(page: Page, base: str) -> str:
    """Return the body of the request that a page makes each second."""

    def asks(request: Request) -> bool:
        return "/_dash-update-component" in request.url and '"n_intervals","value":1' in (request.post_data or "")

    with page.expect_request(asks, timeout=30_000) as found:
        page.goto(base)
    return found.value.post_data or ""


@contextmanager
def node(where: Path, name: str, gap_ms: int) -> Iterator[Ready]:
    """Yield Node-RED with its dashboard."""
    port = free_port()
    process = node_red.start(where, port, gap_ms)
    try:
        board = f"http://127.0.0.1:{port}/dashboard/board"
        wait_for(lambda: answers_http(board), seconds=60, what="Node-RED")
        yield served(name, port, process, ("dashboard", "")), lambda browser: visited(browser, board)
    finally:
        ended(process)


def visited(browser: Browser, url: str) -> Page:
    """Return a page of another's, painted."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.goto(url)
    wait_in(page, SHOWN, seconds=30)
    return page


def settled(page: Page) -> None:
    """Wait until the number has stood still for two seconds, or for a minute at most: what was queued must not count as the next load's."""
    before, still = None, 0
    for _ in range(120):
        now = page.evaluate(f"{SHOWN}?.textContent")
        still = still + 1 if now == before else 0
        if still >= 4:
            return
        before = now
        page.wait_for_timeout(500)


def show(tally: Tally, one: Served, opened: Open, *, quick: bool) -> int:
    """Measure POST → painted for one viewer; returns how many events were sent."""
    rounds, first = (1, 0) if quick else (3, 0)
    loads = (
        ("at 20 events/s", Load(20, 2 if quick else 10)),
        ("in a burst of 500 events/s, 10 a POST", Load(500, 1 if quick else 5, 10)),
        ("in a burst of 500 events/s, 1 a POST", Load(500, 1 if quick else 5)),
    )
    with chromium() as browser:
        page = opened(browser)
        warm = Load(20, 2)
        sent(send(one, warm, first), warm)
        first += warm.count
        for name, load in loads:
            found, missing = list[list[float]](), 0
            for _ in range(rounds):
                settled(page)
                took, _, missed = watch(page, one, load, first)
                first += load.count
                found.append(took)
                missing += missed
            told = f"{missing:,} of {load.count * rounds:,} never shown" if missing else ""
            tell(tally, one.name, f"POST → painted {name}, p50 / p95 / p99", found, told)
    return first


def tell(tally: Tally, who: str, what: str, found: list[list[float]], missing: str) -> None:
    """Add a cell: the median of each round's percentiles. Where something is missing they are too good, and count for nothing."""
    shares = [middle(percentile(one, share) for one in found if one) if any(found) else float("inf") for share in (0.5, 0.95, 0.99)]
    text = " / ".join(f"{value:.0f}" for value in shares) + " ms" + (f", **{missing}**" if missing else "")
    tally.beside(what, who, float("inf") if missing else shares[1], text)


def spread(tally: Tally, one: Served, first: int, *, quick: bool) -> None:
    """Measure event → received by many, and what that costs the server."""
    sockets, rounds, load = (100, 1, Load(20, 2)) if quick else (500, 3, Load(20, 10))
    heard = [once(one, load, first + turn * load.count, sockets) for turn in range(rounds + 1)][1:]  # the first one warms up
    views = load.count * sockets
    missing = sum(got.missing for got in heard)
    told = f"{missing / (views * rounds):.0%} of the views never came" if missing else ""
    what = f"event → received by {sockets} at 20 events/s, p50 / p95 / p99"
    tell(tally, one.name, what, [got.latencies for got in heard], told)
    cost = middle(got.cpu_s(views) for got in heard)
    text = f"{cost:.4f} s" + (f" (**void: {told}**)" if missing else "") + f"; listeners {heard[-1].busy:.0%} busy"
    tally.beside("server CPU per 1,000 event-views", one.name, float("inf") if missing else cost, text)
    tally.beside("memory of all server processes after it", one.name, one.memory_mb(), f"{one.memory_mb():.0f} MB")


def measure(tally: Tally, started: AbstractContextManager[Ready], *, quick: bool) -> None:
    """Measure one of those who compete."""
    with started as (one, opened):
        first = show(tally, one, opened, quick=quick)
        spread(tally, one, first, quick=quick)


def attempt(tally: Tally, who: str, started: AbstractContextManager[Ready], *, quick: bool) -> None:
    """Measure one of the others; if it falls over, that is told and the rest goes on."""
    try:
        measure(tally, started, quick=quick)
    except Exception as error:
        tally.beside("fell over", who, None, f"{type(error).__name__}: {error}")


def run(tally: Tally, *, quick: bool) -> None:
    """Measure ours and each of the others."""
    measure(tally, kydai(), quick=quick)
    attempt(tally, POLLS, interval(), quick=quick)
    with tempfile.TemporaryDirectory(prefix="kdn") as folder:
        try:
            node_red.node()
            node_red.fetch(Path(folder))
        except node_red.NotHere as no:
            tally.beside("not measured", "Node-RED + dashboard", None, str(no))
            return
        for how, gap_ms in (("each message", 0), (f"gathered for {GAP_MS} ms", GAP_MS)):
            name = f"Node-RED + dashboard, {how}"
            attempt(tally, name, node(Path(folder), name, gap_ms), quick=quick)
