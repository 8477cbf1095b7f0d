"""What is counted of a report where no roll-up knows its part of the city, as one small number that stands in the indexes."""

from dashboard.events import ReportChanged
from dashboard.rollups import promised

LEVELS = {"dissatisfied": 1, "acceptable": 2, "satisfied": 3}  # in the lowest two bits; 0: no rating
RATING, CHECKED, ELIGIBLE, RECURS, MOVED = 3, 4, 8, 16, 32
APART = RECURS  # from this on a report is looked at by itself: it recurs, or its deadline was moved


def marks_of(report: ReportChanged, due: int) -> int:
    """Return the marks of a report: its rating, what verifying it found, whether it recurs, and whether its deadline was moved."""
    marks, path = LEVELS.get(report.rating or "", 0), report.path
    if path is None:
        return marks
    if path.eligible is not None:
        marks |= CHECKED | (ELIGIBLE if path.eligible else 0)
    moved = path.extended is not None or promised(report, due) != due
    return marks | (RECURS if path.recurs else 0) | (MOVED if moved else 0)
