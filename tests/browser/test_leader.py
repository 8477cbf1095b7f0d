"""The leader's page: every number leads to as many, any days can be chosen, paper holds it, and a phone is not kept waiting."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from data.pack import load
from tests.browser.conftest import Show
from tests.browser.says import alive, reported, standing, tell
from tests.browser.test_page_rules import DAY_MS, reports
from tests.chromium import wait_in
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-leader")
FIRST_LOAD = 500_000
PAGES = re.compile(rb"/Type\s*/Page\b")
TOLD = "document.querySelector('[data-figure=reports_overdue] [data-value]')?.textContent === '30' && document.querySelector('[data-week] rect')"


@pytest.fixture(scope="module", autouse=True)
def told(house: Rig) -> None:
    tell(house, alive(), *(standing(f"H-{n:03d}", "online") for n in range(1, 20)), standing("H-030", "offline"))
    tell(house, *reports(), source="reports")
    wards = [ward.code for ward in load("hue").city.wards if ward.valid_to is None][:8]
    sent = now_ms() - 25 * DAY_MS
    tell(
        house,
        *(reported(f"D-{n}", submitted=sent, open=False, closed=now_ms() - n % 20 * DAY_MS, ward=wards[n % 8]) for n in range(160)),
        source="reports",
    )


def long_enough() -> str:
    """Return an address of sixty days until today: long enough for deadlines to be over, whatever day it is."""
    today = datetime.now(ZoneInfo(load("hue").city.zone)).date()
    return f"?first={today - timedelta(days=59)}&last={today}"


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def listed(page: Page) -> tuple[str, int, int]:
    """Return which list stands there, its count, and how many rows it has once all are asked for."""
    wait_in(page, "document.querySelector('dialog.items')?.dataset.count !== undefined")
    more = page.locator("dialog.items > button")
    while more.count() and more.is_visible():
        before = page.locator("[data-item]").count()
        more.click()
        wait_in(page, f"document.querySelectorAll('[data-item]').length > {before}")
    name, count = page.evaluate("(({items, count}) => [items, count])(document.querySelector('dialog.items').dataset)")
    return name, int(count), page.locator("dialog.items [data-item]").count()


def shut(page: Page) -> None:
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.items", state="detached")


def test_every_number_leads_to_as_many(show: Show) -> None:
    """UX-90, in one touch."""
    page = show("leader", role="leader", width=1366, height=768, query=long_enough(), when=TOLD)
    page.click("[data-figure=reports_overdue] .to-list")
    assert listed(page) == ("overdue", 30, 30)
    shut(page)
    closed = number(
        page.evaluate(
            "fetch('/leader/items' + location.search + '&list=closed').then((one) => one.json()).then((one) => String(one.count))"
        )
    )
    page.click("[data-figure=median_hours] .to-list")
    assert listed(page) == ("closed", closed, closed)
    shut(page)
    ranked = page.locator("[data-ranking] tr:not(.mid)").first
    overdue = number(ranked.locator("[data-list=overdue]").inner_text())
    ranked.locator("[data-list=overdue]").click()
    assert listed(page) == ("overdue", overdue, overdue)
    shut(page)
    field = page.locator(".fields [data-list=overdue]").first
    count = number(field.inner_text())
    field.click()
    assert listed(page) == ("overdue", count, count)
    shut(page)
    online = number(page.inner_text("[data-figure=cameras_online] [data-value]"))
    page.click("[data-figure=cameras_online] .to-list")
    assert listed(page)[:2] == ("cameras", online)
    shut(page)
    page.click("[data-figure=reports_on_time] .i")
    assert page.locator("[data-fx]").count() >= 3
    assert page.inner_text("[data-figure=reports_on_time] [data-value]") != "—"
    assert page.inner_text("[data-fx=reports_on_time] .num") == page.inner_text("[data-figure=reports_on_time] [data-value]")
    page.click("[data-fx=on_time_closed] .to-list")  # also of what has no tile of its own, two taps away
    assert listed(page)[0] == "closed"
    shut(page)


def test_days_units_and_parts_stand_in_the_address(show: Show) -> None:
    """UX-87, UX-89: what was chosen is there again after a reload; one's own row is in the ranking, wherever it stands."""
    page = show("leader", role="leader", width=1366, height=768, when=TOLD)
    assert not [url for url in page.watch.asked if "plotly" in url], "a plot is fetched when somebody looks"  # type: ignore[attr-defined]
    page.click("[data-custom]")
    today = page.input_value("dialog input[name=last]")
    page.fill("dialog input[name=first]", today)
    page.click("dialog button[type=submit]")
    wait_in(page, "location.search.includes('first=') && document.querySelector('.leader:not([aria-busy])')")
    wait_in(page, "document.querySelector('[data-figure=reports_on_time] [data-value]').textContent === '—'")
    page.click("[data-period=month]")
    ward = page.evaluate("kyDai.city.wards.find((one) => document.querySelector(`[data-ranked='${one.code}']`)).code")
    page.focus("[data-parts]")
    page.keyboard.press("Enter")  # a keyboard is enough: the card, its first list, and Enter again
    page.select_option("dialog select[name=ward]", ward)
    page.focus("dialog button[type=submit]")
    page.keyboard.press("Enter")
    wait_in(page, f"document.querySelector(\"[data-ranked='{ward}']\").classList.contains('own')")
    page.reload()
    wait_in(page, f"document.querySelector(\"[data-ranked='{ward}']\")?.classList.contains('own')")
    assert f"ward={ward}" in page.evaluate("location.search")
    assert page.get_attribute("[data-period=month]", "aria-pressed") == "true"
    service = page.evaluate("kyDai.city.services[0].code")
    page.click("[data-parts]")
    assert page.input_value("dialog select[name=ward]") == ward
    page.select_option("dialog select[name=service]", service)
    page.click("dialog button[type=submit]")
    wait_in(page, f"location.search.includes('ward={ward}') && location.search.includes('service={service}')")
    wait_in(page, "document.querySelector('[data-parts]').textContent.includes(' · ')")
    page.click("[data-all-parts]")
    wait_in(page, "!location.search.includes('ward=') && !document.querySelector('[data-all-parts]')")
    assert page.evaluate("document.activeElement.matches('[data-parts]')"), "the keyboard stays where it was"
    page.click("[data-course=trend]")
    wait_in(page, "document.querySelector('#trend .main-svg')")


def test_paper_holds_it_on_two_sheets(show: Show) -> None:
    """UX-92: A4 landscape, text that can be marked, when it was told and from how many sources."""
    page = show("leader", role="leader", width=1366, height=768, when=TOLD)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(PAGES.findall(printed)) <= 2
    assert b"/Font" in printed, "letters are letters"
    boxes = {tuple(round(float(one)) for one in found) for found in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)}
    assert boxes in ({(842, 595)}, {(842, 596)}), boxes
    page.emulate_media(media="print")
    assert page.locator(".l-open").is_visible(), "which part of the city it is of stands on the first sheet"
    assert re.search(r"Số liệu đến \d\d:\d\d \d\d/\d\d/\d{4}", page.inner_text("[data-printed]"))
    assert re.search(r"\d+/\d+ nguồn", page.inner_text(".l-printed"))
    assert page.locator("[data-figures] tr").count() >= 19


def test_a_phone_fetches_little_and_no_plot(show: Show) -> None:
    """UX-91: at most 500 kB for the first load; the map is not counted."""
    carried: list[tuple[str, int]] = []

    def count(page: Page) -> None:
        page.on("requestfinished", lambda one: carried.append((one.url, one.sizes()["responseBodySize"])))

    page = show(
        "leader", role="leader", width=390, height=844, before=count, has_touch=True, is_mobile=True, when=TOLD.split("&&")[0]
    )
    page.wait_for_load_state("networkidle")
    own = [(url, size) for url, size in carried if "/map/" not in url]
    assert not [url for url, _ in own if "plotly" in url]
    assert sum(size for _, size in own) <= FIRST_LOAD, sorted(own, key=lambda one: -one[1])[:8]
    bottoms = page.evaluate("[...document.querySelectorAll('[data-figure]')].map((node) => node.getBoundingClientRect().bottom)")
    assert len(bottoms) == 6
    assert max(bottoms) <= 2 * 844
    # What a phone shows behind tabs is drawn for paper too.
    wait_in(page, "document.querySelector('[data-choropleth] .ch') && document.querySelector('[data-week] rect')")
    assert len(PAGES.findall(page.pdf(prefer_css_page_size=True))) <= 2


@pytest.mark.parametrize("asked", ["?first=2026-99-99&last=x", "?first=2001-01-01&last=2026-01-01", "?ward=constructor&period=era"])
def test_an_address_of_nonsense_shows_the_month_and_says_so(show: Show, asked: str) -> None:
    page = show("leader", role="leader", width=1366, height=768, query=asked, when=TOLD)
    assert page.get_attribute("[data-period=month]", "aria-pressed") == "true"
    wait_in(page, "document.querySelector('[data-banners] .banner')?.textContent.includes('toàn thành phố')")
    assert page.locator(".leader[data-failed]").count() == 0
    page.click("[data-period=week]")
    wait_in(page, "!document.querySelector('[data-banners] .banner')")
    assert page.evaluate("location.search") == "?period=week"


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844), (768, 1024), (1366, 768)])
def test_nothing_stands_beside_the_page(show: Show, width: int, height: int) -> None:
    page = show("leader", role="leader", width=width, height=height, tongue="en", query=long_enough(), when=TOLD.split("&&")[0])
    page.evaluate("kyDai.banners.push(() => [['lost', kyDai.say('banner.lost'), 'lúc 17:08:41', kyDai.say('banner.lost_note')]])")
    wait_in(page, "document.querySelector('[data-banners] .banner')")
    for tab in ("overview", "rank", "field", "map") if width <= 600 else ("",):
        if tab:
            page.click(f".l-tabs a[href='#l-{tab}']")
        beside = page.evaluate(
            """() => [...document.querySelectorAll('.leader :is(button, select, .num, .pill, h2, .ch-leg span)')].filter((one) => {
              const box = one.getBoundingClientRect(), pane = one.closest('.pane, .kpi, header')?.getBoundingClientRect();
              return box.width && (box.right > innerWidth + 1 || (pane && box.right > pane.right + 1));
            }).map((one) => one.className + one.textContent)"""
        )
        assert beside == [], (tab, beside)
        wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], (tab, wide)


def test_a_city_without_targets_is_not_judged_and_large_numbers_fit(show: Show) -> None:
    """What the server told, as it would of a city that has set no target, and of one of five million reports."""

    def told_otherwise(page: Page) -> None:
        def answer(route) -> None:
            told = route.fetch().json()
            for one in told["tiles"]:
                one.update(target=None, verdict="none")
                if one["unit"] == "count" and one["value"] is not None:
                    one.update(value=5_123_456, previous=0)
            route.fulfill(json=told)

        page.route("**/leader/figures?*", answer)

    page = show(
        "leader",
        role="leader",
        width=1366,
        height=768,
        query=long_enough(),
        before=told_otherwise,
        when="document.querySelector('[data-week] rect')",
    )
    assert page.inner_text("[data-figure=reports_received] [data-value]") == "5.123.456"
    assert page.text_content("[data-figure=reports_received] [data-compare=previous]") == "↑ 5.123.456", "a count of what was none"
    assert page.inner_text("[data-mark]") == ""
    assert page.locator(".rank .tg, .rank [data-below], .fields .lo").count() == 0
    assert "đúng hạn" not in page.inner_text("[data-act]")
    assert page.evaluate("[...document.querySelectorAll('.kpi-val')].every((one) => one.scrollWidth <= one.clientWidth + 1)")
