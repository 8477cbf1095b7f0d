"""GET /city/<version>.json, /map/<version>/<name>: what stands still, fetched once per version."""

from collections.abc import Mapping

from flask import Blueprint, Response, request

from data.pack.document import Document

TYPES = {"city.json": "application/json", "labels.json": "application/json"}


def door(version: str, documents: Mapping[str, Document]) -> Blueprint:
    """Return the door. An old version answers 404: the page that asks reloads with the next beat."""
    blueprint = Blueprint("documents", __name__)

    def answer(name: str, of_version: str) -> Response:
        document = documents.get(name)
        if document is None or of_version != version:
            return Response(status=404)
        encoding = request.accept_encodings.best_match(["br", "gzip"])
        body = {"br": lambda: document.brotli, "gzip": lambda: document.gzip}.get(encoding or "", lambda: document.plain)()
        reply = Response(body, mimetype=TYPES.get(name, "application/geo+json"))
        if encoding:
            reply.headers["Content-Encoding"] = encoding
        reply.vary.add("Accept-Encoding")
        return reply

    @blueprint.get("/city/<version>.json")
    def city(version: str) -> Response:
        return answer("city.json", version)

    @blueprint.get("/map/<version>/<name>")
    def shapes(version: str, name: str) -> Response:
        return answer(name, version) if name != "city.json" else Response(status=404)

    return blueprint
