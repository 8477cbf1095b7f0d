"""By what events are recognised as being of one alarm (screens.md §1D, grouping rules)."""

from collections.abc import Callable, Iterable, Mapping

from dashboard.alarms.alarm import Alarm
from dashboard.city import Kind
from dashboard.events import CameraChanged, Heard, Sighted
from dashboard.geo import metres
from dashboard.kinds import Kinds
from dashboard.plates import normal

NEAR = "near "  # how the group of a cluster begins, after its family


def name_of(heard: Heard) -> str:
    """Return what the source calls the camera of an event, "" where it speaks of none."""
    return heard.event.camera if isinstance(heard.event, Sighted | CameraChanged) else ""


def camera_of(heard: Heard) -> str:
    """Return our id of the camera, else who calls it what."""
    return heard.camera or f"{heard.source}/{name_of(heard)}"


def _plate(heard: Heard) -> str:
    return normal(heard.event.plate or "") if isinstance(heard.event, Sighted) else ""


def _subject(heard: Heard) -> str:
    return (heard.event.subject or "") if isinstance(heard.event, Sighted) else ""


PARTS: Mapping[str, Callable[[Heard], str]] = {
    "camera": camera_of,
    "plate": _plate,
    "subject": _subject,
    "ward": lambda heard: heard.ward,
    "source": lambda heard: heard.source,
}


def group_of(heard: Heard, kind: Kind, kinds: Kinds, standing: Iterable[Alarm]) -> str:
    """Return the group of an event. `standing` are the alarms that a cluster may belong to already.

    Where what a group is told apart by was not told (a plate that was not read), the camera stands in for it.
    """
    family = kind.family or kind.key
    if "cluster" in kind.group_by:
        return _cluster(heard, kind, kinds, f"{family}:{NEAR}", standing)
    told = [PARTS[part](heard) for part in kind.group_by]
    return f"{family}:{'|'.join(told if all(told) else [*filter(None, told), camera_of(heard)])}"


def _cluster(heard: Heard, kind: Kind, kinds: Kinds, begins: str, standing: Iterable[Alarm]) -> str:
    """Return the group of the nearest alarm in reach: by place, and by time since it was last heard of."""
    own, place = f"{begins}{camera_of(heard)}", kinds.place(heard.camera)
    near: list[tuple[float, str]] = []
    for alarm in standing:
        if alarm.group == own:
            return own
        at = kinds.place(alarm.camera) if alarm.group.startswith(begins) else None
        if place and at and heard.counted <= alarm.last + 1000 * kind.group_window_s:
            near.append((metres(place, at), alarm.group))
    far, group = min(near, default=(float("inf"), own))
    return group if far <= kind.group_radius_m else own
