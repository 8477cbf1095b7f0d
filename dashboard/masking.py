"""Personal data as everybody may see it (UX-96, P-01)."""

import re

# The series' own digit (motorbikes: 75-B1) is taken only where five or four digits follow it: `75A12345` is a car.
_PLATE = re.compile(r"\s*([0-9]{2})[- ]?([A-ZĐ]{1,2}[0-9]??)[- .]?([0-9]{3}\.?[0-9]{2}|[0-9]{4})\s*")
HIDDEN = "***"


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
