"""ONVIF's PullPoint: a subscription that is asked again and again, renewed before it ends, and given back (docs/sources/onvif.md)."""

import time
from collections.abc import Generator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from dashboard.errors import Rejected
from data.onvif import soap
from data.outward import Line, Refused, Unreached, post
from data.puller import OK, Pace, Piece, Pull, Target, piece, welcome
from data.xml_tree import MOST_BYTES, Node

SERVICE = "/onvif/device_service"
EVENTS = ("/onvif/event_service", "/onvif/Events", "/onvif/events_service")  # where a device does not say, one of these answers
WAIT_S, MOST_MESSAGES = 5, 50
ANSWER_S, PULL_S, LEAVE_S = 5.0, 3.0 * WAIT_S, 2.0
FAULTY = 400, 500  # with these a fault is told, and it says more
DENIED = ("NotAuthorized", "notauthorized", "FailedAuthentication", "InvalidSecurity", "SenderNotAuthorized")


class Talk:
    """A talk with one device: every message dated by its clock and signed."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._ahead = timedelta()

    def clock(self) -> timedelta | None:
        """Learn by how much the device's clock is ahead: it is asked without a token, since a token has to show its time."""
        with suppress(Rejected):
            told = self._ask(soap.TIME, _service(self._target), signed=False)
            at = soap.time_of(soap.read(told))
            self._ahead = at - datetime.now(UTC) if at else timedelta()
            return self._ahead if at else None
        return None

    def ask(self, call: soap.Call, path: str, *, echoed: str = "", seconds: float = ANSWER_S, line: Line | None = None) -> bytes:
        """Return an answer without a fault. Raises Unreached."""
        try:
            return self._ask(call, path, echoed=echoed, seconds=seconds, line=line)
        except Rejected as reason:
            told = str(reason)
            raise Unreached("denied" if any(word in told for word in DENIED) else "protocol", f"answers {told}") from reason

    def _ask(
        self,
        call: soap.Call,
        path: str,
        *,
        echoed: str = "",
        seconds: float = ANSWER_S,
        line: Line | None = None,
        signed: bool = True,
    ) -> bytes:
        """Raise Unreached, and Rejected with what a fault says."""
        keys = line or self._target.line
        try:
            place = self._target.place.at(path)
        except Refused as no:
            raise Unreached("protocol", f"names an address that {no}") from no
        said = soap.envelope(call, place.url, keys.login if signed else None, at=datetime.now(UTC) + self._ahead, echoed=echoed)
        told = post(place, said, soap.TYPE, keys=keys, seconds=seconds, most=4 * MOST_BYTES)
        if b"Fault" in told.body and (told.status == OK or told.status in FAULTY) and (why := soap.fault(soap.read(told.body))):
            raise Rejected(why)
        welcome(told)
        return told.body


def listen(target: Target) -> Generator[Piece | None, None, None]:
    """Yield every answer that holds messages, as it is."""
    talk, pace = Talk(target), Pace()
    talk.clock()
    point = _subscribe(talk, target)
    try:
        yield None
        with suppress(Unreached):  # who cannot tell how everything stands tells what changes
            talk.ask(soap.SYNCHRONISE, point.path, echoed=point.echoed)
        renew_s = time.monotonic() + point.lasts_s / 2
        while True:
            told = talk.ask(soap.pull(WAIT_S, MOST_MESSAGES), point.path, echoed=point.echoed, seconds=PULL_S)
            yield piece(target, told, "application/soap+xml") if b"NotificationMessage" in told else None
            if time.monotonic() >= renew_s:
                renew_s = time.monotonic() + _renewed(talk, point) / 2
            target.pause(max(pace.after(len(told), 0.0), 0.05))  # a device that does not wait must not keep us busy
    finally:
        with suppress(Unreached):
            talk.ask(soap.UNSUBSCRIBE, point.path, echoed=point.echoed, seconds=LEAVE_S, line=Line(target.line.login))


def _subscribe(talk: Talk, target: Target) -> soap.Subscription:
    """Make a pull point where the device says that events are, or where most have them. Raises Unreached."""
    try:
        told = soap.events_path(soap.read(talk.ask(soap.WHERE, _service(target))))
    except Rejected as reason:
        raise Unreached("protocol", f"answers what {reason}") from reason
    for path in [told] if told.startswith("/") else EVENTS:
        try:
            return soap.subscribed(talk.ask(soap.SUBSCRIBE, path))
        except Rejected as reason:
            raise Unreached("protocol", f"makes no pull point: {reason}") from reason
        except Unreached as no:
            if no.kind != "absent" or path == EVENTS[-1]:
                raise
    raise Unreached("absent", "has no events of ONVIF")


def _service(target: Target) -> str:
    return target.place.path if target.place.path != "/" else SERVICE


def _renewed(talk: Talk, point: soap.Subscription) -> float:
    """Return for how long a subscription lasts that was renewed. Some devices know no Renew: pulling itself keeps theirs alive."""
    try:
        told = talk.ask(soap.RENEW, point.path, echoed=point.echoed)
        return soap.lasts(_read(told))
    except Unreached as no:
        if no.kind != "protocol":
            raise
        return point.lasts_s


def _read(raw: bytes) -> Node:
    try:
        return soap.read(raw)
    except Rejected as reason:
        raise Unreached("protocol", f"answers what {reason}") from reason


def clock(target: Target, _zone: str) -> int | None:
    """Return by how much the device's clock is ahead (ms). Raises Unreached."""
    told = Talk(target).clock()
    return None if told is None else round(told.total_seconds() * 1000)


PULL = Pull(key="onvif", listen=listen, clock=clock)
