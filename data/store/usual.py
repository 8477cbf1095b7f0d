"""How often cameras usually speak, from the record's own counts by the hour."""

from sqlalchemy import Engine, select

from dashboard.cameras.usual import DAY_H, DAYS, WEEK_H, WEEKS, same_hours, usual
from data.store.engine import or_away
from data.store.tables import HOUR_CAMERA


def usual_counts(engine: Engine, hour: int) -> dict[str, float]:
    """Return how often each camera usually speaks in an hour (its number), by the same hours of the last days. Raises Away."""
    hours, counted = same_hours(hour, DAY_H, DAYS), dict[str, dict[int, int]]()
    wanted = select(HOUR_CAMERA.c.hour, HOUR_CAMERA.c.camera, HOUR_CAMERA.c.n).where(HOUR_CAMERA.c.hour.in_(hours))
    with or_away(), engine.connect() as sql:
        for at, camera, n in sql.execute(wanted):
            counted.setdefault(camera, {})[at] = n
    told = {camera: usual(counts, hours) for camera, counts in counted.items()}
    return {camera: often for camera, often in told.items() if often}


def hour_of_camera(engine: Engine, camera: str, hour: int) -> tuple[int, float | None]:
    """Return how often a camera has spoken in an hour (its number), and how often it usually does in this hour of the week.

    None where fewer than four weeks say. Raises Away.
    """
    c, hours = HOUR_CAMERA.c, same_hours(hour, WEEK_H, WEEKS)
    wanted = select(c.hour, c.n).where(c.camera == camera, c.hour.in_([hour, *hours]))
    with or_away(), engine.connect() as sql:
        counts = {at: int(n) for at, n in sql.execute(wanted)}
    return counts.get(hour, 0), usual(counts, hours)
