"""What a page loads of our own scripts and styles: two files of each, not fifty.

A first visit pays for every file: its way there and back, and the server's time to hand it out. The parts stay small files that are read and mended one
by one; here they are put together, in the order of their numbers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

from layouts.page import Page

PART = re.compile(r"\d\d-[a-z0-9-]+\.(js|css)")
SHARED = "every-page"  # what no page names is every page's
FORMS = {"js": "text/javascript", "css": "text/css"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """Parts put together: under which name it is asked for, which carries what it holds, and its text."""

    name: str
    text: str

    @property
    def form(self) -> str:
        """`js` or `css`."""
        return self.name.rpartition(".")[2]

    @property
    def tag(self) -> str:
        """Return the element that loads it."""
        path = f"/page-assets/{self.name}"
        return f'<script src="{path}"></script>' if self.form == "js" else f'<link rel="stylesheet" href="{path}">'


@dataclass(frozen=True, slots=True)
class Bundles:
    """Every page's bundles, and each under the name that it is asked for by."""

    of: Mapping[str, tuple[Bundle, ...]]
    named: Mapping[str, Bundle]

    def tags(self, page: str, form: str) -> str:
        """Return what loads a page's bundles of a form, those of every page first. A page that is not known is given those alone."""
        return "".join(one.tag for one in self.of.get(page, self.of[SHARED]) if one.form == form)


def bundled(folder: Path, pages: Iterable[Page]) -> Bundles:
    """Put the parts in a folder together, for every page.

    Raises
    ------
    ValueError
        When a page names a part that is not there.
    """
    pages = tuple(pages)
    parts = sorted(path for path in folder.iterdir() if PART.fullmatch(path.name))
    taken = {page.key: frozenset(name for name in page.assets if PART.fullmatch(name)) for page in pages}
    theirs: frozenset[str] = frozenset().union(*taken.values())
    if missing := theirs - {path.name for path in parts}:
        raise ValueError(f"assets that a page names and that are not there: {', '.join(sorted(missing))}")
    shared = _put_together(SHARED, [path for path in parts if path.name not in theirs])
    of = {page: shared + _put_together(page, [path for path in parts if path.name in names]) for page, names in taken.items()}
    of[SHARED] = shared
    return Bundles(MappingProxyType(of), MappingProxyType({one.name: one for bundles in of.values() for one in bundles}))


def _put_together(name: str, parts: list[Path]) -> tuple[Bundle, ...]:
    """Return a bundle of each form that has parts."""
    found = []
    for form, put in (("css", _style), ("js", _script)):
        texts = [put(path) for path in parts if path.suffix == f".{form}"]
        if texts:
            text = "".join(texts)
            found.append(Bundle(f"{name}-{blake2b(text.encode(), digest_size=8).hexdigest()}.{form}", text))
    return tuple(found)


def _style(path: Path) -> str:
    return f"/* {path.name} */\n{path.read_text(encoding='utf-8')}\n"


def _script(path: Path) -> str:
    """A part that breaks breaks alone, as it would in a file of its own."""
    return f"/* {path.name} */\ntry {{\n{path.read_text(encoding='utf-8')}\n}} catch (error) {{ console.error(error); }}\n"
