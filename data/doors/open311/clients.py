"""Who speaks to us by a key that does not say who: sources of one adapter, each by a key of its own, each with an allowance."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from flask import request

from dashboard.open311.refusal import AWAY, FORBIDDEN, TOO_MANY, Refusal
from data.doors.intake import Bucket
from data.store.sources import Registered, digest

ADAPTER = "open311"
CACHED_S, STRANGER_S = 2.0, 0.2
READS, WRITES = (50.0, 200.0), (10.0, 60.0)  # a second, and at once; of one client
MOST_BUCKETS = 10_000


class Clients:
    """Knows the clients, for two seconds at a time. Keys are never kept, only their hashes."""

    def __init__(self, ask: Callable[[], Mapping[str, Registered]], *, adapter: str = ADAPTER) -> None:
        self._ask, self._adapter, self._asked_s = ask, adapter, -CACHED_S
        self._known: dict[str, Registered] = {}
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def named(self) -> list[str]:
        """Return the names of all clients there ever were: their reports stay."""
        self._look(CACHED_S)
        return list(self._known)

    def who(self, told: str) -> str:
        """Return the client that shows a key, by header or `told` as the standard's api_key; "" where it shows none.

        Raises Refusal: 403 for a key that is nobody's, 429, 503.
        """
        secret = _bearer() or told
        if not secret:
            return ""
        found = self._holder(secret, CACHED_S) or self._holder(secret, STRANGER_S)
        if found is None:
            raise Refusal(FORBIDDEN, "api_key: is nobody's; the centre gives keys")
        return found

    def pace(self, client: str, *, writes: bool) -> None:
        """Count a request. Raises Refusal where a client, or a stranger by address, asks too much."""
        rate, burst = WRITES if writes else READS
        key = ("post" if writes else "get", client or f"@{request.remote_addr}")
        bucket = self._buckets.setdefault(key, Bucket(left=burst, rate=rate, burst=burst))
        self._buckets.move_to_end(key)
        while len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        if not bucket.take():
            raise Refusal(TOO_MANY, "too many requests; wait, and ask again", headers={"Retry-After": "1"})

    def _holder(self, secret: str, older_s: float) -> str | None:
        self._look(older_s)
        hashed, found = digest(secret), None
        for one in self._known.values():  # all are compared, in equal time
            fits = any([hmac.compare_digest(hashed, held) for held in one.secrets])  # noqa: C419
            found = one.key if fits and one.disabled is None else found
        return found

    def _look(self, older_s: float) -> None:
        if time.monotonic() - self._asked_s <= older_s:
            return
        try:
            asked = self._ask()
        except Exception as away:
            if not self._known:
                raise Refusal(AWAY, "who may speak cannot be looked up now; send it again", headers={"Retry-After": "5"}) from away
            return
        self._known = {key: one for key, one in asked.items() if one.adapter == self._adapter and not one.address}
        self._asked_s = time.monotonic()


def _bearer() -> str:
    try:
        told = request.authorization
    except ValueError:  # no base64
        return ""
    return (told.token or "") if told is not None and told.type == "bearer" else ""
