"""What devices write, as the house keeps it: shares of 0..1, boxes within the picture, texts that fit, plates that could be plates.

Every function takes whatever was sent, and says None or "" where it means nothing: a garbled confidence is no reason to lose an event.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

PERCENT, MILLE = 100.0, 1000.0
Box = tuple[float, float, float, float]
_PLATE = re.compile(r"\w[\w .·/-]{0,18}\w")
# What devices write where they could read nothing.
UNREAD = frozenset({"unknown", "unlicensed", "none", "null", "noplate", "no plate", "n/a", "无车牌"})


def number(told: Any) -> float | None:
    """Return a finite number, written as one or as a text."""
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return None
    try:
        found = float(told)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def whole(told: Any, most: int) -> int:
    """Return a whole number of 0 to `most`; 0 for what is none, and the nearest for what lies outside."""
    found = number(told)
    return 0 if found is None else int(min(max(found, 0.0), float(most)))


def share(told: Any, *, of: float = 1.0) -> float | None:
    """Return a confidence as a share of 0..1; `of` is what the device calls certain. What lies outside is brought to the edge."""
    found = number(told)
    return None if found is None else min(max(found / of, 0.0), 1.0)


def box(told: Sequence[Any]) -> Box | None:
    """Return x, y, width and height as shares of the picture, from shares or from thousandths. None for what lies outside it."""
    found = [side for one in told if (side := number(one)) is not None]
    if len(found) != 4:  # noqa: PLR2004  sides
        return None
    x, y, width, height = (side / MILLE for side in found) if max(found) > 1 else found
    if min(x, y) < 0 or min(width, height) <= 0 or max(x, y, width, height) > 1:
        return None
    return x, y, min(width, 1 - x), min(height, 1 - y)


def clean(told: Any, most: int) -> str:
    """Return a text of one line, without signs that print nothing, of at most `most` letters."""
    text = str(told).strip() if isinstance(told, str | int | float) and not isinstance(told, bool) else ""
    if not text.isprintable():
        text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return text[:most].rstrip()


def plate(told: Any) -> str:
    """Return a plate as it was read, or "" where none was: empty, a word for it, or signs that stand on no plate."""
    text = clean(told, 40)
    return text if _PLATE.fullmatch(text) and text.lower() not in UNREAD and any(sign.isalnum() for sign in text) else ""
