"""The share of reports closed on time."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value

DAYS = 30


def _read(board: Board, _city: City) -> Value:
    days = [counts for day, counts in board.report_days.items() if board.day - DAYS < day <= board.day]
    closed = sum(counts.get("closed", 0) for counts in days)
    if not closed:
        return Value(None)
    return Value(100 * sum(counts.get("on_time", 0) for counts in days) / closed, of=closed)


PANEL = Kpi(
    key="reports_on_time",
    title={"vi": "Đúng hạn, 30 ngày", "en": "On time, 30 days"},
    short={"vi": "Đúng hạn", "en": "On time"},
    formula={
        "vi": "Phản ánh đã xử lý đúng hạn gốc trên số đã xử lý trong 30 ngày. Phản ánh quá hạn còn mở xem ở ô Quá hạn.",
        "en": "Reports closed within their original deadline, of those closed in 30 days. Open overdue ones stand on their own tile.",
    },
    feed="reports",
    read=_read,
    unit="percent",
    better="up",
    target="reports_on_time",
)
