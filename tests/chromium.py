"""The system's Chromium, driven by Playwright: an empty profile, nothing fetched from elsewhere."""

import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
]
CLOSE_S = 20.0


def launch(playwright: Playwright) -> Browser:
    """Start Chromium; whoever started it closes it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is needed: apt-get install chromium"
    return playwright.chromium.launch(executable_path=path, args=ARGS)


class Chromiums:
    """A browser that is there for every test: one that died, of itself or by `kill_all`, is started anew."""

    def __init__(self, playwright: Playwright) -> None:
        self.playwright = playwright
        self.browser: Browser | None = None

    def living(self) -> Browser:
        """Return a browser that is connected."""
        if self.browser is None or not self.browser.is_connected():
            self.browser = launch(self.playwright)
        return self.browser

    def close(self) -> None:
        if self.browser is not None and self.browser.is_connected():
            with deadline(CLOSE_S):
                self.browser.close()


@contextmanager
def chromiums() -> Iterator[Chromiums]:
    """Yield browsers, which end with the block."""
    with sync_playwright() as playwright:
        kept = Chromiums(playwright)
        try:
            yield kept
        finally:
            kept.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser, which ends with the block."""
    with chromiums() as kept:
        yield kept.living()


def kill_all() -> int:
    """Kill every Chromium under this process, and return how many processes that were.

    Playwright answers a call at once when its browser is gone, but waits without an end for one that hangs.
    """
    ours = [one for one in psutil.Process().children(recursive=True) if _is_chromium(one)]
    for one in ours:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    return len(ours)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Kill Chromium when the block takes longer: the call that hangs then fails where it stands, and the next test gets a new one.

    An alarm signal would break into Playwright's own loop instead, and leave every later test of the process without it.
    """

    def end() -> None:
        sys.stderr.write(f"Chromium was killed: a test did not end within {seconds:.0f} s ({kill_all()} processes)\n")

    clock = threading.Timer(seconds, end)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _is_chromium(process: psutil.Process) -> bool:
    try:
        return "chrom" in process.name()
    except psutil.NoSuchProcess:
        return False


def shut(context: BrowserContext) -> None:
    """Close a context, also one whose browser is gone. A page that does not let itself be closed takes its browser with it."""
    with deadline(CLOSE_S), suppress(Error):
        context.close()


def signed_in(
    browser: Browser, base: str, session: str, *, width: int = 1920, height: int = 1080, tongue: str = "vi", **more: Any
) -> BrowserContext:
    """Return a context whose cookies are those of an open session, at a size and in a language; `more` is Playwright's own."""
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    cookies = [("kydai", session), ("tongue", tongue)]
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies])
    return context


def wait_in(page: Page, told: str, *, seconds: float = 40.0) -> None:
    """Wait until an expression is true in a page. Asked from outside: our policy lets no page evaluate a string by itself."""
    end = time.monotonic() + seconds
    while not page.evaluate(f"!!({told})"):
        assert time.monotonic() < end, f"not within {seconds} s: {told}"
        page.wait_for_timeout(20)
