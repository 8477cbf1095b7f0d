"""How a report stands, in the words of Open311. The one place that says it: whatever states a report has here, others hear these."""

from collections.abc import Mapping
from typing import Literal

from dashboard.events import ReportChanged

Status = Literal["open", "closed"]
CLOSED = frozenset(
    {"closed", "fixed", "duplicate", "not_councils_responsibility", "no_further_action", "internal_referral", "cancelled"}
)
OPEN = frozenset({"open", "in_progress", "planned", "action_scheduled", "investigating", "reopen", "for_triage", "unchanged"})
_NOTES: Mapping[str, Mapping[str, str]] = {
    "received": {"vi": "Đã tiếp nhận", "en": "Received"},
    "forwarded": {"vi": "Đã chuyển đơn vị xử lý", "en": "Forwarded to the unit in charge"},
    "answered": {"vi": "Đã trả lời", "en": "Answered"},
}


def status_of(report: ReportChanged) -> Status:
    """Return how a report stands: the standard knows `open` and `closed` alone."""
    return "open" if report.open else "closed"


def notes_of(report: ReportChanged, tongue: str) -> str:
    """Return what more there is to say about where a report stands, in Vietnamese or English."""
    stage = "answered" if not report.open else "forwarded" if report.unit else "received"
    return _NOTES[stage][tongue]


def heard(status: str) -> Status | None:
    """Return what another system's status means, in whatever case it is written; None where nobody has heard of it."""
    told = status.strip().lower().replace(" ", "_").replace("-", "_")
    return "closed" if told in CLOSED else "open" if told in OPEN else None
