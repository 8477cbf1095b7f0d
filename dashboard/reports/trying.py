"""What would happen to a report, and why: every rule tried in its order, units with their dates, clocks with their steps."""

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.calendar import date_of, day_of
from dashboard.city import City, Unit
from dashboard.handling import Route
from dashboard.plain import plain
from dashboard.reports.cases import Entry, Near
from dashboard.reports.clock import Deadline
from dashboard.reports.routing import Condition, Guess, Routed, called, conditions, guessed, routed
from dashboard.reports.steps import Stretch, steps
from dashboard.reports.telling import near_told, routed_told
from dashboard.reports.working import calendar_of


class Tried(NamedTuple):
    """One rule, and whether it decides, would have (an earlier one did), or does not fit."""

    rule: Route
    outcome: str  # "decides", "later", "no"
    conditions: Sequence[Condition]


class Trial(NamedTuple):
    """A report that nobody sent, and all that would become of it."""

    entry: Entry
    ward: str
    at_ms: int
    found: Routed
    rules: Sequence[Tried]
    guesses: Sequence[Guess]
    near: Sequence[Near] = ()


def tried(city: City, entry: Entry, *, ward: str, at_ms: int) -> Trial:
    """Return what would become of a report that comes at `at_ms`. What may be the same matter is the record's to say."""
    text = f"{entry.title} {entry.text}"
    priority = "urgent" if entry.urgent else "normal"
    found = routed(city, service=entry.service, ward=ward, text=text, at_ms=at_ms, priority=priority)
    known = next((one for one in city.services if one.code == entry.service), None)
    rules: list[Tried] = []
    decided = False
    for rule in city.reports.routes:
        asks = conditions(rule, known, entry.service, ward, plain(text), priority)
        fits = all(one.holds for one in asks)
        rules.append(Tried(rule, "no" if not fits else "later" if decided else "decides", asks))
        decided = decided or fits
    return Trial(entry, ward, at_ms, found, rules, guessed(city, text))


def tried_told(city: City, trial: Trial) -> dict[str, object]:
    """Return it as the page is told."""
    found = trial.found
    return routed_told(found) | {
        "at": trial.at_ms,
        "calendar": calendar_of(city).version,
        "rules": [_rule(one) for one in trial.rules],
        "named": _named(city, trial),
        "in_force": {way.unit: _force(city, way.unit, trial.at_ms) for way in found.ways},
        "steps": {
            "due": _steps(city, found.deadline),
            "check": _steps(city, found.check),
            "units": [_steps(city, way.deadline) for way in found.ways],
        },
        "terms": {
            "due": _term(found.deadline),
            "check": _term(found.check),
            "units": [_term(way.deadline) for way in found.ways],
        },
        "guesses": [{"service": one.service, "words": one.words} for one in trial.guesses],
        "near": [near_told(one) for one in trial.near],
    }


def _rule(one: Tried) -> dict[str, object]:
    rule = one.rule
    return {
        "key": rule.key,
        "outcome": one.outcome,
        "units": rule.units,
        "makes": rule.makes,
        "conditions": [ask._asdict() for ask in one.conditions],
    }


def _named(city: City, trial: Trial) -> list[dict[str, object]]:
    """Return who the rule that decides names, and who stands for whom on that day."""
    rule = next((one.rule for one in trial.rules if one.outcome == "decides"), None)
    on = date_of(day_of(trial.at_ms, city.zone))
    return [
        {"as": code, "unit": unit, "heirs": heirs, "dates": _dates(city, unit)}
        for code, unit, heirs in called(city, rule, trial.entry.service, trial.ward, on)
    ]


def _dates(city: City, code: str) -> list[dict[str, object]]:
    return [_row(one) for one in city.units if one.code == code]


def _force(city: City, code: str, at_ms: int) -> dict[str, object]:
    """Return since when and until when a unit is what it is on that day."""
    on = date_of(day_of(at_ms, city.zone))
    rows = [one for one in city.units if one.code == code]
    there = (one for one in rows if (one.valid_from or on) <= on <= (one.valid_to or on))
    return _row(next(there, rows[0])) if rows else {"from": None, "to": None}


def _row(unit: Unit) -> dict[str, object]:
    return {"from": unit.valid_from, "to": unit.valid_to}


def _term(deadline: Deadline) -> dict[str, object]:
    return {"value": deadline.term.value, "unit": deadline.term.unit, "profile": deadline.profile}


def _steps(city: City, deadline: Deadline) -> list[dict[str, object]]:
    return [_step(one) for one in steps(city, deadline)]


def _step(one: Stretch) -> dict[str, object]:
    told: dict[str, object] = {"kind": one.kind, "since": one.since, "until": one.until, "count": one.counted}
    return told | ({"name": one.day.name, "unsure": one.unsure} if one.day else {})
