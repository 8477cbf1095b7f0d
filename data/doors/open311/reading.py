"""Reports as a client may read them: its own with their words; those of others with what was published, or without any."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dashboard.city import City
from dashboard.events import Said
from dashboard.open311 import answers
from dashboard.open311.answers import Shown
from dashboard.open311.asked import Asked
from dashboard.reports.speaking import evidence, is_public
from data.doors.open311.clients import Clients
from data.store.open311 import Reports, Row


class Reading:
    """Reads the record for the door."""

    def __init__(self, reports: Reports, clients: Clients, city: Callable[[], City]) -> None:
        self._reports, self._clients, self._city = reports, clients, city
        self._named: dict[tuple[str, str], Mapping[str, str]] = {}

    def keys(self, numbers: Sequence[str]) -> list[str]:
        """Return under which keys the record may have these numbers. Those of our own clients stand for themselves."""
        named = self._clients.named()
        found: list[str] = []
        for number in numbers:
            source, colon, bare = number.partition(":")
            found += [f"{source}/{bare}"] if colon else [f"{client}/{number}" for client in named]
        return found

    def number(self, key: str) -> str:
        """Return the service_request_id of a report (source/number)."""
        source, _, bare = key.partition("/")
        return _number(source, bare, self._clients.named())

    def find(self, asked: Asked, client: str, tongue: str, *, base: str) -> list[dict[str, Any]]:
        """Return what is asked for, as `client` may read it. Raises Away."""
        city, own = self._city(), frozenset(self._clients.named())
        rows, names = self._reports.find(asked, self.keys(asked.ids)), self._names(city, tongue)
        shown = [_shown(row, client, base=base, number=_number(row.source, row.report.report, own)) for row in rows]
        return [answers.request(one, city, names, tongue, extended=asked.extended) for one in shown]

    def _names(self, city: City, tongue: str) -> Mapping[str, str]:
        """Return what services and units are called, made once."""
        key = (city.version, tongue)
        if key not in self._named:
            units = {one.code: one.name[tongue] for one in city.units}
            self._named = {key: units | {one.code: one.name[tongue] for one in city.services}}
        return self._named[key]


def _number(source: str, bare: str, own: Collection[str]) -> str:
    return bare if source in own else f"{source}:{bare}"


def _shown(row: Row, client: str, *, base: str, number: str) -> Shown:
    """Return a report.

    Its words are for whoever brought them, since a citizen wrote to the city and not to everybody, until the city publishes what they wrote,
    what was answered and what shows that it was done.
    """
    mine, public = row.source == client, row.case is not None and is_public(row.case)
    own = [f"{base}/open311/v2/media/{one}.jpg" for one in row.pictures] if mine else []
    done = evidence(row.case) if row.case is not None and public else ()
    return Shown(
        number=number,
        report=row.report,
        ward=row.ward,
        due=row.due,
        taken=row.taken,
        said=row.said if mine else Said(text=row.said.text) if row.said and public else None,
        pictures=[*own, *(f"{base}/open311/v2/requests/{quote(number, safe=':')}/media/{one}.jpg" for one in done)],
        answer=row.case.answer if row.case is not None and (mine or public) else "",
    )
