"""Personal data as everybody may see it (UX-96, P-01)."""

import re
from functools import lru_cache

# The series' own digit (motorbikes: 75-B1) is taken only where five or four digits follow it: `75A12345` is a car.
_PLATE = re.compile(r"\s*([0-9]{2})[- ]?([A-ZĐ]{1,2}[0-9]??)[- .]?([0-9]{3}\.?[0-9]{2}|[0-9]{4})\s*")
# The same anywhere in a text. No sign that a name is made of stands before or after, so a number in a longer one is left alone.
_PLATES = re.compile(
    r"(?<![0-9A-ZĐ])([0-9]{2})[- ]?([A-ZĐ]{1,2}[0-9]??)[- .]?(?:[0-9]{3}\.?|[0-9]{2})([0-9]{2})(?![0-9A-ZĐ])", re.IGNORECASE
)
# Telephone numbers of Việt Nam: 0 or +84, and nine digits.
_PHONES = re.compile(r"(?<![0-9A-Za-z])(\+?84|0)(?:[ .-]?[0-9]){7}[ .-]?([0-9]{2})(?![0-9A-Za-z])")
HIDDEN = "***"
LEAST_BARE = 3  # signs: what is shorter stands in any id


def plate(text: str | None) -> str | None:
    """Return a plate with its middle hidden: `75A-123.45` becomes `75A-***.45`.

    A plate of another shape (army, diplomatic, misread) keeps at most its first two and last two signs, and never more than a
    third of what it has.
    """
    if not text:
        return None
    if found := _PLATE.fullmatch(text.upper()):
        return f"{found[1]}{found[2]}-{HIDDEN}.{found[3][-2:]}"
    bare = re.sub(r"\s", "", text)
    shown = min(2, len(bare) // 6)
    return f"{bare[:shown]}{HIDDEN}{bare[len(bare) - shown :]}"


@lru_cache(maxsize=4096)
def hidden(text: str) -> str:
    """Return a text that somebody else wrote with every plate and telephone number in it masked: a name, a reason, a line of a log."""
    text = _PLATES.sub(lambda found: f"{found[1]}{found[2]}-{HIDDEN}.{found[3]}".upper(), text)
    return _PHONES.sub(rf"\1{HIDDEN}\2", text)


def betrays(text: str, of: str | None) -> bool:
    """Return whether a text, such as an id that a source made, holds a plate: any, or the very one `of`, however it is written."""
    if hidden(text) != text:
        return True
    bare = _bare(of or "")
    return len(bare) > LEAST_BARE and bare in _bare(text)


def _bare(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())
