"""What a page is, and what it is laid out from."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from dash.development.base_component import Component

from dashboard.basemap import Tiles
from dashboard.city import City, Words
from layouts.words import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What decides how a page looks, on the server, for one person: the city, the language, the role."""

    city: City
    words: Vocabulary
    name: str
    role: str
    demo: bool
    version: str
    theme: str = ""
    basemap: Tiles | None = None

    def say(self, key: str, **values: object) -> str:
        """Return the text of `key` in the person's language."""
        return self.words.say(key, **values)

    def of(self, words: Words) -> str:
        """Return one of the pack's texts in the person's language."""
        return words.get(self.words.tongue) or words.get("vi") or ""


Layout = Callable[..., Component]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An address, who may see it, and how it is laid out. `path` may end in one `<name>`.

    `assets` are the styles and scripts (parts of their names) that only pages which name them are given. `acts`: here people do something about alarms.
    `moves`: here live pictures move, `films`: here clips are shown; either is something that a browser must be allowed.
    """

    key: str
    path: str
    title: str
    permission: str
    theme: str
    layout: Layout
    assets: tuple[str, ...] = ()
    acts: bool = False
    moves: bool = False
    films: bool = False

    def matches(self, path: str) -> bool:
        """Return whether `path` is this page's address."""
        return self.parts(path) is not None

    def parts(self, path: str) -> dict[str, str] | None:
        """Return the named part of an address, or None when it is another page's."""
        pattern = re.sub(r"<(\w+)>", r"(?P<\1>[A-Za-z0-9_-]{1,60})", self.path)
        found = re.fullmatch(f"{pattern}/?", path)
        return found.groupdict() if found else None
