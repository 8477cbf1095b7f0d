"""Open reports: how many, how many late, and the newest and the next due with their places."""

from heapq import nsmallest

from dashboard.board import Board, OpenReport
from dashboard.calendar import DAY_MS
from dashboard.city import City
from dashboard.kinds import FOREVER
from dashboard.masking import hidden
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
    newest = nsmallest(MOST, open_now, key=lambda report: (-report.submitted, report.report))
    coming = (report for report in open_now if board.now <= report.due < board.now + DAY_MS)
    today = board.report_days.get(board.day, {})
    return {
        "open": len(board.reports),
        "overdue": sum(report.due < board.now for report in open_now),
        "due_24h": sum(board.now <= report.due < board.now + DAY_MS for report in open_now),
        "received_today": today.get("received", 0),
        "closed_today": today.get("closed", 0),
        "soon": [_row(report) for report in nsmallest(SOON, coming, key=lambda report: (report.due, report.report))],
        "rows": [_row(report) for report in newest],
    }


TOPIC = Topic(key="reports", reads=("reports", "report_days", "day", "minute"), draw=_draw)
