"""GET /city/<version>.json, /map/<version>/<name>: what stands still, fetched once per version."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request

from data.pack.document import Document

TYPES = {"city.json": "application/json", "labels.json": "application/json"}


def door(
    version: str,
    documents: Mapping[str, Document],
    later: Callable[[str], Document | None] = lambda _: None,
    wards: Callable[[], Document | None] = lambda: None,
) -> Blueprint:
    """Return the door. An old version answers 404: the page that asks reloads with the next beat.

    `version` is the pack's; a city that has adopted cameras since is found by `later`, its shapes are the pack's still, but for wards that
    were surveyed.
    """
    blueprint = Blueprint("documents", __name__)

    def answer(name: str, document: Document | None) -> Response:
        if document is None:
            return Response(status=404)
        encoding = request.accept_encodings.best_match(["br", "gzip"])
        body = {"br": lambda: document.brotli, "gzip": lambda: document.gzip}.get(encoding or "", lambda: document.plain)()
        reply = Response(body, mimetype=TYPES.get(name, "application/geo+json"))
        if encoding:
            reply.headers["Content-Encoding"] = encoding
        reply.vary.add("Accept-Encoding")
        return reply

    @blueprint.get("/city/<version>.json")
    def city(**asked: str) -> Response:
        return answer("city.json", documents["city.json"] if asked["version"] == version else later(asked["version"]))

    @blueprint.get("/map/<version>/<name>")
    def shapes(name: str, **asked: str) -> Response:
        known = name != "city.json" and asked["version"].partition("-")[0] == version
        surveyed = wards() if known and name == "wards.geojson" else None
        return answer(name, surveyed or (documents.get(name) if known else None))

    return blueprint
