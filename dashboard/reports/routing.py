"""To whom a report goes, and by when: the city's rules (reports.toml), tried in their order. Pure: what would happen to it is asked here too."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from dashboard.calendar import date_of, day_of
from dashboard.city import City, Service, Unit, Ward
from dashboard.handling import Route
from dashboard.plain import plain
from dashboard.reports.clock import Deadline, begun
from dashboard.reports.terms import term_of
from dashboard.reports.working import calendar_of

WARD = "WARD"
COMMITTEE = "UB-"  # how the code of a ward's committee begins, before the ward's
MOST_GUESSES = 5


class Way(NamedTuple):
    """One unit that a report would go to, what it would be asked to do, and its clock."""

    unit: str
    task: str
    deadline: Deadline


class Routed(NamedTuple):
    """What would happen to a report. `route` is the rule that decided, "" where the service's own unit stands in for one.

    `lost` are units that the rule names and that nobody follows on that day: the report waits for the centre.
    """

    service: str
    priority: str
    ward: str
    route: str
    ways: tuple[Way, ...]
    lost: tuple[str, ...]
    deadline: Deadline
    check: Deadline
    alarm: bool


def routed(
    city: City, *, service: str, ward: str, text: str, at_ms: int, priority: str = "normal", since_ms: int | None = None
) -> Routed:
    """Return what would happen to a report that is forwarded at `at_ms`, and was sent then or at `since_ms` (epoch ms)."""
    known = next((one for one in city.services if one.code == service), None)
    on, searched = date_of(day_of(at_ms, city.zone)), plain(text)
    rule = next((one for one in city.reports.routes if _fits(one, service, known, ward, searched, priority)), None)
    priority = rule.makes or priority if rule else priority
    told = _told(rule, known)
    units, lost = _in_force(city, [(_ward(code, ward), task) for code, task in told], on)

    def way(code: str, task: str) -> Way:
        term = term_of(city, "part", service=service, priority=priority, unit=code)
        return Way(code, task, begun(calendar, at_ms, term, profile=profiles[code]))

    calendar, sent = calendar_of(city), at_ms if since_ms is None else since_ms
    profiles = {one.code: one.clock for one in city.units}
    return Routed(
        service=service,
        priority=priority,
        ward=ward,
        route=rule.key if rule else "",
        ways=tuple(way(code, task) for code, task in units),
        lost=lost,
        deadline=begun(calendar, sent, term_of(city, "report", service=service, priority=priority)),
        check=begun(calendar, sent, term_of(city, "check", service=service, priority=priority)),
        alarm=priority == "urgent",
    )


class Condition(NamedTuple):
    """Something that a rule asks for: whether it holds, which of these are `wanted`, and which of them there are (`hits`)."""

    of: str  # "service", "ward", "word", "priority"
    holds: bool
    wanted: tuple[str, ...]
    hits: tuple[str, ...]


def conditions(rule: Route, known: Service | None, service: str, ward: str, searched: str, priority: str) -> list[Condition]:
    """Return all that a rule asks for, each tried; a rule that asks for nothing holds for every report."""
    about, bare = {service} | ({known.field} if known else set()), f" {_bare(searched)} "
    told = (
        ("service", rule.services, tuple(one for one in rule.services if one in about)),
        ("ward", rule.wards, tuple(one for one in rule.wards if one == ward)),
        ("word", rule.words, tuple(one for one in rule.words if f" {_bare(one)} " in bare)),
        ("priority", (rule.priority,) if rule.priority else (), (priority,) if rule.priority == priority else ()),
    )
    return [Condition(of, bool(hits), wanted, hits) for of, wanted, hits in told if wanted]


def _fits(rule: Route, service: str, known: Service | None, ward: str, searched: str, priority: str) -> bool:
    """Return whether every condition that a rule has holds."""
    return all(one.holds for one in conditions(rule, known, service, ward, searched, priority))


def _bare(text: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


def called(city: City, rule: Route | None, service: str, ward: str, on: date) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the units that a rule, or a service without one, names: as it is named, which unit that is, who stands for it on a day."""
    known = next((one for one in city.services if one.code == service), None)
    named = [(code, _ward(code, ward)) for code, _ in _told(rule, known)]
    return [(code, unit, tuple(dict.fromkeys(_heirs(city, unit, on, frozenset())))) for code, unit in named]


def _told(rule: Route | None, known: Service | None) -> list[tuple[str, str]]:
    if rule is None:
        return [(known.unit, "")] if known and known.unit else []
    tasks = (*rule.tasks, *("",) * len(rule.units))
    return list(zip(rule.units, tasks, strict=False))


def _ward(code: str, ward: str) -> str:
    return f"{COMMITTEE}{ward}" if code == WARD else code


def _in_force(city: City, told: Iterable[tuple[str, str]], on: date) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return the units of that day, each once, and those that nobody has followed. A unit that ended goes on in its successors."""
    found: dict[str, str] = {}
    lost = []
    for code, task in told:
        heirs = list(_heirs(city, code, on, frozenset()))
        found |= {heir: task for heir in heirs if heir not in found}
        lost += [] if heirs else [code]
    return list(found.items()), tuple(lost)


def _heirs(city: City, code: str, on: date, seen: frozenset[str]) -> Iterator[str]:
    """Yield who stands for a unit on a day. The committee of a ward that has ended, and of which no unit is told, goes on in the ward's successors."""
    rows: list[Unit | Ward] = [one for one in city.units if one.code == code]
    if any((one.valid_from or date.min) <= on <= (one.valid_to or date.max) for one in rows):
        yield code
        return
    before = ""
    if not rows and code.startswith(COMMITTEE):
        before = COMMITTEE
        rows = [one for one in city.wards if one.code == code.removeprefix(COMMITTEE)]
    for one in rows:
        for successor in one.successors:
            heir = before + successor.partition("@")[0]
            if heir not in seen:
                yield from _heirs(city, heir, on, seen | {code})


class Guess(NamedTuple):
    """A service that a text may be about, and the words that say so."""

    service: str
    words: tuple[str, ...]


def guessed(city: City, text: str) -> list[Guess]:
    """Return what a text may be about, by the pack's words, the most telling first. A person decides."""
    searched = f" {_bare(plain(text))} "
    found = [
        Guess(one.code, hits)
        for one in city.services
        if (hits := tuple(word for word in one.words if f" {_bare(word)} " in searched))
    ]
    return sorted(found, key=lambda one: (-sum(map(len, one.words)), one.service))[:MOST_GUESSES]
