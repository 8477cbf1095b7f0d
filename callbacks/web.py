"""The web server, put together: Dash on Flask, the guard before it, the socket beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash
from dash import Dash
from flask import Flask, Response, g, redirect, request
from flask_socketio import SocketIO
from gevent import get_hub
from msgspec import json
from werkzeug.middleware.proxy_fix import ProxyFix

import layouts.pages
from callbacks import guard as guarding
from callbacks import laying, sign_in, sockets
from callbacks.answers import Answers, policy
from callbacks.fanout import Fanout
from callbacks.guard import Guard
from callbacks.sign_in import THEMES
from dashboard.access import HOME
from dashboard.accounts import Accounts
from dashboard.basemap import Tiles
from dashboard.city import City
from dashboard.ports import Clock, Frames
from dashboard.registry import collect
from layouts.bundles import FORMS, Bundles, bundled
from layouts.page import Context, Page
from layouts.shell import error_page, index
from layouts.words import FIRST, TONGUES, Vocabulary

PAGES = collect(layouts.pages, "PAGE", Page)
PING_S = 20  # and as long for the answer: a dead socket is gone within 40 s


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything that the web server is given."""

    city: City
    frames: Frames
    clock: Clock
    accounts: Accounts
    version: str
    demo: bool = True
    secure: bool = False
    origins: frozenset[str] = frozenset()
    assets: str = "assets"
    async_mode: str = "gevent"
    living: Callable[[], City] | None = None  # the city with the cameras adopted into it, as it stands now
    basemap: Callable[[], Tiles | None] = lambda: None  # the tiles under the map, None where the pack's own shapes are drawn


@dataclass(frozen=True, kw_only=True)
class Web:
    """What `mount` made."""

    socketio: SocketIO
    fanout: Fanout
    dash: Dash
    guard: Guard


def mount(server: Flask, world: World) -> Web:
    """Put the pages, the socket and the guard on a server."""
    guard = Guard(world.accounts, world.clock, PAGES, secure=world.secure, origins=world.origins)
    guard.keep(server)
    context_of = _context_of(world)
    guarding.html_page["error"] = lambda status: error_page(context_of(), status)
    socketio = SocketIO(
        server,
        async_mode=world.async_mode,
        transports=["websocket", "polling"],  # polling only where a proxy lets no WebSocket through
        ping_interval=PING_S,
        ping_timeout=PING_S,
        max_http_buffer_size=100_000,
        cors_allowed_origins="*",  # the handshake itself asks for a cookie of ours with an origin of ours, or a token
        cookie=None,
    )
    bundles = bundled(Path(world.assets), PAGES)
    app = _dash(server, world, guard, context_of, bundles)
    guard.served = app.callback_map
    sign_in.register(server, guard, context_of)
    _words(server)
    _page_assets(server, bundles)
    _home(server)
    Answers(
        csp=lambda: policy(app.csp_hashes(), **_media(request.path)), secure=world.secure, later=_beside(world.async_mode)
    ).dress(server)
    fanout = sockets.register(socketio, frames=world.frames, guard=guard, build=f"{world.version}-{world.city.version}")
    return Web(socketio=socketio, fanout=fanout, dash=app, guard=guard)


def _beside(async_mode: str) -> Callable[[Callable[[], None]], object]:
    """Return what runs long work beside the loop: a thread, since heavy work in gevent's loop makes every screen wait."""
    if async_mode == "gevent":
        return get_hub().threadpool.spawn  # type: ignore[no-any-return]  # gevent has no types
    return lambda work: work()


def _context_of(world: World) -> Callable[[], Context]:
    def context() -> Context:
        who = g.get("who")
        asked = request.cookies.get("tongue", FIRST)
        return Context(
            city=world.living() if world.living else world.city,
            words=Vocabulary(asked if asked in TONGUES else FIRST),
            name=who.name if who else "",
            role=who.role if who else "",
            demo=world.demo,
            version=world.version,
            basemap=world.basemap(),
            theme=looks if (looks := request.cookies.get("theme", "")) in THEMES else "",
        )

    return context


def _dash(server: Flask, world: World, guard: Guard, context_of: Callable[[], Context], bundles: Bundles) -> Dash:
    app = Dash(
        __name__,
        server=False,
        use_pages=True,
        pages_folder="",
        assets_folder=world.assets,
        assets_ignore=".*",  # a page loads its own, put together (`layouts/bundles.py`)
        update_title="",
        suppress_callback_exceptions=True,
        add_log_handler=False,
        include_pages_meta=False,
        health_endpoint=None,
    )
    app.init_app(server)
    for page in PAGES:
        dash.register_page(
            page.key,
            path=None if "<" in page.path else page.path,
            path_template=page.path if "<" in page.path else None,
            title=page.title,
            layout=_laid_out(page, context_of),
        )
    app.layout = laying.first(guard, context_of)
    app.interpolate_index = lambda **parts: index(context_of(), parts, _page_at(request.path), request.path, PAGES, bundles)  # type: ignore[method-assign]
    app.enable_dev_tools(debug=False)
    return app


def _page_at(path: str) -> Page | None:
    return next((page for page in PAGES if page.matches(path)), None)


def _media(path: str) -> dict[str, bool]:
    """Return what moves at an address."""
    page = _page_at(path)
    return {} if page is None else {"moves": page.moves, "films": page.films}


def _laid_out(page: Page, context_of: Callable[[], Context]) -> Callable[..., Any]:
    def layout(**_told: object) -> Any:
        """The address that the guard judged decides; Dash would let `?name=` say another one."""
        return page.layout(context_of(), **(page.parts(g.path) or {}))

    return layout


def _home(server: Flask) -> None:
    """The bare address leads everybody to the page of their role."""

    @server.before_request
    def home() -> Any:
        if request.path != "/":
            return None
        who = g.get("who")
        if who is None:
            return redirect("/sign-in")
        return redirect(f"/wall/{who.wall}" if who.role == "wall" else HOME[who.role])


def _words(server: Flask) -> None:
    """The texts that are painted by scripts."""

    @server.get("/i18n/<tongue>.json")
    def words(tongue: str) -> Response:
        texts: Mapping[str, str] = Vocabulary(tongue).texts
        return Response(json.encode(texts), mimetype="application/json")


def _page_assets(server: Flask, bundles: Bundles) -> None:
    """What pages load of our own. An open page of the version before asks for nothing again, so that only ours are kept."""

    @server.get("/page-assets/<name>")
    def page_assets(name: str) -> Response:
        found = bundles.named.get(name)
        return Response(found.text, mimetype=FORMS[found.form]) if found else Response(status=404)


def behind_proxies(server: Flask, proxies: int) -> None:
    """Believe X-Forwarded-* of so many proxies of ours, and of nobody else."""
    if proxies:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
