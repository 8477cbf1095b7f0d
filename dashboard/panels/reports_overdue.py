"""Open reports past their deadline."""

from dashboard.board import Board
from dashboard.catalogue import figure
from dashboard.city import City
from dashboard.panel import Kpi, Value
from dashboard.past import is_overdue


def _read(board: Board, _city: City) -> Value:
    if not board.report_days and not board.reports:
        return Value(None)
    return Value(sum(is_overdue(report.due, board.now) for report in board.reports.values()), of=len(board.reports))


PANEL = Kpi(
    key="reports_overdue",
    title={"vi": "Phản ánh quá hạn", "en": "Overdue reports"},
    short={"vi": "Quá hạn", "en": "Overdue"},
    formula=figure("reports_overdue").formula,
    feed="reports",
    read=_read,
    better="down",
    target="reports_overdue",
)
