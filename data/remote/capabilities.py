"""What a service says that it offers: WMS 1.1.1 and 1.3.0, WMTS 1.0.0, WFS 1.1.0 and 2.0.0."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from dashboard.layers.asking import DEGREES, EARTH_M, MERCATOR, with_query
from dashboard.layers.remote import FIRST, LAST, SIDES, Asked, Kind, Offer, Trouble
from data.remote.wire import Door, document
from data.xml_tree import Node

MOST_OFFERS = 500
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")  # that can be handed on, the best first
GEOJSON = re.compile(r"geo\+?json|^application/json|^json$", re.IGNORECASE)
GML = re.compile(r"gml|^text/xml", re.IGNORECASE)
ROOTS: dict[str, Kind] = {
    "WMS_Capabilities": "wms",
    "WMT_MS_Capabilities": "wms",
    "WFS_Capabilities": "wfs",
    "Capabilities": "wmts",
}
# A WMTS that draws as the web does: its first matrix is the whole world in one square of 256 pixels of 0.28 mm.
WORLD, NEAR_ENOUGH = 559_082_264.0287178, 1e-4


class Found(NamedTuple):
    """A service as it describes itself, and how each of its layers would be asked for."""

    kind: Kind
    title: str
    version: str
    offers: list[Offer]
    asked: dict[str, Asked]


def look(door: Door, address: str, kind: Kind) -> Found:
    """Return what a service offers. Raises Trouble."""
    if address.partition("?")[0].lower().endswith(".xml") and kind == "wmts":
        told = document(door, address)  # a WMTS asked by path has its description in a file
    else:
        more = {"version": "1.3.0"} if kind == "wms" else {"acceptversions": "2.0.0,1.1.0"} if kind == "wfs" else {}
        words = {"SERVICE": kind.upper(), "REQUEST": "GetCapabilities", **{key.upper(): value for key, value in more.items()}}
        told = document(door, with_query(address, words))
    found = ROOTS.get(told.name)
    if found != kind:
        raise Trouble("other", f"{told.name[:40]}")
    return _READ[kind](told, address)


def _local(node: Node, name: str) -> str:
    """Return an attribute, whatever namespace it is in."""
    return next((value for key, value in node.attributes.items() if key.rpartition(":")[2] == name), "")


def _service(told: Node, *names: str) -> str:
    about = next((node for name in names if (node := told.find(name)) is not None), None)
    return about.text_of("Title")[:200] if about is not None else ""


def _same_host(said: str, given: str) -> str:
    """Return the address that a service names, where it is at the very host that was given: else the one that was given is good."""
    one, other = urlsplit(said), urlsplit(given)
    same = (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
    if not same or not said.isascii():
        return given
    return said if one.query.strip("&?") or not other.query else f"{said.partition('?')[0]}?{other.query}"


def _style(offer: Offer) -> str:
    return offer.styles[0] if offer.styles else ""


# ---- WMS ----


def _wms(told: Node, address: str) -> Found:
    version = told.attributes.get("version", "1.3.0")
    if version not in {"1.1.0", "1.1.1", "1.3.0"}:
        raise Trouble("version", version[:20])
    capability = told.find("Capability") or Node("", {})
    get_map = next(capability.deep("GetMap"), Node("", {}))
    formats = tuple(one for one in PICTURES if one in {node.text.strip().partition(";")[0] for node in get_map.all("Format")})
    href = next((_local(node, "href") for node in get_map.deep("OnlineResource")), "")
    at = _same_host(href, address) if href else address
    offers = [one for top in capability.all("Layer") for one in _layers(top, (), (), formats)][:MOST_OFFERS]
    how = {
        one.name: Asked(
            kind="wms", address=at, version=version, layer=one.name, style=_style(one), format=_first(formats), crs=one.crs
        )
        for one in offers
        if one.crs and formats
    }
    return Found("wms", _service(told, "Service"), version, offers, how)


def _first(formats: Iterable[str]) -> str:
    return next(iter(formats), "")


def _layers(node: Node, systems: tuple[str, ...], styles: tuple[str, ...], formats: tuple[str, ...]) -> Iterator[Offer]:
    """Yield the layers that have a name: systems and styles are inherited from the layers around them."""
    own = [word.upper() for name in ("CRS", "SRS") for one in node.all(name) for word in one.text.split()]
    systems = (*systems, *own)
    # The style that a server itself thinks best is asked for by saying none.
    styles = ("", *dict.fromkeys([*styles[1:], *(one.text_of("Name") for one in node.all("Style"))]))
    if name := node.text_of("Name"):
        crs = next((one for one in (*MERCATOR, *DEGREES) if one in systems), "")
        yield Offer(name=name, title=node.text_of("Title") or name, crs=crs, styles=styles, formats=formats, bounds=_box(node))
    for inner in node.all("Layer"):
        yield from _layers(inner, systems, styles, formats)


def _box(node: Node) -> tuple[float, float, float, float] | None:
    names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
    place, old = node.find("EX_GeographicBoundingBox"), node.find("LatLonBoundingBox")
    words = [place.text_of(name) for name in names] if place else []
    words = words or ([old.attributes.get(name, "") for name in ("minx", "miny", "maxx", "maxy")] if old else [])
    return _numbers(words)


def _numbers(words: list[str]) -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = (float(one) for one in words)
    except ValueError:
        return None
    return (west, south, east, north) if -180 <= west <= east <= 180 and -90 <= south <= north <= 90 else None  # noqa: PLR2004  degrees


# ---- WMTS ----


class _Grid(NamedTuple):
    matrices: dict[int, str]
    side: int


def _wmts(told: Node, address: str) -> Found:
    contents = told.find("Contents") or Node("", {})
    grids = {node.text_of("Identifier"): grid for node in contents.all("TileMatrixSet") if (grid := _grid(node)) is not None}
    at = next(_get_tile(told, address), address)
    offers, how = [], {}
    for node in contents.all("Layer")[:MOST_OFFERS]:
        offer, asked = _wmts_layer(node, grids, at, address)
        offers.append(offer)
        if asked is not None:
            how[offer.name] = asked
    return Found("wmts", _service(told, "ServiceIdentification"), "1.0.0", offers, how)


def _wmts_layer(node: Node, grids: dict[str, _Grid], at: str, address: str) -> tuple[Offer, Asked | None]:
    name = node.text_of("Identifier")
    formats = [one for one in PICTURES if one in {made.text.strip() for made in node.all("Format")}]
    styles = sorted(node.all("Style"), key=lambda one: one.attributes.get("isDefault") != "true")
    chosen = next(
        (link.text_of("TileMatrixSet") for link in node.all("TileMatrixSetLink") if link.text_of("TileMatrixSet") in grids), ""
    )
    offer = Offer(
        name=name,
        title=node.text_of("Title") or name,
        crs=MERCATOR[0] if chosen else "",
        styles=tuple(one.text_of("Identifier") for one in styles),
        formats=tuple(formats),
        bounds=_corners(node),
    )
    if not (name and chosen and formats):
        return offer, None
    template = next((one for form in formats for one in _templates(node, form)), "")
    asked = Asked(
        kind="wmts",
        address=at,
        version="1.0.0",
        layer=name,
        style=_style(offer),
        format=formats[0],
        crs=MERCATOR[0],
        template=_same_host(template, address) if template else "",
        matrix_set=chosen,
        matrices=grids[chosen].matrices,
        side=grids[chosen].side,
    )
    return offer, asked


def _templates(node: Node, form: str) -> Iterator[str]:
    for one in node.all("ResourceURL"):
        if one.attributes.get("resourceType") == "tile" and one.attributes.get("format") == form:
            yield one.attributes.get("template", "")


def _corners(node: Node) -> tuple[float, float, float, float] | None:
    box = node.find("WGS84BoundingBox")
    return _numbers([*box.text_of("LowerCorner").split(), *box.text_of("UpperCorner").split()]) if box else None


def _get_tile(told: Node, address: str) -> Iterator[str]:
    """Yield where GetTile is asked with words in the address (KVP)."""
    for operation in told.deep("Operation"):
        if operation.attributes.get("name") == "GetTile":
            for one in operation.deep("Get"):
                ways = [value.text.strip().upper() for value in one.deep("Value")]
                if not ways or "KVP" in ways:
                    yield _same_host(_local(one, "href"), address)


def _grid(node: Node) -> _Grid | None:
    """Return the matrices by the web's zooms, None for a set that cuts the world otherwise."""
    if not re.search(r"(?:^|:)(?:3857|900913|102100|102113)$", node.text_of("SupportedCRS")):
        return None
    made: dict[int, str] = {}
    sides = set()
    for one in node.all("TileMatrix"):
        side, scale, corner = _matrix(one)
        if side not in SIDES or scale <= 0 or any(abs(abs(part) - EARTH_M) > 1 for part in corner) or not corner:
            continue
        for zoom in range(FIRST, LAST + 1):
            if abs(scale * (1 << zoom) * side / 256 / WORLD - 1) < NEAR_ENOUGH:
                made[zoom] = one.text_of("Identifier")
                sides.add(side)
    return _Grid(made, sides.pop()) if made and len(sides) == 1 else None


def _matrix(one: Node) -> tuple[int, float, list[float]]:
    try:
        side = int(one.text_of("TileWidth"))
        corner = [float(part) for part in one.text_of("TopLeftCorner").split()]
        good = side == int(one.text_of("TileHeight")) and len(corner) == 2  # noqa: PLR2004  a point
        return side if good else 0, float(one.text_of("ScaleDenominator")), corner
    except ValueError:
        return 0, 0.0, []


# ---- WFS ----


def _wfs(told: Node, address: str) -> Found:
    version = told.attributes.get("version", "")
    if not version.startswith(("1.1.", "2.0.")):
        raise Trouble("version", version[:20])
    forms = list(_forms(told))
    at = next(_get_feature(told, address), address)
    paged = version.startswith("2") and any(
        one.attributes.get("name") == "ImplementsResultPaging" and one.text_of("DefaultValue").upper() == "TRUE"
        for one in told.deep("Constraint")
    )
    offers, how = [], {}
    for node in (told.find("FeatureTypeList") or Node("", {})).all("FeatureType")[:MOST_OFFERS]:
        name = node.text_of("Name")
        own = [one.text.strip() for formats in node.all("OutputFormats") for one in formats.all("Format")]
        form = next((one for one in [*own, *forms] if GEOJSON.search(one)), "") or next(
            (one for one in [*own, *forms] if GML.search(one)), ""
        )
        offer = Offer(
            name=name, title=node.text_of("Title") or name, crs="EPSG:4326", formats=(form,) if form else (), bounds=_corners(node)
        )
        offers.append(offer)
        if name and form:
            how[name] = Asked(kind="wfs", address=at, version=version, layer=name, format=form, paged=paged)
    return Found("wfs", _service(told, "ServiceIdentification"), version, offers, how)


def _forms(told: Node) -> Iterator[str]:
    """Yield the forms in which features are given."""
    for operation in told.deep("Operation"):
        if operation.attributes.get("name") == "GetFeature":
            for one in operation.all("Parameter"):
                if one.attributes.get("name", "").lower() == "outputformat":
                    yield from (value.text.strip() for value in one.deep("Value"))


def _get_feature(told: Node, address: str) -> Iterator[str]:
    for operation in told.deep("Operation"):
        if operation.attributes.get("name") == "GetFeature":
            yield from (_same_host(_local(one, "href"), address) for one in operation.deep("Get"))


_READ = {"wms": _wms, "wmts": _wmts, "wfs": _wfs}
