"""Parameters of a request, read strictly: what cannot be used is named, with what it must be."""

from math import inf

from flask import request


class Bad(Exception):  # noqa: N818  an answer, not a mistake
    """A parameter that cannot be used; the message names it and says what it must be."""


def degrees(name: str, most: float) -> float:
    """Return a number of degrees between -most and most. Raises Bad."""
    try:
        told = float(request.args.get(name, ""))
    except ValueError:
        told = inf
    if not -most <= told <= most:
        raise Bad(f"{name} must be a number of degrees between -{most:.0f} and {most:.0f}")
    return told


def whole(name: str, *, low: int = 0, high: int) -> int | None:
    """Return a whole number within bounds, None where it was not given. Raises Bad."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):  # noqa: PLR2004  digits of a 64-bit number
        raise Bad(f"{name} must be a whole number between {low} and {high}")
    return int(text)
