"""Open reports: how many, how many late, and the urgent, the newest and the next due with their places."""

from heapq import nsmallest

from dashboard.board import Board, OpenReport
from dashboard.city import City
from dashboard.kinds import FOREVER
from dashboard.masking import hidden
from dashboard.past import is_due_soon, is_overdue
from dashboard.topic import Topic

MOST, SOON = 200, 8


def _row(report: OpenReport) -> dict[str, object]:
    return {
        "id": hidden(report.report),
        "service": hidden(report.service),
        "ward": hidden(report.ward),
        "unit": hidden(report.unit),
        "lon": report.lon,
        "lat": report.lat,
        "submitted": report.submitted,
        "due": report.due if report.due < FOREVER else None,
        "urgent": report.urgent,
    }


def _draw(board: Board, _city: City) -> object:
    open_now = board.reports.values()
    newest = nsmallest(MOST, open_now, key=lambda report: (not report.urgent, -report.submitted, report.report))
    coming = (report for report in open_now if is_due_soon(report.due, board.now))
    today = board.report_days.get(board.day, {})
    return {
        "open": len(board.reports),
        "overdue": sum(is_overdue(report.due, board.now) for report in open_now),
        "due_24h": sum(is_due_soon(report.due, board.now) for report in open_now),
        "received_today": today.get("received", 0),
        "closed_today": today.get("closed", 0),
        "soon": [_row(report) for report in nsmallest(SOON, coming, key=lambda report: (report.due, report.report))],
        "rows": [_row(report) for report in newest],
    }


TOPIC = Topic(key="reports", reads=("reports", "report_days", "day", "minute"), draw=_draw)
