"""GET /basemap/<version>.pmtiles, /basemap/<version>/<z>/<x>/<y>: the base map's tiles, in pieces as the map asks for them."""

from collections.abc import Callable

from flask import Blueprint, Response, request, send_file

from data.basemap.kept import Basemap, picture

NEAREST = 24


def door(find: Callable[[], Basemap | None]) -> Blueprint:
    """Return the door. `find` returns the base map in use; another version than that answers 404, and a page that asks is of yesterday."""
    blueprint = Blueprint("basemap", __name__)

    @blueprint.get("/basemap/<version>.pmtiles")
    def tiles(version: str) -> Response:
        kept = find()
        if kept is None or kept.tiles.version != version or kept.tiles.form != "pmtiles":
            return Response(status=404)
        if "Range" not in request.headers:
            return Response("ask for a range: the file is large", status=400, mimetype="text/plain")
        return send_file(kept.path, mimetype="application/octet-stream", conditional=True, etag=version, max_age=None)

    @blueprint.get("/basemap/<version>/<int:z>/<int:x>/<int:y>")
    def one(version: str, z: int, x: int, y: int) -> Response:
        kept = find()
        if kept is None or kept.tiles.version != version or kept.tiles.form != "mbtiles" or z > NEAREST or max(x, y) >= 2**z:
            return Response(status=404)
        body = picture(kept.path, z, x, y)
        return Response(status=204) if body is None else Response(body, mimetype=_kind(body))

    return blueprint


def _kind(body: bytes) -> str:
    return "image/png" if body.startswith(b"\x89PNG") else "image/webp" if body[8:12] == b"WEBP" else "image/jpeg"
