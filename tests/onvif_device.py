"""An ONVIF device for the tests: a pull point that wants its token, its renewals and its reference parameter."""

import base64
import hashlib
import queue
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from data.xml_tree import Node, tree
from tests.devices import PASSWORD, USER, Request, plain

SPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:n="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:v="http://www.onvif.org/ver10/events/wsdl" xmlns:t="http://www.onvif.org/ver10/schema" xmlns:d="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:x="urn:example:own"'
)
SOAP = "application/soap+xml"
NEW_S = 60.0


def message(number: int, *, operation: str = "Changed", value: str = "true") -> str:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        "<n:NotificationMessage><n:Topic>tns1:RuleEngine/FieldDetector/ObjectsInside</n:Topic><n:Message>"
        f'<t:Message UtcTime="{at}" PropertyOperation="{operation}"><t:Source><t:SimpleItem Name="VideoSource" Value="v{number}"/></t:Source>'
        f'<t:Data><t:SimpleItem Name="IsInside" Value="{value}"/></t:Data></t:Message></n:Message></n:NotificationMessage>'
    )


class PullPoint:
    """Answers as a device does whose clock is `ahead`. `happens` puts messages where the next pull finds them."""

    def __init__(self, *, lasts_s: float = NEW_S, ahead: timedelta = timedelta(), token: bool = True, renews: bool = True) -> None:
        self.lasts_s, self.ahead, self._token, self._renews = lasts_s, ahead, token, renews
        self.calls: list[str] = []
        self.ends: dict[str, float] = {}
        self._nonces: set[str] = set()
        self._waiting: queue.Queue[str] = queue.Queue()

    def happens(self, told: str) -> None:
        self._waiting.put(told)

    def __call__(self, request: Request, say: Callable[[bytes], None]) -> None:
        top = tree(request.body)
        header, body = top.find("Header") or Node("", {}), top.find("Body") or Node("", {})
        name = body.inner[0].name
        if name != "GetSystemDateAndTime" and self._token and not self._is_known(header):
            return say(self._fault("ter:NotAuthorized", status="400 Bad Request"))
        self.calls.append(name)
        answer = getattr(self, re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower())
        if name in {"PullMessages", "Renew", "SetSynchronizationPoint", "Unsubscribe"}:
            key = header.text_of("Id")
            if request.path != "/onvif/sub" or self.ends.get(key, 0.0) < time.monotonic():
                return say(self._fault("wsrf:ResourceUnknownFault", status="500 Internal Server Error"))
            return say(answer(key, body.inner[0]))
        return say(answer())

    def get_system_date_and_time(self) -> bytes:
        now = datetime.now(UTC) + self.ahead
        date = f"<t:Date><t:Year>{now.year}</t:Year><t:Month>{now.month}</t:Month><t:Day>{now.day}</t:Day></t:Date>"
        clock = f"<t:Time><t:Hour>{now.hour}</t:Hour><t:Minute>{now.minute}</t:Minute><t:Second>{now.second}</t:Second></t:Time>"
        return self._answer(
            f"<d:GetSystemDateAndTimeResponse><t:UTCDateTime>{clock}{date}</t:UTCDateTime></d:GetSystemDateAndTimeResponse>"
        )

    def get_capabilities(self) -> bytes:
        return self._answer(
            "<d:GetCapabilitiesResponse><d:Capabilities><t:Events><t:XAddr>http://192.168.1.64/onvif/own_events</t:XAddr></t:Events></d:Capabilities></d:GetCapabilitiesResponse>"
        )

    def create_pull_point_subscription(self) -> bytes:
        key = f"sub-{len(self.ends)}"
        self.ends[key] = time.monotonic() + self.lasts_s
        reference = (
            f"<a:Address>http://192.168.1.64/onvif/sub</a:Address><a:ReferenceParameters><x:Id>{key}</x:Id></a:ReferenceParameters>"
        )
        return self._answer(f"<v:Made><v:SubscriptionReference>{reference}</v:SubscriptionReference>{self._times()}</v:Made>")

    def set_synchronization_point(self, _key: str, _asked: Node) -> bytes:
        self._waiting.put(message(9, operation="Initialized"))
        return self._answer("<v:SetSynchronizationPointResponse/>")

    def pull_messages(self, _key: str, asked: Node) -> bytes:
        try:
            told = self._waiting.get(timeout=min(float(asked.text_of("Timeout")[2:-1]), 1.0))
        except queue.Empty:
            told = ""
        return self._answer(f"<v:PullMessagesResponse>{self._times(short='v')}{told}</v:PullMessagesResponse>")

    def renew(self, key: str, _asked: Node) -> bytes:
        if not self._renews:
            return self._fault("ter:ActionNotSupported", status="500 Internal Server Error")
        self.ends[key] = time.monotonic() + self.lasts_s
        return self._answer(f"<n:RenewResponse>{self._times()}</n:RenewResponse>")

    def unsubscribe(self, key: str, _asked: Node) -> bytes:
        self.ends[key] = 0.0
        return self._answer("<n:UnsubscribeResponse/>")

    def _times(self, short: str = "n") -> str:
        now = datetime.now(UTC) + self.ahead
        end = now + timedelta(seconds=self.lasts_s)
        return "".join(
            f"<{short}:{name}>{at.isoformat()[:23]}Z</{short}:{name}>"
            for name, at in (("CurrentTime", now), ("TerminationTime", end))
        )

    def _is_known(self, header: Node) -> bool:
        token = next(header.deep("UsernameToken"), None)
        if token is None or token.text_of("Nonce") in self._nonces:
            return False
        nonce, created = base64.b64decode(token.text_of("Nonce")), token.text_of("Created")
        self._nonces.add(token.text_of("Nonce"))
        right = base64.b64encode(
            hashlib.sha1(nonce + created.encode() + PASSWORD.encode(), usedforsecurity=False).digest()
        ).decode()
        fresh = abs(datetime.fromisoformat(created) - datetime.now(UTC) - self.ahead) < timedelta(seconds=5)
        return (token.text_of("Username"), token.text_of("Password")) == (USER, right) and fresh

    def _answer(self, body: str) -> bytes:
        return plain(
            f'<?xml version="1.0"?><s:Envelope {SPACES}><s:Header/><s:Body>{body}</s:Body></s:Envelope>'.encode(), content_type=SOAP
        )

    def _fault(self, code: str, *, status: str) -> bytes:
        told = f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{code}</s:Value></s:Subcode></s:Code></s:Fault>"
        return plain(f"<s:Envelope {SPACES}><s:Body>{told}</s:Body></s:Envelope>".encode(), status=status, content_type=SOAP)
