"""Every figure of the catalogue for every ward, each the same number as the leader's page of that ward tells."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from dashboard.calendar import date_of
from dashboard.catalogue import FIGURES
from dashboard.city import City
from dashboard.formulas import LEAST_RANKED, Known
from dashboard.past import DayCounts, History, Late, Part
from dashboard.periods import Period
from dashboard.tiles import ask, figures, known

OPEN = "reports_open"  # beside the catalogue: what is open now, whether it is overdue or not


class Ward(Struct, frozen=True):
    """One ward: its figures by key, None where there is no value; `few` names those that stand on too few reports to be shown."""

    code: str
    values: Mapping[str, float | None]
    few: Sequence[str]


class WardsTold(Struct, frozen=True):
    """Every ward in a period (dates, both included), as it was at an instant (epoch ms)."""

    first: str
    last: str
    at: int
    wards: Sequence[Ward]


def told(history: History, city: City, period: Period, *, now_ms: int, today: int) -> WardsTold:
    """Return the figures of the wards that there are today."""
    late, on = history.late(now_ms), date_of(today)
    codes = [
        one.code for one in city.wards if (not one.valid_from or one.valid_from <= on) and (not one.valid_to or on <= one.valid_to)
    ]
    wards = [_ward(history, city, period, code, late, now_ms=now_ms, today=today) for code in codes]
    return WardsTold(date_of(period.now.first).isoformat(), date_of(period.now.last).isoformat(), now_ms, wards)


def _ward(history: History, city: City, period: Period, code: str, late: Late, *, now_ms: int, today: int) -> Ward:
    asked = ask(history, city, period, part=Part("ward", code), now_ms=now_ms, today=today)
    three, _, _ = known(asked, late.of(asked.part))
    values = {one.key: one.value for one in figures(asked, three)}
    opened = three[0].open
    return Ward(code, values | {OPEN: None if opened is None else float(opened)}, _few(three[0]))


def _few(now: Known) -> list[str]:
    """Return the shares and times that less than ten reports stand behind: what ranks no ward colours none."""
    due, counts = (now.ended.due if now.ended else 0), now.counts or DayCounts()
    of = {"F2": counts.received, "F7": counts.eligible, "F8 C": due, "F11": counts.received + now.carried}
    behind = {one.key: of.get(one.code, counts.closed) for one in FIGURES if one.unit != "count"}
    return [key for key, n in behind.items() if n < LEAST_RANKED]
