"""Number plates as they are compared: one spelling for every way in which a plate is written or read."""

import re

# A motorbike's and a square car's plate stands in two lines, and some cameras read the lower one first: `123.45` over `75-B1`.
_LOWER_FIRST = re.compile(r"([0-9]{5}|[0-9]{4})([0-9]{2}[A-Z]{1,2}[0-9]?)")
_SIGNS = str.maketrans({"Đ": "D", "đ": "d"})
_UNREAD = frozenset({"", "UNKNOWN", "UNLICENSED", "NOPLATE", "NONE", "NULL"})


def normal(plate: str) -> str:
    """Return a plate by which it is compared: capitals and digits only, Đ as D, upper line first; "" where it was not read."""
    bare = re.sub(r"[^0-9A-Z]", "", plate.translate(_SIGNS).upper())
    if bare in _UNREAD:
        return ""
    swapped = _LOWER_FIRST.fullmatch(bare)
    return f"{swapped[2]}{swapped[1]}" if swapped else bare
