"""How reports are handled: reports.toml of a pack, which may have none."""

import re
from collections.abc import Iterable, Sequence
from typing import cast

from dashboard.city import City
from dashboard.handling import HOLES as LETTER_HOLES
from dashboard.handling import Alike, Allowance, Letters, Policy, Route, Template, Words
from dashboard.plain import plain
from dashboard.reports.case import ACTIONS, PRIORITIES
from dashboard.reports.letters import is_address
from dashboard.reports.routing import WARD
from dashboard.term import TERM_UNITS, Term, TermUnit
from data.pack.reader import Reader, Row, Toml

FILE = "reports.toml"
OF = ("report", "check", "part")
HOLES = ("report", "service", "unit", "due", "reason", "result")


def policy(reader: Reader) -> Policy:
    """Return what the pack says; what it leaves out has the defaults."""
    if not (reader.folder / FILE).is_file():
        return Policy()
    toml = reader.toml(FILE)
    known = {"centre", "check", "alike", "allow", "route", "template", "letters"}
    for name in sorted(set(toml.cells) - known):
        toml.wrong(name, f"is not known; there are {', '.join(sorted(known))}")
    return Policy(
        centre=toml.text("centre"),
        check=_term(toml, "check", default=Policy().check),
        alike=_alike(toml),
        allowances=tuple(_allowance(row) for row in toml.tables("allow")),
        routes=tuple(_route(row) for row in toml.tables("route")),
        templates=tuple(_template(row) for row in toml.tables("template")),
        letters=_letters(toml),
    )


def _term(row: Row, name: str, *, default: Term | None = None) -> Term:
    """Return a time, written `7 working_day`."""
    told = row.text(name)
    if not told and default:
        return default
    found = re.fullmatch(r"([1-9]\d{0,3}) (\w+)", told)
    if not found or found[2] not in TERM_UNITS:
        row.wrong(name, f'must be written "7 working_day", with one of {", ".join(TERM_UNITS)}: {told!r}')
        return Term(1, "day")
    return Term(int(found[1]), cast("TermUnit", found[2]))


def _list(row: Row, name: str, *, needed: bool = False) -> tuple[str, ...]:
    told = row.cells.get(name, [])
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told) or (needed and not told):
        row.wrong(name, 'must be a list of texts: ["MT01", "MT02"]')
        return ()
    return tuple(told)


def _priority(row: Row, name: str) -> str:
    return row.choice(name, "", *PRIORITIES)


def _alike(toml: Toml) -> Alike:
    if "alike" not in toml.cells:
        return Alike()
    row, kept = toml.table("alike"), Alike()
    return Alike(
        radius_m=row.whole("radius_m", low=1, high=5000, default=kept.radius_m),
        days=row.whole("days", low=1, high=365, default=kept.days),
        likeness=row.number("likeness", low=0, high=1, default=kept.likeness),
        again_days=row.whole("again_days", low=1, high=3650, default=kept.again_days),
    )


def _allowance(row: Row) -> Allowance:
    return Allowance(
        of=row.choice("of", *OF),
        term=_term(row, "term"),
        services=_list(row, "services"),
        priority=_priority(row, "priority"),
        units=_list(row, "units"),
    )


def _route(row: Row) -> Route:
    route = Route(
        key=row.text("key", needed=True),
        units=_list(row, "units", needed=True),
        services=_list(row, "services"),
        wards=_list(row, "wards"),
        words=tuple(plain(word) for word in _list(row, "words")),
        priority=_priority(row, "priority"),
        makes=_priority(row, "makes"),
        tasks=_list(row, "tasks"),
    )
    if len(route.tasks) > len(route.units):
        row.wrong("tasks", "has more tasks than there are units")
    return route


def _letters(toml: Toml) -> Letters:
    """Return how citizens are written to: not at all unless the pack says so."""
    if "letters" not in toml.cells:
        return Letters()
    row, kept = toml.table("letters"), Letters()
    told = {name: row.words(name) for name in ("subject", "footer") if name in row.cells}
    for name, words in told.items():
        _check_holes(row, name, words, LETTER_HOLES)
    reply = row.text("reply")
    if reply and not is_address(reply):
        row.wrong("reply", "is no e-mail address")
    mail = row.cells.get("mail", False)
    if not isinstance(mail, bool):
        row.wrong("mail", f"must be true or false: {mail!r}")
    return Letters(
        mail=mail is True, reply=reply, subject=told.get("subject", kept.subject), footer=told.get("footer", kept.footer)
    )


def _check_holes(row: Row, name: str, words: Words, holes: Sequence[str]) -> None:
    for tongue, text in words.items():
        for hole in re.findall(r"\{([^}]*)\}", text):
            if hole not in holes:
                row.wrong(f"{name}_{tongue}", f"has no {{{hole}}} to fill; there are {', '.join(holes)}")


def _template(row: Row) -> Template:
    template = Template(
        key=row.text("key", needed=True), act=row.choice("act", *ACTIONS), name=row.words("name"), text=row.words("text")
    )
    _check_holes(row, "text", template.text, HOLES)
    return template


def check(reader: Reader, city: City) -> None:
    """Note every mistake that only shows beside the pack's other files."""
    units = {one.code for one in city.units} | {WARD}
    services = {one.code for one in city.services} | {one.field for one in city.services}
    wards = {one.code for one in city.wards}
    told: list[tuple[str, Iterable[str], set[str], str]] = []
    for n, route in enumerate(city.reports.routes):
        at = f"route[{n}] {route.key}"
        told += [(f"{at}.units", route.units, units, "unit"), (f"{at}.services", route.services, services, "service or field")]
        told += [(f"{at}.wards", route.wards, wards, "ward")]
    for n, allowed in enumerate(city.reports.allowances):
        told += [(f"allow[{n}].units", allowed.units, units, "unit"), (f"allow[{n}].services", allowed.services, services, "service or field")]  # fmt: skip
    told += [("centre", [city.reports.centre] if city.reports.centre else [], units, "unit")]
    for field, codes, known, what in told:
        for code in codes:
            if code not in known:
                reader.wrong(FILE, 1, field, f"there is no {what} {code}")
    _twice(reader, "route", [one.key for one in city.reports.routes])
    _twice(reader, "template", [one.key for one in city.reports.templates])
    _hidden(reader, city.reports.routes)


def _twice(reader: Reader, what: str, keys: list[str]) -> None:
    for key in sorted({one for one in keys if keys.count(one) > 1}):
        reader.wrong(FILE, 1, f"{what} {key}", "stands there twice")


def _hidden(reader: Reader, routes: tuple[Route, ...]) -> None:
    """A rule after one that asks for less is never reached."""
    for n, route in enumerate(routes):
        for earlier in routes[:n]:
            if _covers(earlier, route):
                reader.wrong(FILE, 1, f"route {route.key}", f"is never reached: {earlier.key} comes first and takes all of it")
                break


def _covers(one: Route, other: Route) -> bool:
    pairs = ((one.services, other.services), (one.wards, other.wards), (one.words, other.words))
    wide = all(not mine or (theirs and set(theirs) <= set(mine)) for mine, theirs in pairs)
    return wide and one.priority in {"", other.priority}
