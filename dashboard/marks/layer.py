"""What people have drawn as a layer beside the city's own, so that a GIS asks for it as for any (docs/marks.md)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dashboard.errors import Missing
from dashboard.layers.layer import Field, FieldKind, Layer, Swatch
from dashboard.layers.reading import Box, Feature, Page
from dashboard.marks.mark import Mark
from dashboard.marks.telling import geometry

KEY = "marks"
FIELDS: tuple[tuple[str, FieldKind, str, str], ...] = (
    ("kind", "text", "Loại", "Kind"),
    ("name", "text", "Tên", "Name"),
    ("note", "text", "Ghi chú", "Note"),
    ("shape", "text", "Hình", "Shape"),
    ("begins", "date", "Từ lúc", "From"),
    ("until", "date", "Đến lúc", "Until"),
    ("incident", "number", "Sự việc", "Incident"),
    ("who", "text", "Người vẽ", "Drawn by"),
    ("drawn", "date", "Vẽ lúc", "Drawn at"),
    ("version", "number", "Phiên bản", "Version"),
)
KINDS = (
    ("incident_zone", "Vùng sự việc", "Incident zone"),
    ("road_closed", "Cấm đường", "Road closed"),
    ("event", "Sự kiện", "Event"),
    ("other", "Khác", "Other"),
)


def layer(marks: Sequence[Mark], bounds: Box) -> Layer:
    """Return the layer of some marks; where there are none it lies in the city's bounds. Its `shape` is told as mixed: areas and routes."""
    places = [place for mark in marks for place in mark.points]
    lon, lat = [place[0] for place in places], [place[1] for place in places]
    return Layer(
        key=KEY,
        version=1,
        title={"vi": "Vùng và tuyến vẽ trên bản đồ", "en": "Marks drawn on the map"},
        shape="area",
        count=len(marks),
        bounds=(min(lon), min(lat), max(lon), max(lat)) if places else bounds,
        fields=tuple(Field(key=key, kind=kind, label={"vi": vi, "en": en}) for key, kind, vi, en in FIELDS),
        name_field="name",
        style_field="kind",
        swatches=tuple(Swatch(value=kind, label={"vi": vi, "en": en}, colour=n) for n, (kind, vi, en) in enumerate(KINDS, 1)),
    )


def feature(mark: Mark) -> Feature:
    """Return a mark as a feature of that layer; its times as RFC 3339 has them."""
    times = {"begins": mark.begins, "until": mark.until, "drawn": mark.drawn}
    values = [_instant(times[key]) if key in times else getattr(mark, key) for key, *_ in FIELDS]
    return Feature(mark.id, mark.name, values, geometry(mark))


class Drawn:
    """Some marks as the features of their layer, in the order of their numbers."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._marks = sorted(marks, key=lambda mark: mark.id)

    def page(self, _: Layer, *, box: Box | None = None, after: int = 0, skip: int = 0, most: int) -> Page:
        """Return features after a number and so many skipped, those whose bounds touch a box; and how many there are in all."""
        inside = [mark for mark in self._marks if box is None or _touches(mark, box)]
        later = [mark for mark in inside if mark.id > after][skip : skip + most]
        return Page([feature(mark) for mark in later], len(inside))

    def feature(self, _: Layer, number: int) -> Feature:
        """Return one feature. Raises Missing."""
        found = next((mark for mark in self._marks if mark.id == number), None)
        if found is None:
            raise Missing(f"there is no mark {number}")
        return feature(found)

    def all(self, _: Layer) -> Sequence[Feature]:
        """Return every feature."""
        return [feature(mark) for mark in self._marks]


def _touches(mark: Mark, box: Box) -> bool:
    lon, lat = [place[0] for place in mark.points], [place[1] for place in mark.points]
    return min(lon) <= box[2] and max(lon) >= box[0] and min(lat) <= box[3] and max(lat) >= box[1]


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
