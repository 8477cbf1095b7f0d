"""FixMyStreet's updates: what we say about a report as it goes on, and what a client has heard from the citizen since."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from dashboard.city import City
from dashboard.masking import hidden
from dashboard.open311 import status as statuses
from dashboard.open311.posted import MOST_TEXT, MOST_WHO, Form, clean
from dashboard.open311.refusal import FORBIDDEN, NOT_FOUND, Faults, Refusal
from dashboard.open311.times import millis, written
from dashboard.ports import Clock
from dashboard.reports.speaking import phrase
from data.doors.open311.reading import Reading
from data.store.open311 import Reports, Told
from data.store.words import Writer

WHO = ("email", "first_name", "last_name", "phone", "title")
LONGEST = 200


class _Said(Struct, frozen=True, kw_only=True):
    """An update as it was posted."""

    number: str
    own_id: str
    status: str
    at: int
    text: str
    media: tuple[str, ...]
    who: dict[str, str]


class Updates:
    """What is said about reports since they came in."""

    def __init__(self, reports: Reports, clock: Clock, writer: Writer, reading: Reading) -> None:
        self._reports, self._clock, self._writer, self._reading = reports, clock, writer, reading

    def find(
        self, since: int, until: int, client: str, city: City, tongue: str, *, ids: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Return what we said in a stretch about all reports, or those of `ids`, as `client` may read it. Raises Away."""
        keys = self._reading.keys(ids)
        told = self._reports.updates(since, until, client, keys) if keys or not ids else []
        return [
            {
                "update_id": one.number,
                "service_request_id": self._reading.number(one.report),
                "status": one.status,
                "updated_datetime": written(one.taken, city.zone),
                "description": hidden(one.text) or phrase(one.kind, one.status, tongue),
                "media_url": None,
            }
            for one in told
        ]

    def take(self, form: Form, client: str, city: City) -> list[dict[str, Any]]:
        """Keep what a client says about a report of its own, once. How the report stands is ours to say. Raises Refusal, Away."""
        said = _read(form, city, now_ms=self._clock.now_ms())
        held = self._reports.known(self._reading.keys((said.number,)))
        if not held:
            raise Refusal(NOT_FOUND, f"service_request_id: there is no request {said.number[:60]!r}")
        report = next(iter(held))
        if not report.startswith(f"{client}/"):
            raise Refusal(FORBIDDEN, "service_request_id: is another client's report")
        sealed = self._writer.close(said.who, report=report) if said.who else None
        now_ms = self._clock.now_ms()
        self._reports.tell(Told(client, said.own_id, report, said.at, now_ms, said.status, said.text, said.media, sealed))
        return [{"update_id": said.own_id, "account_id": None}]


def _read(form: Mapping[str, Sequence[str]], city: City, *, now_ms: int) -> _Said:
    """Return an update. Raises Refusal with everything that is wrong with it."""
    faults = Faults()
    told = {name: clean(next(iter(values), "")) for name, values in form.items()}
    for name in ("service_request_id", "update_id", "status"):
        if not told.get(name):
            faults.note(name, "is needed")
        elif len(told[name]) > LONGEST:
            faults.note(name, f"has at most {LONGEST} signs")
    status = statuses.heard(told.get("status", ""))
    if status is None and told.get("status"):
        faults.note("status", f"{told['status'][:40]!r} is no status; OPEN and CLOSED are")
    text = told.get("description", "")
    if len(text) > MOST_TEXT:
        faults.note("description", f"has {len(text):,} letters, at most {MOST_TEXT:,}")
    at = _time(told.get("updated_datetime", ""), city, faults, now_ms=now_ms)
    media = tuple(clean(one) for one in form.get("media_url", ()) if one.strip())
    if len(media) > 10 or any(len(one) > 2000 or not one.startswith(("http://", "https://")) for one in media):  # noqa: PLR2004  as of a report
        faults.note("media_url", "is at most ten http or https addresses")
    faults.check()
    return _Said(
        number=told["service_request_id"],
        own_id=told["update_id"],
        status=status or "open",
        at=at,
        text=text,
        media=media,
        who={name: told[name][:MOST_WHO] for name in WHO if told.get(name)},
    )


def _time(text: str, city: City, faults: Faults, *, now_ms: int) -> int:
    if not text:
        return now_ms
    try:
        return millis(text, city.zone)
    except ValueError as wrong:
        faults.note("updated_datetime", str(wrong))
        return now_ms
