"""Indicators that do not happen: a river with a tide, dossiers that are nearly in time, calls that come with the day."""

from collections.abc import Iterator
from datetime import datetime
from math import pi, sin
from typing import Any

from dashboard.city import City


def counts(city: City, at: datetime, now_ms: int) -> Iterator[dict[str, Any]]:
    """Yield what the indicators that the pack declares, and that can be made up, are at this moment."""
    day = (at.hour * 60 + at.minute) / 1440
    told = {
        "water_level": 0.55 + 0.25 * sin(2 * pi * day) + 0.02 * sin(97 * day),
        "dossiers_on_time": 97.6 + 0.6 * sin(2 * pi * day + at.day),
        "hotline_calls": float(round(190 * day**1.3)),
    }
    for one in city.indicators:
        if one.key in told:
            event = {"type": "measured", "id": f"{one.key}@{now_ms}", "at": now_ms, "indicator": one.key}
            yield event | {"value": round(told[one.key], 2)}
