"""Reports as a client may read them: its own with their words, those of others without."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.city import City
from dashboard.open311 import answers
from dashboard.open311.answers import Shown
from dashboard.open311.asked import Asked
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
        return bare if source in self._clients.named() else f"{source}:{bare}"

    def find(self, asked: Asked, client: str, tongue: str, *, base: str) -> list[dict[str, Any]]:
        """Return what is asked for, as `client` may read it. Raises Away."""
        city, own = self._city(), frozenset(self._clients.named())
        rows, names = self._reports.find(asked, self.keys(asked.ids)), self._names(city, tongue)
        shown = [_shown(row, client, own, base=base) for row in rows]
        return [answers.request(one, city, names, tongue, extended=asked.extended) for one in shown]

    def _names(self, city: City, tongue: str) -> Mapping[str, str]:
        """Return what services and units are called, made once."""
        key = (city.version, tongue)
        if key not in self._named:
            units = {one.code: one.name[tongue] for one in city.units}
            self._named = {key: units | {one.code: one.name[tongue] for one in city.services}}
        return self._named[key]


def _shown(row: Row, client: str, own: frozenset[str], *, base: str) -> Shown:
    """Return a report. Its words are for whoever brought them: a citizen wrote to the city, not to everybody."""
    mine, bare = row.source == client, row.report.report
    return Shown(
        number=bare if row.source in own else f"{row.source}:{bare}",
        report=row.report,
        ward=row.ward,
        due=row.due,
        taken=row.taken,
        said=row.said if mine else None,
        pictures=[f"{base}/open311/v2/media/{one}.jpg" for one in row.pictures] if mine else (),
    )
