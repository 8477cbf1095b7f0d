"""Personal data as everybody may see it (UX-96, P-01)."""

import re

_PLATE = re.compile(r"^\s*([0-9]{2}\s*-?\s*[A-ZĐ]{1,2}[0-9]?)\s*[- .]?\s*([0-9][0-9. -]*)\s*$")
HIDDEN = "***"


def plate(text: str | None) -> str | None:
    """Return a plate with its middle hidden: `75A-123.45` becomes `75A-***.45`.

    A plate of another shape (army, diplomatic, misread) keeps its first two and last two signs at most, and never more than a
    third of what it has.
    """
    if not text:
        return None
    if found := _PLATE.match(text.upper()):
        digits = re.sub(r"\D", "", found[2])
        series = re.sub(r"[\s-]", "", found[1])
        return f"{series}-{HIDDEN}.{digits[-2:]}" if len(digits) >= 4 else f"{series}-{HIDDEN}"  # noqa: PLR2004  as written
    bare = re.sub(r"\s", "", text)
    shown = min(2, len(bare) // 6)
    return f"{bare[:shown]}{HIDDEN}{bare[len(bare) - shown :]}"
