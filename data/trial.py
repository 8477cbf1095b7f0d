"""Trying a source: connect to it, or wait for what it sends, and tell in plain sentences what is heard and what to do (`source test`)."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from threading import Timer

from dashboard.events import CameraChanged, FeedSpoke, Heard, Measured, ReportChanged, ReportSpoken, Sighted
from dashboard.masking import hidden, plate
from dashboard.ports import Payload, Reading, Taken
from data.outward import Checked, Line, Login, Refused, Unreached
from data.puller import Pull, Target
from data.pulling import pull_of, target_of
from data.source import PULLED
from data.store.sources import Registered
from data.stream import RedisStream

MOST_SHOWN, SKEWED_MS = 50, 30_000
LIVES: tuple[bytes, Mapping[str, str]] = (b"{}", {PULLED: "online"})
# What to do, by what went wrong.
ADVICE = {
    "refused": "Cameras are connected to in private networks; another place is named in [outward] allow of city.toml (docs/city-pack.md).",
    "connect": "Is it switched on, is the port right, does a firewall let this machine through?",
    "tls": "It signed its certificate itself: `python app.py login certificate {place}`, compare, then `login add {place} --user … --pin …`.",
    "denied": "`python app.py login add {place} --user …` with an account that may watch; a few wrong tries lock many devices for half an hour.",
    "absent": "It does not speak this way, or it is switched off there: see docs/sources/{adapter}.md, and whether --adapter is right.",
    "moved": "It wants https, or another port: `python app.py source move {key} --address …`.",
    "status": "Something stands between, or it is busy; try again, then restart the device.",
    "slow": "It is overloaded, or the network loses much.",
    "silent": "It let us in and says nothing, not even that it lives: see docs/sources/{adapter}.md, and its firmware.",
    "protocol": "Another kind of device or service answers there: is the address right, and --adapter?",
    "cut": "It hung up: many devices serve only a few listeners at once.",
    "large": "What answers there is no device of this kind.",
}


class Trial:
    """One trial: reads what comes as the board would, without keeping any of it, and tells it to `say`."""

    def __init__(self, source: Registered, *, read: Callable[[Taken], Reading], say: Callable[[str], None]) -> None:
        self._source, self._read, self._say = source, read, say
        self._began_s = time.monotonic()
        self._shown = 0
        self.events, self.unknown, self.dead = Counter[str](), Counter[str](), Counter[str]()
        self.beats = 0

    def hears(self, raw: bytes, headers: Mapping[str, str]) -> None:
        """Tell what a payload says."""
        now_ms = time.time_ns() // 1_000_000
        reading = self._read(Taken("", Payload(self._source.key, now_ms, raw, headers, "")))
        for one in reading.heard:
            self._event(one)
        for dead in reading.dead:
            self.dead[hidden(dead.reason)] += 1
            self._line(f"dead letter: {hidden(dead.reason)}")

    def _event(self, one: Heard) -> None:
        if isinstance(one.event, FeedSpoke):
            self.beats += 1
            return
        self.events[one.event.kind if isinstance(one.event, Sighted) else type(one.event).__name__] += 1
        named = one.event.camera if isinstance(one.event, Sighted | CameraChanged) else ""
        if named and not one.camera:
            self.unknown[named] += 1
        self._line(said(one))

    def _line(self, text: str) -> None:
        self._shown += 1
        if self._shown <= MOST_SHOWN:
            self._say(f"  {time.monotonic() - self._began_s:5.1f} s  {text}")
        elif self._shown == MOST_SHOWN + 1:
            self._say("           … and so on")

    def ends(self) -> None:
        """Tell all of it in sum, and what to do about it."""
        told = ", ".join(f"{count} {kind}" for kind, count in self.events.most_common(12))
        self._say(
            f"heard     {self.events.total()} events{f' ({told})' if told else ''}, {self.beats} signs of life, {self.dead.total()} dead letters"
        )
        for name, count in self.unknown.most_common(20):
            self._say(
                f"unknown   {hidden(name)} ({count}): write {self._source.key}={hidden(name)} into the column names of its camera in cameras.csv"
            )
        for reason, count in self.dead.most_common(5):
            self._say(f"unread    {count} × {reason}; the bytes are kept once Kỳ Đài hears it: `python app.py dead-letters list`")

    @property
    def silent(self) -> bool:
        """Whether nothing at all was heard."""
        return not (self.events or self.dead or self.beats)


def said(one: Heard) -> str:
    """Return an event in a line, as everybody may see it."""
    event = one.event
    if isinstance(event, ReportChanged):
        return f"report {hidden(event.report)}"
    if isinstance(event, ReportSpoken):
        return f"a word about report {hidden(event.report)}"
    if isinstance(event, FeedSpoke):
        return "sign of life"
    if isinstance(event, Measured):
        return f"{event.indicator} is {event.value:g}"
    what = f"{hidden(event.kind)} {plate(event.plate) or ''}".strip() if isinstance(event, Sighted) else f"camera is {event.state}"
    off = f"; its clock is {(event.at - one.received) / 1000:+.0f} s off" if abs(event.at - one.received) > SKEWED_MS else ""
    return f"{what}, camera {hidden(event.camera)} → {one.camera or 'unknown'}{off}"


@dataclass(slots=True, kw_only=True)
class Means:
    """What a trial of a device needs: how addresses are looked over, who we are there, and the zone of clocks that tell none."""

    dial: Callable[[str], Checked]
    who: Callable[[str, int], Login | None]
    zone: str


def asked(trial: Trial, source: Registered, means: Means, *, seconds: float, say: Callable[[str], None]) -> str:
    """Connect to a device and listen for so long; returns what went wrong, in a word, "" when nothing did."""
    place = source.address.partition("//")[2].partition("/")[0]
    try:
        where = means.dial(source.address)
        login = means.who(where.host, where.port)
        say(f"address   {where.url} leads to {where.ip}, which is allowed")
        say(f"login     {f'as {login.user}' if login else 'none is kept for it'}")
        target, pull = target_of(source, where, Line(login)), pull_of(source)
        _clock(target, pull, means.zone, say)
        _listen(trial, target, pull, seconds, say)
    except (Refused, Unreached) as no:
        kind = no.kind if isinstance(no, Unreached) else "refused"
        say(f"failed    {source.address} {no}")
        say(
            f"do        {ADVICE.get(kind, 'See the log of the intake.').format(place=place, adapter=source.adapter, key=source.key)}"
        )
        return kind
    return ""


def _clock(target: Target, pull: Pull, zone: str, say: Callable[[str], None]) -> None:
    """Tell how the device's clock stands. One that will not tell the time may tell of events all the same."""
    try:
        ahead_ms = pull.clock(target, zone)
    except Unreached as no:
        if no.kind in {"connect", "tls", "denied"}:
            raise
        ahead_ms = None
    if ahead_ms is None:
        say("clock     the device does not say")
        return
    off = "; events are counted when they are received: set NTP and the zone on it" if abs(ahead_ms) > SKEWED_MS else ""
    say(f"clock     {abs(ahead_ms) / 1000:.1f} s {'ahead of' if ahead_ms > 0 else 'behind'} ours{off}")


def _listen(trial: Trial, target: Target, pull: Pull, seconds: float, say: Callable[[str], None]) -> None:
    """Listen until the time is over. Raises Unreached when it ends before."""
    timer = Timer(seconds, target.line.hang_up)
    timer.daemon = True
    began_s = time.monotonic()
    with closing(pull.listen(target)) as heard:
        try:
            next(heard)
            topics = f" to {', '.join(target.topics)}" if target.topics else ""
            say(f"let in    after {time.monotonic() - began_s:.1f} s; listening for {seconds:.0f} s{topics}")
            timer.start()
            for one in heard:
                trial.hears(*(one or LIVES))
        except Unreached:
            if not target.line.over:
                raise
        finally:
            timer.cancel()


def waited(trial: Trial, source: Registered, stream: RedisStream, *, seconds: float) -> None:
    """Wait for so long for what a source sends by itself. Raises dashboard.errors.Away."""
    after, end_s = stream.last(), time.monotonic() + seconds
    while (left_s := end_s - time.monotonic()) > 0:
        for taken in stream.take(after, wait_s=min(left_s, 1.0)):
            after = taken.entry
            if taken.payload.source == source.key:
                trial.hears(taken.payload.raw, taken.payload.headers)
