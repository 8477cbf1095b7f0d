"""How many deadlines a second the clock of reports computes: whole ones, over reports of ten years, and what a page sorts by."""

import random
import time

from dashboard.calendar import DAY_MS
from dashboard.reports.clock import begun, due_ms, recomputed
from dashboard.reports.working import calendar_of
from dashboard.term import Term
from data.pack import load
from tests.bench.tally import Tally

FIRST, YEARS = 1_577_836_800_000, 10
ROUNDS = 5


def run(tally: Tally, *, quick: bool) -> None:
    """Measure deadlines of reports as they come in, whole clocks of assignments, and open clocks computed anew."""
    count, draw = 20_000 if quick else 200_000, random.Random(5)
    city = load("hue").city
    sent = [FIRST + draw.randrange(YEARS * 365 * DAY_MS) for _ in range(count)]
    asked = [(draw.choice(city.services), one) for one in sent]
    calendar = calendar_of(city)
    clocks = [begun(calendar, one, Term(service.deadline_value, service.deadline_unit)) for service, one in asked]
    note = f"best of {ROUNDS} rounds of {count:,} over {YEARS} years, one core"
    for what, work in (
        ("deadlines of reports", lambda: [due_ms(city, service, one) for service, one in asked]),
        (
            "deadlines of assignments, with all that is kept of them",
            lambda: [begun(calendar, one, Term(7, "working_day")) for one in sent],
        ),
        ("open deadlines computed anew", lambda: [recomputed(one, calendar) for one in clocks]),
    ):
        tally.add(what, count / min(_took(work) for _ in range(ROUNDS)), "/s", better="high", must=100_000, goal=500_000, note=note)


def _took(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]  # a lambda of ours
    return time.perf_counter() - began
