"""Events of each ward over a period, by the roll-ups of the cameras that stand in it."""

from collections import Counter
from collections.abc import Callable

from sqlalchemy import Engine, func, select

from dashboard.city import City
from dashboard.periods import Span
from dashboard.replay.past import Past
from data.store.engine import LONGEST_S, asking
from data.store.spots import DAY_SPOT


class SqlByWard:
    """Questions to one city's record about its wards."""

    def __init__(self, engine: Engine, city_now: Callable[[], City], *, seconds: float = LONGEST_S) -> None:
        """`seconds` is how long a question may take (S-24)."""
        self._engine, self._city_now, self._seconds = engine, city_now, seconds

    def events(self, span: Span, kind: str) -> dict[str, int]:
        """Return how many events of a kind ("": of all that are no mere records) there were in each ward that has a camera. Raises TooLong, Away."""
        city, c = self._city_now(), DAY_SPOT.c
        ward = {one.id: one.ward for one in city.cameras if not one.gone and one.ward}
        kinds = [kind] if kind else [one.key for one in city.kinds if one.event_class != "record"]
        wanted = select(c.camera, func.sum(c.n)).where(c.day.between(*span), c.kind.in_(kinds)).group_by(c.camera)
        found = Counter(dict.fromkeys(ward.values(), 0))
        with asking(self._engine, seconds=self._seconds) as sql:
            for camera, n in sql.execute(wanted):
                if camera in ward:
                    found[ward[camera]] += int(n)
        return dict(found)


class OpenThen:
    """What was open at a past second, by the board that was kept of it."""

    def __init__(self, past: Past) -> None:
        self._past = past

    def open_at(self, at_ms: int) -> dict[str, int] | None:
        """Return how many reports were open in each ward, None where the board of that second is not kept. Raises Away."""
        span = self._past.span()
        if span is None or at_ms < span.first:
            return None
        board = next(iter(self._past.boards([at_ms])), None)
        return None if board is None else dict(Counter(one.ward for one in board.reports.values() if one.ward))
