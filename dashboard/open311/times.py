"""Times as Open311 writes them: W3C date and time, with the offset from UTC and without fractions."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LATEST_MS = 7_258_118_400_000  # as events have it
_LOST_PLUS = re.compile(r"(T[0-9:.]+) ([0-9]{2}:?[0-9]{2})$")  # `+` in an address that nobody escaped
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST, QUARTER_S = 40, 900


def written(at_ms: int, zone: str) -> str:
    """Return an instant on the city's own clock."""
    quarter, second = divmod(at_ms // 1000, QUARTER_S)
    led, minute, offset = _quarter(quarter, zone)
    if minute < 0:
        return datetime.fromtimestamp(at_ms // 1000, ZoneInfo(zone)).isoformat()
    return f"{led}{minute + second // 60:02}:{second % 60:02}{offset}"


@lru_cache(maxsize=1 << 14)
def _quarter(quarter: int, zone: str) -> tuple[str, int, str]:
    """Return how the instants of a quarter of an hour begin, its first minute, and how they end; −1 where the offset is of another kind."""
    at = datetime.fromtimestamp(quarter * QUARTER_S, ZoneInfo(zone))
    gap = at.utcoffset()
    steady = gap is not None and gap.total_seconds() % QUARTER_S == 0
    text = at.isoformat()
    return text[:14], at.minute if steady else -1, text[19:]


def millis(text: str, zone: str) -> int:
    """Return a time as epoch milliseconds; one that does not say its offset is the city's. Raises ValueError."""
    told = _LOST_PLUS.sub(r"\1+\2", text.strip())
    if len(told) > LONGEST:
        raise ValueError("is no W3C date and time")
    try:
        at = datetime.fromisoformat(told)
        aware = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
        found = (aware - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise ValueError("is no W3C date and time, such as 2026-11-24T08:00:00+07:00") from None
    if not 0 <= found <= LATEST_MS:
        raise ValueError("lies outside 1970 to 2199")
    return found
