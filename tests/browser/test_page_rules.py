"""What holds of every page, in both languages, on a desk and in a hand."""

import json
from collections.abc import Iterator
from itertools import product
from urllib.parse import urlsplit

import pytest
import shapely
from playwright.sync_api import Page

from dashboard.layers.layer import Field, Layer
from dashboard.reports.case import Asked, Given
from dashboard.reports.cases import Actor, Sought
from dashboard.term import Term
from data.clock import SystemClock
from data.layers import kept
from data.pack import load
from data.store.layers import SqlLayers
from tests.browser.conftest import PATHS, Show, a_house
from tests.browser.rules import (
    barred,
    borrowed_letters,
    faint,
    out_of_reach,
    reserved_colours,
    sideways,
    small_targets,
    strange_numbers,
    strange_words,
    tiny,
)
from tests.browser.says import PLACE, alarm_at, alive, fresh_id, incident, reported, sighted, standing, tell
from tests.browser.test_reports import UNIT, cases
from tests.chromium import wait_in
from tests.conftest import until
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-rules")
DESK, HAND = {"width": 1920, "height": 1080}, {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
SIZES = {"desk": DESK, "hand": HAND}
PAGES = (
    "console",
    "cameras",
    "leader",
    "report",
    "watch",
    "incidents",
    "violations",
    "plates",
    "reports",
    "my_unit",
    "unknown",
    "layers",
    "feature",
    "report_rules",
    "account",
    "sign-in",
    "wall",
)
CASES = [(page, tongue, size) for page, tongue, size in product(PAGES, ("vi", "en"), SIZES) if (page, size) != ("wall", "hand")]
DAY_MS = 86_400_000
OF = {
    "layers": {"role": "admin"},
    "my_unit": {"role": "ward_officer", "name": "ward_officer-person"},
}  # who sees a page, where a supervisor does not
QUERIES = {"incidents": "#1", "reports": "?tab=received#reports%2FPA-20", "my_unit": "#reports%2FPA-1"}


@pytest.fixture(scope="module")
def house() -> Iterator[Rig]:
    """A house in which something of everything has happened."""
    with a_house() as rig:
        tell(
            rig,
            alive(),
            *(standing(f"H-{n:03d}", "online") for n in range(1, 43)),
            standing("H-041", "offline"),
            standing("H-042", "frozen"),
        )
        tell(
            rig,
            *(
                sighted(kind, f"H-{n:03d}")
                for n, kind in enumerate(("watch_plate_stop", "fire_single", "crowd", "congestion", "red_light"), 1)
            ),
        )
        tell(rig, sighted("plate_read", "H-001", plate="75A-123.45"), sighted("red_light", "no-such-camera"))
        tell(rig, *reports(), source="reports")
        tell(rig, *(sighted("fire_single", camera) for camera in ("H-001", "H-003")))  # both are near the one at H-002
        opened = [alarm_at(rig, f"H-{n:03d}", "fire_single") for n in (2, 3)]
        incident(rig, "open", opened[0])
        incident(rig, "open", opened[1])
        incident(rig, "note", incident=1, why="75A-123.45")
        handed_to_a_unit(rig)
        lit(rig)
        yield rig


def lit(rig: Rig) -> None:
    """Keep a layer of one street light, where everybody sends their reports from."""
    service = load("hue").city.services[0]
    fields = (Field(key="ma", label=service.short), Field(key="so", label=service.field_name))
    layer = Layer(
        key="lamps",
        version=1,
        title=service.short,
        shape="point",
        count=1,
        bounds=(*PLACE, *PLACE),
        fields=fields,
        name_field="ma",
        id_fields=("ma",),
        as_of=now_ms(),
    )
    light = [("L-12", 1, ["L-12", 12], shapely.Point(PLACE))]
    kept.write(kept.file_of(rig.home, "lamps", 1), light, (), known=["L-12"])
    SqlLayers(rig.engine, SystemClock()).take(layer, who="lan")


def handed_to_a_unit(rig: Rig) -> None:
    """Give a ward's committee a few reports, one of them due in an hour, as the centre does."""
    rig.accounts.add("ward_officer-person", "ward_officer", "a long enough password", now_ms=now_ms(), unit=UNIT)
    held, an = cases(rig), Actor("operator-person", "operator")
    until(lambda: held.listed(Sought(tab="received"), by=an).total > 1000)
    for n in range(7):
        term = Term(1, "hour") if n == 1 else None
        for action, units in (("verify", ()), ("classify", ()), ("forward", (Given(UNIT, "", term),))):
            held.act(Asked(action, f"reports/PA-{n}", units=units), by=an, key=fresh_id())


def reports() -> list[dict[str, object]]:
    """Open ones, overdue ones, urgent ones, and enough closed ones for every ranking."""
    wards = [ward.code for ward in load("hue").city.wards if ward.valid_to is None][:6]
    told = [reported(f"PA-{n}", ("MT01", "MT02", "MT03")[n % 3], ward=wards[n % 6], urgent=n % 7 == 0) for n in range(1250)]
    late = [reported(f"L-{n}", submitted=now_ms() - 30 * DAY_MS, ward=wards[n % 6]) for n in range(30)]
    closed = [
        reported(f"C-{n}", submitted=now_ms() - 9 * DAY_MS, open=False, closed=now_ms() - (n % 8) * DAY_MS, ward=wards[n % 6])
        for n in range(120)
    ]
    return [*told, *late, *closed]


@pytest.fixture(params=CASES, ids=["-".join(case) for case in CASES])
def case(request: pytest.FixtureRequest, show: Show) -> tuple[Page, str, str, str]:
    name, tongue, size = request.param
    page = show(name, tongue=tongue, query=QUERIES.get(name, ""), **OF.get(name, {}), **SIZES[size])
    settled(page, name)
    return page, name, tongue, size


def settled(page: Page, name: str) -> None:
    """Wait until everything that comes once is there."""
    if name == "console":
        wait_in(
            page,
            "document.querySelectorAll('#list > li[data-id]').length >= 4 && kyDai.map.state().reports.some((id) => kyDai.map.reportAt(id))",
        )
        wait_in(page, "document.querySelector(\"[data-kpi='reports_overdue'] [data-value]\").textContent === '30'")
    if name == "cameras":
        wait_in(page, "document.querySelectorAll('.cam[data-cam][data-sight=none]').length > 0")
        wait_in(page, "document.querySelector(\"#list [data-id='H-041']\").dataset.cam === 'x'")
    if name == "incidents":
        wait_in(page, "document.querySelectorAll('.in-row').length >= 2 && document.querySelector('[data-shown=\"1\"]')")
    if name in {"reports", "my_unit"}:
        wait_in(page, "document.querySelectorAll('.rp-row[data-key]').length > 5 && document.querySelector('[data-lines]')")
        wait_in(page, "document.querySelector('[data-map][data-drawn]')")
    if name == "report_rules":
        page.fill("[name=text]", "Cháy ở bãi phế liệu")
        page.select_option("[name=service]", "TT02")
        page.fill("[name=lat]", "16,4637")
        page.fill("[name=lon]", "107.5909")
        wait_in(page, "document.querySelector('[data-route=fire]') && document.querySelectorAll('[data-unit]').length === 2")
    if name == "leader":
        wait_in(
            page,
            "document.querySelector('[data-figures] tr') && document.querySelector('[data-figure=reports_received] [data-value]').textContent !== '—'",
        )


def test_a_page_keeps_the_rules(case: tuple[Page, str, str, str]) -> None:
    """One visit, every rule: each is a function below, and every one that is broken is told."""
    page, name, tongue, size = case
    broken = {
        "complaints": page.watch.complaints,
        "policy": page.watch.violations(),
        "foreign": page.watch.foreign,
        "scrolls": sideways(page),
        "reach": out_of_reach(page),
        "targets": small_targets(page, 44 if size == "hand" else 24) if name != "wall" else [],
        "words": strange_words(page, tongue),
        "formats": strange_numbers(page, tongue),
        "contrast": faint(page),
        "barred": barred(page),
        "fonts": borrowed_letters(page),
        "reserved": reserved_colours(page),
        "small": tiny(page, name, size),
        "plot": [url for url in page.watch.asked if "plotly" in url],
        "language": [] if page.get_attribute("html", "lang") == tongue else ["lang"],
        "ids": page.evaluate(
            "[...document.querySelectorAll('[id]')].map((node) => node.id).filter((id, at, all) => all.indexOf(id) !== at)"
        ),
    }
    told = {rule: found for rule, found in broken.items() if found}
    assert not told, json.dumps(told, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("tongue", ["vi", "en"])
def test_every_part_of_the_leaders_page_is_within_reach_of_a_hand(show: Show, tongue: str) -> None:
    page = show("leader", tongue=tongue, **HAND)
    settled(page, "leader")
    parts = page.locator(".l-tabs a")
    assert parts.count() == 4
    for n in range(4):
        parts.nth(n).click()
        wait_in(page, f"document.querySelectorAll('.l-tabs a')[{n}].ariaCurrent === 'page'")
        assert (out_of_reach(page), sideways(page), small_targets(page, 44)) == ([], [], [])


@pytest.mark.parametrize(
    "name",
    ["console", "cameras", "leader", "report", "watch", "incidents", "violations", "reports", "unknown", "sign-in", "account"],
)
def test_motion_is_reduced_where_it_is_asked_for(show: Show, name: str) -> None:
    """UX-23."""
    page = show(name, query=QUERIES.get(name, ""), reduced_motion="reduce")
    settled(page, name)
    running = (
        "document.getAnimations().filter((one) => one.playState === 'running' && one.effect.getComputedTiming().activeDuration > 0)"
    )
    assert page.evaluate(f"{running}.map((one) => one.animationName ?? one.transitionProperty)") == []


def test_nothing_but_an_unconfirmed_urgent_alarm_moves_for_ever(show: Show) -> None:
    """UX-22, UX-24."""
    page = show("console")
    settled(page, "console")
    moving = "document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations === Infinity)"
    assert page.evaluate(f'{moving}.filter((one) => !one.effect.target.closest(\'[data-prio="1"], [data-prio="2"]\')).length') == 0
    assert page.evaluate(f"{moving}.filter((one) => one.effect.getComputedTiming().duration < 1000).length") == 0


@pytest.mark.parametrize(
    "name",
    ["console", "cameras", "leader", "report", "watch", "incidents", "violations", "reports", "unknown", "sign-in", "account"],
)
def test_focus_is_seen(show: Show, name: str) -> None:
    """UX-26: whatever the key Tab reaches has a ring of two pixels, and nothing covers it."""
    page = show(name, query=QUERIES.get(name, ""))
    settled(page, name)
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => {
              const node = document.activeElement, ring = [node, node.closest("label, .field")].filter(Boolean).map((one) => getComputedStyle(one));
              const box = node.getBoundingClientRect(), over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              const ringed = ring.some((one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2);
              return [`${node.tagName}.${node.className}`, ringed, node === document.body || node.contains(over) || over?.contains(node)];
            }"""
        )
        seen.append(told)
    assert [one for one in seen if not one[1] and one[0] != "BODY."] == []
    assert [one for one in seen if not one[2]] == []


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("report", 320),
        ("watch", 320),
        ("incidents", 320),
        ("violations", 320),
        ("reports", 320),
        ("unknown", 320),
        ("leader", 320),
        ("leader", 390),
        ("console", 390),
        ("cameras", 320),
        ("cameras", 390),
        ("sign-in", 320),
        ("account", 320),
    ],
)
def test_a_narrow_page_holds_its_words_also_when_they_are_longest(show: Show, name: str, width: int) -> None:
    """UX-28: no page is moved sideways; a lost feed says more than a live one."""
    page = show(name, query=QUERIES.get(name, ""), width=width, height=640)
    settled(page, name)
    assert sideways(page) == []
    if name in {"leader", "console"}:
        page.evaluate("() => { kyDai.judge = () => 'lost'; }")
        wait_in(page, "[...document.querySelectorAll('.kpi [data-foot]')].every((node) => node.textContent.includes('Mất nguồn'))")
        assert sideways(page) == []


def test_six_answers_stand_above_the_fold(show: Show) -> None:
    """UX-86, on a laptop."""
    page = show("leader", width=1366, height=768)
    settled(page, "leader")
    boxes = page.evaluate("[...document.querySelectorAll('[data-figure]')].map((node) => node.getBoundingClientRect().bottom)")
    assert len(boxes) == 6
    assert max(boxes) <= 768


def test_languages_are_one_click_apart(show: Show) -> None:
    """UX-36."""
    for name in ("console", "cameras", "leader", "sign-in", "account"):
        page = show(name)
        for tongue in ("en", "vi"):
            page.click(f".tongues a[lang='{tongue}']")
            page.wait_for_selector(f"html[lang='{tongue}']", state="attached")
            assert urlsplit(page.url).path == PATHS[name]
            page.wait_for_selector(".tongues a")


def test_a_search_knows_no_marks(show: Show) -> None:
    """UX-38: cau phu xuan, Cầu Phú Xuân and CẦU PHÚ XUÂN are one."""
    page = show("console")
    settled(page, "console")
    for typed in ("cau phu xuan", "Cầu Phú Xuân", "CẦU PHÚ XUÂN"):
        page.fill("[data-search] input", typed)
        wait_in(page, "document.querySelectorAll('#list > li[data-id]').length === 1")
        assert "Cầu Phú Xuân" in page.inner_text("#list")
    page.fill("[data-search] input", "không có gì như thế")
    wait_in(page, "document.querySelector('#list > .empty')")
