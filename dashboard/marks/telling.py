"""Marks as they leave the house: in the live frame, and as GeoJSON. Plates and telephone numbers in texts are masked."""

from collections.abc import Iterable, Sequence

from dashboard.marks.mark import Acted, Mark
from dashboard.masking import hidden


def told(mark: Mark) -> dict[str, object]:
    """Return a mark as screens draw it."""
    return {
        "id": mark.id,
        "version": mark.version,
        "shape": mark.shape,
        "points": mark.points,
        "kind": mark.kind,
        "name": hidden(mark.name),
        "note": hidden(mark.note),
        "begins": mark.begins,
        "until": mark.until,
        "incident": mark.incident,
        "who": mark.who,
        "drawn": mark.drawn,
    }


def feature(mark: Mark) -> dict[str, object]:
    """Return a mark as a feature of GeoJSON: areas closed and counter-clockwise (RFC 7946)."""
    rest = {key: value for key, value in told(mark).items() if key not in ("id", "points")}
    return {"type": "Feature", "id": mark.id, "geometry": geometry(mark), "properties": rest}


def collection(marks: Iterable[Mark]) -> dict[str, object]:
    """Return marks as a FeatureCollection."""
    return {"type": "FeatureCollection", "features": [feature(mark) for mark in marks]}


def line(act: Acted) -> dict[str, object]:
    """Return what was done to a mark, without its course."""
    after = {key: value for key, value in told(act.mark).items() if key not in ("id", "points", "drawn", "who")}
    return {"seq": act.seq, "action": act.action, "who": act.who, "at": act.at, "after": after | {"n": len(act.mark.points)}}


def geometry(mark: Mark) -> dict[str, object]:
    """Return the shape of a mark as GeoJSON."""
    if mark.shape == "route":
        return {"type": "LineString", "coordinates": mark.points}
    ring = mark.points if _turns_left(mark.points) else mark.points[::-1]
    return {"type": "Polygon", "coordinates": [(*ring, ring[0])]}


def _turns_left(ring: Sequence[tuple[float, float]]) -> bool:
    (west, south), twice = ring[0], 0.0
    for (x, y), (a, b) in zip(ring, (*ring[1:], ring[0]), strict=True):
        twice += (x - west) * (b - south) - (a - west) * (y - south)
    return twice > 0
