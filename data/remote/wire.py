"""One question to a map service, through the house's one door outward: where it may not lead, and what is no answer, has a word of its own."""

import re
from collections.abc import Callable
from typing import NamedTuple

from dashboard.errors import Away, Rejected
from dashboard.layers.remote import Trouble
from data.outward import Checked, Login, Refused, Unreached, get
from data.sealed import Tampered
from data.xml_tree import Node, tree

MOST_XML, MOST_NODES = 8 << 20, 200_000
LOOK_S = 15.0
OK, NO_CONTENT = 200, 204
MOVED = range(300, 400)
WORDS = {401: "denied", 403: "denied", 404: "absent", 410: "absent", 429: "busy", 503: "busy"}
HTML = re.compile(rb"\s*(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE)
KINDS = frozenset({"connect", "tls", "slow", "cut", "large", "protocol"})
Dial = Callable[[str], Checked]


class Door(NamedTuple):
    """The way out: `dial` says where an address leads or raises Refused, `who` whom we are at a host's port."""

    dial: Dial
    who: Callable[[str, int], Login | None]


def asked(door: Door, address: str, *, seconds: float, most: int) -> tuple[int, str, bytes]:
    """Return status, content type and body of what answers. Raises Trouble for whatever is no good answer."""
    try:
        place = door.dial(address)
        found = get(place, keys=door.who(place.host, place.port), seconds=seconds, most=most)
    except Refused as refused:
        raise Trouble("refused", str(refused)) from refused
    except Unreached as unreached:
        raise Trouble(unreached.kind if unreached.kind in KINDS else "protocol", str(unreached)) from unreached
    except Tampered as tampered:
        raise Trouble("login") from tampered
    except Away as away:
        raise Trouble("record") from away
    if found.status in MOVED:
        raise Trouble("moved", _host(found.headers.get("location", "")))
    if found.status not in {OK, NO_CONTENT}:
        raise Trouble(WORDS.get(found.status, "status"), str(found.status))
    return found.status, found.content_type.partition(";")[0].strip().lower(), found.body


def _host(location: str) -> str:
    """Return where a redirect points, without what may be secret in it."""
    return re.split(r"[?#]", location)[0][:200] if location.isprintable() else ""


def is_page(body: bytes) -> bool:
    """Return whether something is a web page: a portal, an error, a form to sign in."""
    return HTML.match(body[:1000].removeprefix(b"\xef\xbb\xbf")) is not None


def document(door: Door, address: str) -> Node:
    """Return the XML that a service answers with. Raises Trouble, also for what it excuses itself with."""
    _, _, body = asked(door, address, seconds=LOOK_S, most=MOST_XML)
    return xml(body)


def xml(body: bytes) -> Node:
    """Return a body as XML. Raises Trouble."""
    if is_page(body):
        raise Trouble("html")
    try:
        found = tree(body, most=MOST_XML, nodes=MOST_NODES, doctype=True)
    except Rejected as rejected:
        raise Trouble("xml", str(rejected)) from rejected
    if excuse := excuse_of(found):
        raise Trouble("excuse", excuse)
    return found


def excuse_of(found: Node) -> str:
    """Return what a service says that it cannot do, "" where it says no such thing."""
    if found.name not in {"ServiceExceptionReport", "ExceptionReport", "ServiceException", "Exception"}:
        return ""
    told = [node for name in ("ServiceException", "Exception") for node in found.deep(name)]
    codes = [node.attributes.get("code") or node.attributes.get("exceptionCode") or "" for node in told]
    words = [node.text_of("ExceptionText") or node.text.strip() for node in told]
    return " · ".join(filter(None, [*codes[:1], *words[:1]]))[:300] or "exception"
