"""In and out: the form, one-time links, kiosks, the language and the theme."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from logging import getLogger

from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as Answer

from callbacks.guard import Guard, local
from dashboard.access import HOME
from layouts.page import Context
from layouts.sign_in import html
from layouts.words import TONGUES

FREE_TRIES, FREE_AT_ADDRESS, WINDOW_S, LONGEST_S = 5, 20, 900.0, 60.0
MOST_REMEMBERED = 20_000
YEAR_S = 365 * 86_400
THEMES = ("dark", "light")
log = getLogger(__name__)


@dataclass
class Brake:
    """Slows guessing down: after `free` tries in a quarter of an hour each next one waits twice as long, for a minute at most (S-08).

    A try is counted before anybody knows how it ends, so that a hundred at once are a hundred. Whoever has tried least lately is
    forgotten first: names and addresses are the guesser's to choose.
    """

    free: int = FREE_TRIES
    tries: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)

    def wait_s(self, key: str) -> float:
        """Return how long the next try must wait."""
        recent = self._recent(key)
        if len(recent) < self.free:
            return 0.0
        return max(min(2.0 ** (len(recent) - self.free), LONGEST_S) - (time.monotonic() - recent[-1]), 0.0)

    def count(self, key: str) -> None:
        """Remember a try."""
        self.tries[key] = [*self._recent(key), time.monotonic()][-self.free - 10 :]
        self.tries.move_to_end(key)
        if len(self.tries) > MOST_REMEMBERED:
            self.tries.popitem(last=False)

    def forgive(self, key: str) -> None:
        """That one was no guess; what was tried before it stays."""
        del self.tries.get(key, [])[-1:]

    def forget(self, key: str) -> None:
        """The right person came."""
        self.tries.pop(key, None)

    def _recent(self, key: str) -> list[float]:
        return [at for at in self.tries.get(key, []) if time.monotonic() - at < WINDOW_S]


def neighbourhood(address: str | None) -> str:
    """Return whose an address is: itself, or of IPv6 the network of a subscriber, who has 2⁶⁴ of them."""
    try:
        at = ip_address(address or "")
    except ValueError:
        return ""
    return str(at if at.version == 4 else ip_network((at, 64), strict=False))  # noqa: PLR2004  IPv4


def register(server: Flask, guard: Guard, context_of: Callable[[], Context]) -> None:
    """Attach the routes."""
    _password(server, guard, context_of)
    _secrets(server, guard, context_of)
    _choices(server, guard)

    @server.post("/sign-out")
    def sign_out() -> Answer:
        guard.accounts.end(g.who.key, now_ms=guard.clock.now_ms())
        answer = redirect("/sign-in", 303)
        answer.delete_cookie(guard.cookie, secure=guard.secure)
        return answer


def _password(server: Flask, guard: Guard, context_of: Callable[[], Context]) -> None:
    """Attach the form."""
    names, addresses = Brake(), Brake(FREE_AT_ADDRESS)

    @server.get("/sign-in")
    def form() -> Answer:
        return _form(context_of())

    @server.post("/sign-in")
    def sign_in() -> Answer:
        name, password = request.form.get("name", "")[:100].strip(), request.form.get("password", "")[:1000]
        address = neighbourhood(request.remote_addr)
        if (wait_s := max(names.wait_s(name), addresses.wait_s(address))) > 0:
            return _form(context_of(), "sign_in.wait", 429, seconds=int(wait_s) + 1)
        names.count(name)
        addresses.count(address)
        role = guard.accounts.verify(name, password)
        if role is None:
            return _form(context_of(), "sign_in.wrong", 401)
        names.forget(name)
        addresses.forgive(address)
        secret = guard.accounts.open_session(name, role, now_ms=guard.clock.now_ms())
        wanted = local(request.form.get("next", "/"))
        return _signed_in(guard, redirect(HOME[role] if wanted == "/" else wanted, 303), secret)


def _secrets(server: Flask, guard: Guard, context_of: Callable[[], Context]) -> None:
    """Attach the addresses that are themselves the key: a one-time link, a wall's kiosk."""

    @server.get("/sign-in/<secret>")
    def link(secret: str) -> Answer:
        if _only_looks():
            return Response(status=204)
        opened = guard.accounts.use_link(secret, now_ms=guard.clock.now_ms())
        if opened is None:
            return _form(context_of(), "sign_in.link_used", 410)
        return _signed_in(guard, redirect("/", 303), opened)

    @server.get("/kiosk/<secret>")
    def kiosk(secret: str) -> Answer:
        if _only_looks():
            return Response(status=204)
        opened = guard.accounts.open_kiosk(secret, now_ms=guard.clock.now_ms())
        if opened is None:
            return _form(context_of(), "sign_in.kiosk_gone", 410)
        return _signed_in(guard, redirect(f"/wall/{opened[1]}", 303), opened[0], lasts=True)


def _only_looks() -> bool:
    """Whether nobody has come: a preview asks for the head, a browser fetches ahead, another page shows us as a picture.

    The link is not used up by that, nor is a wall that stands driven out.
    """
    told = request.headers
    ahead = "prefetch" in told.get("Sec-Purpose", "") + told.get("Purpose", "") + told.get("X-Moz", "")
    return request.method != "GET" or ahead or told.get("Sec-Fetch-Dest", "document") != "document"


def _choices(server: Flask, guard: Guard) -> None:
    """Attach the language and the theme."""

    @server.get("/language/<tongue>")
    def language(tongue: str) -> Answer:
        return _chosen(guard, "tongue", tongue if tongue in TONGUES else TONGUES[0])

    @server.get("/theme/<theme>")
    def theme(theme: str) -> Answer:
        return _chosen(guard, "theme", theme if theme in THEMES else "")


def _form(context: Context, key: str = "", status: int = 200, **values: object) -> Answer:
    """Show the form, with what went wrong."""
    told = context.say(key, **values) if key else ""
    return Response(html(context, error=told, going=local(request.values.get("next", "/"))), status, mimetype="text/html")


def _signed_in(guard: Guard, answer: Answer, secret: str, *, lasts: bool = False) -> Answer:
    """Hand over the new session, and end the one that this browser had (S-09)."""
    now_ms, before = guard.clock.now_ms(), request.cookies.get(guard.cookie)
    if before and (who := guard.accounts.who(before, now_ms=now_ms)) is not None and who.kind != "token":
        guard.accounts.end(who.key, now_ms=now_ms)
    age = YEAR_S if lasts else None
    answer.set_cookie(guard.cookie, secret, httponly=True, secure=guard.secure, samesite="Lax", max_age=age)
    return answer


def _chosen(guard: Guard, name: str, value: str) -> Answer:
    """Remember a person's choice in a cookie, and go back to where it was made."""
    answer = redirect(local(request.args.get("next", "/")), 303)
    answer.set_cookie(name, value, samesite="Lax", secure=guard.secure, max_age=YEAR_S)
    return answer
