"""Which adapter reads which payload, and what becomes of what it says."""

from collections.abc import Callable, Mapping
from logging import getLogger

from msgspec.structs import replace

import data.sources
from dashboard.errors import Rejected
from dashboard.events import AnyEvent, CameraChanged, FeedSpoke, Heard
from dashboard.hearing import Hearing
from dashboard.ports import Dead, Reading, Taken
from dashboard.registry import collect
from data.source import Source, Unread

ADAPTERS = {source.key: source for source in collect(data.sources, "SOURCE", Source)}
log = getLogger(__name__)


class Reader:
    """Reads payloads. `adapters` returns source key to adapter key, as it stands now."""

    def __init__(self, hearing: Callable[[Mapping[str, str]], Hearing], adapters: Callable[[], Mapping[str, str]]) -> None:
        self._make, self._ask = hearing, adapters
        self._adapters: Mapping[str, str] = {}
        self._hearing = hearing({})

    def read(self, taken: Taken) -> Reading:
        """Return what a payload said. What cannot be read is a dead letter with its bytes and the reason; nothing rises."""
        try:
            adapter = self._adapter(taken.payload.source)
            told = adapter.parse(taken.payload.raw, taken.payload.headers)
        except Rejected as reason:
            return Reading((), (Dead(taken, str(reason), 0, taken.payload.raw),))
        except Exception as error:  # a broken adapter must not stop the board: what it fell over is kept
            log.exception("adapter of %s fell over", taken.payload.source)
            return Reading((), (Dead(taken, f"adapter failed: {type(error).__name__}", 0, taken.payload.raw),))
        heard = [self._hear(taken, one) for one in told if not isinstance(one, Unread)]
        dead = [Dead(taken, one.reason, part, one.raw) for part, one in enumerate(told, 1) if isinstance(one, Unread)]
        return Reading(heard, dead)

    def _hear(self, taken: Taken, event: AnyEvent) -> Heard:
        """A message that has no time of its own happened when it came."""
        if event.at == 0 and isinstance(event, FeedSpoke | CameraChanged):
            key = event.id if isinstance(event, FeedSpoke) else f"{event.id}:{taken.payload.received}"
            event = replace(event, at=taken.payload.received, id=key)
        return self._hearing.hear(taken.payload.source, taken.payload.received, event)

    def _adapter(self, source: str) -> Source:
        if source not in self._adapters:
            self._adapters = dict(self._ask())
            self._hearing = self._make(self._adapters)
        name = self._adapters.get(source, source)
        if name not in ADAPTERS:
            raise Rejected(f"no adapter {name!r}; there are {', '.join(ADAPTERS)}")
        return ADAPTERS[name]
