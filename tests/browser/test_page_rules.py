"""What holds of every page, in both languages, on a desk and in a hand."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from urllib.parse import urlsplit

import msgspec
import pytest
from playwright.sync_api import CDPSession, Error, Page

from dashboard.topics.kpi import PANELS
from data.pack import load
from layouts.words import Vocabulary
from tests.browser.conftest import PATHS, Show, a_house
from tests.browser.eyes import INK, TEXTS
from tests.browser.says import alive, reported, sighted, standing, tell
from tests.chromium import wait_in
from tests.rig import Rig, now_ms

pytestmark = pytest.mark.xdist_group("browser-rules")
DESK, HAND = {"width": 1920, "height": 1080}, {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
SIZES = {"desk": DESK, "hand": HAND}
PAGES = ("console", "leader", "account", "sign-in", "wall")
CASES = [(page, tongue, size) for page, tongue, size in product(PAGES, ("vi", "en"), SIZES) if (page, size) != ("wall", "hand")]
DAY_MS = 86_400_000
# What is a number, a time or a sign and no word: it is the same in every language, or tried by its own test.
NO_WORD = re.compile(r"^[\W\d_]*$")


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
        yield rig


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
    page = show(name, tongue=tongue, **SIZES[size])
    settled(page, name)
    return page, name, tongue, size


def settled(page: Page, name: str) -> None:
    """Wait until everything that comes once is there."""
    if name == "console":
        wait_in(
            page,
            "document.querySelectorAll('#list > li[data-id]').length >= 4 && document.querySelectorAll('.mk-report').length > 0",
        )
        wait_in(page, "document.querySelector(\"[data-kpi='reports_overdue'] [data-value]\").textContent === '30'")
    if name == "leader":
        wait_in(
            page,
            "document.querySelector('#trend .main-svg') && document.querySelector('[data-figure=reports_received] [data-value]').textContent !== '—'",
        )


def test_a_page_keeps_the_rules(case: tuple[Page, str, str, str]) -> None:
    """One visit, every rule: each is a function below, and every one that is broken is told."""
    page, name, tongue, size = case
    broken = {
        "complaints": page.watch.complaints,
        "policy": page.watch.violations(),
        "foreign": page.watch.foreign,
        "scrolls": sideways(page),
        "targets": small_targets(page, 44 if size == "hand" else 24) if name != "wall" else [],
        "words": strange_words(page, tongue),
        "formats": strange_numbers(page, tongue),
        "contrast": faint(page),
        "fonts": borrowed_letters(page),
        "reserved": reserved_colours(page),
        "small": tiny(page, name, size),
        "plot": [] if name == "leader" else [url for url in page.watch.asked if "plotly" in url],
        "language": [] if page.get_attribute("html", "lang") == tongue else ["lang"],
        "ids": page.evaluate(
            "[...document.querySelectorAll('[id]')].map((node) => node.id).filter((id, at, all) => all.indexOf(id) !== at)"
        ),
    }
    told = {rule: found for rule, found in broken.items() if found}
    assert not told, json.dumps(told, ensure_ascii=False, indent=1)


def sideways(page: Page) -> list[str]:
    told = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if told[0] <= told[1]:
        return []
    out = "[...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)"
    return [
        f"{told[0]} in {told[1]}",
        *page.evaluate(
            f"{out}.map((node) => `${{node.tagName}} ${{node.parentElement.className}} ${{node.textContent.slice(0, 40)}}`).slice(0, 8)"
        ),
    ]


def small_targets(page: Page, least: int) -> list[str]:
    """UX-25. A smaller one passes where a circle of 24 px around its middle touches no other (WCAG 2.5.8); in a hand nothing is excused."""
    return list(
        page.evaluate(
            """(least) => {
              const all = [...document.querySelectorAll("a, button, input:not([type=hidden]), select, [role=button], [role=option], [tabindex='0']")]
                .filter((node) => node.checkVisibility({visibilityProperty: true}) && node.getBoundingClientRect().width > 0).map((node) => [node, node.closest("label") ?? node])
                .map(([node, whole]) => [node, (node.matches("input") ? whole : node).getBoundingClientRect()]);
              const apart = (a, b) => Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2);
              const alone = (box) => least === 24 && all.every(([, other]) => other === box || apart(box, other) >= 24);
              return all.filter(([, box]) => Math.min(box.width, box.height) < least - 0.5 && !alone(box))
                .map(([node, box]) => `${node.tagName}.${node.className} "${node.textContent.trim().slice(0, 20)}" ${Math.round(box.width)}x${Math.round(box.height)}`);
            }""",
            least,
        )
    )


@cache
def vocabulary(tongue: str) -> tuple[frozenset[str], re.Pattern[str], re.Pattern[str]]:
    """Return every text of a language and of the city: whole, as a pattern of whole ones with their holes filled, and as one of parts."""
    own = Vocabulary(tongue).texts.values()
    words = {part for text in [*own, *city_words()[tongue]] for part in (text, *text.split("|"))}
    holed = [re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in words if "{" in text]
    parts = sorted({part.strip() for text in words for part in re.split(r"\{\w+\}", text)} - {""}, key=len, reverse=True)
    return frozenset(words), re.compile("|".join(holed)), re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in parts))


@cache
def city_words() -> dict[str, list[str]]:
    """Return every text of the pack, by language."""
    found: dict[str, list[str]] = {"vi": [], "en": []}

    def walk(told: object) -> None:
        if isinstance(told, dict) and set(told) == {"vi", "en"}:
            for tongue, text in told.items():
                found[tongue].append(str(text))
        elif isinstance(told, dict):
            for inner in told.values():
                walk(inner)
        elif isinstance(told, list | tuple):
            for inner in told:
                walk(inner)

    walk(msgspec.to_builtins(load("hue").city))
    walk([{"title": panel.title, "short": panel.short, "formula": panel.formula} for panel in PANELS])
    labels = json.loads((load("hue").folder / "labels.json").read_text(encoding="utf-8"))
    walk(labels)
    return found


# A person's own name and first letters, a camera's own name at its source, and codes: as they are, in every language.
OWN = re.compile(r"supervisor-person|\b(SU|VI|EN|[HPA]-\d{3}|km|m|Esc|Enter)\b|no-such-camera")


def strange_words(page: Page, tongue: str) -> list[str]:
    """UX-36: what is left of a text when every known word of its language is taken out has no letter."""
    whole, holed, parts = vocabulary(tongue)
    found = []
    for one in page.evaluate(TEXTS, None):
        text = one["text"]
        if text in whole or holed.fullmatch(text):
            continue
        left = parts.sub("", OWN.sub("", text))
        if not NO_WORD.match(left):
            found.append(f"{text} ({one['where']}): {left}")
    return found


NUMBERS = {
    "vi": re.compile(r"^(—|[+-]?\d{1,3}(\.\d{3})*(,\d+)?)(\u00a0%)?$"),
    "en": re.compile(r"^(—|[+-]?\d{1,3}(,\d{3})*(\.\d+)?)(\u00a0%)?$"),
}
WRONG = {"vi": re.compile(r"\d\s?\.\d{1,2}\b(?!\.)|\d%|\b\d{4,}\b"), "en": re.compile(r"\d,\d{1,2}\b|\d%|\b\d{4,}\b")}
YEAR = re.compile(r"\b\d{2}/\d{2}/\d{4}\b|0\.1\.0|\d+/\d{4}|75A-\*+\.\d+")


def strange_numbers(page: Page, tongue: str) -> list[str]:
    """UX-37: 1.248 and 92,5 % in Vietnamese, 1,248 and 92.5 % in English; days before months."""
    values = page.evaluate(
        "[...document.querySelectorAll('[data-value]')].filter((node) => node.checkVisibility()).map((node) => node.textContent.trim())"
    )
    found = [text for text in values if not NUMBERS[tongue].match(text)]
    texts = page.evaluate(
        "[...document.querySelectorAll('[data-num], [data-time], [data-ref], [data-goal], [data-of]')].filter((node) => node.checkVisibility()).map((node) => node.textContent)"
    )
    return found + [text for text in texts if WRONG[tongue].search(YEAR.sub("", text))]


def faint(page: Page) -> list[str]:
    """UX-15: 4.5 : 1, or 3 : 1 where letters are large."""
    found = []
    for one in page.evaluate(INK):
        large = one["px"] >= 24 or (one["px"] >= 18.7 and one["bold"])
        if one["ratio"] < (3 if large else 4.5):
            found.append(f"{one['text']} ({one['where']}): {one['ratio']:.2f}")
    return found


def borrowed_letters(page: Page) -> list[str]:
    """UX-12: every letter is drawn with the font that we serve."""
    line: CDPSession = page.context.new_cdp_session(page)
    line.send("DOM.enable")
    line.send("CSS.enable")
    root = line.send("DOM.getDocument")["root"]["nodeId"]
    found = set()
    for node in line.send(
        "DOM.querySelectorAll", {"nodeId": root, "selector": "body *:not(script):not(style):not(svg):not(svg *)"}
    )["nodeIds"]:
        try:
            fonts = line.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        except Error:  # the page lives: this node has gone meanwhile
            continue
        strange = [font["familyName"] for font in fonts if not font["isCustomFont"]]
        if strange:
            found.add(f"{strange} {line.send('DOM.getOuterHTML', {'nodeId': node})['outerHTML'][:160]}")
    line.detach()
    return sorted(found)


def reserved_colours(page: Page) -> list[str]:
    """UX-18: the colours of the priorities are seen in priorities alone."""
    return list(
        page.evaluate(
            """() => {
              const probe = document.body.appendChild(document.createElement("i")), root = getComputedStyle(document.documentElement);
              const computed = (name) => { probe.style.color = root.getPropertyValue(name); return getComputedStyle(probe).color; };
              const reserved = ["--p1", "--p1-fill", "--p2", "--p3", "--p4"].map(computed);
              probe.remove();
              return [...document.querySelectorAll("body *")].filter((node) => !node.closest("[data-prio]") && node.checkVisibility())
                .filter((node) => { const style = getComputedStyle(node); return [style.color, style.backgroundColor].some((one) => reserved.includes(one)); })
                .map((node) => `${node.tagName}.${node.className}`).slice(0, 5);
            }"""
        )
    )


def tiny(page: Page, name: str, size: str) -> list[str]:
    """UX-10: body text of a desk is 14 px or more, of a leader's hand 16 px; what only labels is never under 12 px."""
    least = 12 if size == "desk" else 13
    return [f"{one['text']} ({one['where']}): {one['px']}" for one in page.evaluate(INK) if one["px"] < least]


@pytest.mark.parametrize("name", ["console", "leader", "sign-in", "account"])
def test_motion_is_reduced_where_it_is_asked_for(show: Show, name: str) -> None:
    """UX-23."""
    page = show(name, reduced_motion="reduce")
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


@pytest.mark.parametrize("name", ["console", "leader", "sign-in", "account"])
def test_focus_is_seen(show: Show, name: str) -> None:
    """UX-26: whatever the key Tab reaches has a ring of two pixels, and nothing covers it."""
    page = show(name)
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
    ("name", "width"), [("leader", 320), ("leader", 390), ("console", 390), ("sign-in", 320), ("account", 320)]
)
def test_a_narrow_page_holds_its_words_also_when_they_are_longest(show: Show, name: str, width: int) -> None:
    """UX-28: no page is moved sideways; a lost feed says more than a live one."""
    page = show(name, width=width, height=640)
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
    for name in ("console", "leader", "sign-in", "account"):
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
