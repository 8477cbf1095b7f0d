"""The share of reports that were closed on time, of those that were due (F8 C)."""

from dashboard.board import Board
from dashboard.catalogue import figure
from dashboard.city import City
from dashboard.formulas import on_time
from dashboard.panel import Kpi, Value
from dashboard.past import DayCounts

DAYS = 30


def _read(board: Board, _city: City) -> Value:
    days = [counts for day, counts in board.report_days.items() if board.day - DAYS <= day < board.day]
    due, met = (sum(counts.get(field, 0) for counts in days) for field in ("due", "met"))
    return Value(on_time(DayCounts(due=due, met=met)), of=due or None)


PANEL = Kpi(
    key="reports_on_time",
    title={"vi": "Đúng hạn, 30 ngày", "en": "On time, 30 days"},
    short={"vi": "Đúng hạn", "en": "On time"},
    formula={
        "vi": f"{figure('reports_on_time').formula['vi']} Kỳ: 30 ngày, đến hết hôm qua.",
        "en": f"{figure('reports_on_time').formula['en']} Period: 30 days, up to the end of yesterday.",
    },
    feed="reports",
    read=_read,
    unit="percent",
    better="up",
    target="reports_on_time",
)
