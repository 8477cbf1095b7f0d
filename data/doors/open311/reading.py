"""Reports as a client may read them: its own with their words; those of others with what was published, or without any."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from urllib.parse import quote

from dashboard.city import City
from dashboard.events import Said
from dashboard.open311 import answers
from dashboard.open311.answers import Shown
from dashboard.open311.asked import Asked
from dashboard.reports.speaking import evidence, is_public
from data.doors.open311.clients import Clients
from data.doors.open311.written import piece
from data.store.open311 import Raw, Reports, Row

MOST_WRITTEN = 2_000  # some 4 MB
Key = tuple[Raw, bool, frozenset[str], str, str, str, str, bool]


class Reading:
    """Reads the record for the door."""

    def __init__(self, reports: Reports, clients: Clients, city: Callable[[], City]) -> None:
        self._reports, self._clients, self._city = reports, clients, city
        self._named: dict[tuple[str, str], Mapping[str, str]] = {}
        self._written: OrderedDict[Key, bytes] = OrderedDict()

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

    def find(self, asked: Asked, client: str, tongue: str, *, base: str, form: str) -> list[bytes]:
        """Return what is asked for, as `client` may read it, written as a list's pieces. Raises Away.

        Those who ask again and again, which is all that polling clients do, ask mostly for what was written before.
        """
        city, own = self._city(), frozenset(self._clients.named())
        told: list[bytes] = []
        for raw in self._reports.find(asked, self.keys(asked.ids)):
            mine = bool(client) and raw.key.startswith(f"{client}/")
            key = (raw, mine, own, city.version, tongue, base, form, asked.extended)
            if key not in self._written:
                self._written[key] = self._piece(key, raw.read(), city)
            self._written.move_to_end(key)
            told.append(self._written[key])
        while len(self._written) > MOST_WRITTEN:
            self._written.popitem(last=False)
        return told

    def _piece(self, key: Key, row: Row, city: City) -> bytes:
        _, mine, own, _, tongue, base, form, extended = key
        shown = _shown(row, mine=mine, base=base, number=_number(row.source, row.report.report, own))
        return piece("service_requests", answers.request(shown, city, self._names(city, tongue), tongue, extended=extended), form)

    def _names(self, city: City, tongue: str) -> Mapping[str, str]:
        """Return what services and units are called, made once."""
        key = (city.version, tongue)
        if key not in self._named:
            units = {one.code: one.name[tongue] for one in city.units}
            self._named = {key: units | {one.code: one.name[tongue] for one in city.services}}
        return self._named[key]


def _number(source: str, bare: str, own: Collection[str]) -> str:
    return bare if source in own else f"{source}:{bare}"


def _shown(row: Row, *, mine: bool, base: str, number: str) -> Shown:
    """Return a report.

    Its words are for whoever brought them, since a citizen wrote to the city and not to everybody, until the city publishes what they wrote,
    what was answered and what shows that it was done.
    """
    public = row.case is not None and is_public(row.case)
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
