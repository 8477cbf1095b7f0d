"""The pack's kinds, looked up: class, priority and grouping of what was heard."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from dashboard.city import Camera, City, Kind, Service
from dashboard.events import CameraChanged, Heard, ReportChanged, Sighted

CAMERA_WORDS = MappingProxyType(
    {"offline": "camera_lost", "frozen": "camera_frozen", "late": "camera_late", "maintenance": "camera_maintenance"}
)
CAMERA_BACK, REPORT_NEW, REPORT_CHANGED = "camera_back", "report_new", "report_changed"
RECORDS = frozenset({CAMERA_BACK, "camera_late", "camera_maintenance", REPORT_CHANGED})
FOREVER = 1 << 60


def word(heard: Heard, *, first: bool = True) -> str:
    """Return the kind under which an event is kept and counted. `first` says that a report was not known before."""
    event = heard.event
    match event:
        case Sighted():
            return event.kind
        case CameraChanged():
            return CAMERA_WORDS.get(event.state, CAMERA_BACK)
        case ReportChanged():
            return REPORT_NEW if first else REPORT_CHANGED
    return "feed_spoke"


class Line(NamedTuple):
    """What cameras share and may lose together."""

    label: str
    cameras: frozenset[str]


def lines_of(cameras: Sequence[Camera]) -> Mapping[str, Sequence[Line]]:
    """Return the lines of each camera."""
    shared: dict[str, set[str]] = {}
    told = {
        one.id: [f"{name} {value}" for name in ("switch", "recorder", "ward") if (value := getattr(one, name))] for one in cameras
    }
    for camera, labels in told.items():
        for label in labels:
            shared.setdefault(label, set()).add(camera)
    lines = {label: Line(label, frozenset(members)) for label, members in shared.items()}
    return {camera: [lines[label] for label in labels] for camera, labels in told.items()}


class Kinds:
    """One city's kinds and services by key. A kind that no pack knows is an event: kept, shown, and no alarm."""

    def __init__(self, city: City) -> None:
        self._kinds: Mapping[str, Kind] = {kind.key: kind for kind in city.kinds}
        self.services: Mapping[str, Service] = {service.code: service for service in city.services}
        self.records = frozenset(kind.key for kind in city.kinds if kind.event_class == "record") | RECORDS
        self._places = {camera.id: (camera.lon, camera.lat) for camera in city.cameras}
        self._lines = lines_of([camera for camera in city.cameras if not camera.gone])
        self.critical = frozenset(camera.id for camera in city.cameras if camera.critical)

    def get(self, key: str) -> Kind | None:
        """Return the pack's row of a kind."""
        return self._kinds.get(key)

    def class_of(self, key: str) -> str:
        """Return `alarm`, `event` or `record`."""
        if key in self.records:
            return "record"
        kind = self._kinds.get(key)
        return kind.event_class if kind else "event"

    def priority(self, key: str) -> int:
        """Return 1 to 4 for alarms, else 0."""
        kind = self._kinds.get(key)
        return kind.priority if kind and kind.event_class == "alarm" else 0

    def place(self, camera: str) -> tuple[float, float] | None:
        """Return where a camera of ours stands (lon, lat), or None."""
        return self._places.get(camera)

    def lines(self, camera: str) -> Sequence[Line]:
        """Return what a camera of ours shares with others, the narrowest first: its switch, its recorder, its ward."""
        return self._lines.get(camera, ())

    def alarm_kind(self, heard: Heard) -> Kind | None:
        """Return the alarm that an event raises or ends, if any: its own kind, or the loss of a critical camera."""
        event = heard.event
        if isinstance(event, CameraChanged):
            return self.alarm("camera_critical_lost") if heard.camera in self.critical else None
        return self.alarm(event.kind) if isinstance(event, Sighted) else None

    def alarm(self, key: str) -> Kind | None:
        """Return a kind of that key, if the pack has one and it is an alarm."""
        kind = self._kinds.get(key)
        return kind if kind and kind.event_class == "alarm" else None
