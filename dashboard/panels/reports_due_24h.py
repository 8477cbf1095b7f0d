"""Open reports that fall due within a day."""

from dashboard.board import Board
from dashboard.catalogue import figure
from dashboard.city import City
from dashboard.panel import Kpi, Value
from dashboard.past import is_due_soon


def _read(board: Board, _city: City) -> Value:
    if not board.report_days and not board.reports:
        return Value(None)
    return Value(sum(is_due_soon(report.due, board.now) for report in board.reports.values()), of=len(board.reports))


PANEL = Kpi(
    key="reports_due_24h",
    title={"vi": "Đến hạn trong 24 giờ", "en": "Due within 24 hours"},
    short={"vi": "Sắp đến hạn", "en": "Due soon"},
    formula=figure("reports_due_24h").formula,
    feed="reports",
    read=_read,
)
