"""POST /api/v1/intake/<source>: a payload comes in, as it is (docs/intake.md)."""

import base64
import binascii
import hashlib
import hmac
import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, request
from msgspec import json
from prometheus_client import CollectorRegistry, Counter
from werkzeug.exceptions import ClientDisconnected, HTTPException

from data.intake import Intake
from data.spool import Full
from data.store.sources import Registered, digest

MOST_BYTES = 10 * 1024 * 1024
CACHED_S = 2.0
RATE, BURST = 3000.0, 6000.0  # payloads a second and source
HOOK_WINDOW_S = 300
MOST_PACKED = 20  # how many times larger a gzipped body may be than it travels (S-13)
STAMP = re.compile(r"[0-9]{1,12}")
TAKEN_TYPES = re.compile(
    r"^(application/([\w.+-]*json|x-ndjson|[\w.+-]*xml|octet-stream|x-www-form-urlencoded|cloudevents.*)|text/.*|multipart/.*|image/jpeg)$"
)
KEPT_HEADERS = ("content-type", "mqtt-topic", "mapping", "x-kydai-simulated")


class Refusal(Exception):  # noqa: N818  an answer, not a mistake
    """An answer that says no: status, a word for machines, a sentence for people."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@dataclass
class Bucket:
    """A source's allowance: `RATE` a second, `BURST` at once."""

    left: float = BURST
    at_s: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Return whether one more may come in."""
        now_s = time.monotonic()
        self.left = min(BURST, self.left + (now_s - self.at_s) * RATE)
        self.at_s = now_s
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Gate:
    """Knows the sources, for two seconds at a time, so that a revoked key is refused soon and a post costs no query."""

    def __init__(self, ask: Callable[[], Mapping[str, Registered]]) -> None:
        self._ask, self._known, self._asked_s = ask, dict[str, Registered](), -CACHED_S
        self._buckets: dict[str, Bucket] = {}

    def admit(self, source: str, raw: bytes) -> None:
        """Let the request in, or raise Refusal."""
        known = self._source(source)
        if known is None or known.disabled is not None:
            raise Refusal(404, "unknown_source", f"There is no source {source!r}. Add it: python app.py source add {source}")
        if not (_key_fits(known) or _hook_fits(known, raw)):
            raise Refusal(
                401, "unauthorized", "The key is missing or wrong.", **{"WWW-Authenticate": 'Bearer, Basic realm="intake"'}
            )
        if not self._buckets.setdefault(source, Bucket()).take():
            raise Refusal(
                429, "too_many", "This source sends too much; what was refused is to be sent again.", **{"Retry-After": "1"}
            )

    def _source(self, key: str) -> Registered | None:
        if time.monotonic() - self._asked_s > CACHED_S:
            try:
                self._known, self._asked_s = dict(self._ask()), time.monotonic()
            except Exception as away:
                if not self._known:
                    raise Refusal(
                        503, "unavailable", "Who may speak cannot be looked up now; send it again.", **{"Retry-After": "5"}
                    ) from away
        return self._known.get(key)


def _key_fits(known: Registered) -> bool:
    told = request.authorization
    if told is None:
        return False
    secret = told.token if told.type == "bearer" else told.password if told.type == "basic" else None
    hashed = digest(secret or "")
    return any([hmac.compare_digest(hashed, held) for held in known.secrets])  # noqa: C419  all are compared, in equal time


def _hook_fits(known: Registered, raw: bytes) -> bool:
    """Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, a stamp not older than five minutes."""
    told = request.headers
    key, stamp, signatures = told.get("webhook-id", ""), told.get("webhook-timestamp", ""), told.get("webhook-signature", "")
    if not (known.hmac and key and STAMP.fullmatch(stamp) and abs(time.time() - int(stamp)) <= HOOK_WINDOW_S):
        return False
    try:
        secret = base64.b64decode(known.hmac.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    right = base64.b64encode(hmac.new(secret, f"{key}.{stamp}.".encode() + raw, hashlib.sha256).digest()).decode()
    return any([hmac.compare_digest(f"v1,{right}".encode(), one.encode()) for one in signatures.split()])  # noqa: C419  all are compared, in equal time


def body() -> bytes:
    """Return the request's bytes, unpacked. Raises Refusal when there are none or too many."""
    if (request.content_length or 0) > MOST_BYTES:
        raise _too_large()
    try:
        raw = request.stream.read(MOST_BYTES + 1)
    except ClientDisconnected as gone:
        raise Refusal(400, "cut_off", "The body ended early.") from gone
    if len(raw) > MOST_BYTES:
        raise _too_large()
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding == "gzip":
        raw = _unpacked(raw)
    elif encoding != "identity":
        raise Refusal(415, "unsupported_encoding", "Send the body plain or gzipped.")
    if not raw.strip():
        raise Refusal(400, "empty", "There is nothing in the body.")
    return raw


def _unpacked(raw: bytes) -> bytes:
    opened = zlib.decompressobj(wbits=31)
    try:
        plain = opened.decompress(raw, min(MOST_BYTES, MOST_PACKED * len(raw)) + 1)
    except zlib.error as error:
        raise Refusal(400, "bad_gzip", "The body says gzip and is not.") from error
    if len(plain) > MOST_BYTES or opened.unconsumed_tail:
        raise _too_large()
    if not opened.eof:
        raise Refusal(400, "bad_gzip", "The gzip body ends early.")
    return plain


def _too_large() -> Refusal:
    return Refusal(413, "too_large", "A payload has at most 10 MB, and gzip at most 20 times less; send it in pieces.")


def _headers() -> dict[str, str]:
    """Return what the adapter may need of the request's headers; never a credential."""
    told = {key.lower(): value for key, value in request.headers.items()}
    kept = {key: told[key] for key in KEPT_HEADERS if key in told} | {
        key: value for key, value in told.items() if key.startswith("ce-")
    }
    topic = told.get("x-mqtt-topic") or request.args.get("topic", "")
    return kept | ({"mqtt-topic": topic} if topic else {})


def door(intake: Intake, gate: Gate, registry: CollectorRegistry) -> Blueprint:
    """Return the door. Every answer is JSON; bad input is never a 5xx."""
    blueprint = Blueprint("intake", __name__)
    accepted = Counter("kydai_intake_accepted_total", "Payloads answered 202", ["source", "kept"], registry=registry)
    refused = Counter("kydai_intake_refused_total", "Payloads refused", ["code"], registry=registry)

    @blueprint.post("/api/v1/intake/<source>")
    def take(source: str) -> Response:
        if not TAKEN_TYPES.match(request.mimetype or "application/json"):
            raise Refusal(415, "unsupported_type", "Send JSON, NDJSON, XML, text or multipart.")
        raw = body()
        gate.admit(source, raw)
        kept = intake.accept(source, raw, _headers())
        accepted.labels(source, kept.where).inc()
        return Response(json.encode({"ids": [kept.receipt], "kept": kept.where}), 202, mimetype="application/json")

    @blueprint.errorhandler(Refusal)
    def _refuse(no: Refusal) -> Response:
        refused.labels(no.code).inc()
        answer = json.encode({"error": {"code": no.code, "message": no.message}})
        return Response(answer, no.status, mimetype="application/json", headers=no.headers)

    @blueprint.errorhandler(Full)
    def _full(_no: Full) -> Response:
        return _refuse(Refusal(503, "full", "Nothing more can be kept now; keep it and send it again.", **{"Retry-After": "10"}))

    @blueprint.errorhandler(HTTPException)
    def _other(no: HTTPException) -> Response:
        return _refuse(Refusal(no.code or 400, "bad_request", no.description or "The request cannot be read."))

    return blueprint
