"""What is sent about citizens' reports (docs/open311.md): to the endpoints that they came from, and by letter. Each by a carrier of its own.

At least once, under one name however often; of one report in its order; whoever does not take it is left alone for a while.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from logging import getLogger
from typing import Protocol

from dashboard.errors import Away
from dashboard.ports import Clock
from dashboard.reports.sending import LONGEST_S, Sending, Way
from data.store.sendings import SqlSendings

AT_ONCE = 4
REST_S, MOST_REST_S = 5.0, 300.0  # how long a place that failed is left alone: twice as long each time
log = getLogger(__name__)


class Lost(Exception):  # noqa: N818  a verdict on one try
    """It did not arrive. `for_good`: it never will; `after_s`: not to be tried again before; `whole`: nothing arrives there now."""

    def __init__(self, reason: str, *, for_good: bool = False, after_s: float = 0.0, whole: bool = False) -> None:
        super().__init__(reason)
        self.for_good, self.after_s, self.whole = for_good, after_s, whole


class Nobody(Exception):  # noqa: N818  a verdict
    """There is nobody to send it to; the message says why."""


class Carrier(Protocol):
    """Carries sendings one way."""

    def place(self, one: Sending) -> str:
        """Return where it goes, as a name: what goes to one place goes there one after the other."""
        ...

    def send(self, one: Sending) -> None:
        """Send it. Raises Lost, Nobody, Away."""
        ...


class Poster:
    """Sends what is due. A place that does not take anything rests, and what waits for it burns no tries meanwhile."""

    def __init__(self, sendings: SqlSendings, clock: Clock, carriers: Mapping[Way, Carrier]) -> None:
        self._sendings, self._clock, self._carriers = sendings, clock, carriers
        self._rests: dict[str, tuple[int, float]] = {}  # until when (epoch ms), and how long the last rest was

    def step(self) -> int:
        """Send what is due; return how much that was. Raises Away."""
        by_place: dict[str, list[Sending]] = {}
        for one in self._sendings.due():
            place = self._carriers[one.way].place(one)
            if self._rests.get(place, (0, 0.0))[0] <= self._clock.now_ms():
                by_place.setdefault(place, []).append(one)
        if by_place:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                return sum(pool.map(lambda pair: self._to(*pair), by_place.items()))
        return 0

    def _to(self, place: str, some: Sequence[Sending]) -> int:
        """Send one after the other to one place, until it takes no more."""
        for count, one in enumerate(some, 1):
            try:
                self._carriers[one.way].send(one)
            except Nobody as nobody:
                self._sendings.ended(one, "no_channel", str(nobody))
            except Away:
                raise
            except Lost as lost:
                after = self._sendings.fail(one, str(lost), for_good=lost.for_good, after_s=lost.after_s)
                log.warning("%s about %s: %s (%s, try %d)", one.id, one.report, lost, after.state, after.tries)
                if lost.whole:
                    self._rest(place, lost.after_s)
                    return count
            except Exception as error:
                log.exception("%s about %s fell over", one.id, one.report)
                self._sendings.fail(one, type(error).__name__)
            else:
                self._sendings.ended(one, "sent")
                self._rests.pop(place, None)
        return len(some)

    def _rest(self, place: str, after_s: float) -> None:
        last_s = self._rests.get(place, (0, 0.0))[1]
        rest_s = min(max(last_s * 2, REST_S), MOST_REST_S)
        self._rests[place] = (self._clock.now_ms() + round(1000 * min(max(rest_s, after_s), LONGEST_S)), rest_s)
