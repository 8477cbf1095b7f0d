"""Which reports somebody asks for: the filters of GET requests, read whole."""

from collections.abc import Mapping

from msgspec import Struct

from dashboard.city import City
from dashboard.open311.refusal import NOT_FOUND, Faults, Refusal
from dashboard.open311.times import millis

SPAN_MS = 90 * 86_400_000
MOST_ROWS, MOST_PAGE, PAGE = 1000, 500, 50
MOST_IDS, LONGEST_ID, DEEPEST = 100, 320, 100_000
STATUSES = ("open", "closed")
LISTS = frozenset({"service_request_id", "service_code", "status"})
Query = Mapping[str, str]


class Asked(Struct, frozen=True, kw_only=True):
    """Which reports: times in epoch ms, [since, until). `ids` overrides everything else.

    `learnt` are those about which we have learnt something in that stretch, the oldest first; the others come the newest first. `until` 0:
    whenever they were sent.
    """

    ids: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    statuses: tuple[str, ...] = STATUSES
    since: int = 0
    until: int = 0
    learnt: tuple[int, int] | None = None
    limit: int = MOST_ROWS
    skip: int = 0
    extended: bool = False


def read(query: Query, city: City, *, now_ms: int) -> Asked:
    """Return what a query asks for. Raises Refusal."""
    faults, extended = Faults(), query.get("extensions", "").lower() in {"true", "1"}
    if ids := numbers(query):
        return Asked(ids=ids, extended=extended)
    services, statuses = _services(query, city), _statuses(query, faults)
    since, until = _span(query, ("start_date", "end_date"), city, faults, now_ms=now_ms)
    learnt = None
    if query.get("updated_after") or query.get("updated_before"):
        learnt = _span(query, ("updated_after", "updated_before"), city, faults, now_ms=now_ms, most_ms=0)
        if not (query.get("start_date") or query.get("end_date")):
            since, until = 0, 0
    limit, skip = _page(query, faults)
    faults.check()
    return Asked(
        services=services, statuses=statuses, since=since, until=until, learnt=learnt, limit=limit, skip=skip, extended=extended
    )


def numbers(query: Query) -> tuple[str, ...]:
    """Return the requests that a query names. Raises Refusal."""
    ids, faults = _list(query, "service_request_id"), Faults()
    if len(ids) > MOST_IDS or any(len(one) > LONGEST_ID for one in ids):
        faults.note("service_request_id", f"names at most {MOST_IDS} of them")
    faults.check()
    return ids


def stretch(query: Query, city: City, *, now_ms: int) -> tuple[int, int]:
    """Return [start_date, end_date) of a query, of at most ninety days, in epoch ms. Raises Refusal."""
    faults = Faults()
    found = _span(query, ("start_date", "end_date"), city, faults, now_ms=now_ms)
    faults.check()
    return found


def _list(query: Query, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.strip() for one in query.get(name, "").split(",") if one.strip()))


def _services(query: Query, city: City) -> tuple[str, ...]:
    told, known = _list(query, "service_code"), {service.code for service in city.services}
    if strange := [code for code in told if code not in known]:
        raise Refusal(NOT_FOUND, f"service_code: there is no service {strange[0][:40]!r}; services.json lists them")
    return told


def _statuses(query: Query, faults: Faults) -> tuple[str, ...]:
    told = tuple(one.lower() for one in _list(query, "status"))
    if any(one not in STATUSES for one in told):
        faults.note("status", "is open, closed, or both with a comma between")
    return told or STATUSES


def _span(
    query: Query, names: tuple[str, str], city: City, faults: Faults, *, now_ms: int, most_ms: int = SPAN_MS
) -> tuple[int, int]:
    """Return a stretch; where one end is not given it is as long as may be, from the other or back from now."""
    first, last = (_time(query, name, city, faults) for name in names)
    until = last if last is not None else min(first + most_ms, now_ms + 1) if first is not None and most_ms else now_ms + 1
    since = first if first is not None else max(until - most_ms, 0) if most_ms else 0
    if first is not None and since > until and last is not None:
        faults.note(names[0], f"lies after {names[1]}")
    elif most_ms and until - since > most_ms:
        faults.note(names[0], f"and {names[1]} lie at most 90 days apart; ask for several stretches")
    return since, until


def _time(query: Query, name: str, city: City, faults: Faults) -> int | None:
    if not (told := query.get(name, "").strip()):
        return None
    try:
        return millis(told, city.zone)
    except ValueError as wrong:
        faults.note(name, str(wrong))
        return None


def _page(query: Query, faults: Faults) -> tuple[int, int]:
    """Return how many rows and how many are passed over. Without a page there is one of a thousand."""
    if not (query.get("page") or query.get("page_size")):
        return MOST_ROWS, 0
    page, size = _whole(query, "page", 1, DEEPEST, faults), _whole(query, "page_size", PAGE, MOST_PAGE, faults)
    if (page - 1) * size > DEEPEST:
        faults.note("page", f"lies beyond the first {DEEPEST:,} requests; ask for a shorter stretch")
    return size, (page - 1) * size


def _whole(query: Query, name: str, otherwise: int, most: int, faults: Faults) -> int:
    told = query.get(name, "").strip()
    if not told:
        return otherwise
    if not (told.isascii() and told.isdigit() and len(told) < 10 and 1 <= int(told) <= most):  # noqa: PLR2004  digits
        faults.note(name, f"is a whole number from 1 to {most:,}")
        return otherwise
    return int(told)
