"""A map service for the tests: WMS 1.1.1 and 1.3.0, WMTS by words and by path, WFS 1.1.0 and 2.0.0, on loopback; it can be made to behave badly.

Its map is one red dot at PLACE, drawn where the standards say it belongs: whoever asks with the wrong axes gets it elsewhere.
"""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import atan, degrees, pi, sinh
from urllib.parse import parse_qsl, unquote

from PIL import Image, ImageDraw

from tests.devices import Device, Request, device, plain

PLACE = (107.58, 16.46)
EARTH = 20037508.342789244
HTML = b"<!DOCTYPE html><html><body><h1>Sign in to the portal</h1></body></html>"
LAMPS = [("Đèn 1", 107.580, 16.460), ("Đèn 2", 107.581, 16.461), ("Đèn 3", 107.582, 16.462)]
Say = Callable[[bytes], None]


@dataclass
class MapServer:
    """What it offers and how it behaves: `mode` is good, or one of the ways to be bad."""

    version: str = "1.3.0"
    crs: tuple[str, ...] = ("EPSG:3857",)
    rest: bool = False
    forms: tuple[str, ...] = ("application/json",)
    paged: bool = True
    swapped: bool = False
    roads: list[list[tuple[float, float]]] = field(default_factory=list)  # lines beside the lamps, in the same layer
    hidden: int = 0  # features that it says it has and does not give
    mode: str = "good"
    lamps: list[tuple[str, float, float]] = field(default_factory=lambda: list(LAMPS))
    moved_to: str = ""
    device: Device | None = None

    @property
    def url(self) -> str:
        assert self.device is not None
        return f"{self.device.url}/ows"

    @property
    def paths(self) -> list[str]:
        assert self.device is not None
        return [one.path for one in self.device.asked]

    def answer(self, request: Request, say: Say) -> None:
        if (mode := self.mode) != "good":  # once: a test may change it meanwhile
            bad(mode, self.moved_to, request, say)
            return
        path, _, query = request.path.partition("?")
        asked = {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}
        if path.startswith("/tiles/"):
            *_, zoom, row, column = unquote(path).rpartition(".")[0].split("/")
            say(plain(tile(int(zoom), int(column), int(row)), content_type="image/png"))
            return
        does = {"GetCapabilities": self.capabilities, "GetMap": self.map, "GetTile": self.tile, "GetFeature": self.features}
        body, kind = does[asked["request"]](asked)
        say(plain(body, content_type=kind))

    def capabilities(self, asked: dict[str, str]) -> tuple[bytes, str]:
        made = {"WMS": wms, "WMTS": wmts, "WFS": wfs}[asked["service"]](self)
        return made.encode(), "text/xml"

    def map(self, asked: dict[str, str]) -> tuple[bytes, str]:
        version = asked["version"]
        crs = asked["crs" if version == "1.3.0" else "srs"]
        assert version == self.version
        assert crs in self.crs
        a, b, c, d = (float(one) for one in asked["bbox"].split(","))
        west, south, east, north = (b, a, d, c) if version == "1.3.0" and crs == "EPSG:4326" else (a, b, c, d)
        at = PLACE if crs in {"EPSG:4326", "CRS:84"} else mercator(*PLACE)
        side = int(asked["width"])
        return dot((at[0] - west) / (east - west) * side, (north - at[1]) / (north - south) * side, side), "image/png"

    def tile(self, asked: dict[str, str]) -> tuple[bytes, str]:
        assert asked["tilematrixset"] == "web"
        return tile(int(asked["tilematrix"].removeprefix("z")), int(asked["tilecol"]), int(asked["tilerow"])), "image/png"

    def features(self, asked: dict[str, str]) -> tuple[bytes, str]:
        start, count = int(asked.get("startindex", 0)), int(asked.get("count") or asked.get("maxfeatures") or 1 << 30)
        some = self.lamps[start : start + count] if self.paged else self.lamps[:count]
        if "json" not in asked["outputformat"]:
            return gml(self, some), "text/xml"
        made = [
            {
                "type": "Feature",
                "id": f"lamp.{n}",
                "properties": {"ten": name},
                "geometry": {"type": "Point", "coordinates": [lat, lon] if self.swapped else [lon, lat]},
            }
            for n, (name, lon, lat) in enumerate(some, start)
        ]
        roads = [] if start else self.roads
        made += [
            {"type": "Feature", "properties": {"ten": "Đường"}, "geometry": {"type": "LineString", "coordinates": one}}
            for one in roads
        ]
        told = {"type": "FeatureCollection", "features": made, "numberMatched": len(self.lamps) + len(roads) + self.hidden}
        return json.dumps(told).encode(), "application/json"


def bad(mode: str, moved_to: str, request: Request, say: Say) -> None:
    """Answer as no service should."""
    wide, big = io.BytesIO(), plain(b"\x89PNG\r\n\x1a\n" + b"\x00" * (3 << 20), content_type="image/png")
    Image.new("1", (4000, 4000)).save(wide, "PNG")
    answers = {
        "html": plain(HTML, content_type="text/html"),
        "excuse": plain(
            b'<ServiceExceptionReport><ServiceException code="LayerNotDefined">no &lt;b&gt;</ServiceException></ServiceExceptionReport>'
        ),
        "big": big,
        "wide": plain(wide.getvalue(), content_type="image/png"),
        "broken": plain(dot(1, 1, 256)[:90], content_type="image/png"),
        "text": plain(b"tiles are on holiday"),
        "moved": plain(b"", status="302 Found", more=f"Location: {moved_to}\r\n"),
        "denied": plain(b"no", status="403 Forbidden"),
        "failing": plain(b"no", status="500 Oh"),
        "entities": plain(b'<!DOCTYPE a [<!ENTITY b "bbbb">]><WMS_Capabilities version="1.3.0">&b;</WMS_Capabilities>'),
        "cut": plain(dot(1, 1, 256))[:150],
    }
    if mode == "hang":
        request.hold()
    else:
        say(answers[mode])


def mercator(lon: float, lat: float) -> tuple[float, float]:
    from math import asinh, radians, tan

    return lon / 180 * EARTH, asinh(tan(radians(lat))) / pi * EARTH


def dot(x: float, y: float, side: int) -> bytes:
    """Return a clear picture with a red dot."""
    made, held = Image.new("RGBA", (side, side), (0, 0, 0, 0)), io.BytesIO()
    ImageDraw.Draw(made).rectangle((x - 1, y - 1, x + 1, y + 1), fill=(255, 0, 0, 255))
    made.save(held, "PNG")
    return held.getvalue()


def where(body: bytes) -> tuple[float, float] | None:
    """Return where the dot of a picture is."""
    box = Image.open(io.BytesIO(body)).convert("RGBA").getchannel("A").getbbox()
    return None if box is None else ((box[0] + box[2] - 1) / 2, (box[1] + box[3] - 1) / 2)


def tile(zoom: int, x: int, y: int) -> bytes:
    """Return a tile of the web's own grid."""
    n = 1 << zoom
    west, east = x / n * 360 - 180, (x + 1) / n * 360 - 180
    at, top, bottom = mercator(*PLACE)[1], mercator(0, latitude(zoom, y))[1], mercator(0, latitude(zoom, y + 1))[1]
    return dot((PLACE[0] - west) / (east - west) * 256, (top - at) / (top - bottom) * 256, 256)


def latitude(zoom: int, row: int) -> float:
    return degrees(atan(sinh(pi * (1 - 2 * row / (1 << zoom)))))


def wms(server: MapServer) -> str:
    old = server.version != "1.3.0"
    root, word = ("WMT_MS_Capabilities", "SRS") if old else ("WMS_Capabilities", "CRS")
    head = '<!DOCTYPE WMT_MS_Capabilities SYSTEM "http://127.0.0.1:1/capabilities.dtd">' if old else ""
    systems = "".join(f"<{word}>{one}</{word}>" for one in server.crs)
    return (
        f'<?xml version="1.0"?>{head}<{root} version="{server.version}" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"<Service><Title>Maps &lt;b&gt;of the city&lt;/b&gt;</Title></Service><Capability><Request><GetMap><Format>image/jpeg</Format><Format>image/png</Format>"
        f'<DCPType><HTTP><Get><OnlineResource xlink:href="http://inside.example/ows?"/></Get></HTTP></DCPType></GetMap></Request>'
        f"<Layer><Title>All</Title>{systems}<Layer><Name>city:lamps</Name><Title>Đèn &lt;img src=x onerror=alert(1)&gt;</Title>"
        f"<Style><Name>night</Name><Title>Night</Title></Style></Layer></Layer></Capability></{root}>"
    )


def wmts(server: MapServer) -> str:
    matrices = "".join(
        f"<TileMatrix><Identifier>{'' if server.rest else 'z'}{n}</Identifier><ScaleDenominator>{559082264.0287178 / 2**n}</ScaleDenominator>"
        f"<TopLeftCorner>-20037508.3428 20037508.3428</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight></TileMatrix>"
        for n in range(8, 19)
    )
    assert server.device is not None
    template = f"{server.device.url}/tiles/{{Style}}/{{TileMatrixSet}}/{{TileMatrix}}/{{TileRow}}/{{TileCol}}.png"
    path = f'<ResourceURL format="image/png" resourceType="tile" template="{template}"/>' if server.rest else ""
    crs = "urn:ogc:def:crs:EPSG::3857" if "EPSG:3857" in server.crs else "urn:ogc:def:crs:EPSG::9214"
    return (
        '<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" version="1.0.0">'
        "<ows:ServiceIdentification><ows:Title>Tiles</ows:Title></ows:ServiceIdentification><Contents><Layer><ows:Identifier>city</ows:Identifier>"
        "<ows:WGS84BoundingBox><ows:LowerCorner>107 16</ows:LowerCorner><ows:UpperCorner>108.2 16.8</ows:UpperCorner></ows:WGS84BoundingBox>"
        '<Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style><Format>image/png</Format>'
        f"<TileMatrixSetLink><TileMatrixSet>web</TileMatrixSet></TileMatrixSetLink>{path}</Layer>"
        f"<TileMatrixSet><ows:Identifier>web</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>{matrices}</TileMatrixSet></Contents></Capabilities>"
    )


def wfs(server: MapServer) -> str:
    values = "".join(f"<ows:Value>{one}</ows:Value>" for one in server.forms)
    paging = f"<ows:Constraint name='ImplementsResultPaging'><ows:DefaultValue>{str(server.paged).upper()}</ows:DefaultValue></ows:Constraint>"
    return (
        f'<wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1" version="{server.version}">'
        f'<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:Parameter name="outputFormat"><ows:AllowedValues>{values}</ows:AllowedValues>'
        f"</ows:Parameter></ows:Operation>{paging}</ows:OperationsMetadata><wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>city:lamps</wfs:Name>"
        "<wfs:Title>Lamps</wfs:Title></wfs:FeatureType></wfs:FeatureTypeList></wfs:WFS_Capabilities>"
    )


def gml(server: MapServer, some: list[tuple[str, float, float]]) -> bytes:
    """Return features as GML 3 has them: in EPSG:4326 by its URN, the latitude first."""
    made = "".join(
        f'<wfs:member><city:lamps gml:id="lamp.{n}"><city:ten>{name}</city:ten><city:at><gml:Point srsName="urn:ogc:def:crs:EPSG::4326">'
        f"<gml:pos>{lat} {lon}</gml:pos></gml:Point></city:at></city:lamps></wfs:member>"
        for n, (name, lon, lat) in enumerate(some)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" '
        'xmlns:city="http://city.example" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://city.example http://127.0.0.1:1/x.xsd" '
        f'numberMatched="{len(server.lamps) + server.hidden}" numberReturned="{len(some)}">{made}</wfs:FeatureCollection>'
    ).encode()


@contextmanager
def map_server(*, auth: str = "none", **more: object) -> Iterator[MapServer]:
    made = MapServer(**more)
    with device(made.answer, auth=auth) as held:
        made.device = held
        yield made
