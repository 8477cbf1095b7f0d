"""Open reports past their deadline."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value


def _read(board: Board, _city: City) -> Value:
    if not board.report_days and not board.reports:
        return Value(None)
    return Value(sum(report.due < board.now for report in board.reports.values()), of=len(board.reports))


PANEL = Kpi(
    key="reports_overdue",
    title={"vi": "Phản ánh quá hạn", "en": "Overdue reports"},
    short={"vi": "Quá hạn", "en": "Overdue"},
    formula={
        "vi": "Phản ánh còn mở và đã qua hạn xử lý, trên số còn mở. Không kể phản ánh đã xử lý trễ hạn.",
        "en": "Open reports past their deadline, of all open ones. Those closed late are not counted.",
    },
    feed="reports",
    read=_read,
    better="down",
    target="reports_overdue",
)
