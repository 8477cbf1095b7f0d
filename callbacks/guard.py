"""Who may do what, decided once for every request: default deny (S-01), no foreign origin (S-05), no half-read callback (S-21)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request
from msgspec import DecodeError, json
from werkzeug.wrappers import Response as Answer

from dashboard.access import may
from dashboard.accounts import Accounts, Who
from dashboard.ports import Clock
from layouts.page import Page

COOKIE, SAFE_COOKIE = "kydai", "__Host-kydai"
# Every rule of the web server and what it asks for. A rule that is not here is refused, and a test fails.
RULES: dict[str, str] = {
    "static": "denied",
    "/<path:path>": "page",
    "/": "page",
    "/_dash-layout": "live.join",
    "/_dash-dependencies": "live.join",
    "/_dash-update-component": "live.join",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": "public",
    "/_favicon.ico": "public",
    "/_reload-hash": "denied",
    "/assets/<path:filename>": "public",
    "/sign-in": "public",
    "/sign-in/<secret>": "public",
    "/sign-out": "signed_in",
    "/kiosk/<secret>": "public",
    "/language/<tongue>": "public",
    "/theme/<theme>": "public",
    "/healthz": "public",
    "/readyz": "public",
    "/metrics": "metrics.read",
    "/city/<version>.json": "live.join",
    "/map/<version>/<name>": "public",
    "/i18n/<tongue>.json": "public",
    "/leader/figures": "leader.view",
    "/api/v1/openapi.json": "public",
    "/api/v1/events": "api.read",
    "/api/v1/cameras": "api.read",
    "/api/v1/kpis": "api.read",
    "/api/v1/feeds": "api.read",
    "/api/v1/intake/<source>": "public",  # the source's key is asked for at the door itself
}
# Machines that show a key instead of a cookie cannot be tricked by a foreign page.
KEYED = ("/api/",)
# Every callback by its output, and what it asks for.
CALLBACKS: dict[str, str] = {
    "_pages_content.children": "page",
    "_pages_store.data": "page",
    "_pages_dummy.children": "live.join",
}


@dataclass
class Guard:
    """Stands before every request of the web server."""

    accounts: Accounts
    clock: Clock
    pages: Sequence[Page]
    secure: bool = False
    origins: frozenset[str] = frozenset()
    callbacks: Mapping[str, str] = field(default_factory=lambda: CALLBACKS)

    @property
    def cookie(self) -> str:
        """The session cookie's name; browsers tie the `__Host-` one to this very host, over https."""
        return SAFE_COOKIE if self.secure else COOKIE

    def who(self) -> Who | None:
        """Return who asks: by cookie, or by Bearer token."""
        told = request.authorization
        secret = told.token if told is not None and told.type == "bearer" else request.cookies.get(self.cookie)
        return self.accounts.who(secret, now_ms=self.clock.now_ms()) if secret else None

    def page_of(self, path: str) -> Page | None:
        """Return the page at an address."""
        return next((page for page in self.pages if page.matches(path)), None)

    def keep(self, server: Flask) -> None:
        """Take the post."""
        server.before_request(self._before)

    def _before(self) -> Answer | None:
        g.who = self.who()
        rule = request.url_rule
        if rule is None:
            return refuse(404)
        if request.method not in {"GET", "HEAD", "OPTIONS"} and not self._same_origin():
            return refuse(403, "A page of another origin may not post here.")
        needed = RULES.get(rule.rule if rule.endpoint != "static" else "static", "denied")
        if needed == "denied":
            return refuse(404)
        if needed == "page":
            return self._page(request.path)
        if not may(_role(g.who), needed):
            return refuse(403) if g.who else self._ask_in()
        return self._callback() if request.path == "/_dash-update-component" else None

    def _page(self, path: str) -> Answer | None:
        if path == "/":
            return None
        page = self.page_of(path)
        if page is None:
            return refuse(404)
        if not self._may_see(page, path):
            return refuse(403) if g.who else self._ask_in()
        return None

    def _may_see(self, page: Page, path: str) -> bool:
        who: Who | None = g.who
        if not may(_role(who), page.permission):
            return False
        return who is None or who.kind != "kiosk" or path.rstrip("/") == f"/wall/{who.wall}"

    def _ask_in(self) -> Answer:
        if request.accept_mimetypes.accept_html and request.method == "GET" and not request.path.startswith(("/api/", "/_dash")):
            return redirect(f"/sign-in?next={request.path}")
        return refuse(401)

    def _same_origin(self) -> bool:
        """A browser says where a post comes from; one that shows a key needs no say."""
        if request.path.startswith(KEYED) and self.cookie not in request.cookies:
            return True
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = request.headers.get("Origin")
        if origin is None:
            return request.headers.get("Sec-Fetch-Site") is not None
        return origin in self.origins or urlsplit(origin).netloc == request.host

    def _callback(self) -> Answer | None:
        """Refuse what is no callback of ours before Dash reads it: stock Dash answers 500."""
        told = read_callback(request.get_data(cache=True))
        if told is None:
            return refuse(400, "This is no callback.")
        output, pathname = told
        needed = self.callbacks.get(output)
        if needed is None:
            return refuse(400, "There is no such callback.")
        if needed != "page":
            return None if may(_role(g.who), needed) else refuse(403)
        page = self.page_of(pathname)
        return None if page is not None and self._may_see(page, pathname) else refuse(403)


def read_callback(body: bytes) -> tuple[str, str] | None:
    """Return (output, pathname) of a callback's body, or None when it is no such thing."""
    try:
        told = json.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("output"), str) or not _well_formed(told):
        return None
    paths = [one.get("value") for one in told["inputs"] if one.get("property") == "pathname"]
    output = str(told["output"]).strip(".").split("...")[0].split("@")[0]
    return output, str(paths[0]) if paths else ""


def _well_formed(told: Mapping[str, object]) -> bool:
    inputs, state, outputs = told.get("inputs"), told.get("state", []), told.get("outputs")
    lists = isinstance(inputs, list) and isinstance(state, list) and isinstance(told.get("changedPropIds", []), list)
    if not lists or not isinstance(outputs, dict | list):
        return False
    parts = [*inputs, *state] if isinstance(inputs, list) and isinstance(state, list) else []
    return all(isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("property"), str) for one in parts)


def _role(who: Who | None) -> str | None:
    return None if who is None else who.role


WORDS = {
    400: ("bad_request", "The request cannot be read."),
    401: ("unauthorized", "Sign in first, or show a token."),
    403: ("forbidden", "This is not for you."),
    404: ("not_found", "There is nothing here."),
}
PageOf = Callable[[int], str]
html_page: dict[str, PageOf] = {}


def refuse(status: int, message: str = "") -> Answer:
    """Answer no: as a page to a person, as JSON to a machine."""
    code, told = WORDS[status]
    if (
        request.method == "GET"
        and request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
        and html_page
    ):
        return Response(html_page["error"](status), status, mimetype="text/html")
    answer = json.encode({"error": {"code": code, "message": message or told}})
    return Response(answer, status, mimetype="application/json")


def local(target: str) -> str:
    """Return an address to go on to, only if it is one of ours."""
    return target if re.fullmatch(r"/[A-Za-z0-9_\-/]*", target) and not target.startswith("//") else "/"
