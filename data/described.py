"""What a file of reports would bring in, told before any of it is: counted as it is read, so that a million rows need not lie in memory."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from statistics import median
from typing import NamedTuple

from dashboard.city import City
from dashboard.events import ReportChanged
from data.mapped import within
from data.source import Unread

HOUR_MS, SHOWN = 3_600_000, 20
MEANT = {
    "outside_bounds": ": their places are left out, they lie outside the mapping's `bounds`, or the city's where it says none",
    "no_coordinates": ": they have no place, or 0, 0",
    "closed_before_submitted": ": look at the formats of their times",
    "closed_without_time": ": they count as closed, and in no figure of how long it took",
}


class _Kept(NamedTuple):
    """What is kept of a report: of one that stands there twice the last row counts."""

    open: bool
    hours: float | None
    service: str
    place: str  # "swapped", "outside" or ""
    faults: tuple[str, ...]


class Described:
    """Counts what is read."""

    def __init__(self, city: City) -> None:
        self._city, self._rows, self._refused = city, 0, 0
        self._reasons: list[str] = []
        self._kept: dict[str, _Kept] = {}
        self._same: dict[_Kept, _Kept] = {}

    def add(self, told: Iterable[object]) -> None:
        """Count some rows."""
        for one in told:
            self._rows += 1
            if isinstance(one, ReportChanged):
                kept = self._of(one)
                self._kept[one.report] = self._same.setdefault(kept, kept)  # hours and services come again and again
            elif isinstance(one, Unread):
                self._refused += 1
                if len(self._reasons) < SHOWN:
                    self._reasons.append(one.reason)

    @property
    def refused(self) -> int:
        """How many rows cannot be read."""
        return self._refused

    def said(self) -> Iterator[str]:
        """Yield what is said of it all."""
        found = self._kept.values()
        hours = array("d", (one.hours for one in found if one.hours is not None))
        yield f"rows: {self._rows}, reports: {len(found)}, closed: {sum(not one.open for one in found)}, refused: {self._refused}"
        if hours:
            yield f"median hours to close: {median(hours):.2f}"

    def odd(self) -> Iterator[str]:
        """Yield what is taken as it is and is seldom meant, then what is refused."""
        found, services = self._kept.values(), {service.code for service in self._city.services}
        if strange := Counter(one.service for one in found if one.service not in services):
            named = ", ".join(f"{code} ({count})" for code, count in strange.most_common(SHOWN))
            yield f"note: services.csv has no {named}; they are kept under that word and have no deadline"
        places = Counter(one.place for one in found)
        if places["swapped"]:
            yield f"note: {places['swapped']} places lie in the city only with longitude and latitude swapped; look at the mapping's columns"
        if places["outside"]:
            yield f"note: {places['outside']} places lie outside {self._city.name['en']}; `bounds` in the mapping leaves such places out"
        for fault, count in Counter(fault for one in found for fault in one.faults).items():
            yield f"note: {count} reports are marked {fault}{MEANT.get(fault, '')}"
        yield from (f"  {reason}" for reason in self._reasons)
        if self._refused > SHOWN:
            yield f"  … and {self._refused - SHOWN} more; --errors FILE tells them all"

    def _of(self, one: ReportChanged) -> _Kept:
        hours = (one.closed - one.submitted) / HOUR_MS if one.closed is not None else None
        return _Kept(one.open, hours, one.service, self._place(one.lon, one.lat), one.said.faults if one.said else ())

    def _place(self, lon: float | None, lat: float | None) -> str:
        if lon is None or lat is None or within(self._city.bounds, lon, lat):
            return ""
        return "swapped" if within(self._city.bounds, lat, lon) else "outside"
