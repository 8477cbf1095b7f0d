"""What goes with every answer: headers that a browser holds us to, and bodies made small."""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Iterable
from hashlib import blake2b

import brotli
from flask import Flask, Response, request

SMALLEST = 800
MOST_KEPT = 200
# What never changes goes out packed quickly to whoever asks first, and packed hard to everybody after; 11 takes three times as long as
# 10 for one part in a hundred.
QUICK, HARD = 4, 10
PACKED = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/geo+json")
YEAR = "public, max-age=31536000, immutable"
LASTING = ("/_dash-component-suites/", "/page-assets/", "/city/", "/map/", "/i18n/")
BASE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def policy(hashes: Iterable[str], *, moves: bool = False, films: bool = False) -> str:
    """Return the Content-Security-Policy. Leaflet sets positions as inline styles, hence the one 'unsafe-inline' (S-06).

    Where pictures move, a script puts their pieces together, and the browser plays them from its own memory (`blob:`). A clip is
    played from where it is kept.
    """
    media = "media-src blob:; " if moves else "media-src 'self'; " if films else ""
    scripts = " ".join(["'self'", *hashes])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
        f"{media}connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


class Answers:
    """Dresses every answer of the web server."""

    def __init__(self, *, csp: Callable[[], str], secure: bool, later: Callable[[Callable[[], None]], object]) -> None:
        self._later = later  # runs long work beside the loop
        self._csp = csp  # asked for each time: Dash adds the scripts of its pages with the first request
        self._headers = dict(BASE)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        self._kept: OrderedDict[tuple[bytes, str], bytes] = OrderedDict()

    def dress(self, server: Flask) -> None:
        """Dress all of a server's answers."""
        server.after_request(self._dressed)

    def _dressed(self, answer: Response) -> Response:
        for name, value in self._headers.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Content-Security-Policy", self._csp())
        lasting = request.path.startswith(LASTING) or (request.path.startswith("/assets/") and "m" in request.args)
        if answer.status_code == 200:  # noqa: PLR2004  OK
            if lasting:
                answer.headers["Cache-Control"] = YEAR
            elif request.path.startswith("/assets/"):
                answer.headers["Cache-Control"] = "public, max-age=3600"
        answer.headers.setdefault("Cache-Control", "no-store")
        return self._packed(answer, lasting=lasting)

    def _packed(self, answer: Response, *, lasting: bool) -> Response:
        """Pack a text that is worth it; what never changes is packed hard, and once."""
        if not (answer.mimetype or "").startswith(PACKED) or "Content-Encoding" in answer.headers or answer.status_code != 200:  # noqa: PLR2004  OK
            return answer
        encoding = request.accept_encodings.best_match(["br", "gzip"])
        if encoding is None:
            return answer
        answer.direct_passthrough = False
        body = answer.get_data()
        if len(body) < SMALLEST:
            return answer
        answer.set_data(self._keep(body, encoding) if lasting else pack(body, encoding, quality=QUICK))
        answer.headers["Content-Encoding"] = encoding
        answer.headers["Content-Length"] = str(len(answer.get_data()))
        answer.vary.add("Accept-Encoding")
        return answer

    def _keep(self, body: bytes, encoding: str) -> bytes:
        """Return a lasting body packed. It is known by what it holds: a made-up address of it costs no second packing, and no memory."""
        key = (blake2b(body, digest_size=16).digest(), encoding)
        if key not in self._kept:
            self._kept[key] = pack(body, encoding, quality=QUICK)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            self._later(lambda: self._harden(key, body))
        self._kept.move_to_end(key)
        return self._kept[key]

    def _harden(self, key: tuple[bytes, str], body: bytes) -> None:
        hard = pack(body, key[1], quality=HARD)
        if key in self._kept:  # it may have been let go meanwhile
            self._kept[key] = hard


def pack(body: bytes, encoding: str, *, quality: int) -> bytes:
    """Return `body` packed as `br` or `gzip`."""
    return bytes(brotli.compress(body, quality=quality)) if encoding == "br" else gzip.compress(body, min(quality, 9), mtime=0)
