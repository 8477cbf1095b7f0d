"""A letter to a citizen: what somebody wrote, between the subject and the footer of the city's pack."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboard.city import City
from dashboard.handling import HOLES
from dashboard.kinds import FOREVER
from dashboard.reports.case import Case

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
LONGEST_ADDRESS = 254
_VIETNAMESE = re.compile("[À-ÖØ-öø-ỹ]")


class Letter(NamedTuple):
    """What is sent: never more than one line of subject."""

    tongue: str
    subject: str
    body: str


def is_address(text: str) -> bool:
    """Return whether mail can go to a text: one plain address, and nothing that a server would read otherwise."""
    return len(text) <= LONGEST_ADDRESS and bool(_ADDRESS.fullmatch(text))


def letter(text: str, case: Case, city: City) -> Letter:
    """Return a letter about a report; in English where nothing of the text is Vietnamese."""
    tongue, said = "vi" if _VIETNAMESE.search(text) else "en", city.reports.letters
    holes = _holes(case, city, tongue)
    foot = "\n".join(line for told in said.footer[tongue].splitlines() if (line := _line(told, holes)) is not None)
    subject = " ".join(_filled(said.subject[tongue], holes).split())
    return Letter(tongue, subject, f"{text.strip()}\n\n-- \n{foot}\n")


def _line(told: str, holes: Mapping[str, str]) -> str | None:
    """Return a line of the footer; None for one that speaks of what there is not."""
    return None if any(f"{{{name}}}" in told and not value for name, value in holes.items()) else _filled(told, holes)


def _filled(text: str, holes: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: holes.get(found[1], found[0]), text)


def _holes(case: Case, city: City, tongue: str) -> dict[str, str]:
    service = next((one.name[tongue] for one in city.services if one.code == case.service), case.service)
    running = not case.settled and not case.deadline.paused and case.deadline.due < FOREVER
    due = datetime.fromtimestamp(case.deadline.due / 1000, UTC).astimezone(ZoneInfo(city.zone)).strftime("%H:%M %d/%m/%Y")
    told = (case.report.partition("/")[2], service, due if running else "", city.title.get(tongue, city.key))
    return dict(zip(HOLES, told, strict=True))
