"""The alarms of a board while a batch is folded, and every act that the house itself does meanwhile."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Generic, TypeVar

from msgspec.structs import replace

from dashboard.alarms.acts import carried, gone
from dashboard.alarms.alarm import Acted, Alarm
from dashboard.alarms.grouping import group_of
from dashboard.alarms.passing import due, passed, raised, returned
from dashboard.alarms.telling import again, ended, lasted, learnt, opened, renewed, worse
from dashboard.city import Kind
from dashboard.events import CameraChanged, Heard, Recorded
from dashboard.kinds import Kinds

V = TypeVar("V")
CHATTER_MS, CHATTERS = 60_000, 3  # raised so often within so long, an alarm chatters (UX-43)
ALONE, TOGETHER = "camera_critical_lost", "camera_group_lost"
BACK = frozenset({"online", "frozen", "maintenance"})  # how a camera stands that is not lost: its line is there, or somebody has it


class Once(Generic[V]):
    """A map that is copied before it is first changed: once a batch, not once an event."""

    def __init__(self, given: Mapping[str, V]) -> None:
        self.now, self._own = given, False

    def mine(self) -> dict[str, V]:
        """Return the copy."""
        if not self._own:
            self.now, self._own = dict(self.now), True
        return self.now  # type: ignore[return-value]  # ours by now


class Ledger:
    """Alarms by their group, those that wait for their on-delay, and the acts that were done since.

    `toggles` are the instants (epoch ms) at which a group was raised of late; `acted` is the number of the last act.
    """

    def __init__(
        self,
        alarms: Mapping[str, Alarm],
        *,
        pending: Mapping[str, Alarm],
        toggles: Mapping[str, tuple[int, ...]],
        acted: int,
        now_ms: int,
    ) -> None:
        self._alarms, self._pending, self._toggles = Once(alarms), Once(pending), Once(toggles)
        self.acted, self._now_ms = acted, now_ms
        self.acts: list[Acted] = []
        self.opened: list[int] = []

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        """The open ones by group; the very map that was given where nothing has changed."""
        return self._alarms.now

    @property
    def pending(self) -> Mapping[str, Alarm]:
        """Those that have not lasted for long enough."""
        return self._pending.now

    @property
    def toggles(self) -> Mapping[str, tuple[int, ...]]:
        """When groups were raised."""
        return self._toggles.now

    def pass_time(self) -> None:
        """Do whatever is due."""
        for alarm in [one for one in self.alarms.values() if due(one, self._now_ms) is not None]:
            for action, after in passed(alarm, self._now_ms):
                self._act(action, after)
        ready = [one for one in self.pending.values() if one.raised <= self._now_ms]
        for waits in sorted(ready, key=lambda one: one.priority):
            del self._pending.mine()[waits.group]
            if waits.until >= waits.raised:
                self._open(waits)

    def confirm(self, kinds: Kinds) -> None:
        """Let what a person has verified be what its kind then is; it stays in the hands that it is in."""
        for alarm in [one for one in self.alarms.values() if one.course.verified]:
            kind = kinds.get(alarm.kind)
            then = kinds.alarm(kind.verified_as) if kind is not None and kind.verified_as else None
            if then is not None:
                self._act("promote", replace(alarm, kind=then.key, priority=then.priority, verify=then.verify, raised=self._now_ms))

    def hear(self, one: Recorded, kinds: Kinds) -> None:
        """Raise, renew or end what an event speaks of."""
        heard, kind = one.heard, kinds.alarm_kind(one.heard)
        if kind is None:
            return
        group, told = self._group(heard, kind, kinds), self._told_before(one, kinds)
        if one.before is not None and one.before.event == heard.event:
            self._learn(group, heard)
            return
        if isinstance(heard.event, CameraChanged) and heard.event.state != "offline":
            self._back(group, heard, kind)
        elif (held := self.alarms.get(group)) is not None:
            self._renew(held, heard, kind, kinds, told=told == group)
        elif (waits := self.pending.get(group)) is not None:
            self._go_on(waits, heard, kind, told=told == group)
        elif told != group:  # an amended telling of what somebody has closed opens nothing
            self._begin(opened(group, heard, kind), heard)

    def _learn(self, group: str, heard: Heard) -> None:
        """Let an alarm know what has become known of an event of its."""
        for part in (self._alarms, self._pending):
            held = part.now.get(group)
            if held is not None and (after := learnt(held, heard)) != held:
                part.mine()[group] = after

    def held(self, group: str) -> Alarm | None:
        """Return the alarm of a group: an open one, or one that waits."""
        return self.alarms.get(group) or self.pending.get(group)

    def begin(self, alarm: Alarm) -> None:
        """Open an alarm, or let it wait until it has lasted."""
        if alarm.raised <= self._now_ms:
            self._open(alarm)
        else:
            self._pending.mine()[alarm.group] = alarm

    def go_on(self, alarm: Alarm, *, worse: bool = False) -> None:
        """Let an alarm stand as given, whether it waits or is open; what was over is there again."""
        if not alarm.id:
            self._pending.mine()[alarm.group] = alarm
            return
        if alarm.over and alarm.until >= self._now_ms:
            self._act("raise", alarm := self._counted(raised(alarm, self._now_ms)))
        if worse:
            self._act("realarm", again(alarm, self._now_ms))
        else:
            self._put(alarm)

    def drop(self, alarm: Alarm) -> None:
        """Let go of what waits."""
        del self._pending.mine()[alarm.group]

    def _group(self, heard: Heard, kind: Kind, kinds: Kinds) -> str:
        return group_of(heard, kind, kinds, self._standing())

    def _standing(self) -> Iterator[Alarm]:
        return chain(self.alarms.values(), self.pending.values())

    def _told_before(self, one: Recorded, kinds: Kinds) -> str:
        """Return the group in which the same event was told before it was amended, "" where it raised nothing."""
        kind = None if one.before is None else kinds.alarm_kind(one.before)
        return "" if one.before is None or kind is None else self._group(one.before, kind, kinds)

    def _begin(self, alarm: Alarm, heard: Heard) -> None:
        """Open an alarm, or wait until it has lasted. What is told as a whole has lasted for long enough, or never will."""
        if ended(heard):
            if lasted(alarm, heard) >= alarm.raised - alarm.since:
                self._open(alarm)
        else:
            self.begin(alarm)

    def _go_on(self, waits: Alarm, heard: Heard, kind: Kind, *, told: bool) -> None:
        """Let go on what waits for its on-delay. A more urgent kind of its family may ask for a shorter one."""
        after = renewed(waits, heard, kind, again=told)
        if kind.priority < waits.priority:
            sooner = min(waits.raised, heard.counted + 1000 * kind.on_delay_s)
            after = replace(after, kind=kind.key, priority=kind.priority, stays=kind.stays or waits.stays, raised=sooner)
        del self._pending.mine()[waits.group]
        self._begin(after, heard)

    def _open(self, alarm: Alarm) -> None:
        """Open an alarm. One that is over already when it is heard of is opened only if it waits for a person."""
        over = alarm.until < self._now_ms
        if (over and not alarm.stays) or self._covered(alarm):
            return
        self._act("raise", self._counted(replace(alarm, id=str(self.acted + 1), raised=self._now_ms)))
        self.opened.append(alarm.since)
        if over:
            self._act("return", returned(self.alarms[alarm.group], self._now_ms))

    def _covered(self, alarm: Alarm) -> bool:
        """Return whether a camera's loss is part of an outage: then that one alarm speaks for it."""
        if alarm.kind != ALONE:
            return False
        return any(one.kind == TOGETHER and alarm.camera in one.cameras and not one.over for one in self.alarms.values())

    def fold(self) -> None:
        """Close the alarms of single cameras that an open outage speaks for by now."""
        for alarm in [one for one in self.alarms.values() if self._covered(one)]:
            self._act("fold", carried(alarm, replace(alarm, course=gone(self._now_ms))))

    def _renew(self, held: Alarm, heard: Heard, kind: Kind, kinds: Kinds, *, told: bool) -> None:
        """Let an alarm go on. What was over is there again with a new event, not with an old one told again."""
        alarm = self._calm(renewed(held, heard, kind, again=told), over=ended(heard))
        lasts = alarm.until >= self._now_ms
        if held.over and lasts and not told:
            self._act("raise", alarm := self._counted(raised(alarm, self._now_ms)))
        elif not held.over and not lasts:
            self._act("return", alarm := returned(alarm, self._now_ms))
        else:
            self._put(alarm)
        grown = worse(held, alarm, heard, kind, kinds) if lasts else None
        if grown is not None:
            self._act(grown[0], again(grown[1], self._now_ms))

    def _back(self, group: str, heard: Heard, kind: Kind) -> None:
        """A camera is there again: what it had not been lost for long enough is nothing, else it is over once it has stayed."""
        if group in self.pending:
            del self._pending.mine()[group]
        held = self.alarms.get(group)
        if held is None or held.over or not (isinstance(heard.event, CameraChanged) and heard.event.state in BACK):
            return
        after = self._calm(replace(held, until=heard.counted + 1000 * kind.off_delay_s), over=True)
        if after.until >= self._now_ms and (kind.off_delay_s or after.chatters):
            self._put(after)
        else:
            self._act("return", returned(after, self._now_ms))

    def _counted(self, alarm: Alarm) -> Alarm:
        """Return an alarm that is being raised; one that is raised time and again within a minute chatters."""
        own = self._toggles.mine()
        for group in [key for key, times in own.items() if times[-1] < alarm.last - CHATTER_MS]:
            del own[group]
        own[alarm.group] = (*(at for at in own.get(alarm.group, ()) if at > alarm.last - CHATTER_MS), alarm.last)
        if len(own[alarm.group]) < CHATTERS:
            return alarm
        return replace(alarm, chatters=True, until=max(alarm.until, self._now_ms + CHATTER_MS))

    def _calm(self, alarm: Alarm, *, over: bool) -> Alarm:
        """Return an alarm that chatters as held open for a minute yet."""
        return replace(alarm, until=max(alarm.until, self._now_ms + CHATTER_MS)) if alarm.chatters and over else alarm

    def _act(self, action: str, after: Alarm) -> None:
        if (before := self.alarms.get(after.group)) is not None and before.id == after.id:
            after = carried(before, after)
        self.acted += 1
        key = f":{self.acted}"
        self.acts.append(Acted(seq=self.acted, key=key, action=action, who="", at=self._now_ms, why="", alarm=after))
        self._put(after)

    def _put(self, alarm: Alarm) -> None:
        put(self._alarms.mine(), alarm)


def put(alarms: dict[str, Alarm], alarm: Alarm) -> None:
    """Let an alarm stand as it is now; one that is closed stands no more."""
    if alarm.open:
        alarms[alarm.group] = alarm
    elif (held := alarms.get(alarm.group)) is not None and held.id == alarm.id:
        del alarms[alarm.group]
