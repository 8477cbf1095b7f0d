"""The alarms of a board while a batch is folded, and every act that the house itself does meanwhile."""

from collections.abc import Mapping

from msgspec.structs import replace

from dashboard.alarms.alarm import Acted, Alarm
from dashboard.alarms.passing import due, passed, raised, returned
from dashboard.city import Kind
from dashboard.events import CameraChanged, Heard, Recorded, Sighted
from dashboard.kinds import FOREVER, Kinds


class Ledger:
    """Alarms by their group, and the acts that were done since. `acted` is the number of the last act."""

    def __init__(self, alarms: Mapping[str, Alarm], *, acted: int, now_ms: int) -> None:
        self.alarms, self.acted, self._now_ms = alarms, acted, now_ms
        self._own: dict[str, Alarm] | None = None
        self.acts: list[Acted] = []
        self.opened: list[int] = []

    def pass_time(self) -> None:
        """Do whatever is due."""
        for alarm in [one for one in self.alarms.values() if due(one, self._now_ms) is not None]:
            for action, after in passed(alarm, self._now_ms):
                self._act(action, after)

    def hear(self, one: Recorded, kinds: Kinds) -> None:
        """Raise, renew or end what an event speaks of."""
        kind = kinds.alarm_kind(one.heard)
        if kind is None:
            return
        group = group_of(one.heard, kind)
        held, told = self.alarms.get(group), _told_before(one, group, kinds)
        if isinstance(one.heard.event, CameraChanged) and one.heard.event.state == "online":
            self._end(held, one.heard)
        elif held is not None:
            self._renew(held, renewed(held, one.heard, kind, again=told), told=told)
        elif not told:  # an amended telling of what somebody has closed opens nothing
            self._open(opened(str(self.acted + 1), group, one.heard, kind, now_ms=self._now_ms))

    def _open(self, alarm: Alarm) -> None:
        """Open an alarm. One that is over already when it is heard of is opened only if it waits for a person."""
        over = alarm.until < self._now_ms
        if over and not alarm.stays:
            return
        self._act("raise", alarm)
        self.opened.append(alarm.since)
        if over:
            self._act("return", returned(alarm, self._now_ms))

    def _renew(self, held: Alarm, alarm: Alarm, *, told: bool) -> None:
        """Let an alarm go on. What was over is there again with a new event, not with an old one told again."""
        lasts, action = alarm.until >= self._now_ms, ""
        if held.over and lasts and not told:
            alarm, action = raised(alarm, self._now_ms), "raise"
        elif not held.over and not lasts:
            alarm, action = returned(alarm, self._now_ms), "return"
        if action:
            self._act(action, alarm)
        else:
            self._put(alarm)

    def _end(self, held: Alarm | None, heard: Heard) -> None:
        if held is not None and not held.over:
            self._act("return", returned(replace(held, until=heard.counted), self._now_ms))

    def _act(self, action: str, after: Alarm) -> None:
        self.acted += 1
        key = f":{self.acted}"
        self.acts.append(Acted(seq=self.acted, key=key, action=action, who="", at=self._now_ms, why="", alarm=after))
        self._put(after)

    def _put(self, alarm: Alarm) -> None:
        """Copy the map once a batch, not once an event."""
        if self._own is None:
            self.alarms = self._own = dict(self.alarms)
        put(self._own, alarm)


def put(alarms: dict[str, Alarm], alarm: Alarm) -> None:
    """Let an alarm stand as it is now; one that is closed stands no more."""
    if alarm.open:
        alarms[alarm.group] = alarm
    elif (held := alarms.get(alarm.group)) is not None and held.id == alarm.id:
        del alarms[alarm.group]


def group_of(heard: Heard, kind: Kind) -> str:
    """Return what events of one alarm have in common: the kind, and the camera."""
    event = heard.event
    name = event.camera if isinstance(event, Sighted | CameraChanged) else ""
    return f"{kind.key}:{heard.camera or f'{heard.source}/{name}'}"


def _told_before(one: Recorded, group: str, kinds: Kinds) -> bool:
    """Return whether the same alarm was told of by the same event before it was amended."""
    kind = None if one.before is None else kinds.alarm_kind(one.before)
    return one.before is not None and kind is not None and group_of(one.before, kind) == group


def opened(key: str, group: str, heard: Heard, kind: Kind, *, now_ms: int) -> Alarm:
    """Return the alarm that an event opens. Escalation counts from when it could first be seen."""
    event, last = heard.event, _last(heard)
    return Alarm(
        id=key,
        group=group,
        kind=kind.key,
        priority=kind.priority,
        camera=heard.camera,
        name=event.camera if isinstance(event, Sighted | CameraChanged) else "",
        ward=heard.ward,
        since=heard.counted,
        last=last,
        until=_until(heard, last, kind),
        raised=now_ms,
        score=event.score if isinstance(event, Sighted) else None,
        plate=event.plate if isinstance(event, Sighted) else None,
        stays=kind.stays,
    )


def renewed(held: Alarm, heard: Heard, kind: Kind, *, again: bool) -> Alarm:
    """Return an alarm after a further event of its group; `again` is one that it counts already, amended."""
    event, last = heard.event, _last(heard)
    until = _until(heard, last, kind)
    return replace(
        held,
        last=max(last, held.last),
        until=until if again else max(until, held.until),
        count=held.count + int(not again),
        score=event.score if isinstance(event, Sighted) else None,
        plate=event.plate if isinstance(event, Sighted) else None,
        camera=heard.camera,
        ward=heard.ward,
    )


def _last(heard: Heard) -> int:
    """Return when an event says that its matter was last seen; never after we have heard of it."""
    ended = heard.event.ended if isinstance(heard.event, Sighted) else None
    return heard.counted if ended is None else max(heard.counted, min(ended, heard.received))


def _until(heard: Heard, last: int, kind: Kind) -> int:
    """Return when an alarm is over: after its off-delay once its end was told, else after its grouping window."""
    if not isinstance(heard.event, Sighted):
        return FOREVER
    return last + 1000 * (kind.off_delay_s if heard.event.ended is not None else kind.group_window_s)
