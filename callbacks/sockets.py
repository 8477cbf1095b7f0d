"""A browser joins, and is given the whole picture; then every frame, and a beat every two seconds."""

from collections.abc import Callable
from contextlib import suppress
from logging import getLogger
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO
from msgspec import json

from callbacks.fanout import SPACE, Fanout
from callbacks.guard import Guard
from callbacks.visitors import Visitors
from dashboard.access import may
from dashboard.accounts import Who
from dashboard.errors import Away
from dashboard.ports import Frames

BEAT_S, GUARD_S, ASK_S = 2.0, 1.0, 2.0
DUTY_MS = 30_000  # who reloads a page, or walks to another console, is still on duty
log = getLogger(__name__)


def register(socketio: SocketIO, *, frames: Frames, guard: Guard, build: str) -> Fanout:
    """Attach the namespace and start what runs behind it."""
    fanout, visitors = Fanout(socketio), Visitors(socketio.server)

    def beat() -> bytes:
        return json.encode({"at": guard.clock.now_ms(), "heads": fanout.heads, "build": build})

    @socketio.on("connect", namespace=SPACE)
    def _connect(auth: Any = None) -> None:
        who = _admit(guard, auth)
        fanout.join(_sid(), who.key, duty=who.name if who.kind == "session" and may(who.role, "alarm.acknowledge") else "")
        fanout.whole(_sid(), beat())

    @socketio.on("join", namespace=SPACE)
    def _again(*_: object) -> None:
        if visitors.may_have_whole(fanout.key_of(_sid())):
            fanout.whole(_sid(), beat())

    @socketio.on("disconnect", namespace=SPACE)
    def _gone(*_: object) -> None:
        fanout.leave(_sid())

    for work in _rounds(socketio, fanout, visitors, frames, guard, beat):
        socketio.start_background_task(_on_and_on, work, socketio.sleep, fanout)
    return fanout


def _rounds(
    socketio: SocketIO, fanout: Fanout, visitors: Visitors, frames: Frames, guard: Guard, told: Callable[[], bytes]
) -> tuple[Callable[[], None], ...]:
    """Return what runs for ever behind the sockets: frames out, the beat, slow screens dropped, revoked ones expelled."""

    def pump() -> None:
        try:
            for rows in frames.follow():
                fanout.round(rows)
        except Away:
            log.warning("frames are away, will ask again")
        socketio.sleep(0.3)

    def beat() -> None:
        fanout.beat(told())
        with suppress(Away):
            frames.attend(fanout.on_duty, until_ms=guard.clock.now_ms() + DUTY_MS)
        socketio.sleep(BEAT_S)

    def drop() -> None:
        if dropped := fanout.drop_slow():
            log.warning("dropped %d slow screens", dropped)
        for stranger in visitors.sweep(fanout.members):
            fanout.drop(stranger)
        socketio.sleep(GUARD_S)

    def expel() -> None:
        keys = set(fanout.members.values())
        if keys:
            fanout.expel(keys - guard.accounts.standing(keys, now_ms=guard.clock.now_ms()))
        socketio.sleep(ASK_S)

    return pump, beat, drop, expel


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO's own


def _admit(guard: Guard, auth: Any) -> Who:
    """Return who connects: by cookie from a page of ours, or by a token from anywhere. Raises Refused."""
    try:
        who = _shown(guard, auth.get("token") if isinstance(auth, dict) else None)
    except Away as away:
        raise Refused("away") from away
    if who is None or not may(who.role, "live.join"):
        raise Refused("unauthorized")
    return who


def _shown(guard: Guard, token: object) -> Who | None:
    if isinstance(token, str):
        return guard.accounts.who(token, now_ms=guard.clock.now_ms())
    # Another site's page could open a socket with our cookie too. A poll of our own page names no origin, and its browser says so.
    origin = request.headers.get("Origin")
    polls = origin is None and request.headers.get("Sec-Fetch-Site") == "same-origin"
    return guard.who() if polls or guard.own_origin(origin or "") else None


def _on_and_on(work: Callable[[], None], sleep: Callable[[float], Any], fanout: Fanout) -> None:
    while not fanout.closed:
        try:
            work()
        except Exception:  # the next round is another try; a dead loop would be a silent wall
            log.exception("a round behind the sockets failed")
            sleep(1.0)
