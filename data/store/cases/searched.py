"""What is searched of a report: its number, what the citizen wrote, and the names of its service, ward and unit."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from dashboard.city import City, Words
from dashboard.plain import plain
from dashboard.reports.case import Case
from dashboard.reports.cases import Wording
from data.store import bulk
from data.store.cases.tables import TEXT
from data.store.words import REPORT_WORDS, decode

AT_ONCE = 500


class Names:
    """One city's names of what reports speak of."""

    def __init__(self, city: City) -> None:
        self._services = {one.code: _all(one.name, one.field_name) for one in city.services}
        self._wards = {one.code: _all(one.name) for one in city.wards}
        self._units = {one.code: _all(one.name, one.short) for one in city.units}

    def of(self, case: Case, wording: Wording) -> str:
        """Return what is searched of a report, without diacritics."""
        units = (self._units.get(one.unit, one.unit) for one in case.parts)
        names = (self._services.get(case.service, ""), self._wards.get(case.ward, ""), *units)
        return plain(" ".join((case.report.partition("/")[2], wording.title, wording.text, wording.place, *names)))


def _all(*told: Words) -> str:
    return " ".join(dict.fromkeys(text for words in told for text in words.values()))


def wordings(sql: Connection, reports: Sequence[str]) -> Mapping[str, Wording]:
    """Return what citizens wrote, as they wrote it: to us, or to the source that told of it."""
    rows = bulk.fetch(sql, "key, body", REPORT_WORDS, "key", list(reports)) if reports else []
    found = {key: Wording("", said.text, said.address) for key, said in ((key, decode(body)) for key, body in rows)}
    for at in range(0, len(reports), AT_ONCE):
        for told in sql.execute(select(TEXT).where(TEXT.c.report.in_(reports[at : at + AT_ONCE]))):
            found[told.report] = Wording(told.title, told.text, told.place, told.channel)
    return found
