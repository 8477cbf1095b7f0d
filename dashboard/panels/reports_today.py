"""Reports that citizens sent today."""

from dashboard.board import Board
from dashboard.city import City
from dashboard.panel import Kpi, Value


def _read(board: Board, _city: City) -> Value:
    if not board.report_days:
        return Value(None)
    known = any(day < board.day for day in board.report_days)
    before = board.report_days.get(board.day - 1, {}).get("received", 0) if known else None
    return Value(board.report_days.get(board.day, {}).get("received", 0), ref=before)


PANEL = Kpi(
    key="reports_today",
    title={"vi": "Phản ánh gửi đến hôm nay", "en": "Reports submitted today"},
    short={"vi": "Phản ánh", "en": "Reports"},
    formula={
        "vi": "Số phản ánh có ngày gửi là hôm nay; so với cả ngày hôm qua.",
        "en": "Reports submitted today; compared with the whole of yesterday.",
    },
    feed="reports",
    read=_read,
    reference="yesterday",
)
