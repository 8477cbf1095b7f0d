"""A house and a browser a module, and what every test looks with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.eyes import Watch
from tests.chromium import Chromiums, chromiums, deadline, shut, signed_in, wait_in
from tests.rig import Rig

LIVE = "window.kyDai && kyDai.fresh && kyDai.fresh.link === 'live' && document.documentElement.dataset.link === 'live'"
DRAWN = {
    "console": f"{LIVE} && document.querySelector('[data-map][data-drawn]') && kyDai.map.state().states.length > 0",
    "wall": f"{LIVE} && document.querySelector('[data-map][data-drawn]') && kyDai.map.state().states.length > 0",
    "cameras": f"{LIVE} && document.querySelector('.cams') && document.querySelectorAll('#list > li[data-id]').length > 0 && kyDai.frames.cameras && kyDai.frames.alarms",
    "leader": f"{LIVE} && document.querySelector('.leader:not([aria-busy])') && document.querySelector('[data-ranking] tr')",
    "report": "window.kyDai?.city && document.querySelector('[data-value=raised]')?.textContent !== '—'",
    "watch": "window.kyDai?.city && document.querySelector('[data-entries] > *')",
    "violations": "window.kyDai?.city && document.querySelector('[data-queue] > *') && document.querySelector('[data-stage]')?.textContent !== '—'",
    "incidents": "window.kyDai?.city && document.querySelector('[data-incidents] > *')",
    "reports": f"{LIVE} && document.querySelector('[data-n=received]')?.textContent !== '' && document.querySelector('[data-space] > *')",
    "my_unit": f"{LIVE} && document.querySelector('[data-n=in_progress]')?.textContent !== '' && document.querySelector('[data-space] > *')",
    "unknown": f"{LIVE} && document.querySelector('[data-map][data-drawn]') && document.querySelector('[data-strangers] > *')?.textContent !== '…'",
    "layers": f"{LIVE} && document.querySelector('[data-map][data-drawn]') && document.querySelector('[data-kept] > *') && document.querySelector('[name=file]')",
    "feature": f"{LIVE} && document.querySelector('[data-map][data-drawn]') && document.querySelector('.feature[data-filled] [data-near-camera]')",
    "report_rules": f"{LIVE} && document.querySelector('[data-map][data-drawn]') && document.querySelector('.rt-fields')",
    "plates": "document.querySelector('.ps-form form')",
    "account": "document.querySelector('.account')",
    "sign-in": "document.querySelector('.lg-form form')",
}
PATHS = {
    "console": "/console",
    "wall": "/wall/main",
    "cameras": "/cameras",
    "leader": "/leader",
    "report": "/alarm-report",
    "watch": "/watch-lists",
    "violations": "/violations",
    "incidents": "/incidents",
    "reports": "/reports",
    "my_unit": "/my-unit",
    "unknown": "/unknown-cameras",
    "layers": "/layers",
    "feature": "/features/lamps/L-12",
    "report_rules": "/report-rules",
    "plates": "/plate-search",
    "account": "/account",
    "sign-in": "/sign-in",
}
Show = Callable[..., Page]


# A test takes 25 s at most where it takes longest; a loaded machine is several times slower. Beyond the last, the worker is given up.
# A browser that shares two cores with a house and other tests is given a second try, and the run says at its end which test took one.
TEST_S, LAST_S = 200.0, 500.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(LAST_S, method="thread"))
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="module")
def chromiums_() -> Iterator[Chromiums]:
    with chromiums() as kept:
        yield kept


@pytest.fixture
def browser(chromiums_: Chromiums) -> Iterator[Browser]:
    """A living browser, whose pages end with the test, and which is killed when a test hangs."""
    found = chromiums_.living()
    with deadline(TEST_S):
        yield found
        for context in found.contexts:
            shut(context)


@contextmanager
def a_house(**environ: str) -> Iterator[Rig]:
    """A house that knows its sources from the start, so that nobody waits for its doors to hear of them."""
    rig = Rig(environ=environ)
    try:
        for key in ("native", "reports"):
            rig.source(key)
        yield rig.start()
    finally:
        rig.close()


@pytest.fixture(scope="module")
def house() -> Iterator[Rig]:
    with a_house() as rig:
        yield rig


@pytest.fixture
def show(browser: Browser, house: Rig) -> Iterator[Show]:
    """Open a page of the house as somebody, wait until it is drawn, and close it with the test."""
    opened: list[BrowserContext] = []

    def open_(
        page: str,
        *,
        role: str = "supervisor",
        name: str = "",
        query: str = "",
        when: str = "",
        before: Callable[[Page], object] | None = None,
        **size: object,
    ) -> Page:
        kiosk = role == "wall"
        context = signed_in(browser, house.base, "" if kiosk else house.session(role, name=name), **size)
        opened.append(context)
        found = context.new_page()
        found.watch = Watch(found, house.base)  # type: ignore[attr-defined]
        if before:
            before(found)
        found.goto(f"{house.kiosk() if kiosk else house.base + PATHS[page]}{query}")
        wait_in(found, when or DRAWN[page])
        return found

    yield open_
    for context in opened:
        shut(context)
