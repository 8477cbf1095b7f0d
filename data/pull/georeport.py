"""Another Open311 endpoint, asked for what is new and what has changed (docs/open311.md).

What changed is asked for by `updated_after` where that is understood. Core GeoReport knows the time of sending alone: there whatever is open here
is asked for again by its number, some at a time.
"""

from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice

import msgspec

from dashboard.open311.status import heard
from data.endpoint import SENT, Endpoint, Row, number_of, written
from data.outward import Unreached, get
from data.puller import Piece, Pull, Target, welcome
from data.sources.georeport import TOLD, UPDATES
from data.spoken import Updates

EVERY_S, STEP_S = 60.0, 1.0
SPAN, WINDOWS = timedelta(days=90), 4  # a year back, as far apart as the standard allows
OVERLAP, AHEAD = timedelta(minutes=10), timedelta(days=1)  # of clocks that are set otherwise
LATE, LATE_ROUNDS = timedelta(days=3), 60  # what is looked through before it is shown has an old time then
MISSED = timedelta(days=30)
PIECE = 100
AT_ONCE, MOST_ROUNDS, MOST_OPEN = 50, 10, 20_000
MOST_ALONE, MOST_MISSED = 20, 3  # in a round; and how often a request is not there before it is believed to be gone
JSON = "application/json"
GONE = "Nơi gửi không còn giữ phản ánh này. / No longer kept where it came from."
MARKS = ("status", "updated_datetime", "status_notes", "agency_responsible", "description")
_encode = msgspec.json.Encoder().encode


class Known:
    """What an endpoint last said of each request, which of them are open here, and which it does not have any more (`gone`)."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, ...]] = {}
        self._open: dict[str, int] = {}  # how often each was not there
        self.gone: list[str] = []

    def news(self, told: Iterable[Row]) -> list[Row]:
        """Return what is new or stands differently, and remember it."""
        fresh = []
        for one in told:
            number, mark = number_of(one), tuple(str(one.get(name)) for name in MARKS)
            if not number or self._known.get(number) == mark:
                continue
            self._known[number] = mark
            self._open.pop(number, None)
            if heard(mark[0]) != "closed":
                self._open[number] = 0
            fresh.append(one)
        for number in list(self._known)[: max(len(self._known) - 4 * MOST_OPEN, 0)]:
            del self._known[number]
        for number in list(self._open)[: max(len(self._open) - MOST_OPEN, 0)]:
            del self._open[number]
        return fresh

    def again(self, endpoint: Endpoint) -> Iterator[list[Row]]:
        """Yield those that are open here as they stand there now, some at a time; those that are left out come first the next time.

        Where changes are told a few are asked for all the same: what was sent long ago may be left out there. Those that are not in a list
        are asked for alone: some lists have open ones only.
        """
        alone = MOST_ALONE
        for _ in range(1 if endpoint.follows else MOST_ROUNDS):
            some = list(islice(self._open, AT_ONCE))
            told = endpoint.of(some) if some else []
            seen = {number_of(one) for one in told}
            missed = [number for number in some if number not in seen][:alone]
            alone -= len(missed)
            told += [one for number in missed if (one := self._missed(endpoint, number))]
            for number in [*(each for each in some if each in seen), *missed]:
                if number in self._open:
                    left = self._open.pop(number)
                    self._open[number] = 0 if number in seen else left
            yield told
            if not alone or len(self._open) <= AT_ONCE:
                return

    def _missed(self, endpoint: Endpoint, number: str) -> Row | None:
        """Ask for one alone. It is gone where it is not there again and again, and is not asked for any more."""
        one = endpoint.alone(number)
        if one != {}:
            return one
        self._open[number] += 1
        if self._open[number] >= MOST_MISSED:
            del self._open[number]
            self.gone.append(number)
        return None


def listen(target: Target) -> Generator[Piece | None, None, None]:
    """Yield what is new and what has changed, an answer at a time."""
    endpoint, known, began = Endpoint(target), Known(), datetime.now(UTC)
    for back in range(WINDOWS):
        until = began + AHEAD - back * SPAN
        state = {} if back == 0 else {"status": "open"}
        for told in endpoint.between(until - SPAN, until, SENT, **state):
            yield from _pieces(endpoint, known.news(told))
    updates = Updates(lambda form, query: endpoint.get("servicerequestupdates", form, query), endpoint.zone, began)
    yield from _changes(endpoint, known, began - MISSED, began)
    yield from _words(endpoint, updates, began)
    yield None
    since = began
    for number in count(1):
        yield from _rest(target)
        now = datetime.now(UTC)
        for told in endpoint.between(since - (OVERLAP if number % LATE_ROUNDS else LATE), now + AHEAD, SENT):
            yield from _pieces(endpoint, known.news(told))
        yield from _changes(endpoint, known, since - OVERLAP, now)
        for told in known.again(endpoint):
            yield from _pieces(endpoint, known.news(told))
        yield from _words(endpoint, updates, now)
        yield from _gone(endpoint, known, now)
        since = now
        yield None


def _changes(endpoint: Endpoint, known: Known, since: datetime, until: datetime) -> Iterator[Piece]:
    if endpoint.follows:
        for told in endpoint.changed_since(since, until + AHEAD):
            yield from _pieces(endpoint, known.news(told))


def _pieces(endpoint: Endpoint, fresh: list[Row]) -> Iterator[Piece]:
    for at in range(0, len(fresh), PIECE):
        yield Piece(_encode(fresh[at : at + PIECE]), {"content-type": JSON, "zone": endpoint.zone})


def _words(endpoint: Endpoint, updates: Updates, until: datetime) -> Iterator[Piece]:
    """Yield what was said about requests since it was asked last; the requests themselves are told before."""
    for fresh in updates.news(until, overlap=OVERLAP):
        yield from _said(endpoint, fresh)


def _gone(endpoint: Endpoint, known: Known, now: datetime) -> Iterator[Piece]:
    """Yield a line of its history for each request that is gone there: how it ends here is the centre's to say."""
    told = {"status": "GONE", "description": GONE, "updated_datetime": written(now)}
    fresh = [{"update_id": f"{number[:180]}/gone", "service_request_id": number, **told} for number in known.gone]
    known.gone.clear()
    yield from _said(endpoint, fresh)


def _said(endpoint: Endpoint, fresh: list[Row]) -> Iterator[Piece]:
    for at in range(0, len(fresh), PIECE):
        yield Piece(_encode(fresh[at : at + PIECE]), {"content-type": JSON, "zone": endpoint.zone, TOLD: UPDATES})


def _rest(target: Target) -> Iterator[Piece | None]:
    """Wait a while, in steps, so that who hangs up need not wait with us."""
    for step in range(int(EVERY_S / STEP_S)):
        if target.line.over:
            raise Unreached("stopped", "was to be left")
        target.pause(STEP_S)
        if step % 4 == 0:
            yield None


def clock(target: Target, _zone: str) -> int | None:
    """Return nothing: an endpoint's times are those of its reports."""
    welcome(get(target.place.at(f"{target.place.path.rstrip('/')}/services.json"), keys=target.line))
    return None


PULL = Pull(key="georeport", listen=listen, clock=clock)
