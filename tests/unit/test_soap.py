"""What ONVIF devices are told, and what is read of their answers."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import Rejected
from data.onvif import soap
from data.outward import Login
from data.xml_tree import tree

AT = datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)
MADE = """<?xml version="1.0"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:tev="http://www.onvif.org/ver10/events/wsdl"
 xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:x="http://example.vn/own"><env:Body>
 <tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa:Address>http://169.254.169.254:81/onvif/sub?id=7&amp;a=b</wsa:Address>
 <wsa:ReferenceParameters><x:Id deep="1">7 &amp; 8</x:Id></wsa:ReferenceParameters></tev:SubscriptionReference>
 <wsnt:CurrentTime>2026-11-25T01:00:00Z</wsnt:CurrentTime><wsnt:TerminationTime>2026-11-25T01:00:40.5Z</wsnt:TerminationTime>
 </tev:CreatePullPointSubscriptionResponse></env:Body></env:Envelope>"""
FAULT = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>
 <s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"""


def test_a_token_is_that_of_the_standard() -> None:
    told = tree(soap.envelope(soap.RENEW, "http://10.1.2.3/x?a=1&b=2", Login("<u>", "mật & khẩu"), at=AT))
    token = next(told.deep("UsernameToken"))
    nonce, created = base64.b64decode(token.text_of("Nonce")), token.text_of("Created")
    assert (token.text_of("Username"), created) == ("<u>", "2026-11-25T01:02:03.000Z")
    right = base64.b64encode(
        hashlib.sha1(nonce + created.encode() + "mật & khẩu".encode(), usedforsecurity=False).digest()
    ).decode()
    assert token.text_of("Password") == right
    assert next(told.deep("To")).text == "http://10.1.2.3/x?a=1&b=2"
    assert next(told.deep("Action")).text.endswith("/SubscriptionManager/RenewRequest")
    assert "khẩu" not in soap.envelope(soap.RENEW, "x", Login("u", "khẩu"), at=AT).decode()
    assert not list(tree(soap.envelope(soap.TIME, "x", None, at=AT)).deep("Security"))


def test_a_pull_point_stays_at_its_device_and_is_given_back_what_it_wants_to_hear() -> None:
    point = soap.subscribed(MADE.encode())
    assert (point.path, point.lasts_s) == ("/onvif/sub?id=7&a=b", 40.5)
    told = tree(soap.envelope(soap.pull(5, 50), "http://x/", None, at=AT, echoed=point.echoed))
    header = told.find("Header")
    assert header is not None
    assert header.text_of("Id") == "7 & 8"
    assert "http://example.vn/own" in point.echoed
    assert next(told.deep("Timeout")).text == "PT5S"


def test_what_is_no_pull_point_is_refused_with_what_was_said() -> None:
    for raw, word in (
        (FAULT, "NotAuthorized"),
        ("<a/>", "no address"),
        ("no", "no XML"),
        (MADE.replace("http://169.254.169.254:81/onvif/sub?id=7&amp;a=b", "[::"), "no address"),
    ):
        with pytest.raises(Rejected, match=word):
            soap.subscribed(raw.encode())
    bomb = '<!DOCTYPE a [<!ENTITY b "cc">]>' + MADE.partition("?>")[2]
    with pytest.raises(Rejected):
        soap.subscribed(bomb.encode())


@pytest.mark.parametrize(
    ("now", "end", "lasts"),
    [
        ("2026-11-25T01:00:00Z", "2026-11-25T02:00:00+01:00", 5.0),
        ("2026-11-25T01:00:00.123456789Z", "2026-11-25T01:01:00Z", 59.876544),
        ("2026-11-25T01:00:00Z", "2026-11-25T01:01:00", 60.0),
        ("", "", 60.0),
        ("2026-11-25T01:00:00Z", "2030-11-25T01:00:00Z", 3600.0),
    ],
)
def test_how_long_it_lasts_is_read_of_the_devices_own_times(now: str, end: str, lasts: float) -> None:
    told = f"<a><CurrentTime>{now}</CurrentTime><TerminationTime>{end}</TerminationTime></a>"
    assert soap.lasts(tree(told.encode())) == pytest.approx(lasts)


def test_a_clock_is_read_as_utc() -> None:
    inner = "<Time><Hour>1</Hour><Minute>2</Minute><Second>3</Second></Time><Date><Year>2026</Year><Month>11</Month><Day>25</Day></Date>"
    assert soap.time_of(tree(f"<a><UTCDateTime>{inner}</UTCDateTime></a>".encode())) == AT
    assert soap.time_of(tree(f"<a><UTCDateTime>{inner.replace('>25<', '>99<')}</UTCDateTime></a>".encode())) is None
    assert soap.time_of(tree(b"<a><LocalDateTime/></a>")) is None


@given(st.text(max_size=300), st.integers(0, len(MADE)), st.integers(0, len(MADE)))
def test_whatever_a_device_answers_it_is_read_or_refused(text: str, cut: int, at: int) -> None:
    for raw in (MADE[:cut], MADE[:at] + text + MADE[at:], MADE[:at] + MADE[at + 9 :]):
        try:
            point = soap.subscribed(raw.encode("utf-8", "replace"))
        except Rejected:
            continue
        assert point.path.startswith("/")
        assert 5.0 <= point.lasts_s <= 3_600.0
        assert len(point.echoed) <= soap.MOST_ECHOED
