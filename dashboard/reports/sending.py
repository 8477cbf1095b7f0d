"""What is sent of a report: to the endpoint that it came from, to the citizen by e-mail. Written with the act, sent by the role `messenger`."""

from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

Way = Literal["endpoint", "client", "mail", ""]
State = Literal["waiting", "sent", "given_up", "undone", "kept", "no_channel"]
MOST_REASON = 200
HOLD_MS = 60_000  # as long as an act can be taken back
# After how many seconds it is tried again, each time it has failed: some ten hours in all. Nobody's life hangs on it, and endpoints are
# closed for a night.
AGAIN_S = (10, 60, 300, 900, 1800, 3600, 7200, 7200, 14_400)
LONGEST_S = 24 * 3600  # however long an endpoint says that it wants to be left alone


class Sending(Struct, frozen=True, kw_only=True):
    """Something that is sent. Times are epoch ms, 0: not yet.

    `seq` is the number of the act that told it. It is *waiting* to be sent, again at `due` where it failed `tries` times, last for `reason`;
    `ended` when it was *sent*, *given_up* or *undone*. *kept*: the client that brought the report reads it here. *no_channel*: there is
    nobody that it could be sent to.
    """

    seq: int
    report: str
    way: Way
    kind: str
    status: str
    text: str
    at: int
    state: State = "waiting"
    tries: int = 0
    due: int = 0
    reason: str = ""
    ended: int = 0

    @property
    def id(self) -> str:
        """Return its name for whoever receives it: the same however often it is sent."""
        return update_id(self.seq)


class Sent(NamedTuple):
    """How a sending stands, for those who look at the report's history."""

    way: Way
    state: State
    tries: int
    due: int
    reason: str
    ended: int


def update_id(seq: int) -> str:
    """Return the name of what an act told."""
    return f"kydai-{seq:010d}"  # in order, also as texts


def failed(one: Sending, reason: str, now_ms: int, *, for_good: bool = False, after_s: float = 0.0) -> Sending:
    """Return a sending that did not arrive: to be sent again, not before `after_s`, or given up. `for_good`: it is never taken so."""
    tries, told = one.tries + 1, reason[:MOST_REASON]
    if for_good or tries > len(AGAIN_S):
        return replace(one, state="given_up", tries=tries, reason=told, ended=now_ms)
    wait_s = min(max(AGAIN_S[tries - 1], after_s), LONGEST_S)
    return replace(one, tries=tries, reason=told, due=now_ms + round(1000 * wait_s))
