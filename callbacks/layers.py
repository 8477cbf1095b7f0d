"""GET /layers/list and the tiles of each layer: what the map draws of the city's own layers, and of those by address. The API stands in data/doors/layers."""

from collections.abc import Callable

from flask import Blueprint, Response, g, request
from msgspec import json
from werkzeug.exceptions import NotFound

from dashboard.city import City
from dashboard.errors import Missing
from dashboard.layers.layer import Layer, may_see, on_walls, told
from dashboard.layers.reading import Layers
from dashboard.layers.remote import Pictures
from dashboard.layers.remote import may_see as may_see_remote
from dashboard.layers.remote import told as told_remote
from dashboard.ports import Clock

MOST_DIGITS = 15
# A tile of a version never changes; it is this person's alone to keep, since another one may not see the layer.
LASTING = "private, max-age=31536000, immutable"


def door(layers: Layers, clock: Clock, pictures: Pictures, city_now: Callable[[], City] | None = None) -> Blueprint:
    """Return the door. `pictures` are the layers by address; `city_now` says which layers each wall draws; without it walls draw none."""
    blueprint = Blueprint("layers", __name__)

    @blueprint.get("/layers/list")
    def listed() -> Response:
        now_ms, role, remote = clock.now_ms(), g.who.role, pictures.all()
        mine = {one.key for one in layers.shown() if may_see(one, role)}
        shown = layers.then(at) if (at := _at()) is not None else layers.shown()
        own = [_told(one, pictures, now_ms) for one in shown if one.key in mine]
        far = [one for one in remote.values() if one.kind != "wfs" and may_see_remote(one, role)]
        answer = {"layers": own + [told_remote(one, pictures.standing(one.key), now_ms) for one in far], "now": now_ms}
        return Response(json.encode(answer), mimetype="application/json")

    @blueprint.get("/layers/<key>/<int:version>/<int:zoom>/<int:x>/<int:y>")
    def tile(key: str, version: int, zoom: int, x: int, y: int) -> Response:
        return _versioned(layers, seen(layers, key, g.who.role), version, (zoom, x, y))

    @blueprint.get("/walls/<wall>/layers")
    def on_wall(wall: str) -> Response:
        now_ms = clock.now_ms()
        answer = {"layers": [told(one, now_ms) for one in drawn(layers, city_now, wall, at=_at())], "now": now_ms}
        return Response(json.encode(answer), mimetype="application/json")

    @blueprint.get("/walls/<wall>/layers/<key>/<int:version>/<int:zoom>/<int:x>/<int:y>")
    def tile_on_wall(wall: str, key: str, version: int, zoom: int, x: int, y: int) -> Response:
        layer = next((one for one in drawn(layers, city_now, wall) if one.key == key), None)
        return _versioned(layers, layer, version, (zoom, x, y))

    @blueprint.errorhandler(Missing)
    def missing(_: Missing) -> Response:
        raise NotFound

    return blueprint


def _at() -> int | None:
    """Return the instant whose layers are asked for (epoch ms), None: now. Raises NotFound."""
    text = request.args.get("at")
    if text is not None and not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise NotFound
    return None if text is None else int(text)


def drawn(layers: Layers, city_now: Callable[[], City] | None, wall: str, *, at: int | None = None) -> list[Layer]:
    """Return the layers that a wall draws, in its order, as they were shown at an instant where one is given.

    Raises NotFound for another wall's where only one's own may be seen.
    """
    if g.who.role == "wall" and g.who.wall != wall:
        raise NotFound
    named = next((plan.layers for plan in city_now().walls if plan.name == wall), ()) if city_now else ()
    mine = {one.key for one in layers.shown() if on_walls(one) and not one.wards_from} if named else set()
    shown = {one.key: one for one in (layers.shown() if at is None else layers.then(at))} if mine else {}
    return [shown[key] for key in named if key in mine]


def seen(layers: Layers, key: str, role: str) -> Layer:
    """Return a layer that a role may see. Raises NotFound: one that it may not see is not there for it."""
    found = next((one for one in layers.shown() if one.key == key and may_see(one, role)), None)
    if found is None:
        raise NotFound
    return found


def _told(layer: Layer, pictures: Pictures, now_ms: int) -> dict[str, object]:
    """Return what a screen is told of a layer; of one that is read from a WFS also what is wrong there."""
    if (one := pictures.all().get(layer.key)) is None or one.kind != "wfs":
        return {**told(layer, now_ms)}
    stands = pictures.standing(layer.key)
    return {**told(layer, now_ms), "trouble": {"code": stands.code, "since": stands.since} if stands.code else None}


def _versioned(layers: Layers, layer: Layer | None, version: int, at: tuple[int, int, int]) -> Response:
    """Return a tile of a version of a layer: of the one that is shown, or of one before it that is kept. Raises NotFound."""
    held = [] if layer is None else [one for one in (layer, *layers.kept(layer)) if one.version == version][:1]
    if not held or max(at) >= 1 << 31:
        raise NotFound
    return _tile(f"{held[0].key}-{version}-{at[0]}-{at[1]}-{at[2]}", lambda: layers.tile(held[0], *at))


def _tile(name: str, read: Callable[[], bytes | None]) -> Response:
    """Return a tile as it is kept, packed; nothing where nothing is. Whoever has it already is told so without a look at the file."""
    kept = {"ETag": f'"{name}"', "Cache-Control": LASTING, "Vary": "Cookie"}
    if request.if_none_match.contains(name):
        return Response(status=304, headers=kept)
    body = read()
    if body is None:
        return Response(status=204, headers=kept)
    return Response(body, mimetype="application/octet-stream", headers={**kept, "Content-Encoding": "gzip"})
