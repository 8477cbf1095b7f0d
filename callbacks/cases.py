"""The doors of citizens' reports: lists, one of them whole, what is done, what comes in (docs/reports.md)."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated

from flask import Blueprint, Response, request
from msgspec import Meta, Struct, json

from callbacks.case_answers import Forbidden, by_now, or_no, sought_now
from callbacks.replies import answer
from dashboard.city import City
from dashboard.ports import Clock
from dashboard.reports.acts import MOST_TOGETHER, may_act, together_from
from dashboard.reports.case import MOST_EVIDENCE, MOST_PARTS, MOST_TEXT, Action, Asked, Given, Incomplete
from dashboard.reports.cases import Cases, Entry, Person
from dashboard.reports.telling import listed_told, shown_told
from dashboard.reports.units import working_for
from dashboard.reports.working import calendar_of
from dashboard.term import TERM_UNITS, Term, TermUnit

Text = Annotated[str, Meta(max_length=MOST_TEXT, pattern=r"^[^\x00]*$")]
Short = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Report = Annotated[str, Meta(min_length=3, max_length=320, pattern=r"^[^\x00]*$")]
Seen = Annotated[int, Meta(ge=0, le=1 << 53)] | None


class Time(Struct, frozen=True, forbid_unknown_fields=True):
    """So many working days, days, hours."""

    value: Annotated[int, Meta(ge=1, le=60)]
    unit: TermUnit

    def term(self) -> Term:
        """Return it as the core has it. Raises Incomplete for what no person may say."""
        if self.unit not in TERM_UNITS:
            raise Incomplete("term")
        return Term(self.value, self.unit)


class Whom(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit that is given a part."""

    unit: Short
    task: Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*$")] = ""
    term: Time | None = None


class Body(Struct, frozen=True, forbid_unknown_fields=True):
    """What is posted. `key` is the browser's own id of the act: posted twice, it is done once."""

    action: Action
    report: Report
    key: Key
    version: Seen = None
    why: Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00]*$")] = ""
    nth: Annotated[int, Meta(ge=0, le=MOST_PARTS)] = 0
    service: Short = ""
    priority: Annotated[str, Meta(max_length=20)] = ""
    units: Annotated[list[Whom], Meta(max_length=MOST_PARTS)] = []
    term: Time | None = None
    text: Text = ""
    evidence: Annotated[list[Short], Meta(max_length=MOST_EVIDENCE)] = []
    rating: Annotated[str, Meta(max_length=20)] = ""
    other: Annotated[str, Meta(max_length=320)] = ""
    other_version: Seen = None
    to: Short = ""

    def asked(self) -> Asked:
        """Return it as the core asks for it."""
        return Asked(
            self.action,
            self.report,
            self.version,
            self.why,
            self.nth,
            self.service,
            self.priority,
            tuple(Given(one.unit, one.task, one.term.term() if one.term else None) for one in self.units),
            self.term.term() if self.term else None,
            self.text,
            tuple(self.evidence),
            self.rating,
            self.other,
            self.other_version,
            self.to,
        )


def whole(text: str) -> str:
    """Return a text with each letter and its marks as one sign: some keyboards write them apart, and fonts then draw them beside each other."""
    return unicodedata.normalize("NFC", text)


class Sender(Struct, frozen=True, forbid_unknown_fields=True):
    """Who sends a report, as they say it."""

    name: Short = ""
    phone: Short = ""
    email: Short = ""
    address: Short = ""


class Coming(Struct, frozen=True, forbid_unknown_fields=True):
    """A report that somebody at the centre takes in."""

    key: Key
    service: Short
    text: Text
    title: Short = ""
    place: Short = ""
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    channel: Annotated[str, Meta(max_length=40, pattern=r"^[^\x00]*$")] = "hotline"
    urgent: bool = False
    person: Sender = Sender()
    event: Annotated[str, Meta(max_length=300, pattern=r"^[^\x00]*$")] = ""

    def entry(self) -> Entry:
        """Return it as the core has it."""
        person = Person(*map(whole, (self.person.name, self.person.phone, self.person.email, self.person.address)))
        return Entry(
            self.service,
            whole(self.text),
            whole(self.title),
            whole(self.place),
            self.lon,
            self.lat,
            channel=self.channel,
            urgent=self.urgent,
            person=person,
            event=self.event,
        )


class Looking(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to see who sent a report, and why."""

    report: Report
    why: Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
    key: Key


def door(cases: Cases, clock: Clock, living: Callable[[], City]) -> Blueprint:
    """Return the doors. Only people with a session act here, never a token: every line of a history has a name."""
    blueprint = Blueprint("cases", __name__)

    @blueprint.get("/reports/list")
    def listed() -> Response:
        return or_no(lambda: listed_told(cases.listed(sought_now(), by=by_now()), now_ms=clock.now_ms()))

    @blueprint.get("/reports/one")
    def shown() -> Response:
        by = by_now()
        return or_no(lambda: shown_told(cases.shown(request.args.get("key", ""), by=by), by.role, working_for(living(), by)))

    @blueprint.get("/reports/facts")
    def facts() -> Response:
        return answer(_facts(living(), by_now().role))

    @blueprint.post("/reports/act")
    def act() -> Response:
        return or_no(lambda: _acted(cases))

    @blueprint.post("/reports/enter")
    def enter() -> Response:
        return or_no(lambda: _entered(cases))

    @blueprint.post("/reports/identity")
    def identity() -> Response:
        return or_no(lambda: _identified(cases))

    return blueprint


def _acted(cases: Cases) -> Mapping[str, object]:
    told, by = json.decode(request.get_data(), type=Body), by_now(acts=True)
    if not may_act(by.role, told.action):
        raise Forbidden
    done = cases.act(told.asked(), by=by, key=told.key)
    return {"seq": done.seq, "at": done.at, "key": done.report, "state": done.after.state, "version": done.after.version}


def _entered(cases: Cases) -> Mapping[str, object]:
    told = json.decode(request.get_data(), type=Coming)
    done = cases.enter(told.entry(), by=by_now(acts=True), key=told.key)
    return {"seq": done.seq, "at": done.at, "key": done.report, "number": done.report.partition("/")[2]}


def _identified(cases: Cases) -> Mapping[str, object]:
    told = json.decode(request.get_data(), type=Looking)
    return cases.identity(told.report, by=by_now(acts=True), why=told.why, key=told.key)._asdict()


def _facts(city: City, role: str) -> Mapping[str, object]:
    """Return what the page offers to choose from, beside what the city's document has."""
    units = [one.code for one in city.units if one.valid_to is None]
    templates = [{"key": one.key, "act": one.act, "name": one.name, "text": one.text} for one in city.reports.templates]
    together = {"most": MOST_TOGETHER, "from": together_from(role)}
    return {"units": units, "templates": templates, "calendar": calendar_of(city).version, "together": together}
