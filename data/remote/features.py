"""The features of a WFS, fetched whole into a file: page by page where it gives pages, and refused where some are missing."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import sax
from defusedxml.common import DefusedXmlException
from msgspec import DecodeError, json

from dashboard.layers.asking import with_query
from dashboard.layers.remote import Asked, Trouble
from data.remote.wire import MOST_XML, Door, asked, is_page, xml

SECONDS, MOST_BYTES = 120.0, 128 << 20
AT_ONCE, MOST_FEATURES = 5_000, 500_000
WHOLE_S = 900  # for all pages, and for turning GML
DEGREES = "urn:ogc:def:crs:EPSG::4326"
ROOT = Path(__file__).parents[2]
_COUNT = re.compile(rb'number(Matched|Returned|OfFeatures)\s*=\s*"(\d{1,12})"')
_STAMP = re.compile(rb'\stimeStamp\s*=\s*"[^"]*"')
_SCHEMA = re.compile(rb'\s[\w:]*schemaLocation\s*=\s*("[^"]*"|\'[^\']*\')', re.IGNORECASE)
Box = tuple[float, float, float, float]


class Page(NamedTuple):
    """Some features as GeoJSON, how many there are in all where the service says so, and the coordinates it says it gives."""

    features: list[Any]
    matched: int | None
    crs: Any


def fetched(door: Door, how: Asked, box: Box, folder: Path) -> tuple[Path, str]:
    """Return a file with the features that touch a box in degrees, and a digest of them. Raises Trouble."""
    return _geojson(door, how, box, folder) if "json" in how.format.lower() else _gml(door, how, box, folder)


def _address(how: Asked, box: Box | None, *, start: int = 0, count: int = 0) -> str:
    new = how.version.startswith("2")
    words = {
        "SERVICE": "WFS",
        "VERSION": how.version,
        "REQUEST": "GetFeature",
        "TYPENAMES" if new else "TYPENAME": how.layer,
        "OUTPUTFORMAT": how.format,
        "SRSNAME": DEGREES,
    }
    if box is not None:  # in the system's own order: latitude first
        west, south, east, north = box
        words["BBOX"] = f"{south:.6f},{west:.6f},{north:.6f},{east:.6f},{DEGREES}"
    if count:
        words["COUNT" if new else "MAXFEATURES"] = str(count)
    if start:
        words["STARTINDEX"] = str(start)
    return with_query(how.address, words)


def _geojson(door: Door, how: Asked, box: Box, folder: Path) -> tuple[Path, str]:
    # Some services take the box in another order and then find nothing.
    pages = list(_pages(door, how, box)) or list(_pages(door, how, None))
    features = [one for page in pages for one in page.features]
    matched = next((page.matched for page in pages if page.matched is not None), None)
    if matched is not None and matched > len(features):
        raise Trouble("partial", f"{len(features)} / {matched}")
    if not features:
        raise Trouble("nothing")
    told = {"type": "FeatureCollection", "features": features}
    crs = next((page.crs for page in pages if page.crs), None)
    to = folder / "layer.geojson"
    body = json.encode({"crs": crs, **told} if crs else told)
    to.write_bytes(body)
    return to, hashlib.sha256(body).hexdigest()


def _pages(door: Door, how: Asked, box: Box | None) -> Iterator[Page]:
    """Yield pages that hold something. Raises Trouble."""
    got, before = 0, None
    while got < MOST_FEATURES:
        count = AT_ONCE if how.paged else MOST_FEATURES
        page = _page(door, _address(how, box, start=got, count=count))
        if not page.features:
            return
        if page.features[0] == before:
            raise Trouble("partial", "STARTINDEX")
        yield page
        got, before = got + len(page.features), page.features[0]
        if not how.paged or len(page.features) < count or got == page.matched:
            return
    raise Trouble("large", f"{MOST_FEATURES}")


def _page(door: Door, address: str) -> Page:
    _, _, body = asked(door, address, seconds=SECONDS, most=MOST_BYTES)
    _refuse_excuse(body)
    try:
        told = json.decode(body)
    except (DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Trouble("features", str(error)[:100]) from error
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise Trouble("features", "FeatureCollection")
    counts = [told.get(name) for name in ("numberMatched", "totalFeatures")]
    return Page(features, next((one for one in counts if isinstance(one, int)), None), told.get("crs"))


def _refuse_excuse(body: bytes) -> None:
    if is_page(body):
        raise Trouble("html")
    if body.lstrip()[:1] == b"<" and len(body) < MOST_XML:
        xml(body)
        raise Trouble("features", "XML")


def _gml(door: Door, how: Asked, box: Box, folder: Path) -> tuple[Path, str]:
    body = _STAMP.sub(b"", _whole(door, how, box), count=1)
    source, to = folder / "layer.gml", folder / "layer.gpkg"
    source.write_bytes(_SCHEMA.sub(b"", body[: 64 << 10]) + body[64 << 10 :])
    command = [sys.executable, "-m", "data.remote.gml", str(source), str(to)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=WHOLE_S, stdin=subprocess.DEVNULL)  # noqa: S603  our own module
    except subprocess.TimeoutExpired as error:
        raise Trouble("large") from error
    if done.returncode or not to.exists():
        raise Trouble("features", "GML")
    return to, hashlib.sha256(body).hexdigest()


def _whole(door: Door, how: Asked, box: Box) -> bytes:
    """Return the GML with all features, looked over. Raises Trouble."""
    for place in (box, None):
        _, _, body = asked(door, _address(how, place, count=MOST_FEATURES), seconds=SECONDS, most=MOST_BYTES)
        if is_page(body):
            raise Trouble("html")
        if b"Exception" in body[:2000]:
            xml(body)
        try:
            sax.parseString(body, ContentHandler(), forbid_dtd=True)
        except (DefusedXmlException, SAXException, ValueError) as error:
            raise Trouble("xml", str(error)[:100]) from error
        counts = {name: int(n) for name, n in _COUNT.findall(body[:8000])}
        if counts.get(b"Matched", 0) > counts.get(b"Returned", 0):
            raise Trouble("partial", f"{counts.get(b'Returned', 0)} / {counts[b'Matched']}")
        if b"featureMember" in body or b":member" in body or b"<member" in body:
            return body
    raise Trouble("nothing")
