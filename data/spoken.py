"""What other endpoints say about reports since they came: FixMyStreet's `servicerequestupdates`, asked for and read (docs/open311.md).

Its root is `service_request_updates` in some, `service_requests_updates` in others, and some keep it in JSON. Where an endpoint has none
it is asked again after an hour; requests are followed all the same.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import Any

import msgspec

from dashboard.errors import Rejected
from dashboard.events import ReportSpoken
from data.open311_answer import rows as unwrapped
from data.open311_answer import text_of, time_ms
from data.outward import Answer, Unreached
from data.source import Unread

ROOTS = ("service_request_updates", "service_requests_updates", "request_updates", "request_update")
BACK, SHORTEST = timedelta(days=30), timedelta(hours=1)
FULL, MOST_ASKED, MOST_KNOWN = 1000, 40, 20_000
REST_ROUNDS = 60  # of a minute each
MOST_TEXT, MOST_NUMBER, BEGINS = 4000, 200, 400
OK, BUSY = 200, (429, *range(500, 600))
NO_SUCH = (404, 406, 415)
Row = dict[str, Any]
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def rows(raw: bytes) -> list[Row]:
    """Return the updates of an answer, as they stand there. Raises Rejected."""
    return unwrapped(raw, "request_update", ROOTS, known_by=("update_id", "service_request_id"))


def number_of(told: Mapping[str, Any]) -> str:
    """Return the number of an update; one that its endpoint does not number is named by what it says."""
    number = text_of(told.get("update_id"))
    if number and len(number) <= MOST_NUMBER:
        return number
    said = [text_of(told.get(name)) for name in ("update_id", "service_request_id", "updated_datetime", "status", "description")]
    return f"={blake2s(repr(said).encode(errors='replace'), digest_size=12).hexdigest()}"


def read(told: Row, zone: str) -> ReportSpoken | Unread | None:
    """Read one update; None for one that speaks of no report."""
    report = text_of(told.get("service_request_id"))
    if not report:
        return None
    media = [one for one in _texts(told.get("media_url")) if one.startswith(("http://", "https://")) and len(one) <= 2000]  # noqa: PLR2004  as of a report
    found = {
        "id": number_of(told),
        "report": report,
        "text": text_of(told.get("description"))[:MOST_TEXT],
        "status": text_of(told.get("status"))[:80],
        "media": media[:10],
    }
    try:
        return msgspec.convert(
            found | {"at": time_ms(told, "updated_datetime", zone) or 0},  # not told: it counts from when it was heard
            ReportSpoken,
        )
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        return Unread(_encode(told), f"update {found['id']}: {error}")


def _key(told: Row) -> tuple[str, str]:
    """Return by what an update is known: some number those of each report anew."""
    return text_of(told.get("service_request_id")), number_of(told)


def _texts(told: Any) -> list[str]:
    return [text_of(one) for one in told] if isinstance(told, list) else [text_of(told)]


class Updates:
    """One endpoint's updates, followed. `ask` asks it once, in a format; what cannot be had now is asked for the next time."""

    def __init__(self, ask: Callable[[str, dict[str, str]], Answer], zone: str, began: datetime) -> None:
        self._ask, self._zone, self._since = ask, zone, began - BACK
        self._form, self._rest, self._asked = "json", 0, 0
        self._known: dict[tuple[str, str], None] = {}

    def news(self, until: datetime, *, overlap: timedelta) -> Iterator[list[Row]]:
        """Yield what was said since we asked last, and was not told yet. Raises Unreached where nobody answers."""
        if self._rest:
            self._rest -= 1
            return
        self._asked = 0
        try:
            for told in self._between(self._since - overlap, until):
                fresh = [one for one in told if _key(one) not in self._known]
                self._known |= dict.fromkeys(map(_key, fresh))
                if fresh:
                    yield fresh
        except _NotNow:
            return
        except _NoSuch:
            self._rest = REST_ROUNDS
            return
        self._since = until
        for key in list(self._known)[: max(len(self._known) - MOST_KNOWN, 0)]:
            del self._known[key]

    def _between(self, since: datetime, until: datetime) -> Iterator[list[Row]]:
        """Yield what was said in a stretch. One that is too much for one answer is asked for in halves, a full answer from its last on."""
        told = self._page(since, until)
        if told is None:
            middle = since + (until - since) / 2
            yield from self._between(since, middle)
            yield from self._between(middle, until)
            return
        yield told
        last = max((at for one in told if (at := self._at(one)) is not None), default=since)
        if len(told) >= FULL and since < last < until:
            yield from self._between(last, until)

    def _page(self, since: datetime, until: datetime) -> list[Row] | None:
        """Return one answer, None where it would be too large."""
        if self._asked >= MOST_ASKED:
            raise _NotNow
        self._asked += 1
        query = {"start_date": _written(since), "end_date": _written(until)}
        try:
            answer = self._ask(self._form, query)
            if answer.status in NO_SUCH and self._form == "json":
                self._form = "xml"
                answer = self._ask(self._form, query)
        except Unreached as no:
            if no.kind == "large" and until - since > SHORTEST:
                return None
            raise
        if answer.status in BUSY:
            raise _NotNow
        if answer.status != OK:
            self._form = "json"
            raise _NoSuch
        try:
            return rows(answer.body)
        except Rejected as no:  # XML of more than we read at once; or a page that is no answer of Open311
            if b"request" in answer.body[:BEGINS] and until - since > SHORTEST:
                return None
            raise _NoSuch from no

    def _at(self, told: Row) -> datetime | None:
        try:
            at = time_ms(told, "updated_datetime", self._zone) or 0
        except ValueError:
            return None
        return datetime.fromtimestamp(at / 1000, UTC) if at else None


class _NotNow(Exception):  # noqa: N818  an answer, not a mistake
    """It is to be asked again with the next round."""


class _NoSuch(Exception):  # noqa: N818  an answer, not a mistake
    """It has no updates."""


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
