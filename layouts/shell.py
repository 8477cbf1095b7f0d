"""The document around every page: one head, one slot, and what the scripts need to know."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component
from msgspec import json, to_builtins

from dashboard.access import may
from dashboard.alarms.acts import MOST_TOGETHER, OUTCOMES, RULES, SHELF_MINUTES, VERDICTS
from dashboard.basemap import Tiles
from layouts import ids
from layouts.bundles import Bundles
from layouts.kinds.live_map import ASSETS as MAP
from layouts.page import Context, Page

# Nobody needs Dash's polyfills for browsers of 2015, its tables, or what stands for its address, its stores and its controls.
IDLE = ("polyfill@", "dash_table", "dash_core_components")
LAYOUT = "/_dash-layout"
TAG = re.compile(r"<link[^>]*>|<script[^>]*></script>")
FONTS = ("inter-latin-opsz-normal", "inter-vietnamese-opsz-normal")


def shell(content: Component | None = None) -> html.Main:
    """Return the slot that the page of an address stands in.

    It has none of the parts of Dash's `page_container`: with the page in it from the start nobody has to find out, and to ask again, where it is.
    """
    return html.Main(html.Div(content, id=ids.CONTENT), id=ids.SLOT)


def index(context: Context, parts: Mapping[str, str], page: Page | None, path: str, pages: Iterable[Page], bundles: Bundles) -> str:
    """Return the document. Nothing in it is fetched from elsewhere; its one inline script is Dash's own, and is named in the policy."""
    told: dict[str, Any] = {
        "tongue": context.words.tongue,
        "city": context.city.version,
        "zone": context.city.zone,
        "demo": context.demo,
        "version": context.version,
        "role": context.role,
        "name": context.name,
        "live": may(context.role, "live.join"),
        "layout": f"{LAYOUT}?at={quote(path)}",
    }
    key = page.key if page else ""
    if page and page.acts and may(context.role, "alarm.act"):
        told["acts"] = _acts(context)
    own = frozenset(page.assets if page else ())
    tiles = context.basemap if own.issuperset(MAP) else None
    if tiles:
        told["basemap"] = to_builtins(tiles)
    idle = {*IDLE, *(name for other in pages for name in other.assets)} - own
    body = f"""<noscript><p class="no-script">{escape(context.say("error.no_script"))}</p></noscript><div id="react-entry-point"><div class="loading" aria-busy="true"></div></div>
<script type="application/json" id="kydai">{_json(told)}</script>
<footer>{parts["config"]}{_vendored(context, tiles)}{_needed(parts["scripts"], idle)}{bundles.tags(key, "js")}{parts["renderer"]}</footer>"""
    return document(
        context,
        title=context.say("brand"),
        head=_early(context, own, told["layout"]) + _needed(parts["css"], idle) + bundles.tags(key, "css"),
        body=body,
        page=key,
        theme=page.theme if page else "dark",
    )


def _vendored(context: Context, tiles: Tiles | None) -> str:
    """Return the scripts of others that stand before ours: the socket's, and what draws vector tiles where there are any."""
    names = ["socket.io.min", *(["protomaps-leaflet"] if tiles is not None and tiles.form == "pmtiles" else [])]
    return "".join(f'<script src="/assets/vendor/{name}.js?m={context.version}"></script>' for name in names)


def _acts(context: Context) -> dict[str, Any]:
    """Return what somebody may do about alarms: from which states, and what may be chosen."""
    mine = {action: sorted(rule.states) for action, rule in RULES.items() if may(context.role, rule.permission)}
    units = [
        {"code": unit.code, "name": context.of(unit.name), "contact": unit.contact}
        for unit in context.city.units
        if unit.valid_to is None
    ]
    return {
        "from": mine,
        "minutes": SHELF_MINUTES,
        "outcomes": OUTCOMES,
        "verdicts": VERDICTS,
        "units": units,
        "together": MOST_TOGETHER,
    }


def _early(context: Context, own: frozenset[str], layout: str) -> str:
    """Ask for what Dash lays out, the texts, the city and its map at once, not only when the scripts that want them have run."""
    version = context.city.version
    paths = [
        layout,
        "/_dash-dependencies",
        f"/i18n/{context.words.tongue}.json?v={context.version}",
        f"/city/{version}.json",
    ]
    if own.issuperset(MAP):
        shapes = ("wards.geojson", "labels.json") if context.basemap else ("base.geojson", "wards.geojson", "labels.json")
        paths += [f"/map/{version}/{name}" for name in shapes]
    return "".join(f'<link rel="preload" href="{path}" as="fetch" crossorigin>' for path in paths)


def _needed(tags: str, idle: Iterable[str]) -> str:
    """Leave out what this page has no use for."""
    return TAG.sub(lambda tag: "" if any(name in tag[0] for name in idle) else tag[0], tags)


def document(context: Context, *, title: str, head: str, body: str, page: str = "", theme: str = "dark") -> str:
    """Return an HTML document in the person's language and theme. A wall stays as its room is, whoever looked last."""
    preload = "".join(
        f'<link rel="preload" href="/assets/fonts/{name}.woff2" as="font" type="font/woff2" crossorigin>' for name in FONTS
    )
    theme = theme if page == "wall" else context.theme or theme
    return f"""<!DOCTYPE html>
<html lang="{context.words.tongue}" data-theme="{theme}" data-page="{page}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{theme}"><title>{escape(title)} · {escape(context.of(context.city.name))}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">{preload}{head}</head>
<body>{body}</body></html>"""


def error_page(context: Context, status: int) -> str:
    """Return the page that says no, and what to do."""
    styles = "".join(
        f'<link rel="stylesheet" href="/assets/{name}.css">'
        for name in ("09-fonts", "10-tokens", "11-icons", "12-components", "22-sign-in")
    )
    key = f"error.{status}" if f"error.{status}" in context.words.texts else "error.400"
    body = f"""<main class="sorry"><i class="brand-mark"></i><h1>{escape(context.say("error.title"))} · {status}</h1>
<p>{escape(context.say(key))}</p><a class="btn" data-kind="strong" href="/">{escape(context.say("error.home"))}</a></main>"""
    return document(context, title=context.say("error.title"), head=styles, body=body, page="error")


def _json(told: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.encode(told).decode().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
