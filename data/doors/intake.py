"""POST /api/v1/intake/<source>: a payload comes in, as it is (docs/intake.md). /NotificationInfo/<what> is the same for ITSAPI cameras."""

import base64
import binascii
import hashlib
import hmac
import re
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, request
from msgspec import json
from prometheus_client import CollectorRegistry, Counter
from werkzeug.exceptions import ClientDisconnected, HTTPException

from data.intake import Intake, Kept
from data.reading import ADAPTERS
from data.source import DEVICE, Answer
from data.spool import Full
from data.store.sources import Registered, digest

MOST_BYTES = 10 * 1024 * 1024
CACHED_S, STRANGER_S = 2.0, 0.2
RATE, BURST = 3000.0, 6000.0  # payloads a second and source
HOOK_WINDOW_S = 300
LEAST_SIGNING = 16  # bytes of a signing secret: with none at all anybody could sign
REMEMBERED_S, MOST_REMEMBERED = 2 * HOOK_WINDOW_S, 20_000
MOST_PACKED = 20  # how many times larger a gzipped body may be than it travels (S-13)
STAMP = re.compile(r"[0-9]{1,12}")
TAKEN_TYPES = re.compile(
    r"^(application/([\w.+-]*json|x-ndjson|[\w.+-]*xml|octet-stream|x-www-form-urlencoded|cloudevents.*)|text/.*|multipart/.*|image/jpeg)$"
)
ITSAPI, ITSAPI_WHAT = "dahua", "itsapi"  # whose cameras post there, and the header that carries which address it was
KEPT_HEADERS = ("content-type", "mqtt-topic", "mapping", "x-kydai-simulated")


class Refusal(Exception):  # noqa: N818  an answer, not a mistake
    """An answer that says no: status, a word for machines, a sentence for people."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@dataclass
class Bucket:
    """An allowance: `rate` a second, `burst` at once."""

    left: float = BURST
    rate: float = RATE
    burst: float = BURST
    at_s: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Return whether one more may come in."""
        now_s = time.monotonic()
        self.left = min(self.burst, self.left + (now_s - self.at_s) * self.rate)
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

    def admit(self, source: str) -> None:
        """Let the request in before its body is read, or raise Refusal. One that shows no key but a signature is judged by `signed`."""
        known = self._source(source)
        if known is None or known.disabled is not None:
            raise Refusal(404, "unknown_source", f"There is no source {source!r}. Add it: python app.py source add {source}")
        if not _key_fits(known) and not (known.hmac and _fresh_stamp()):
            raise _unauthorized()
        if not self._buckets.setdefault(source, Bucket()).take():
            raise Refusal(
                429, "too_many", "This source sends too much; what was refused is to be sent again.", **{"Retry-After": "1"}
            )

    def signed(self, source: str, raw: bytes) -> None:
        """Let in the body of whoever has shown the key, or signed this very body. Raises Refusal."""
        known = self._source(source)
        if known is None or not (_key_fits(known) or _hook_fits(known, raw)):
            raise _unauthorized()

    def adapter(self, source: str) -> str:
        """Return the key of a source's adapter, "" where nobody knows the source."""
        known = self._source(source)
        return known.adapter if known else ""

    def answer(self, source: str) -> Answer | None:
        """Return what this kind of source must hear instead of our receipt, if anything."""
        adapter = ADAPTERS.get(self.adapter(source))
        return adapter.answer if adapter else None

    def _source(self, key: str) -> Registered | None:
        """Return a source. One that nobody knows may have been added a moment ago: it is asked for sooner."""
        if time.monotonic() - self._asked_s > (CACHED_S if key in self._known else STRANGER_S):
            try:
                self._known, self._asked_s = dict(self._ask()), time.monotonic()
            except Exception as away:
                if not self._known:
                    raise Refusal(
                        503, "unavailable", "Who may speak cannot be looked up now; send it again.", **{"Retry-After": "5"}
                    ) from away
        return self._known.get(key)


class Told:
    """What was signed and kept lately, by source and webhook-id: a sender that asks again, or a thief who replays, gets the same receipt."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, bytes], tuple[float, Kept]] = OrderedDict()

    def once(self, source: str, raw: bytes, keep: Callable[[], Kept]) -> Kept:
        """Keep this very body, or return how it was kept when it was signed and sent before."""
        if "webhook-signature" not in request.headers or "authorization" in request.headers:
            return keep()
        key = (source, request.headers.get("webhook-id", ""), hashlib.sha256(raw).digest())
        at_s, before = self._kept.get(key, (0.0, None))
        if before is not None and time.monotonic() - at_s < REMEMBERED_S:
            return before
        self._kept[key] = (time.monotonic(), kept := keep())
        if len(self._kept) > MOST_REMEMBERED:
            self._kept.popitem(last=False)
        return kept


def _unauthorized() -> Refusal:
    return Refusal(401, "unauthorized", "The key is missing or wrong.", **{"WWW-Authenticate": 'Bearer, Basic realm="intake"'})


def _fresh_stamp() -> bool:
    told = request.headers
    stamp = told.get("webhook-timestamp", "")
    signed = told.get("webhook-id") and told.get("webhook-signature") and STAMP.fullmatch(stamp)
    return bool(signed) and abs(time.time() - int(stamp)) <= HOOK_WINDOW_S


def _key_fits(known: Registered) -> bool:
    try:
        told = request.authorization
    except ValueError:  # no base64
        return False
    if told is None:
        return False
    secret = told.token if told.type == "bearer" else told.password if told.type == "basic" else None
    hashed = digest(secret or "")
    return any([hmac.compare_digest(hashed, held) for held in known.secrets])  # noqa: C419  all are compared, in equal time


def _hook_fits(known: Registered, raw: bytes) -> bool:
    """Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, a stamp not older than five minutes."""
    told = request.headers
    key, stamp, signatures = told.get("webhook-id", ""), told.get("webhook-timestamp", ""), told.get("webhook-signature", "")
    if not (known.hmac and _fresh_stamp()):
        return False
    try:
        secret = base64.b64decode(known.hmac.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    if len(secret) < LEAST_SIGNING:
        return False
    right = base64.b64encode(hmac.new(secret, f"{key}.{stamp}.".encode() + raw, hashlib.sha256).digest()).decode()
    return any([hmac.compare_digest(f"v1,{right}".encode(), one.encode()) for one in signatures.split()])  # noqa: C419  all are compared, in equal time


def named_by_user(gate: Gate) -> str:
    """Return the source that ITSAPI cameras speak for: they cannot be told an address, but a user name. Raises Refusal."""
    try:
        told = request.authorization
    except ValueError:  # no base64
        told = None
    source = told.username if told is not None and told.type == "basic" else None
    if not source or gate.adapter(source) != ITSAPI:
        message = f"HTTP Basic, not Digest: the source's name (of the adapter {ITSAPI}) as user name and its key as password."
        raise Refusal(401, "unauthorized", message, **{"WWW-Authenticate": 'Basic realm="intake"'})
    return source


def body(*, some: bool = True) -> bytes:
    """Return the request's bytes, unpacked. Raises Refusal when there are too many, or, where there have to be some, none."""
    if (request.content_length or 0) > MOST_BYTES:
        raise _too_large()
    try:
        raw = request.stream.read(MOST_BYTES + 1)
    except (ClientDisconnected, OSError) as gone:  # or its chunks are no chunks
        raise Refusal(400, "cut_off", "The body ended early.") from gone
    if len(raw) > MOST_BYTES:
        raise _too_large()
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding == "gzip":
        raw = _unpacked(raw)
    elif encoding != "identity":
        raise Refusal(415, "unsupported_encoding", "Send the body plain or gzipped.")
    if some and not raw.strip():
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
    named = {
        "mqtt-topic": told.get("x-mqtt-topic") or request.args.get("topic", ""),
        DEVICE: told.get(DEVICE) or request.args.get("device", ""),
    }
    return kept | {key: value for key, value in named.items() if value}


class Desk:
    """Where every door for payloads leads: let in, keep, and only then answer."""

    def __init__(self, intake: Intake, gate: Gate, accepted: Counter) -> None:
        self._intake, self._gate, self._accepted, self._told = intake, gate, accepted, Told()

    def keep(self, source: str, headers: Mapping[str, str], *, some: bool = True) -> Response:
        """Keep the request's body as said by `source`, and answer as this kind of source needs it. Raises Refusal, and Full."""
        self._gate.admit(source)
        raw = body(some=some)
        self._gate.signed(source, raw)
        kept = self._told.once(source, raw, lambda: self._intake.accept(source, raw, headers))
        self._accepted.labels(source, kept.where).inc()
        receipt = Answer(202, "application/json", json.encode({"ids": [kept.receipt], "kept": kept.where}))
        answer = self._gate.answer(source) or receipt
        return Response(answer.body, answer.status, mimetype=answer.mimetype)


def door(intake: Intake, gate: Gate, registry: CollectorRegistry) -> Blueprint:
    """Return the door. Every answer is JSON; bad input is never a 5xx."""
    blueprint = Blueprint("intake", __name__)
    accepted = Counter("kydai_intake_accepted_total", "Payloads answered 202", ["source", "kept"], registry=registry)
    refused = Counter("kydai_intake_refused_total", "Payloads refused", ["code"], registry=registry)

    desk = Desk(intake, gate, accepted)

    @blueprint.post("/api/v1/intake/<source>")
    def take(source: str) -> Response:
        if not TAKEN_TYPES.match(request.mimetype or "application/json"):
            raise Refusal(415, "unsupported_type", "Send JSON, NDJSON, XML, text or multipart.")
        return desk.keep(source, _headers())

    @blueprint.post("/NotificationInfo/<what>")
    def take_itsapi(what: str) -> Response:
        """A heartbeat may have no body; what kind of post it is, its address says."""
        return desk.keep(named_by_user(gate), _headers() | {ITSAPI_WHAT: what[:40]}, some=what == "TollgateInfo")

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
