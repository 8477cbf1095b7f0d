"""Who sent a report, unsealed: for whoever may look and says why, and for the letter that goes there."""

from collections.abc import Mapping

import msgspec

from dashboard.reports.cases import Person
from data.sealed import Seal
from data.store.cases.tables import Sealed
from data.store.words import Writer

PURPOSE = "reporter"
decode = msgspec.json.Decoder(Person).decode


class Persons:
    """Opens what is sealed of who sent reports."""

    def __init__(self, secret: bytes) -> None:
        self._seal, self._writer = Seal(secret, PURPOSE), Writer(secret)

    def close(self, person: Person, report: str) -> bytes:
        """Return who sent a report, sealed and bound to it."""
        return self._seal.close(msgspec.json.encode(person), about=report)

    def open(self, sealed: Sealed, report: str) -> Person:
        """Return who sent a report. Raises data.sealed.Tampered."""
        if sealed.ours:
            return decode(self._seal.open(sealed.content, about=report))
        told: Mapping[str, str] = self._writer.open(sealed.content, report=report)
        name = " ".join(part for part in (told.get("last_name", ""), told.get("first_name", "")) if part)
        return Person(name, told.get("phone", ""), told.get("email", ""))
