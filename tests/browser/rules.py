"""The rules of a page, each as a function that returns what breaks it."""

import json
import re
from functools import cache

import msgspec
from playwright.sync_api import CDPSession, Error, Page

from dashboard.catalogue import FIGURES
from dashboard.topics.kpi import PANELS
from data.pack import load
from layouts.words import Vocabulary
from tests.browser.eyes import INK, TEXTS
from tests.rig import ROOT

# What is a number, a time or a sign and no word: it is the same in every language, or tried by its own test.
NO_WORD = re.compile(r"^[\W\d_]*$")


AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"  # fetched beside what is served, and never served (data.vendor)
GRAVE = ("serious", "critical")


def barred(page: Page) -> list[str]:
    """UX-27: what axe-core finds that keeps somebody out, by WCAG 2.2 A and AA: each with the first nodes that it is about."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async () => (await axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}))
          .violations.map((one) => [one.impact, one.id, one.help, one.nodes.slice(0, 4).map((node) => node.html.slice(0, 160))])"""
    )
    return [f"{rule}: {help_} {nodes}" for impact, rule, help_, nodes in found if impact in GRAVE]


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


def out_of_reach(page: Page) -> list[str]:
    """What could be pressed if it did not lie beside the screen, where nothing scrolls there."""
    return list(
        page.evaluate(
            """() => {
              const wide = document.documentElement.clientWidth, scrolls = (node) => ["auto", "scroll"].includes(getComputedStyle(node).overflowX);
              const within = (node) => { for (let at = node.parentElement; at; at = at.parentElement) if (scrolls(at)) return true; return false; };
              return [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea")]
                .filter((node) => node.checkVisibility({visibilityProperty: true, opacityProperty: true}))
                .map((node) => [node, node.getBoundingClientRect()])
                .filter(([node, box]) => box.width > 1 && (box.right > wide + 1 || box.left < -1) && !within(node))
                .map(([node, box]) => `${node.tagName}.${node.className} "${node.textContent.trim().slice(0, 20)}" ${Math.round(box.left)}–${Math.round(box.right)}`);
            }"""
        )
    )


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
    walk([{"title": one.title, "formula": one.formula} for one in FIGURES])
    labels = json.loads((load("hue").folder / "labels.json").read_text(encoding="utf-8"))
    walk(labels)
    return found


# A person's own name and first letters, a camera's own name at its source, and codes: as they are, in every language.
OWN = re.compile(
    r"(supervisor|operator|ward_officer|admin)-person|^[HJKRVX]$|\b(CSV|XLSX|SU|WA|AD|VI|EN|P|[HPA]-\d{3}|(PA|L)-\d{1,4}|km|m|Esc|Enter)\b|no-such-camera"
)


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
