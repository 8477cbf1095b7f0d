"""How cameras stand after what was recorded of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from dashboard.board import Board
from dashboard.calendar import day_of
from dashboard.events import HOUSE, CameraChanged, Heard, Recorded, Standing
from dashboard.rollups import is_row
from dashboard.skew import flagged
from dashboard.spot import Spot

AWAY = frozenset({"offline", "late"})  # what an event from the camera itself disproves
LOST = frozenset({"offline", "frozen"})
TENDED = frozenset({"offline", "frozen", "late"})  # what is no news of a camera that somebody works on


class Stood(NamedTuple):
    """The cameras, the very map that was given where nothing moved; `back`: that a lost one is there, as its own event proves."""

    cameras: Mapping[str, Spot]
    back: Sequence[Recorded] = ()


def stand(board: Board, recorded: Sequence[Recorded]) -> Stood:
    """Return how the cameras stand after a batch. The map is copied once a batch, not once an event."""
    told = [one for one in recorded if one.heard.camera]
    moved = [one for one in recorded if one.before is not None and one.before.camera != one.heard.camera]
    if not told and not moved:
        return Stood(board.cameras)
    cameras, back = dict(board.cameras), []
    for one in told:
        today = is_row(one) and one.before is None and not one.heard.quarantined and one.heard.source != HOUSE
        spoke = int(today and day_of(one.heard.counted, board.zone) == board.day)
        spot = cameras.get(one.heard.camera, Spot())
        after = spot_after(spot, one.heard, spoke)
        if spot.state == "offline" and after.state == "online" and not isinstance(one.heard.event, CameraChanged):
            back.append(_back(one))
        # What is told again carries the moment at which the first telling came: against that no clock can be judged.
        cameras[one.heard.camera] = after if one.before is None else replace(after, skewed=spot.skewed, skew=spot.skew)
    for one in moved:
        _move(cameras, one, board)
    return Stood(cameras, back)


def tended(heard: Heard, cameras: Mapping[str, Spot]) -> bool:
    """Return whether this is the loss of a camera that somebody works on: expected, and no alarm.

    A recorder's statistics go on to tell of no pictures while its camera is switched off by hand.
    """
    event = heard.event
    if not isinstance(event, CameraChanged) or event.state not in TENDED:
        return False
    spot = cameras.get(heard.camera)
    return spot is not None and spot.state == "maintenance"


def spot_after(spot: Spot, heard: Heard, spoke: int) -> Spot:
    """Return how a camera stands after it, or its source, spoke.

    An event from a camera that was silent for ever, or that was lost before the event by the event's own time, means that it is there:
    what waited somewhere and is told late proves nothing. One that was only late is so no more once it is heard. Maintenance ends when
    somebody says that the camera is there again; what people began, only people and time end.
    """
    event = heard.event
    state, since = spot.state, spot.since
    if isinstance(event, CameraChanged) and heard.source == HOUSE:
        return _as_said(spot, event.state, heard.counted)
    if spot.held:
        pass
    elif isinstance(event, CameraChanged):
        if event.state != spot.state and not (spot.state == "maintenance" and event.state in TENDED):
            state, since = event.state, heard.counted
    elif spot.state == "unknown" or (spot.state in AWAY and disproves(spot, heard)):
        state, since = "online", heard.counted
    return Spot(
        spoke=spot.spoke + spoke,
        state=state,
        since=since,
        last=max(spot.last, heard.received),
        skewed=flagged(event.at, heard.received),
        skew=event.at - heard.received,
        held=spot.held,
        meanwhile=_meanwhile(spot, heard) if spot.held else "",
    )


def _as_said(spot: Spot, state: Standing, at: int) -> Spot:
    """Return how a camera stands after the house said so. What was lost when somebody began to work on it is lost until it is heard."""
    held = state == "maintenance"
    return replace(spot, state=state, since=at, held=held, meanwhile=spot.state if held and spot.state in LOST else "")


def _meanwhile(spot: Spot, heard: Heard) -> str:
    """Return how a camera that is worked on would stand: as its source says, and there once it is heard itself."""
    event = heard.event
    if not isinstance(event, CameraChanged):
        return "online" if spot.meanwhile != "frozen" else "frozen"
    return spot.meanwhile if event.state == "maintenance" else event.state


def disproves(spot: Spot, heard: Heard) -> bool:
    """Return whether an event shows that a camera which was late or lost is there."""
    return heard.received >= spot.since if spot.state == "late" else heard.event.at > spot.since


def _back(one: Recorded) -> Recorded:
    """Return that the camera is there again, as its source would have told it."""
    event = CameraChanged(id=one.heard.event.id, at=one.heard.event.at, camera=one.heard.camera, state="online")
    return Recorded(one.seq, replace(one.heard, event=event))


def _move(cameras: dict[str, Spot], one: Recorded, board: Board) -> None:
    """An amended event that names another camera is counted there, and no longer where it was. One of the two may be in no registry."""
    if one.before is None or one.heard.quarantined or day_of(one.heard.counted, board.zone) != board.day:
        return
    for key, step in ((one.before.camera, -1), (one.heard.camera, 1)):
        if key:
            spot = cameras.get(key, Spot())
            cameras[key] = replace(spot, spoke=spot.spoke + step)
