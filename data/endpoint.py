"""One other Open311 endpoint, asked so that nothing which it has is passed over, whatever it makes of pages, lists, formats and haste."""

import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from logging import getLogger
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from dashboard.errors import Rejected
from data.open311_answer import errors, text_of, time_ms
from data.outward import Answer, Unreached, get
from data.puller import Target, welcome
from data.sources.georeport import requests

PAGE, MOST_PAGES = 100, 50
FEWEST = 20  # no endpoint tells fewer at once than this, unless there are no more
SHORTEST, SLACK = timedelta(hours=1), timedelta(days=1)
MOST_ASKED = 3000  # about one stretch
OK, MISSING, GONE = 200, 404, (404, 410)
NO_SUCH = (404, 406, 415)
UNWANTED = (400, 405, 422, 501)  # it is the question that is not understood
LATER = (429, 500, 502, 503, 504)
TRIES, LONGEST_S = 3, 60.0
SECONDS, MOST_BYTES = 45.0, 5 * 1024 * 1024
STEP_S = 1.0
SENT, CHANGED = ("start_date", "end_date"), ("updated_after", "updated_before")
Row = dict[str, Any]
log = getLogger(__name__)


class _Unwanted(Unreached):
    """It does not take the question as it was put."""


class Endpoint:
    """Which format it speaks, how many it tells at once, and whether it knows pages, lists of numbers and `updated_after`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.jurisdiction, _, zone = target.device.partition("@")
        self.zone = zone if _is_zone(zone) else "UTC"
        self.form, self.follows, self.lists = "json", True, True
        self._ahead = True
        self._pages, self._stretches, self._spoke, self._most, self._asked = True, True, False, 0, 0

    def between(self, since: datetime, until: datetime, names: tuple[str, str], **query: str) -> Iterator[list[Row]]:
        """Yield what an endpoint tells of a stretch, an answer at a time. Raises Unreached.

        `names` are those of its two ends. What is more than is told at once is asked for in halves, until it is not: core GeoReport has
        no pages, and where there are some they may be of any size.
        """
        self._asked, self._stretches = 0, True  # one that knows no stretches says the same of each
        now = datetime.now(UTC)
        try:
            yield from self._halving(since, until if self._ahead else min(until, now), names, query)
        except _Unwanted:
            if not self._ahead or until <= now:
                raise
            self._ahead = False  # a few know no time that is still to come
            yield from self._halving(since, now, names, query)

    def _halving(self, since: datetime, until: datetime, names: tuple[str, str], query: Mapping[str, str]) -> Iterator[list[Row]]:
        whole = False
        try:
            for told, whole in self._told({**query, names[0]: written(since), names[1]: written(until)}):  # noqa: B007  the last counts
                self._stretches &= 2 * sum(self._strays(one, since, until, names) for one in told) <= len(told)
                yield told
        except Unreached as no:
            if no.kind != "large" or until - since <= SHORTEST:
                raise
        if whole or not self._stretches or until - since <= SHORTEST:
            return
        if self._asked > MOST_ASKED:
            log.warning("%s has more from %s to %s than is asked for", self._target.place.host, since, until)
            return
        middle = since + (until - since) / 2
        yield from self._halving(middle, until, names, query)
        yield from self._halving(since, middle, names, query)

    def _told(self, query: dict[str, str]) -> Iterator[tuple[list[Row], bool]]:
        """Yield page after page; with the last one, whether that was all. Whoever knows no pages says the same again, and is not asked so any more."""
        found: set[str] = set()
        for page in range(1, MOST_PAGES + 1):
            told = self._page(query, page)
            fresh = {number_of(one) for one in told} - found
            if not fresh:
                self._pages = self._pages and not (page == 2 and told)  # noqa: PLR2004  the same as the first
                yield [], self._pages or len(found) < FEWEST
                return
            full = len(told) >= self._most
            self._most, found = max(self._most, len(told)), found | fresh
            if not self._pages or not full:
                yield told, not full or len(found) < FEWEST
                return
            yield told, False

    def _page(self, query: Mapping[str, str], page: int) -> list[Row]:
        """Return a page. Some refuse what they do not know, or pages behind the last."""
        if not self._pages:
            return self._answer(query)
        try:
            return self._answer({**query, "page": str(page), "page_size": str(PAGE)})
        except _Unwanted:
            if page > 1:
                return []
            told = self._answer(query)
            self._pages = False
            return told

    def _strays(self, one: Row, since: datetime, until: datetime, names: tuple[str, str]) -> bool:
        """Whether a request lies outside the stretch that was asked for, by more than clocks and zones explain."""
        at = moment(one, "requested_datetime" if names == SENT else "updated_datetime", self.zone)
        return not since - SLACK <= at <= until + SLACK if at else names == CHANGED

    def changed_since(self, since: datetime, until: datetime) -> Iterator[list[Row]]:
        """Yield what changed, by `updated_after`; an endpoint that answers with what is older does not know it, and is not asked so again."""
        try:
            for told in self.between(since, until, CHANGED):
                if any((at := moment(one, "updated_datetime", self.zone)) is not None and at < since - SLACK for one in told):
                    self.follows = False
                    return
                yield told
        except _Unwanted:
            self.follows = False

    def of(self, numbers: list[str]) -> list[Row]:
        """Return requests by their numbers, of those that it tells so. One that knows no lists is told of by `alone`. Raises Unreached."""
        if not self.lists:
            return []
        answer = self.get("requests", self.form, {"service_request_id": ",".join(numbers)})
        if answer.status != OK:
            if answer.status in LATER or answer.status in {401, 403}:
                self._welcome(answer)
            self.lists = False
            return []
        return self._rows(answer)

    def alone(self, number: str) -> Row | None:
        """Return one request as it stands there; an empty one where it is there no more, None where that cannot be told. Raises Unreached."""
        answer = self.get(f"requests/{quote(number, safe='')}", self.form, {})
        if answer.status in GONE:
            return {}
        if answer.status in LATER or answer.status in {401, 403}:
            self._welcome(answer)
        if answer.status != OK:
            return None
        return next((one for one in self._rows(answer) if number_of(one) == number), None)

    def _answer(self, query: Mapping[str, str]) -> list[Row]:
        self._asked += 1
        answer = self.get("requests", self.form, query)
        if answer.status in NO_SUCH and not self._spoke and self.form == "json":
            other = self.get("requests", "xml", query)
            if other.status not in NO_SUCH:
                self.form, answer = "xml", other
        if answer.status == MISSING and self._spoke:
            return []  # so some say that there is nothing
        self._welcome(answer)
        return self._rows(answer)

    def _rows(self, answer: Answer) -> list[Row]:
        """Return the requests of an answer. Raises Unreached, with its own words where it says that something is wrong."""
        start = answer.body.lstrip()[:200].lower()
        if start.startswith((b"<!doctype html", b"<html")):
            raise Unreached("protocol", "answers with a web page; is the address that of GeoReport v2?")
        try:
            told = requests(answer.body)
        except Rejected as no:
            raise Unreached("large" if len(answer.body) > MOST_BYTES // 20 else "protocol", str(no)) from no
        if not any(number_of(one) for one in told) and (said := errors(answer.body)):
            raise Unreached("protocol", f"says: {said}")
        self._spoke = True
        return [one for one in told if number_of(one)]

    def _welcome(self, answer: Answer) -> None:
        try:
            welcome(answer)
        except Unreached as no:
            said = errors(answer.body)
            kind = _Unwanted if answer.status in UNWANTED else Unreached
            raise kind(no.kind, f"{no}: {said}" if said else str(no), after_s=_after_s(answer)) from no

    def get(self, what: str, form: str, query: Mapping[str, str]) -> Answer:
        """Ask, and once more where it is busy; the key of ours there is the password of its login. Raises Unreached."""
        login = self._target.line.login
        told = {"jurisdiction_id": self.jurisdiction, **query, "api_key": login.password if login else ""}
        asked = urlencode({name: value for name, value in told.items() if value}, quote_via=quote, safe=":,")
        place = self._target.place.at(f"{self._target.place.path.rstrip('/')}/{what}.{form}?{asked}")
        for tried in range(1, TRIES + 1):
            self._stay()
            answer = _unpacked(get(place, keys=self._target.line, seconds=SECONDS, most=MOST_BYTES))
            wait_s = max(_after_s(answer), float(tried))
            if answer.status not in LATER or tried == TRIES or wait_s > LONGEST_S:
                break
            self._rest(wait_s)
        return answer

    def _rest(self, seconds: float) -> None:
        for _ in range(int(seconds / STEP_S)):
            self._stay()
            self._target.pause(STEP_S)

    def _stay(self) -> None:
        if self._target.line.over:
            raise Unreached("stopped", "was to be left")


def number_of(one: Mapping[str, Any]) -> str:
    """Return the number of a request, "" where it has none yet."""
    return text_of(one.get("service_request_id"))


def moment(one: Mapping[str, Any], name: str, zone: str) -> datetime | None:
    """Return a time of a request, None where there is none that can be read."""
    try:
        at = time_ms(one, name, zone)
        return None if at is None else datetime.fromtimestamp(at / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def written(at: datetime) -> str:
    """Return a time as endpoints are asked."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _unpacked(answer: Answer) -> Answer:
    """Return an answer as it was before it was packed: some pack it though nobody asked them to."""
    if "gzip" not in (packed := answer.headers.get("content-encoding", "").lower()) and "deflate" not in packed:
        return answer
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        body = unpacking.decompress(answer.body, MOST_BYTES + 1)
    except zlib.error as error:
        raise Unreached("protocol", f"answers with what is not packed as it says: {error}") from error
    if len(body) > MOST_BYTES:
        raise Unreached("large", f"answers with more than {MOST_BYTES} bytes")
    return answer._replace(body=body)


def _after_s(answer: Answer) -> float:
    """Return how long it wants to be left alone: Retry-After, as seconds or as a time."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit() and len(told) < 6:  # noqa: PLR2004  digits
        return float(told)
    try:
        at = parsedate_to_datetime(told)
    except (ValueError, TypeError):
        return 0.0
    return max(((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds(), 0.0)


def _is_zone(name: str) -> bool:
    try:
        return bool(name and ZoneInfo(name))
    except (OSError, ValueError, KeyError):
        return False
