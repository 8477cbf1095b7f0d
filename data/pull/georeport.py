"""Another Open311 endpoint, asked for what is new and what has changed (docs/open311.md).

What changed is asked for by `updated_after` where that is understood. Core GeoReport knows the time of sending alone: there whatever is open here
is asked for again by its number, some at a time.
"""

from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import msgspec

from dashboard.errors import Rejected
from dashboard.open311.status import heard
from data.outward import Answer, Unreached, get
from data.puller import Piece, Pull, Target, welcome
from data.sources.georeport import TOLD, UPDATES, requests
from data.spoken import Updates

EVERY_S, STEP_S = 60.0, 1.0
SPAN, WINDOWS = timedelta(days=90), 4  # a year back, as far apart as the standard allows
OVERLAP = timedelta(minutes=10)
PAGE, MOST_PAGES = 100, 50
AT_ONCE, MOST_ROUNDS, MOST_OPEN = 50, 10, 20_000
NO_SUCH = (404, 406, 415)
JSON = "application/json"
_encode = msgspec.json.Encoder().encode


class Endpoint:
    """One endpoint: which format it speaks, whether it knows `updated_after`, and what it last said of each request."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.jurisdiction, _, zone = target.device.partition("@")
        self.zone = zone if _is_zone(zone) else "UTC"
        self.form, self.follows = "json", True
        self._known: dict[str, tuple[str, str]] = {}
        self._open: dict[str, None] = {}

    def ask(self, **query: str) -> list[dict[str, Any]]:
        """Return the requests that a query finds, page by page. Raises Unreached."""
        found: dict[str, dict[str, Any]] = {}
        for page in range(1, MOST_PAGES + 1):
            told = self._page({**query, "page": str(page), "page_size": str(PAGE)})
            before = len(found)
            found.update((_number(one), one) for one in told if _number(one))
            if len(told) < PAGE or len(found) == before:  # whoever knows no pages says the same again
                break
        return list(found.values())

    def of(self, numbers: Iterable[str]) -> list[dict[str, Any]]:
        """Return requests by their numbers. Raises Unreached."""
        return self._page({"service_request_id": ",".join(numbers)})

    def _page(self, query: dict[str, str]) -> list[dict[str, Any]]:
        answer = self.get("requests", self.form, query)
        if answer.status in NO_SUCH and self.form == "json":
            self.form = "xml"
            answer = self.get("requests", self.form, query)
        welcome(answer)
        try:
            return requests(answer.body)
        except Rejected as no:
            raise Unreached("protocol", str(no)) from no

    def get(self, what: str, form: str, query: dict[str, str]) -> Answer:
        """Ask once; the key of ours there is the password of its login."""
        if self._target.line.over:
            raise Unreached("stopped", "was to be left")
        login = self._target.line.login
        told = {"jurisdiction_id": self.jurisdiction, **query, "api_key": login.password if login else ""}
        asked = urlencode({name: value for name, value in told.items() if value}, quote_via=quote, safe=":,")
        base = self._target.place.path.rstrip("/")
        return get(self._target.place.at(f"{base}/{what}.{form}?{asked}"), keys=self._target.line, seconds=20.0)

    def news(self, told: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what is new or stands differently, and remember it."""
        fresh = []
        for one in told:
            number, mark = _number(one), (str(one.get("status")), str(one.get("updated_datetime")))
            if not number or self._known.get(number) == mark:
                continue
            self._known[number] = mark
            self._open.pop(number, None)
            if heard(mark[0]) != "closed":
                self._open[number] = None
            fresh.append(one)
        for kept, most in ((self._known, 4 * MOST_OPEN), (self._open, MOST_OPEN)):
            for number in list(kept)[: max(len(kept) - most, 0)]:
                del kept[number]
        return fresh

    def changed_since(self, since: datetime) -> list[dict[str, Any]]:
        """Return what changed, by `updated_after`; an endpoint that answers with what is older does not know it, and is not asked so again."""
        told = self.ask(updated_after=_written(since))
        if any(_before(one, since, self.zone) for one in told):
            self.follows = False
        return told

    def again(self) -> Iterator[list[dict[str, Any]]]:
        """Yield those that are open here as they stand there now, some at a time; those that are left out come first the next time.

        Where changes are told a few are asked for all the same: what was sent long ago may be left out there.
        """
        for _ in range(1 if self.follows else MOST_ROUNDS):
            some = list(islice(self._open, AT_ONCE))
            if not some:
                return
            for number in some:
                self._open[number] = self._open.pop(number)
            yield self.of(some)
            if len(self._open) <= AT_ONCE:
                return


def listen(target: Target) -> Generator[Piece | None, None, None]:
    """Yield what is new and what has changed, an answer at a time."""
    endpoint, began = Endpoint(target), datetime.now(UTC)
    for back in range(WINDOWS):
        until = began - back * SPAN
        state = {} if back == 0 else {"status": "open"}
        told = endpoint.ask(start_date=_written(until - SPAN), end_date=_written(until), **state)
        yield from _pieces(endpoint, told)
    updates = Updates(lambda form, query: endpoint.get("servicerequestupdates", form, query), endpoint.zone, began)
    yield from _words(endpoint, updates, began)
    yield None
    since = began
    while True:
        yield from _rest(target)
        now = datetime.now(UTC)
        yield from _pieces(endpoint, endpoint.ask(start_date=_written(since - OVERLAP), end_date=_written(now)))
        if endpoint.follows:
            yield from _pieces(endpoint, endpoint.changed_since(since - OVERLAP))
        for told in endpoint.again():
            yield from _pieces(endpoint, told)
        yield from _words(endpoint, updates, now)
        since = now
        yield None


def _pieces(endpoint: Endpoint, told: Iterable[dict[str, Any]]) -> Iterator[Piece]:
    fresh = endpoint.news(told)
    for at in range(0, len(fresh), PAGE):
        yield Piece(_encode(fresh[at : at + PAGE]), {"content-type": JSON, "zone": endpoint.zone})


def _words(endpoint: Endpoint, updates: Updates, until: datetime) -> Iterator[Piece]:
    """Yield what was said about requests since it was asked last; the requests themselves are told before."""
    for fresh in updates.news(until, overlap=OVERLAP):
        for at in range(0, len(fresh), PAGE):
            yield Piece(_encode(fresh[at : at + PAGE]), {"content-type": JSON, "zone": endpoint.zone, TOLD: UPDATES})


def _rest(target: Target) -> Iterator[Piece | None]:
    """Wait a while, in steps, so that who hangs up need not wait with us."""
    for step in range(int(EVERY_S / STEP_S)):
        if target.line.over:
            raise Unreached("stopped", "was to be left")
        target.pause(STEP_S)
        if step % 4 == 0:
            yield None


def _number(one: dict[str, Any]) -> str:
    told = one.get("service_request_id")
    return "" if told is None else str(told)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _before(one: dict[str, Any], since: datetime, zone: str) -> bool:
    try:
        at = datetime.fromisoformat(str(one.get("updated_datetime") or ""))
    except ValueError:
        return False
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))) < since - timedelta(days=1)


def _is_zone(name: str) -> bool:
    try:
        return bool(name and ZoneInfo(name))
    except (OSError, ValueError, KeyError):
        return False


def clock(target: Target, _zone: str) -> int | None:
    """Return nothing: an endpoint's times are those of its reports."""
    welcome(get(target.place.at(f"{target.place.path.rstrip('/')}/services.json"), keys=target.line))
    return None


PULL = Pull(key="georeport", listen=listen, clock=clock)
