"""In and out: the form, one-time links, kiosks, the language and the theme."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from logging import getLogger

from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as Answer

from callbacks.guard import Guard, local
from dashboard.access import HOME
from layouts.page import Context
from layouts.sign_in import html
from layouts.words import TONGUES

FREE_TRIES, WINDOW_S, LONGEST_S = 5, 900.0, 60.0
YEAR_S = 365 * 86_400
log = getLogger(__name__)


@dataclass
class Brake:
    """Slows guessing down: after five failures in a quarter of an hour each next try waits twice as long, for a minute at most (S-08)."""

    failures: dict[str, list[float]] = field(default_factory=dict)

    def wait_s(self, *keys: str) -> float:
        """Return how long the next try must wait."""
        return max(self._wait_s(key) for key in keys)

    def failed(self, *keys: str) -> None:
        """Remember a failure."""
        for key in keys:
            recent = [at for at in self.failures.get(key, []) if time.monotonic() - at < WINDOW_S]
            self.failures[key] = [*recent, time.monotonic()][-20:]

    def passed(self, *keys: str) -> None:
        """Forget: the right person came."""
        for key in keys:
            self.failures.pop(key, None)

    def _wait_s(self, key: str) -> float:
        recent = [at for at in self.failures.get(key, []) if time.monotonic() - at < WINDOW_S]
        if len(recent) < FREE_TRIES:
            return 0.0
        return max(min(2.0 ** (len(recent) - FREE_TRIES), LONGEST_S) - (time.monotonic() - recent[-1]), 0.0)


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
    brake = Brake()

    @server.get("/sign-in")
    def form() -> Answer:
        return _form(context_of())

    @server.post("/sign-in")
    def sign_in() -> Answer:
        name, password = request.form.get("name", "")[:100].strip(), request.form.get("password", "")[:1000]
        keys = (f"account {name}", f"address {request.remote_addr}")
        if (wait_s := brake.wait_s(*keys)) > 0:
            return _form(context_of(), "sign_in.wait", 429, seconds=int(wait_s) + 1)
        role = guard.accounts.verify(name, password)
        if role is None:
            brake.failed(*keys)
            return _form(context_of(), "sign_in.wrong", 401)
        brake.passed(*keys)
        secret = guard.accounts.open_session(name, role, now_ms=guard.clock.now_ms())
        wanted = local(request.form.get("next", "/"))
        return _signed_in(guard, redirect(HOME[role] if wanted == "/" else wanted, 303), secret)


def _secrets(server: Flask, guard: Guard, context_of: Callable[[], Context]) -> None:
    """Attach the addresses that are themselves the key: a one-time link, a wall's kiosk."""

    @server.get("/sign-in/<secret>")
    def link(secret: str) -> Answer:
        opened = guard.accounts.use_link(secret, now_ms=guard.clock.now_ms())
        if opened is None:
            return _form(context_of(), "sign_in.link_used", 410)
        return _signed_in(guard, redirect("/", 303), opened)

    @server.get("/kiosk/<secret>")
    def kiosk(secret: str) -> Answer:
        opened = guard.accounts.open_kiosk(secret, now_ms=guard.clock.now_ms())
        if opened is None:
            return _form(context_of(), "sign_in.kiosk_gone", 410)
        return _signed_in(guard, redirect(f"/wall/{opened[1]}", 303), opened[0], lasts=True)


def _choices(server: Flask, guard: Guard) -> None:
    """Attach the language and the theme."""

    @server.get("/language/<tongue>")
    def language(tongue: str) -> Answer:
        return _chosen(guard, "tongue", tongue if tongue in TONGUES else TONGUES[0])

    @server.get("/theme/<theme>")
    def theme(theme: str) -> Answer:
        return _chosen(guard, "theme", theme if theme in {"dark", "light"} else "")


def _form(context: Context, key: str = "", status: int = 200, **values: object) -> Answer:
    """Show the form, with what went wrong."""
    told = context.say(key, **values) if key else ""
    return Response(html(context, error=told, going=local(request.values.get("next", "/"))), status, mimetype="text/html")


def _signed_in(guard: Guard, answer: Answer, secret: str, *, lasts: bool = False) -> Answer:
    age = YEAR_S if lasts else None
    answer.set_cookie(guard.cookie, secret, httponly=True, secure=guard.secure, samesite="Lax", max_age=age)
    return answer


def _chosen(guard: Guard, name: str, value: str) -> Answer:
    """Remember a person's choice in a cookie, and go back to where it was made."""
    answer = redirect(local(request.args.get("next", "/")), 303)
    answer.set_cookie(name, value, samesite="Lax", secure=guard.secure, max_age=YEAR_S)
    return answer
