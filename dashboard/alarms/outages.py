"""Cameras that are lost together: one alarm for what they share, with the first one named, and none for each (UX-46)."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from dashboard.alarms.alarm import Alarm
from dashboard.alarms.ledger import TOGETHER, Ledger
from dashboard.city import Kind
from dashboard.kinds import FOREVER, Kinds, Line
from dashboard.spot import Spot

FEWEST, WITHIN_MS, GROWN = 5, 120_000, 1.5  # so many within so long are an outage; so much more of them alarms again


def follow(ledger: Ledger, cameras: Mapping[str, Spot], moved: Iterable[str], kinds: Kinds) -> None:
    """Let outages begin, grow and end with the cameras that stand differently now."""
    kind = kinds.alarm(TOGETHER)
    if kind is None:
        return
    for camera in moved:
        if cameras[camera].state == "offline":
            _fall(ledger, cameras, camera, kind, kinds)
        else:
            _rise(ledger, cameras, camera, kind, kinds)


def _fall(ledger: Ledger, cameras: Mapping[str, Spot], camera: str, kind: Kind, kinds: Kinds) -> None:
    """A camera joins the outage of what it shares, or is the one that makes it an outage."""
    lines = kinds.lines(camera)
    for line in lines:
        if (held := ledger.held(group_of(line, kind))) is not None:
            _join(ledger, cameras, held, camera)
            return
    for line in lines:
        since = cameras[camera].since
        lost = [one for one in line.cameras if _lost(cameras, one) and abs(cameras[one].since - since) <= WITHIN_MS]
        if len(lost) >= FEWEST:
            ledger.begin(_outage(line, sorted(lost, key=lambda one: (cameras[one].since, one)), cameras, kind))
            return


def _join(ledger: Ledger, cameras: Mapping[str, Spot], held: Alarm, camera: str) -> None:
    known = camera in held.cameras
    alarm = replace(held, until=FOREVER, last=max(held.last, cameras[camera].since))
    if not known:
        alarm = replace(alarm, cameras=(*held.cameras, camera), count=held.count + 1)
    lost = sum(_lost(cameras, one) for one in alarm.cameras)
    worse = bool(held.id) and lost >= GROWN * held.level
    ledger.go_on(replace(alarm, level=lost) if worse or not held.id else alarm, worse=worse)


def _rise(ledger: Ledger, cameras: Mapping[str, Spot], camera: str, kind: Kind, kinds: Kinds) -> None:
    """A camera is back; the outage is over once all are, for long enough. What had not lasted is none when too few are lost."""
    for line in kinds.lines(camera):
        held = ledger.held(group_of(line, kind))
        if held is None or camera not in held.cameras:
            continue
        lost = sum(_lost(cameras, one) for one in held.cameras)
        if not held.id and lost < FEWEST:
            ledger.drop(held)
        elif not lost:
            ledger.go_on(replace(held, until=cameras[camera].since + 1000 * kind.off_delay_s))


def group_of(line: Line, kind: Kind) -> str:
    """Return the group of an outage."""
    return f"{kind.key}:{line.label}"


def _lost(cameras: Mapping[str, Spot], camera: str) -> bool:
    spot = cameras.get(camera)
    return spot is not None and spot.state == "offline"


def _outage(line: Line, lost: list[str], cameras: Mapping[str, Spot], kind: Kind) -> Alarm:
    """Return the alarm of an outage; it stands where its first camera does."""
    last = max(cameras[one].since for one in lost)
    return Alarm(
        id="",
        group=group_of(line, kind),
        kind=kind.key,
        priority=kind.priority,
        camera=lost[0],
        name=line.label,
        ward=line.label.removeprefix("ward ") if line.label.startswith("ward ") else "",
        since=cameras[lost[0]].since,
        last=last,
        until=FOREVER,
        raised=last + 1000 * kind.on_delay_s,
        count=len(lost),
        stays=kind.stays,
        cameras=tuple(lost),
        level=len(lost),
    )
