"""Parameters of a request, read strictly: what cannot be used is named, with what it must be."""

import re
from datetime import UTC, datetime, timedelta
from math import inf

from flask import request

_INSTANT = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?"
_WHEN = re.compile(rf"({_INSTANT})|({_INSTANT}|\.\.|)/({_INSTANT}|\.\.|)", re.ASCII)
DAY = timedelta(days=1)


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


def interval(name: str) -> tuple[int | None, int | None] | None:
    """Return an instant (twice) or an interval of RFC 3339 in epoch ms, None for an open end; None where it was not given. Raises Bad.

    A day without a time is all of it, in UTC.
    """
    text = request.args.get(name)
    if text is None:
        return None
    made = _WHEN.fullmatch(text)
    first, last = ("", "") if made is None else (made[1], made[1]) if made[1] else (made[2], made[3])
    try:
        since, until = _ms(first, end=False), _ms(last, end=True)
    except (ValueError, OverflowError):
        made = since = until = None
    if made is None or (since is not None and until is not None and since > until):
        raise Bad(f"{name} must be an instant or an interval of RFC 3339: 2026-11-24T00:00:00Z/..")
    return since, until


def _ms(told: str, *, end: bool) -> int | None:
    if told in {"", ".."}:
        return None
    at = datetime.fromisoformat(told)
    if "T" not in told:
        at = at.replace(tzinfo=UTC) + (DAY - timedelta(milliseconds=1) if end else timedelta(0))
    return int(at.timestamp() * 1000)
