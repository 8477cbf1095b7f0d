"""POST /reports/act-together: one act with several reports, each answered for; or what it would make of each (docs/reports.md)."""

from collections.abc import Mapping
from typing import Annotated, Literal

from flask import Blueprint, Response, request
from msgspec import Meta, Struct, json

from callbacks.case_answers import Forbidden, by_now, in_the_way, or_no
from callbacks.cases import Key, Report, Seen, Short, Whom
from dashboard.masking import hidden
from dashboard.reports.acts import MOST_TOGETHER, may_act
from dashboard.reports.case import LIVE, MOST_PARTS, Asked, Case, Given, Illegal, Incomplete
from dashboard.reports.cases import Cases, Refusal


class One(Struct, frozen=True, forbid_unknown_fields=True):
    """One of several reports, and the version of it that was seen."""

    report: Report
    version: Seen = None


class Together(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted about several reports: each of them named, one act. `preview`: nothing is done, only said.

    Without `units`, each is forwarded to whom the city's rules name for it.
    """

    reports: Annotated[list[One], Meta(min_length=1, max_length=MOST_TOGETHER)]
    action: Literal["take", "classify", "forward", "note", "close", "undo"]
    key: Key
    preview: bool = False
    why: Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00]*$")] = ""
    service: Short = ""
    priority: Annotated[str, Meta(max_length=20)] = ""
    units: Annotated[list[Whom], Meta(max_length=MOST_PARTS)] = []

    def asked(self) -> list[Asked]:
        """Return what is asked of each, every report once."""
        units = tuple(Given(one.unit, one.task, one.term.term() if one.term else None) for one in self.units)
        named = {one.report: one.version for one in self.reports}
        return [
            Asked(
                self.action,
                report,
                version,
                self.why,
                service=self.service,
                priority=self.priority,
                units=units,
                by_rules=not units,
            )
            for report, version in named.items()
        ]


def door(cases: Cases) -> Blueprint:
    """Return the door. Only people act, never a token."""
    blueprint = Blueprint("cases_together", __name__)

    @blueprint.post("/reports/act-together")
    def act_together() -> Response:
        return or_no(lambda: _acted(cases))

    return blueprint


def _acted(cases: Cases) -> Mapping[str, object]:
    told, by = json.decode(request.get_data(), type=Together), by_now(acts=True)
    if not may_act(by.role, told.action):
        raise Forbidden
    done = cases.would(told.asked(), by=by) if told.preview else cases.act_together(told.asked(), by=by, key=told.key)
    return {"results": [_result(report, one) for report, one in done.items()]}


def _result(report: str, one: Case | Refusal) -> Mapping[str, object]:
    """Return what became of one: how it stands, or why nothing was done with it."""
    told: dict[str, object] = {"report": report, "number": hidden(report.partition("/")[2]), "done": isinstance(one, Case)}
    if isinstance(one, Case):
        units = [part.unit for part in one.parts if part.state in LIVE]
        return told | {"state": one.state, "version": one.version, "units": units, "due": one.deadline.due}
    if isinstance(one, Illegal):
        return told | {"code": one.code} | in_the_way(one)
    return told | ({"code": "incomplete", "lacks": str(one)} if isinstance(one, Incomplete) else {"code": "not_found"})
