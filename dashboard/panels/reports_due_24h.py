"""Open reports that fall due within a day."""

from dashboard.board import Board
from dashboard.calendar import DAY_MS
from dashboard.city import City
from dashboard.panel import Kpi, Value


def _read(board: Board, _city: City) -> Value:
    if not board.report_days and not board.reports:
        return Value(None)
    return Value(sum(board.now <= report.due < board.now + DAY_MS for report in board.reports.values()), of=len(board.reports))


PANEL = Kpi(
    key="reports_due_24h",
    title={"vi": "Đến hạn trong 24 giờ", "en": "Due within 24 hours"},
    short={"vi": "Sắp đến hạn", "en": "Due soon"},
    formula={
        "vi": "Phản ánh còn mở có hạn xử lý trong 24 giờ tới.",
        "en": "Open reports whose deadline lies within the next 24 hours.",
    },
    feed="reports",
    read=_read,
)
