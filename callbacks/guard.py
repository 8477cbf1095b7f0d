"""Who may do what, decided once for every request: default deny (S-01), no foreign origin (S-05), no half-read callback (S-21)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from logging import getLogger
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, redirect, request
from msgspec import json
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from callbacks.asked import read
from callbacks.rules import RULES
from dashboard.access import may
from dashboard.accounts import Accounts, Who
from dashboard.errors import Away
from dashboard.ports import Clock
from layouts.page import Page

COOKIE, SAFE_COOKIE = "kydai", "__Host-kydai"
# Machines that show a key instead of a cookie cannot be tricked by a foreign page.
KEYED = ("/api/", "/NotificationInfo/", "/open311/")
# Whoever asks here without a key is told so, never led to the form.
FOR_MACHINES = ("/api/", "/open311/", "/_dash", "/metrics")
# Every callback by its output, and what it asks for.
CALLBACKS: dict[str, str] = {
    "_pages_content.children": "page",
    "_pages_store.data": "page",
    "_pages_dummy.children": "page.draw",
}
# What people's browsers send is small; the intake has a limit of its own, and so has a photograph.
MOST_BYTES = 1024 * 1024
INTAKE = frozenset({"/api/v1/intake/<source>", "/NotificationInfo/<what>", "/reports/attach"})
log = getLogger(__name__)


@dataclass
class Guard:
    """Stands before every request of the web server."""

    accounts: Accounts
    clock: Clock
    pages: Sequence[Page]
    secure: bool = False
    origins: frozenset[str] = frozenset()
    callbacks: Mapping[str, str] = field(default_factory=lambda: CALLBACKS)
    served: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # Dash's own map of what it answers

    @property
    def cookie(self) -> str:
        """The session cookie's name; browsers tie the `__Host-` one to this very host, over https."""
        return SAFE_COOKIE if self.secure else COOKIE

    def who(self) -> Who | None:
        """Return who asks: by cookie, or by Bearer token."""
        try:
            told = request.authorization
        except ValueError:  # no base64
            return None
        secret = told.token if told is not None and told.type == "bearer" else request.cookies.get(self.cookie)
        return self.accounts.who(secret, now_ms=self.clock.now_ms()) if secret else None

    def page_of(self, path: str) -> Page | None:
        """Return the page at an address."""
        return next((page for page in self.pages if page.matches(path)), None)

    def seen(self, path: str) -> Page | None:
        """Return the page at an address, if there is one that whoever asks may see."""
        page = self.page_of(path)
        return page if page is not None and self._may_see(page, path) else None

    def keep(self, server: Flask) -> None:
        """Take the post."""
        server.before_request(self._before)
        server.register_error_handler(Exception, _failed)

    def _before(self) -> Answer | None:
        rule = request.url_rule
        if rule is None:
            return refuse(404)
        if rule.rule not in INTAKE:
            request.max_content_length = MOST_BYTES
        if request.method not in {"GET", "HEAD", "OPTIONS"} and not self._same_origin():
            return refuse(403, "A page of another origin may not post here.")
        needed = RULES.get(rule.rule if rule.endpoint != "static" else "static", "denied")
        if needed == "public":
            return None
        return refuse(404) if needed == "denied" else self._known(needed)

    def _known(self, needed: str) -> Answer | None:
        """Let through whoever holds `needed`. Where nobody can be looked up, nobody is let through."""
        try:
            g.who = self.who()
        except Away as away:
            log.warning("accounts cannot be read: %s", away)
            return refuse(503)
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
        return who is None or who.role != "wall" or path.rstrip("/") == f"/wall/{who.wall}"

    def _ask_in(self) -> Answer:
        """Lead a person to where they sign in, and back to what they asked for. A script of a page takes anything, and is told that its session has ended."""
        by_person = "text/html" in request.headers.get("Accept", "") and request.method == "GET"
        if by_person and not request.path.startswith(FOR_MACHINES):
            return redirect(f"/sign-in?next={quote(request.full_path.rstrip('?'), safe='/')}")
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
        return self.own_origin(origin)

    def own_origin(self, origin: str) -> bool:
        """Return whether `origin` is a page of ours: the address we were told to have, or, without https, the one we were asked at."""
        if origin in self.origins:
            return True
        there = urlsplit(origin)
        return not self.secure and there.scheme == "http" and there.netloc == request.host != ""

    def _callback(self) -> Answer | None:
        """Refuse what is no callback of ours before Dash reads it: stock Dash answers 500."""
        asked = read(request.get_data(cache=True), self.served)
        needed = self.callbacks.get(asked.output) if asked else None
        if asked is None or needed is None:
            return refuse(400, "There is no such callback.")
        if needed != "page":
            return None if may(_role(g.who), needed) else refuse(403)
        path = asked.values.get("pathname")
        if not isinstance(path, str) or not isinstance(asked.values.get("search") or "", str):
            return refuse(400, "This is no address.")
        if self.seen(path) is None:
            return refuse(403)
        g.path = path  # what was judged is what is laid out
        return None


def _role(who: Who | None) -> str | None:
    return None if who is None else who.role


WORDS = {
    400: ("bad_request", "The request cannot be read."),
    401: ("unauthorized", "Sign in first, or show a token."),
    403: ("forbidden", "This is not for you."),
    404: ("not_found", "There is nothing here."),
    413: ("too_large", "This is more than may be sent here."),
    500: ("failed", "Something went wrong on our side. It is written in the log."),
    503: ("away", "The record does not answer now. Try again soon."),
}
AGAIN_S = 10
# What Dash raises for a component's file that it does not have.
UNKNOWN_FILE = ("DependencyException", "InvalidResourceError")
PageOf = Callable[[int], str]
html_page: dict[str, PageOf] = {}


def refuse(status: int, message: str = "") -> Answer:
    """Answer no: as a page to a person, as JSON to a machine."""
    code, told = WORDS.get(status) or WORDS[400 if status < 500 else 500]  # noqa: PLR2004  whose fault it is
    if (
        request.method == "GET"
        and request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
        and html_page
    ):
        # Nobody stands before a wall to press anything: what fails on our side is asked for again by the browser itself.
        again = {"Refresh": str(AGAIN_S), "Retry-After": str(AGAIN_S)} if status >= 500 else None  # noqa: PLR2004  our fault
        return Response(html_page["error"](status), status, again, mimetype="text/html")
    answer = json.encode({"error": {"code": code, "message": message or told}})
    return Response(answer, status, mimetype="application/json")


def local(target: str) -> str:
    """Return an address to go on to, only if it is one of ours."""
    return target if re.fullmatch(r"/[A-Za-z0-9_\-/]*(\?[A-Za-z0-9_\-.,:=&%+]*)?", target) and not target.startswith("//") else "/"


def _failed(error: Exception) -> Answer:
    """Answer whatever was raised with its status, and never with what it says of us (S-21)."""
    if isinstance(error, HTTPException):
        return error.get_response() if error.code is None or error.code < 400 else refuse(error.code)  # noqa: PLR2004  a redirect
    if isinstance(error, Away):
        return refuse(503)
    if type(error).__name__ in UNKNOWN_FILE:
        return refuse(404)
    log.error("%s %s failed", request.method, request.url_rule, exc_info=error)
    return refuse(500)
