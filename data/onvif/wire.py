"""ONVIF's two ways to write one event: WS-Notification in XML, and Profile M in JSON under an MQTT topic. Both become one form.

The form is that of the JSON: an element is an object, its attributes begin with `@`, its text is `#text`, and what repeats is a list.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from dashboard.errors import Rejected
from data import measures
from data.xml_tree import Node, tree

EVENTS, METADATA = "onvif-ej", "onvif-mj"
MOST_DEVICE, MOST_LEVELS, MOST_ITEMS = 80, 12, 200
EMPTY = ("PullMessagesResponse", "Notify", "MetadataStream")  # which may hold nothing, and say that the device lives
UNUSED = frozenset({"Polygon", "CenterOfGravity", "Color", "HumanFace", "HumanBody", "Image", "VehicleImage"})
_decode = msgspec.json.Decoder().decode
Items = dict[str, Any]


class Told(NamedTuple):
    """One message: of which device, its topic in small letters without namespaces, and its items by name.

    `rule` is whatever tells this topic's rules and inputs apart, as its way of writing gives it. `operation` is initialized, changed,
    deleted or "" for none.
    """

    device: str
    topic: tuple[str, ...]
    rule: str
    operation: str
    time: str
    source: Items
    data: Items


class Frame(NamedTuple):
    """One picture's worth of objects that analytics saw: of which device and source of pictures."""

    device: str
    token: str
    told: Items


def from_mqtt(topic: str, raw: bytes, *, retained: bool) -> Iterator[Told | Frame]:
    """Yield what an MQTT message says. Raises Rejected. Nothing at all under a topic means that its property is gone."""
    levels = topic.split("/")
    mark = next((at for at, level in enumerate(levels) if level in {EVENTS, METADATA}), -1)
    if mark < 0:
        raise Rejected(f"its topic has neither {EVENTS} nor {METADATA}: subscribe to +/{EVENTS}/#")
    device = measures.clean("/".join(levels[:mark]), MOST_DEVICE)
    if levels[mark] == METADATA:
        told = _json(raw)
        token = measures.clean(levels[mark + 2] if len(levels) > mark + 2 else "", MOST_DEVICE)
        yield from (Frame(device, token, frame) for frame in many(told.get("Frame")))
        return
    local, _, values = "/".join(levels[mark + 1 :]).partition("/&")
    operation = "initialized" if retained else ""
    if not raw.strip():
        gone = {"Source": values.partition("/")[0]} if values and local.startswith(("VideoSource/", "RuleEngine/")) else {}
        yield Told(device, plain(local), f"{local}&{values}", "deleted", "", gone, {})
        return
    told = _json(raw)
    time = measures.clean(told.get("UtcTime"), 60)
    yield Told(device, plain(local), f"{local}&{values}", operation, time, _items(told, "Source"), _items(told, "Data"))


def from_xml(raw: bytes, device: str) -> Iterator[Told | Frame]:
    """Yield what a document says: notifications under whatever envelope, and frames of metadata. Raises Rejected."""
    top = tree(raw)
    notes, frames, empty = _worth_reading(top)
    if not (notes or frames or empty):
        raise Rejected(f"holds no notification and no frame, but {measures.clean(top.name, 60)}")
    for node in notes:
        yield _notification(node, device)
    for node in frames:
        yield Frame(device, "", _plain_items(node))


def _worth_reading(top: Node) -> tuple[list[Node], list[Node], bool]:
    """Return the notifications and the frames, in their order, and whether there is an envelope that may hold none."""
    notes, frames, empty, left = list[Node](), list[Node](), False, [top]
    while left:
        node = left.pop()
        if node.name == "NotificationMessage":
            notes.append(node)
        elif node.name == "Frame":
            frames.append(node)
        else:
            empty = empty or node.name in EMPTY
            left.extend(reversed(node.inner))
    return notes, frames, empty


def _notification(node: Node, device: str) -> Told:
    outer = node.find("Message") or Node("", {})
    message = outer.find("Message") or outer
    topic = node.text_of("Topic")
    source = {**_simple(message, "Source"), **_simple(message, "Key")}
    return Told(
        device=device or _producer(node),
        topic=plain(topic),
        rule=f"{topic}&{sorted(source.items())}",
        operation=message.attributes.get("PropertyOperation", "").lower(),
        time=message.attributes.get("UtcTime", ""),
        source=source,
        data=_simple(message, "Data"),
    )


@lru_cache(maxsize=2_000)  # a city has few topics, and they come again and again
def plain(topic: str) -> tuple[str, ...]:
    """Return a topic's levels in small letters, without the namespaces that any of them may have."""
    return tuple(measures.clean(level.rpartition(":")[2], 60).lower() for level in topic.split("/")[:MOST_LEVELS] if level.strip())


def _producer(node: Node) -> str:
    """Return the host, or the name, that the message gives as its producer's."""
    reference = node.find("ProducerReference")
    try:
        return measures.clean(urlsplit(reference.text_of("Address")).hostname or "", MOST_DEVICE) if reference else ""
    except ValueError:  # a broken address
        return ""


def _simple(message: Node, group: str) -> Items:
    """Return a group's items: simple ones as texts, elements in the form of the JSON."""
    found = message.find(group)
    items: Items = {}
    for node in found.inner[:MOST_ITEMS] if found is not None else ():
        name = node.attributes.get("Name", "")
        if node.name == "SimpleItem":
            items[name] = node.attributes.get("Value", "")
        elif node.name == "ElementItem":
            items[name] = _plain_items(node)
    return items


def _plain_items(node: Node) -> Items:
    items: Items = {f"@{name.rpartition(':')[2]}": value for name, value in node.attributes.items()}
    if node.text.strip():
        items["#text"] = node.text.strip()
    for inner in node.inner:
        if inner.name in UNUSED:
            continue
        told = _plain_items(inner)
        if inner.name in items:
            before = items[inner.name]
            items[inner.name] = [*before, told] if isinstance(before, list) else [before, told]
        else:
            items[inner.name] = told
    return items


def many(told: Any) -> list[Items]:
    """Return the objects that stand there, whether one or several."""
    return [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, dict)][:MOST_ITEMS]


def inside(told: Any, *names: str) -> Items:
    """Return the first object down a path of names; an empty one where it ends early."""
    for name in names:
        told = next(iter(many(told)), {}).get(name)
    return next(iter(many(told)), {})


def text(told: Any) -> str:
    """Return what stands in an element: the element itself, or its text."""
    one = told[0] if isinstance(told, list) and told else told
    return measures.clean(one.get("#text") if isinstance(one, dict) else one, 100)


def _items(told: Mapping[str, Any], group: str) -> Items:
    found = told.get(group, {})
    if not isinstance(found, dict):
        raise Rejected(f"{group} is no object")
    return found


def _json(raw: bytes) -> Items:
    try:
        told = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(f"is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise Rejected("is no JSON object")
    return told
