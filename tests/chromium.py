"""The system's Chromium, driven by Playwright: an empty profile, nothing fetched from elsewhere."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-precise-memory-info",
    "--js-flags=--expose-gc",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser, which ends with the block."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        try:
            yield browser
        finally:
            browser.close()


def signed_in(
    browser: Browser, base: str, session: str, *, width: int = 1920, height: int = 1080, tongue: str = "vi", **more: Any
) -> BrowserContext:
    """Return a context whose cookies are those of an open session, at a size and in a language; `more` is Playwright's own."""
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    cookies = [("kydai", session), ("tongue", tongue)]
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies])
    return context


def wait_in(page: Page, told: str, *, seconds: float = 20.0) -> None:
    """Wait until an expression is true in a page. Asked from outside: our policy lets no page evaluate a string by itself."""
    end = time.monotonic() + seconds
    while not page.evaluate(f"!!({told})"):
        assert time.monotonic() < end, f"not within {seconds} s: {told}"
        page.wait_for_timeout(20)
