"""What a test sees of a page: what it asked for, what it complained of, and measures of what is painted."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response, WebSocket

VIOLATIONS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.__violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class Watch:
    """Everything that a page asked for, received and complained of since it was opened."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.origin = page, urlsplit(base).netloc
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.asked: list[str] = []
        self.frames: list[str] = []
        self._answers: list[Response] = []
        page.add_init_script(VIOLATIONS)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)
        page.on("response", lambda answer: self._answers.append(answer))  # noqa: PLW0108  Playwright marks what it is given
        page.on("websocket", self._socket)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Request) -> None:
        self.asked.append(request.url)
        told = urlsplit(request.url)
        if told.scheme not in {"data", "blob"} and told.netloc != self.origin:
            self.foreign.append(request.url)

    def _socket(self, socket: WebSocket) -> None:
        if urlsplit(socket.url).netloc != self.origin:
            self.foreign.append(socket.url)
        socket.on(
            "framereceived", lambda body: self.frames.append(body if isinstance(body, str) else body.decode("utf-8", "replace"))
        )

    def violations(self) -> list[str]:
        """Return what the page's policy forbade."""
        return list(self.page.evaluate("window.__violations"))

    def received(self) -> str:
        """Return every text that came: bodies of answers, and the socket's frames."""
        readable = (answer for answer in self._answers if answer.status in range(200, 300) and ".woff2" not in answer.url)
        return "\n".join([*(answer.text() for answer in readable), *self.frames])


# Every visible text with its node's style: the common ground of all measures below.
TEXTS = """
(root) => {
  const found = [], walker = document.createTreeWalker(root ? document.querySelector(root) : document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest("script, style, noscript, template") || !element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (element.closest("option, select")) continue;
    found.push({text: node.data.trim(), read: element.closest("[data-read]")?.dataset.read ?? "", where: element.className || element.tagName});
  }
  return found;
}
"""

# Cap height of every visible text in arc minutes, seen from `dist` metres on a wall of `cols` panels of `diag` inches.
ARCMIN = """
({diag, cols, dist}) => {
  const pen = document.createElement("canvas").getContext("2d"), found = [];
  const pitch = (diag * 25.4 * 16) / Math.hypot(16, 9) / (innerWidth / cols);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.matches("script, style") || !element.checkVisibility({visibilityProperty: true})) continue;
    const style = getComputedStyle(element);
    pen.font = `${style.fontWeight} 1000px ${style.fontFamily}`;
    const zoom = element.getBoundingClientRect().height / (element.offsetHeight || element.getBoundingClientRect().height);
    const cap = (pen.measureText("H").actualBoundingBoxAscent / 1000) * parseFloat(style.fontSize) * (zoom || 1);
    found.push({text: node.data.trim().slice(0, 40), read: element.closest("[data-read]")?.dataset.read ?? "",
      arcmin: ((2 * Math.atan((cap * pitch) / 2 / (dist * 1000)) * 180) / Math.PI) * 60});
  }
  return found;
}
"""

# Every arrow, verdict and mark of "all well" that is seen within what matches.
JUDGEMENTS = """
(inside) => [...document.querySelectorAll(inside)].flatMap((tile) => [...tile.querySelectorAll("*")])
  .filter((node) => node.checkVisibility({visibilityProperty: true}) && node.getBoundingClientRect().width > 0)
  .filter((node) => node.matches("[data-trend], .verdict:not(:empty), .ic-check:not(button *), .ic-up, .ic-down") || (!node.children.length && /[↑↓▲▼]/.test(node.textContent)))
  .map((node) => `${node.className} ${node.textContent}`)
"""

# What does not fit its box, or hangs out of its tile.
OVERFLOW = """
() => {
  const found = [], say = (what, node) => found.push(`${what}: ${node.className || node.tagName} "${node.textContent.trim().slice(0, 50)}"`);
  const root = document.documentElement;
  const sizes = [root.scrollWidth, root.clientWidth, root.scrollHeight, root.clientHeight];
  if (sizes[0] > sizes[1] || sizes[2] > sizes[3]) found.push(`the page scrolls: ${sizes}`);
  for (const tile of document.querySelectorAll("[data-tile]")) {
    const box = tile.getBoundingClientRect();
    for (const node of [tile, ...tile.querySelectorAll("*")]) {
      if (node.closest(".map") || node instanceof SVGElement || !node.checkVisibility()) continue;
      if (getComputedStyle(node).display === "inline") continue;
      if (node.scrollWidth > node.clientWidth + 1) say("wider than its box", node);
      if (node.scrollHeight > node.clientHeight + 1 && getComputedStyle(node).overflowY !== "visible") say("taller than its box", node);
    }
    const walker = document.createTreeWalker(tile, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.data.trim() || node.parentElement.closest(".map") || !node.parentElement.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const out = (ink) => ink.left < box.left - 1 || ink.right > box.right + 1 || ink.top < box.top - 1 || ink.bottom > box.bottom + 1;
      if ([...range.getClientRects()].some(out)) say("out of its tile", node.parentElement);
    }
  }
  return found;
}
"""

# Each visible text's colour against what it stands on, its size, weight and line height. Opaque backgrounds only: ours are.
INK = """
() => {
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const bright = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) { const c = parse(getComputedStyle(at).backgroundColor); if (c.length && (c[3] ?? 1) > 0.5) return c; }
    return [255, 255, 255];
  };
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest("script, style, option, svg, .prio") || !element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    if (element.getBoundingClientRect().width < 2) continue;
    const style = getComputedStyle(element), ink = bright(parse(style.color)), ground = bright(behind(element));
    found.push({text: node.data.trim().slice(0, 40), where: element.className || element.tagName, read: element.closest("[data-read]")?.dataset.read ?? "",
      ratio: (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05), px: parseFloat(style.fontSize), bold: +style.fontWeight >= 700,
      line: parseFloat(style.lineHeight) / parseFloat(style.fontSize), upper: style.textTransform === "uppercase" && !element.closest("[data-code]")});
  }
  return found;
}
"""

BOXES = """
() => Object.fromEntries([...document.querySelectorAll("[data-tile]")].map((node) => {
  const box = node.getBoundingClientRect();
  return [node.dataset.tile, [box.x / innerWidth, box.y / innerHeight, box.width / innerWidth, box.height / innerHeight].map((n) => n * 100)];
}))
"""


def apart(one: dict[str, Sequence[float]], other: dict[str, Sequence[float]]) -> dict[str, list[Any]]:
    """Return the boxes that differ by more than half a percent of the screen."""
    assert one.keys() == other.keys()
    return {key: [one[key], other[key]] for key in one if any(abs(a - b) > 0.5 for a, b in zip(one[key], other[key], strict=True))}


def click_report(page: Page, report: str) -> None:
    """Click on a report where the map's canvas has it; one that stands in a bubble with others is brought near first."""
    at = page.evaluate(
        """(id) => {
          const one = kyDai.frames.reports.data.rows.find((row) => `report:${row.id}` === id);
          kyDai.map.leaflet().setView([one.lat, one.lon], 17.5, {animate: false});
          return kyDai.map.reportAt(id);
        }""",
        report,
    )
    page.mouse.click(at["x"], at["y"])
