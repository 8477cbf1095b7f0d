"""How much happens when: the day's rhythm of the pack, hour by hour."""

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

CALM_VIOLATIONS, PLATES_A_CAMERA, REPORTS = 130.0, 2500.0, 113.0  # a calm working day
REPORT_WEEK = (1.08, 1.02, 1.00, 1.00, 1.05, 0.85, 0.75)
TRAFFIC_WEEK = (1.0, 1.0, 1.0, 1.0, 1.08, 0.95, 0.82)
PER_MILLE = 1000.0
COLUMNS = (
    "traffic_weekday",
    "traffic_saturday",
    "traffic_sunday",
    "reports_weekday",
    "reports_weekend",
    "crowd_events",
    "violations",
)


class Rhythm:
    """The weights of rhythm.csv, in per mille of a day; where a pack has none, every hour is alike."""

    def __init__(self, folder: Path) -> None:
        self._hours = _told(folder / "rhythm.csv") or [dict.fromkeys(COLUMNS, PER_MILLE / 24)] * 24

    def _share(self, column: str, at: datetime) -> float:
        """Return the share of a day's total that falls into one second at `at`, gliding from hour to hour."""
        here, after = self._hours[at.hour][column], self._hours[(at.hour + 1) % 24][column]
        return (here + (after - here) * at.minute / 60) / PER_MILLE / 3600

    def rates(self, at: datetime, *, cameras: int, factor: float = 1.0) -> Mapping[str, float]:
        """Return events a second at the city's time `at`: violations, plates, reports, crowds."""
        day = at.weekday()
        traffic = ("traffic_weekday", "traffic_saturday", "traffic_sunday")[max(day - 4, 0)]
        reports = "reports_weekday" if day < 5 else "reports_weekend"  # noqa: PLR2004  Saturday
        return {
            "violation": factor * CALM_VIOLATIONS * TRAFFIC_WEEK[day] * self._share("violations", at),
            "plate": factor * PLATES_A_CAMERA * cameras * TRAFFIC_WEEK[day] * self._share(traffic, at),
            "report": factor * REPORTS * REPORT_WEEK[day] * self._share(reports, at),
            "crowd": factor * 12.0 * self._share("crowd_events", at),
        }


def _told(path: Path) -> list[Mapping[str, float]]:
    """Return the rows of a pack's rhythm.csv, or none."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items() if key not in {"hour", "mark"}} for row in csv.DictReader(file)]
