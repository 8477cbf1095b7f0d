"""The objects of ONVIF's analytics: what they are, how sure that is, where in the picture, and which plate they carry."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from data import measures
from data.onvif.wire import Items, inside, many, text

PEOPLE = frozenset({"human", "person", "people", "pedestrian"})
VEHICLES = frozenset(
    {"vehicle", "car", "bus", "truck", "motorcycle", "bicycle", "bike", "van", "taxi", "motorbike", "licenseplate"}
)
DEEPEST = 6


class Seen(NamedTuple):
    """What is known of an object. `outside` says that its box lies outside the picture."""

    classes: tuple[str, ...]
    score: float | None
    box: measures.Box | None
    outside: bool
    plate: str
    plate_score: float | None


def kind_of(classes: tuple[str, ...], otherwise: str) -> str:
    """Return the kind of the first class that has one: people before vehicles before faces before whatever else was named."""
    if PEOPLE & set(classes):
        return "person_seen"
    if VEHICLES & set(classes):
        return "vehicle_seen"
    return "face_seen" if "face" in classes else "object_seen" if classes else otherwise


def seen(told: Items, transformation: Items | None = None) -> Seen:
    """Return what an object, or an event's data that has one somewhere within, says."""
    listed = text(told.get("ClassTypes")).replace(",", " ").lower().split() if "ClassTypes" in told else []
    if not any(isinstance(one, dict | list) for one in told.values()):  # as most events: names and values, and no object
        return Seen(classes=tuple(listed), score=None, box=None, outside=False, plate="", plate_score=None)
    appearance = inside(told.get("Appearance")) or next(_found(told, "Appearance", DEEPEST), {})
    classes = [*_classes(appearance)]
    rectangle = (
        inside(appearance, "Shape", "BoundingBox") or inside(told, "BoundingBox", "Rectangle") or inside(told, "BoundingBox")
    )
    box, outside = _box(rectangle, transformation or {})
    plate, plate_score = _plate(next(_found(appearance or told, "LicensePlateInfo", DEEPEST), {}))
    score = max((one for _, one in classes if one is not None), default=None)
    return Seen(tuple(dict.fromkeys([*(name for name, _ in classes), *listed])), score, box, outside, plate, plate_score)


def _found(told: Any, name: str, levels: int) -> Iterator[Items]:
    """Yield every object of that name, the outermost first."""
    for one in many(told) if levels else ():
        yield from many(one.get(name))
        for key, inner in one.items():
            if isinstance(inner, dict | list) and key != name:
                yield from _found(inner, name, levels - 1)


def _classes(appearance: Items) -> Iterator[tuple[str, float | None]]:
    """Yield what the object is said to be, with its likelihood: `Type` of today, `ClassCandidate` of old."""
    told = inside(appearance, "Class")
    for one in many(told.get("Type")):
        yield text(one).lower(), measures.share(one.get("@Likelihood"))
    for one in many(told.get("ClassCandidate")):
        yield text(one.get("Type")).lower(), measures.share(text(one.get("Likelihood")))
    if isinstance(told.get("Type"), str):
        yield told["Type"].lower()[:100], None


def _plate(told: Items) -> tuple[str, float | None]:
    number = told.get("PlateNumber")
    return measures.plate(text(number)), likelihood(inside(number).get("@Likelihood"))


def likelihood(told: Any) -> float | None:
    """Return a likelihood, told as a share or, by some, in percent."""
    found = measures.number(told)
    return measures.share(found, of=measures.PERCENT if found is not None and found > 1 else 1.0)


def _box(told: Items, transformation: Items) -> tuple[measures.Box | None, bool]:
    """Return the box, and whether there was one that lies outside the picture.

    Coordinates are the picture's own once they are transformed: -1 to 1, from left to right and from the bottom up.
    """
    left, top, right, bottom = (measures.number(told.get(f"@{side}")) for side in ("left", "top", "right", "bottom"))
    if left is None or top is None or right is None or bottom is None:
        return None, False
    move, scale = inside(transformation, "Translate"), inside(transformation, "Scale")
    x = sorted((_along(side, move.get("@x"), scale.get("@x")) + 1) / 2 for side in (left, right))
    y = sorted((1 - _along(side, move.get("@y"), scale.get("@y"))) / 2 for side in (top, bottom))
    found = measures.corners(x[0], y[0], x[1], y[1])
    return found, found is None


def _along(side: float, move: Any, scale: Any) -> float:
    told = measures.number(scale)
    return side * (1.0 if told is None else told) + (measures.number(move) or 0.0)
