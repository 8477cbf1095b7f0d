"""Which adapter reads which payload, and what becomes of what it says."""

from collections.abc import Callable, Mapping, Sequence
from logging import getLogger
from typing import Any

from msgspec import to_builtins
from msgspec.json import encode
from msgspec.structs import replace

import data.sources
from dashboard.errors import Rejected
from dashboard.events import AnyEvent, CameraChanged, FeedSpoke, Heard, Measured, ReportSpoken, Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Dead, Payload, Reading, Taken
from dashboard.registry import collect
from data.source import PULLED, RECEIVED, Source, Unread

ADAPTERS = {source.key: source for source in collect(data.sources, "SOURCE", Source)}
SIMULATED = "x-kydai-simulated"
NUL, ESCAPED_NUL, ESCAPE = b"\x00", b"\\u0000", b"\\"  # as it stands in a text, and in JSON
log = getLogger(__name__)


class Reader:
    """Reads payloads. `adapters` returns source key to adapter key, as it stands now."""

    def __init__(self, hearing: Callable[[Mapping[str, str]], Hearing], adapters: Callable[[], Mapping[str, str]]) -> None:
        self._make, self._ask = hearing, adapters
        self._adapters: Mapping[str, str] = {}
        self._hearing = hearing({})

    def renew(self) -> None:
        """Hear with other ears from now on: what cameras the city has may have changed."""
        self._hearing = self._make(self._adapters)

    def read(self, taken: Taken, told: Sequence[AnyEvent | Unread] | None = None) -> Reading:
        """Return what a payload said. What cannot be read is a dead letter with its bytes and the reason; nothing rises.

        `told` is what its adapter has read of it before, where it has.
        """
        if not taken.payload.source:
            return Reading((), ())
        adapter = self._adapter(taken.payload.source)
        if adapter is None:
            return _unread(taken, f"source {taken.payload.source!r} has no adapter; there are {', '.join(ADAPTERS)}")
        try:
            told = self._fit(taken.payload, _storable(taken.payload.raw, _said(adapter, taken) if told is None else told))
            heard = [self._hear(taken, one) for one in told if not isinstance(one, Unread)]
        except Rejected as reason:
            return _unread(taken, str(reason))
        except Exception as error:  # a broken adapter must not stop the board: what it fell over is kept
            log.exception("adapter of %s fell over", taken.payload.source)
            return _unread(taken, f"adapter failed: {type(error).__name__}")
        dead = [Dead(taken, one.reason, part, one.raw) for part, one in enumerate(told, 1) if isinstance(one, Unread)]
        return Reading(heard, dead)

    def _fit(self, payload: Payload, told: Sequence[AnyEvent | Unread]) -> Sequence[AnyEvent | Unread]:
        """Set aside what the city cannot take."""
        found: list[AnyEvent | Unread] = []
        for one in told:
            why = "" if isinstance(one, Unread) else self._hearing.unfit(payload.source, payload.received, one)
            found.append(Unread(encode(one), why) if why else one)
        return found

    def _hear(self, taken: Taken, event: AnyEvent) -> Heard:
        """A message that has no time of its own happened when it came."""
        if event.at == 0:
            event = _dated(event, taken.payload.received)
        heard = self._hearing.hear(taken.payload.source, taken.payload.received, event)
        return replace(heard, simulated=True) if SIMULATED in taken.payload.headers else heard

    def _adapter(self, source: str) -> Source | None:
        if source not in self._adapters:
            self._adapters = dict(self._ask())
            self._hearing = self._make(self._adapters)
        return ADAPTERS.get(self._adapters.get(source, source))


def _said(adapter: Source, taken: Taken) -> Sequence[AnyEvent | Unread]:
    """Return what a payload says, or what those who pull it say of its device. Raises Rejected."""
    if PULLED in taken.payload.headers:
        return [FeedSpoke(id="pulled", at=0, online=taken.payload.headers[PULLED] == "online")]
    return adapter.parse(taken.payload.raw, {**taken.payload.headers, RECEIVED: str(taken.payload.received)})


def _dated(event: AnyEvent, received: int) -> AnyEvent:
    """Date what a source left undated. A sighting keeps its name, so that told again it is the same; a report is never without a time."""
    match event:
        case Measured():
            return replace(event, at=received, id=f"{event.indicator}@{received}")
        case CameraChanged():
            return replace(event, at=received, id=f"{event.id}:{received}")
        case Sighted():
            return replace(event, at=received, ended=received if event.closes and event.ended is None else event.ended)
        case FeedSpoke() | ReportSpoken():
            return replace(event, at=received)
    return event


def _unread(taken: Taken, reason: str) -> Reading:
    return Reading((), (Dead(taken, reason, 0, taken.payload.raw),))


def _storable(raw: bytes, told: Sequence[AnyEvent | Unread]) -> Sequence[AnyEvent | Unread]:
    """Set aside events whose texts no database keeps: those with a NUL, which only few payloads could hold."""
    if NUL not in raw and not (ESCAPE in raw and ESCAPED_NUL in raw):  # one sign is sought for many times faster than six
        return told
    return [
        Unread(raw if len(told) == 1 else encode(one), "a text holds a NUL character") if _has_nul(one) else one for one in told
    ]


def _has_nul(one: AnyEvent | Unread) -> bool:
    return not isinstance(one, Unread) and _nul_in(to_builtins(one))


def _nul_in(told: Any) -> bool:
    """Whether there is one in plain values, however deep: a report's words stand within it."""
    if isinstance(told, str):
        return "\x00" in told
    if isinstance(told, dict):
        return any(map(_nul_in, (*told, *told.values())))
    return isinstance(told, list | tuple) and any(map(_nul_in, told))
