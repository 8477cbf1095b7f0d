"""The people of a simulated city who work on citizens' reports, by the same acts as real ones: the centre, its shift's lead, every unit."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count
from logging import getLogger
from threading import Thread

from dashboard.city import City
from dashboard.errors import Away
from dashboard.ports import Clock
from dashboard.reports.case import Asked
from dashboard.reports.cases import Actor, Cases, Line, Sought
from dashboard.reports.units import OF_UNITS
from data.simulator.duty import CENTRE, LEAD, Duty, due, fate

SOURCE = "reports/"  # whose reports are theirs: what a visitor took in by hand waits for a visitor
TABS = ("to_approve", "in_progress", "to_assign", "verifying", "received", "published")
WINDOW, MOST_AT_ONCE, EVERY_S = 200, 50, 3.0
log = getLogger(__name__)


class Staff:
    """Looks through what is open, again and again, and does what is due. `over` tells when the city will say that a matter is over.

    `rest(seconds)` waits, and returns whether to go on.
    """

    def __init__(
        self, cases: Cases, city: City, clock: Clock, *, seed: int, pace: float, over: Callable[[], Mapping[str, int]]
    ) -> None:
        self._cases, self._city, self._clock, self._seed, self._pace, self._over = cases, city, clock, seed, pace, over
        self._from, self._turns = dict.fromkeys(TABS, 0), count()
        self._refused: set[tuple[str, int | None]] = set()  # what could not be done as it stood: somebody else has to look at it

    def start(self, rest: Callable[[float], bool]) -> Thread:
        """Work until told to stop, in a thread of their own: nobody waits for them, least of all the cameras."""
        thread = Thread(target=self._work, args=(rest,), name="staff", daemon=True)
        thread.start()
        return thread

    def _work(self, rest: Callable[[float], bool]) -> None:
        while rest(EVERY_S):
            try:
                while self.turn() >= MOST_AT_ONCE and rest(0.2):
                    pass
            except Away as away:
                log.warning("nobody can work on reports now: %s", away)

    def turn(self) -> int:
        """Do once what is due in the windows of the lists that come next; returns how many acts were done."""
        by: defaultdict[Actor, list[Asked]] = defaultdict(list)
        for duty in self._due()[:MOST_AT_ONCE]:
            by[self._actor(duty)].append(duty.asked)
        done = 0
        for actor, asked in by.items():
            told = self._cases.act_together(asked, by=actor, key=f"{self._clock.now_ms()}:{next(self._turns)}")
            self._refused |= {(one.report, one.version) for one in asked if isinstance(told[one.report], Exception)}
            done += sum(not isinstance(one, Exception) for one in told.values())
        return done

    def _due(self) -> list[Duty]:
        over, found = self._over(), []
        for tab in TABS:
            for case in [line.case for line in self._window(tab)]:
                number = case.report.removeprefix(SOURCE)
                if number == case.report or (case.report, case.version) in self._refused:
                    continue
                end_ms, now_ms = over.get(number, 0), self._clock.now_ms()
                drawn = fate(self._seed, number)
                duty = due(case, self._city, drawn, over_ms=end_ms, now_ms=now_ms, pace=self._pace)
                if duty is not None:
                    found.append(duty)
        return found

    def _window(self, tab: str) -> list[Line]:
        """Return the window of a list that comes next; behind the last one the first comes again."""
        sought = Sought(tab=tab, offset=self._from[tab], limit=WINDOW)
        lines = list(self._cases.listed(sought, by=Actor(CENTRE, "operator")).lines)
        self._from[tab] = self._from[tab] + WINDOW if len(lines) == WINDOW else 0
        return lines

    def _actor(self, duty: Duty) -> Actor:
        if not duty.unit:
            return Actor(LEAD, "supervisor") if duty.lead else Actor(CENTRE, "operator")
        name = next((one.short["vi"] for one in self._city.units if one.code == duty.unit), duty.unit)
        return Actor(f"{name} (mô phỏng)", OF_UNITS, duty.unit)
