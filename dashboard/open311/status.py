"""How a report stands, in the words of Open311. The one place that says it: whatever states a report has here, others hear these."""

import re
from collections.abc import Mapping
from typing import Literal

from dashboard.events import ReportChanged

Status = Literal["open", "closed"]
# FixMyStreet's, SeeClickFix's and CitySDK's beside the standard's own.
CLOSED = frozenset(
    {
        "closed",
        "fixed",
        "duplicate",
        "not_councils_responsibility",
        "no_further_action",
        "internal_referral",
        "cancelled",
        "canceled",
    }
    | {"fixed_council", "fixed_user", "unable_to_fix", "resolved", "completed", "complete", "processed", "rejected", "archived"}
)
OPEN = frozenset(
    {
        "open",
        "in_progress",
        "planned",
        "action_scheduled",
        "investigating",
        "reopen",
        "reopened",
        "re_opened",
        "for_triage",
        "unchanged",
    }
    | {"confirmed", "acknowledged", "received", "pending", "in_process", "submitted", "new", "assigned"}
)
_BETWEEN = re.compile(r"[\s_-]+")
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
    told = _BETWEEN.sub("_", status.strip().lower())
    return "closed" if told in CLOSED else "open" if told in OPEN else None
