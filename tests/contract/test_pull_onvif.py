"""ONVIF's PullPoint over real sockets: tokens, digest, renewals, the synchronisation point, and leaving."""

from contextlib import closing
from datetime import timedelta
from itertools import islice
from types import SimpleNamespace

import pytest

from dashboard.events import CameraChanged, FeedSpoke, Sighted
from data.outward import Line, Login, Unreached, check
from data.puller import Piece, Target
from data.pulling import PULLS
from data.reading import ADAPTERS
from data.source import RECEIVED
from tests.devices import PASSWORD, USER, Device, device, plain
from tests.onvif_device import PullPoint, message

ONVIF = PULLS["onvif"]
LOGIN = Login(USER, PASSWORD)


def target(one: Device, login: Login | None = LOGIN) -> Target:
    return Target(check(one.url, ["127.0.0.1"]), Line(login), "H-002", lambda _s: None)


def events(found: list[Piece | None]) -> list[object]:
    told = [event for one in found if one for event in ADAPTERS["onvif"].parse(one.raw, {**one.headers, RECEIVED: "1795600000000"})]
    return [event for event in told if not isinstance(event, FeedSpoke)]


@pytest.mark.parametrize("auth", ["none", "md5", "sha256"])
@pytest.mark.parametrize("ahead", [timedelta(), timedelta(hours=7, seconds=3), timedelta(days=-400)])
def test_it_subscribes_synchronises_pulls_and_leaves(auth: str, ahead: timedelta) -> None:
    point = PullPoint(ahead=ahead, token=auth == "none")
    with device(point, auth=auth) as one:
        aim = target(one)
        skew_ms = ONVIF.clock(aim, "Asia/Ho_Chi_Minh")
        assert skew_ms is not None
        assert abs(skew_ms - ahead.total_seconds() * 1000) < 2_500
        with closing(ONVIF.listen(aim)) as heard:
            assert next(heard) is None
            replayed = next(heard)
            assert events([replayed]) == []  # how everything stands is no alarm
            assert replayed is not None
            point.happens(message(1))
            told = events([next(heard)])
        assert [type(event) for event in told] == [CameraChanged, Sighted]
        assert told[1].camera == "H-002/v1"
    calls = [
        "GetSystemDateAndTime",
        "GetSystemDateAndTime",
        "GetCapabilities",
        "CreatePullPointSubscription",
        "SetSynchronizationPoint",
    ]
    assert point.calls == [*calls, "PullMessages", "PullMessages", "Unsubscribe"]
    assert set(point.ends.values()) == {0.0}


@pytest.mark.parametrize("renews", [True, False])
def test_it_renews_before_the_end(renews: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr("data.pull.onvif.time", SimpleNamespace(monotonic=lambda: now[0]))
    point = PullPoint(lasts_s=40.0, renews=renews)
    with device(point) as one, closing(ONVIF.listen(target(one))) as heard:
        for _ in range(10):
            point.happens(message(1))
            next(heard)
            now[0] += 10
    assert point.calls.count("Renew") == 4  # every twenty seconds, half of what it lasts


def test_a_subscription_that_was_lost_ends_the_talk() -> None:
    point = PullPoint()
    with device(point) as one, closing(ONVIF.listen(target(one))) as heard:
        list(islice(heard, 2))
        point.ends.clear()  # the device has started anew
        with pytest.raises(Unreached, match="ResourceUnknown") as no:
            next(heard)
        assert no.value.kind == "protocol"


def test_who_may_not_come_in_is_told_so() -> None:
    for login in (None, Login(USER, "wrong"), Login("somebody", PASSWORD)):
        with device(PullPoint()) as one, pytest.raises(Unreached) as no:
            next(ONVIF.listen(target(one, login)))
        assert no.value.kind == "denied"
    with device(PullPoint(token=False), auth="md5") as one, pytest.raises(Unreached) as no:
        next(ONVIF.listen(target(one, Login(USER, "wrong"))))
    assert no.value.kind == "denied"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (plain(b"", status="404 Not Found"), "absent"),
        (plain(b"<html>"), "protocol"),
        (plain(b"\xff" * 99), "protocol"),
        (plain(b"<a/>"), "protocol"),
        (plain(b'<!DOCTYPE a [<!ENTITY b "c">]><a><Events><XAddr>&b;</XAddr></Events></a>'), "protocol"),
        (plain(b"<a><Events><XAddr>http://x/a b</XAddr></Events></a>"), "protocol"),
        (plain(b"<a>" * 10_000), "protocol"),
        (plain(b"a" * 3_000_000), "large"),
        (plain(b"", status="302 Found", more="Location: http://127.0.0.1/\r\n"), "moved"),
    ],
)
def test_what_is_no_onvif_is_named(raw: bytes, kind: str) -> None:
    with device(lambda _request, say: say(raw)) as one, pytest.raises(Unreached) as no:
        next(ONVIF.listen(target(one)))
    assert no.value.kind == kind
