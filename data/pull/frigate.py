"""Frigate's HTTP API, asked beside what it tells by MQTT (docs/sources/frigate.md): what was missed while either was away, and pictures.

Frigate closes open reviews without a word when it restarts. So what is open here is asked for again until it has an end there.
"""

import re
import time
from collections.abc import Generator, Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from data.outward import Answer, Unreached, get, post
from data.puller import Piece, Pull, Target, piece, welcome
from data.reading_multipart import Part

EVERY_S, STEP_S = 10.0, 1.0
BACK_S, WINDOW_S = 24 * 3600.0, 30 * 60.0  # how far back is asked at first, and from then on
MOST, MOST_PICTURE = 500, 5 * 1024 * 1024
JSON, TOPIC = "application/json", "frigate/reviews"
DENIED = (401, 403)
_COOKIE = re.compile(r"(frigate_token=[A-Za-z0-9._~+/=-]{1,4000})")
_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")
_decode = msgspec.json.Decoder().decode


class Session:
    """A Frigate that lets us in: at once on its inner port, after a login on the outer one."""

    def __init__(self, target: Target) -> None:
        self._target, self._cookie = target, ""

    def get(self, path: str, *, most: int = 4 * 1024 * 1024, seconds: float = 8.0) -> Answer:
        """Return an answer, signing in where that is asked for. Raises Unreached."""
        answer = self._once(path, most, seconds)
        if answer.status in DENIED and self._target.line.login is not None:
            self._sign_in()
            answer = self._once(path, most, seconds)
        return answer

    def told(self, path: str) -> Any:
        """Return what a path answers, as JSON. Raises Unreached."""
        answer = self.get(path)
        welcome(answer)
        try:
            return _decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreached("protocol", "answers with what is no JSON") from error

    def _once(self, path: str, most: int, seconds: float) -> Answer:
        if self._target.line.over:
            raise Unreached("stopped", "was to be left")
        return get(self._target.place.at(path), keys=self._target.line, cookie=self._cookie, seconds=seconds, most=most)

    def _sign_in(self) -> None:
        login = self._target.line.login
        assert login is not None  # noqa: S101  asked before
        body = msgspec.json.encode({"user": login.user, "password": login.password})
        answer = post(self._target.place.at("/api/login"), body, JSON, keys=self._target.line)
        found = _COOKIE.search(answer.headers.get("set-cookie", ""))
        if found is None:
            raise Unreached("denied", f"answers the login with {answer.status}")
        self._cookie = found[1]


def listen(target: Target) -> Generator[Piece | None, None, None]:
    """Yield every review that is new or stands differently, the first time and at its end with a picture of what was seen."""
    session = Session(target)
    session.told("/api/stats")
    yield None
    known: dict[str, tuple[Any, ...]] = {}
    since = time.time() - BACK_S
    while True:
        reviews = _reviews(session, since)
        for review in reviews:
            yield from _news(session, target, review, known)
        still = [one["start_time"] for one in reviews if one.get("end_time") is None]
        since = max(min([time.time() - WINDOW_S, *(start - 1 for start in still)]), time.time() - BACK_S)
        yield None
        yield from _rest(target)


def _rest(target: Target) -> Iterator[Piece | None]:
    """Wait a while, in steps, so that who hangs up need not wait with us."""
    for _ in range(int(EVERY_S / STEP_S)):
        if target.line.over:
            raise Unreached("stopped", "was to be left")
        target.pause(STEP_S)
    yield None


def _reviews(session: Session, since: float) -> list[dict[str, Any]]:
    """Return the reviews that began since, the oldest first; what has no name or no beginning is left out."""
    found = session.told(f"/api/review?after={since:.3f}&limit={MOST}")
    whole = [
        one
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and _ID.fullmatch(str(one.get("id", ""))) and isinstance(one.get("start_time"), int | float)
    ]
    return sorted(whole, key=lambda one: one["start_time"])


def _news(session: Session, target: Target, review: dict[str, Any], known: dict[str, tuple[Any, ...]]) -> Iterator[Piece]:
    inner = _inner(review)
    mark = (review.get("severity"), review.get("end_time"), len(inner.get("detections") or ()), len(inner.get("sub_labels") or ()))
    before = known.get(review["id"])
    if before == mark:
        return
    known[review["id"]] = mark
    while len(known) > 4 * MOST:
        del known[next(iter(known))]
    first, ended = before is None, review.get("end_time") is not None
    box, picture = _seen(session, inner.get("detections") or ()) if first or ended else (None, None)
    body = msgspec.json.encode({"type": "update", "before": review, "after": review, **({"box": box} if box else {})})
    told = piece(target, body, JSON, picture)
    yield Piece(told.raw, {**told.headers, "mqtt-topic": TOPIC})


def _seen(session: Session, detections: Any) -> tuple[list[float] | None, Part | None]:
    """Return where the first thing of a review was, and a picture of it; neither where Frigate keeps none."""
    name = next((str(one) for one in detections if _ID.fullmatch(str(one))), "") if isinstance(detections, list) else ""
    if not name:
        return None, None
    box = _inner(_object(session.get(f"/api/events/{quote(name)}"))).get("box")
    for path in ("snapshot.jpg", "thumbnail.jpg"):
        answer = session.get(f"/api/events/{quote(name)}/{path}", most=MOST_PICTURE)
        if answer.status == 200 and answer.body.startswith(b"\xff\xd8"):  # noqa: PLR2004
            whole = path == "snapshot.jpg"  # a thumbnail is cut out: the box is not its
            return box if whole and isinstance(box, list) else None, Part("scene", "image/jpeg", answer.body)
    return None, None


def _object(answer: Answer) -> dict[str, Any]:
    """Return an answer's JSON object; nothing where it is none: a picture can do without."""
    try:
        told = _decode(answer.body) if answer.status == 200 else None  # noqa: PLR2004  OK
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _inner(told: dict[str, Any]) -> dict[str, Any]:
    found = told.get("data")
    return found if isinstance(found, dict) else {}


def clock(_target: Target, _zone: str) -> int | None:
    """Frigate's own events say when they were, by the clock of the machine it runs on; it tells no time besides."""
    return None


PULL = Pull(key="frigate", listen=listen, clock=clock, beside=True)
