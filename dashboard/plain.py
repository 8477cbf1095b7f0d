"""Texts as they are looked for: without diacritics, old and new tone marks alike (UX-38)."""

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]")
_GAPS = re.compile(r"\s+")


def plain(text: str) -> str:
    """Return a text in small letters without diacritics: `Thuận Hoá` and `Thuận Hóa` are both `thuan hoa`, `Đ` is `d`."""
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")))
    return _GAPS.sub(" ", bare).strip().casefold()
