"""What is said to an ONVIF device, and what is read of its answers: SOAP 1.2, WS-Addressing, WS-UsernameToken, WS-BaseNotification."""

import base64
import hashlib
import os
import re
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError, tostring
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from dashboard.errors import Rejected
from data.outward import Login
from data.xml_tree import Node, tree

TYPE = "application/soap+xml; charset=utf-8"
DEVICE, EVENTS, WSNT = (
    "http://www.onvif.org/ver10/device/wsdl",
    "http://www.onvif.org/ver10/events/wsdl",
    "http://docs.oasis-open.org/wsn",
)
ADDRESSING = "http://www.w3.org/2005/08/addressing"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_DIGEST, _BASE64 = f"{_WSSE}-username-token-profile-1.0#PasswordDigest", f"{_WSSE}-soap-message-security-1.0#Base64Binary"
_SPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": ADDRESSING,
    "t": EVENTS,
    "d": DEVICE,
    "n": f"{WSNT}/b-2",
    "w": f"{_WSSE}-wssecurity-secext-1.0.xsd",
    "u": f"{_WSSE}-wssecurity-utility-1.0.xsd",
}
MOST_ECHOED = 4_000
LASTS_S = 60


class Call(NamedTuple):
    """One thing that can be asked: its action, and what stands in the body."""

    action: str
    body: str


TIME = Call(f"{DEVICE}/GetSystemDateAndTime", "<d:GetSystemDateAndTime/>")
WHERE = Call(f"{DEVICE}/GetCapabilities", "<d:GetCapabilities><d:Category>Events</d:Category></d:GetCapabilities>")
SUBSCRIBE = Call(
    f"{EVENTS}/EventPortType/CreatePullPointSubscriptionRequest",
    f"<t:CreatePullPointSubscription><t:InitialTerminationTime>PT{LASTS_S}S</t:InitialTerminationTime></t:CreatePullPointSubscription>",
)
SYNCHRONISE = Call(f"{EVENTS}/PullPointSubscription/SetSynchronizationPointRequest", "<t:SetSynchronizationPoint/>")
RENEW = Call(
    f"{WSNT}/bw-2/SubscriptionManager/RenewRequest", f"<n:Renew><n:TerminationTime>PT{LASTS_S}S</n:TerminationTime></n:Renew>"
)
UNSUBSCRIBE = Call(f"{WSNT}/bw-2/SubscriptionManager/UnsubscribeRequest", "<n:Unsubscribe/>")


def pull(seconds: int, most: int) -> Call:
    """Ask for what has happened: wait so long for something, and take so many at once."""
    body = f"<t:PullMessages><t:Timeout>PT{seconds}S</t:Timeout><t:MessageLimit>{most}</t:MessageLimit></t:PullMessages>"
    return Call(f"{EVENTS}/PullPointSubscription/PullMessagesRequest", body)


class Subscription(NamedTuple):
    """A pull point: the path it is asked at, what must be repeated to it, and for how long it lasts (s)."""

    path: str
    echoed: str
    lasts_s: float


def envelope(call: Call, to: str, login: Login | None, *, at: datetime, echoed: str = "") -> bytes:
    """Return a whole message. `at` is the device's own time: it takes a token that is minutes off for a replay."""
    spaces = "".join(f' xmlns:{short}="{name}"' for short, name in _SPACES.items())
    identity = f'<a:MessageID>urn:uuid:{os.urandom(16).hex()}</a:MessageID><a:To s:mustUnderstand="1">{escape(to)}</a:To>'
    header = f'<a:Action s:mustUnderstand="1">{call.action}</a:Action>{identity}{echoed}{_token(login, at) if login else ""}'
    return f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope{spaces}><s:Header>{header}</s:Header><s:Body>{call.body}</s:Body></s:Envelope>'.encode()


def _token(login: Login, at: datetime) -> str:
    nonce, created = os.urandom(16), at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    digest = base64.b64encode(
        hashlib.sha1(nonce + created.encode() + login.password.encode(), usedforsecurity=False).digest()
    ).decode()
    return (
        f'<w:Security s:mustUnderstand="1"><w:UsernameToken><w:Username>{escape(login.user)}</w:Username>'
        f'<w:Password Type="{_DIGEST}">{digest}</w:Password>'
        f'<w:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created>'
        "</w:UsernameToken></w:Security>"
    )


def read(raw: bytes) -> Node:
    """Return an answer. Raises Rejected."""
    return tree(raw)


def fault(told: Node) -> str:
    """Return what a fault says, codes first; "" where there is none."""
    found = next(told.deep("Fault"), None)
    if found is None:
        return ""
    words = [one.text.strip() for name in ("Value", "faultcode", "Text", "faultstring") for one in found.deep(name)]
    return " ".join(word for word in words if word)[:200] or "a fault"


def time_of(told: Node) -> datetime | None:
    """Return what the device's clock shows, in UTC."""
    utc = next(told.deep("UTCDateTime"), None)
    date, time = (utc.find("Date"), utc.find("Time")) if utc else (None, None)
    if date is None or time is None:
        return None
    try:
        numbers = [int(date.text_of(one)) for one in ("Year", "Month", "Day")] + [
            int(time.text_of(one)) for one in ("Hour", "Minute")
        ]
        return datetime(*numbers, min(int(time.text_of("Second")), 59), tzinfo=UTC)  # type: ignore[misc,arg-type]  # five numbers
    except (ValueError, OverflowError):
        return None


def path_of(address: str) -> str:
    """Return the path of an address that a device gives, "" for none. Host and port are ours: a device does not send us elsewhere."""
    try:
        place = urlsplit(address.strip())
    except ValueError:
        return ""
    return f"{place.path}?{place.query}" if place.query else place.path


def events_path(told: Node) -> str:
    """Return where the events are asked for, "" where the answer does not say."""
    return next((path_of(one.text_of("XAddr")) for one in told.deep("Events")), "")


def subscribed(raw: bytes) -> Subscription:
    """Return the pull point that was made. Raises Rejected."""
    told = tree(raw)
    reference = next(told.deep("SubscriptionReference"), None)
    path = path_of(reference.text_of("Address")) if reference else ""
    if not path.startswith("/"):
        raise Rejected(fault(told) or "gives no address to pull at")
    return Subscription(path, _echoed(raw), lasts(told))


def lasts(told: Node) -> float:
    """Return for how long a subscription lasts, by the device's own two times; a minute where it does not say."""
    times = [next((one.text.strip() for one in told.deep(name)), "") for name in ("CurrentTime", "TerminationTime")]
    try:
        now, end = (datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", one)) for one in times)
        return min(max((end - now).total_seconds(), 5.0), 3_600.0)
    except (ValueError, TypeError):  # not said, or one with a zone and one without
        return float(LASTS_S)


def _echoed(raw: bytes) -> str:
    """Return the reference parameters, which every later message must repeat as headers, with their namespaces."""
    try:
        top = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Rejected(f"is no XML: {error}") from error
    found = [inner for one in top.iter() if one.tag.rpartition("}")[2] == "ReferenceParameters" for inner in one]
    told = "".join(_written(one) for one in found)
    return told if len(told) <= MOST_ECHOED else ""


def _written(one: Element) -> str:
    one.tail = None
    one.set(f"{{{ADDRESSING}}}IsReferenceParameter", "true")
    return tostring(one, encoding="unicode")
