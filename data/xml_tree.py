"""XML as devices send it: a small tree under local names, read through a parser that refuses every trick with entities.

Namespaces are left aside: five vendors' versions of one message differ in nothing else. What is too deep, too large or declares a
document type is refused before it costs anything (S-13).
"""

from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers.expat import XML_PARAM_ENTITY_PARSING_NEVER
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from dashboard.errors import Rejected

MOST_BYTES = 256 * 1024
MOST_NODES, DEEPEST = 5_000, 20
MOST_TEXT = 4_000
_Start = Callable[[str, dict[str, str]], None]
_End = Callable[[str], None]
_Say = Callable[[str], None]


class Node:
    """One element: its local name, its attributes, the text within it and the elements within it."""

    __slots__ = ("attributes", "inner", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.text = ""
        self.inner: list[Node] = []

    def find(self, name: str) -> "Node | None":
        """Return the first element of that name within this one, not deeper."""
        for node in self.inner:
            if node.name == name:
                return node
        return None

    def all(self, name: str) -> list["Node"]:
        """Return every element of that name within this one, not deeper."""
        return [node for node in self.inner if node.name == name]

    def deep(self, name: str) -> Iterator["Node"]:
        """Yield every element of that name, however deep."""
        for node in self.inner:
            if node.name == name:
                yield node
            yield from node.deep(name)

    def text_of(self, *names: str) -> str:
        """Return the text of the first element that has one of these names and says something, or ""."""
        for name in names:
            node = self.find(name)
            if node is not None and (text := node.text.strip()):
                return text
        return ""


class _Builder(DefusedExpatParser):
    """Builds the tree from expat's own calls: SAX's events in between cost as much again."""

    _parser: Any  # expat's own, made anew by reset

    def __init__(self, nodes: int, *, doctype: bool) -> None:
        self.top, self._nodes, self._doctype = Node("", {}), nodes, doctype
        super().__init__(forbid_dtd=not doctype)
        self.setContentHandler(ContentHandler())

    def reset(self) -> None:
        """Take the calls ourselves; those that refuse entities and document types stay as they are."""
        super().reset()
        if self._doctype:  # what it refers to is never asked for; whatever declares an entity is refused all the same
            self._parser.SetParamEntityParsing(XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartElementHandler, self._parser.EndElementHandler, self._parser.CharacterDataHandler = _calls(
            self.top, self._nodes
        )


def _calls(top: Node, nodes: int) -> tuple[_Start, _End, _Say]:
    """Return what expat is to call; closures, since they are called for every element of every event."""
    left, opened, node = nodes, [top], top

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal left, node
        left -= 1
        if left < 0 or len(opened) > DEEPEST:
            raise Rejected(f"is XML of more than {nodes} elements or {DEEPEST} levels")
        inner = Node(name.rpartition(":")[2] if ":" in name else name, attributes)
        node.inner.append(inner)
        opened.append(inner)
        node = inner

    def end(_name: str) -> None:
        nonlocal node
        opened.pop()
        node = opened[-1]

    def say(text: str) -> None:
        if not text.isspace() and len(node.text) < MOST_TEXT:
            node.text += text

    return start, end, say


def tree(raw: bytes, *, most: int = MOST_BYTES, nodes: int = MOST_NODES, doctype: bool = False) -> Node:
    """Return the outermost element. Raises Rejected for what is no XML, or is XML that nobody should read.

    `doctype`: it may name a document type, as WMS 1.1.1 prescribes; nothing is fetched, and entities are refused all the same.
    """
    if len(raw) > most:
        raise Rejected(f"is XML of {len(raw)} bytes; at most {most} are read")
    builder = _Builder(nodes, doctype=doctype)
    try:
        builder.feed(raw)
        builder.close()
    except DefusedXmlException as trick:
        raise Rejected(f"is XML with a document type or entities of its own: {type(trick).__name__}") from trick
    except (SAXException, ValueError, LookupError) as error:  # or an encoding that nobody knows
        raise Rejected(f"is no XML: {error}") from error
    if not builder.top.inner:
        raise Rejected("is no XML: there is no element")
    return builder.top.inner[0]
