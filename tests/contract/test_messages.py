"""Messages to units: written with the act, held while it can be undone, sent to a real receiver until they arrive, lost by no crash."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, select

from dashboard.alarms.acts import UNDO_MS, Asked
from dashboard.alarms.messages import AGAIN_S, STATES
from dashboard.board import turn
from dashboard.errors import Away
from dashboard.events import Sighted
from dashboard.hearing import Hearing
from dashboard.ports import Reading
from data.doors.health import MessageMetrics
from data.messenger import ANSWER_S, Messenger
from data.outward import check
from data.sealed import Seal, Tampered
from data.store.alarms import SqlAlarms
from data.store.messages import SqlMessages
from data.store.outbox import MESSAGE
from data.store.record import SqlStore
from data.store.webhooks import PURPOSE, WEBHOOK, Webhooks
from tests.devices import Device, Request, device, plain
from tests.keep import Hands
from tests.town import camera, kind, town

CITY = town(
    cameras=(camera("H-001", critical=True), *(camera(f"H-{n:03d}") for n in range(2, 12))),
    kinds=(kind("crowd", "alarm", 3), kind("camera_critical_lost", "alarm", 4)),
)
HEARING = Hearing(CITY, locate=lambda *_: "19753")
START, SECOND = 1_795_410_000_000, 1_000
SECRET = b"only for tests: 0123456789abcdef"
UNIT = "fire-brigade"


class World:
    """A board, a person, a messenger, and a clock that the test turns."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self.nudged = engine, Hands(START), 0
        self.store = SqlStore(engine, city=CITY)
        self.alarms = SqlAlarms(engine, self.clock, nudge=lambda: None)
        self.hooks = Webhooks(engine, Seal(SECRET, PURPOSE))
        self.messages = SqlMessages(engine, self.clock, nudge=self._nudge)
        self.board = self.store.load(START)
        self._n = 0

    def _nudge(self) -> None:
        self.nudged += 1

    def messenger(self, allowed: tuple[str, ...] = ("127.0.0.1",)) -> Messenger:
        """Return a messenger, as a new process would be one."""
        return Messenger(self.messages, self.hooks, self.clock, lambda: CITY, dial=lambda url: check(url, allowed))

    def raised(self, at: str = "H-002") -> str:
        self._n += 1
        now = self.clock.at_ms
        heard = HEARING.hear("native", now, Sighted(id=f"m{self._n}", at=now, kind="crowd", camera=at, plate="75A-123.45"))
        self.step(heard)
        return next(one.id for one in self.board.alarms.values() if one.camera == at)

    def step(self, *heard) -> None:
        self.board = self.store.record(turn(self.board, self.clock.at_ms), Reading(heard, ()), f"{self._n}-{self.clock.at_ms}")

    def send(self, alarm: str, unit: str = UNIT, text: str = "Đến ngay, xe 75A-123.45") -> None:
        self._n += 1
        self.alarms.act(alarm, Asked("dispatch", why=text, unit=unit), who="An", key=f"key{self._n}")

    def after(self, ms: int) -> None:
        self.clock.at_ms += ms
        self.step()

    @property
    def states(self) -> list[str]:
        with self.engine.connect() as sql:
            return list(sql.scalars(select(MESSAGE.c.state).order_by(MESSAGE.c.seq)))

    def acts(self, alarm: str) -> list[tuple[str, str, str]]:
        return [(one.action, one.who, one.unit) for one in self.alarms.history(alarm)]


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def receiver() -> Iterator[tuple[Device, list[int]]]:
    """A unit's own server; `answers` are the statuses that it gives one after the other, 204 once there are no more."""
    answers: list[int] = []

    def answer(_request: Request, say) -> None:
        status = answers.pop(0) if answers else 204
        say(plain(b"{}").replace(b"200 OK", f"{status} X".encode()))

    with device(answer) as one:
        yield one, answers


def test_a_unit_is_told_once_it_can_no_longer_be_undone_and_can_prove_who_told_it(world, receiver) -> None:
    one, _ = receiver
    secret = world.hooks.add(UNIT, f"{one.url}/kydai?a=1", now_ms=START)
    alarm = world.raised()
    world.send(alarm)
    assert world.states == ["held"]
    world.clock.at_ms += UNDO_MS
    assert world.messenger().step() == 0  # no board has said yet that it stands
    world.after(2)
    assert world.states == ["waiting"]
    assert world.messenger().step() == 1
    assert world.states == ["sent"]
    (asked,) = one.asked
    told = json.loads(asked.body)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    name, at = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
    mine = base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + asked.body, "sha256")).decode()
    assert asked.headers["webhook-signature"] == f"v1,{mine}"
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/kydai?a=1", "application/json")
    assert (told["id"], told["unit"], told["by"], told["alarm"]["id"], told["alarm"]["place"]["camera"]) == (
        name,
        UNIT,
        "An",
        alarm,
        "H-002",
    )
    assert (told["text"], told["alarm"]["plate"]) == ("Đến ngay, xe 75A-***.45", "75A-***.45")
    assert world.acts(alarm)[-2:] == [("send", "", ""), ("delivered", "", UNIT)]
    assert world.nudged == 1
    assert world.messenger().step() == 0
    world.step()
    assert world.board == msgspec.structs.replace(world.store.load(world.clock.at_ms), duty=world.board.duty)


def test_what_is_undone_is_never_sent(world, receiver) -> None:
    one, _ = receiver
    world.hooks.add(UNIT, one.url, now_ms=START)
    world.hooks.add("police", one.url, now_ms=START)
    alarm = world.raised()
    world.send(alarm)
    world.clock.at_ms += 4 * SECOND
    world.send(alarm, "police")
    world.alarms.act(alarm, Asked("undo"), who="An", key="undone")  # the police are not sent; the brigade is
    assert world.states == ["held", "undone"]
    world.after(UNDO_MS)
    assert world.messenger().step() == 1
    assert [json.loads(asked.body)["unit"] for asked in one.asked] == [UNIT]
    assert world.states == ["sent", "undone"]


def test_it_is_tried_again_ever_later_under_the_same_name_and_given_up_to_the_lead(world, receiver) -> None:
    one, answers = receiver
    answers += [503] * (len(AGAIN_S) + 1)
    world.hooks.add(UNIT, one.url, now_ms=START)
    alarm = world.raised()
    world.send(alarm)
    world.after(UNDO_MS + 1)
    messenger = world.messenger()
    for n, wait_s in enumerate(AGAIN_S, 1):
        assert messenger.step() == 1
        assert messenger.step() == 0  # not before its time
        (message,) = world.alarms.messages(alarm)
        assert (message.state, message.tries, message.reason) == ("waiting", n, "answered 503")
        world.clock.at_ms += wait_s * SECOND
    assert messenger.step() == 1
    (message,) = world.alarms.messages(alarm)
    assert (message.state, message.tries, message.ended) == ("given_up", len(AGAIN_S) + 1, world.clock.at_ms)
    assert len({asked.headers["webhook-id"] for asked in one.asked}) == 1
    assert world.acts(alarm)[-1] == ("undelivered", "", UNIT)
    world.step()
    (stands,) = [held for held in world.board.alarms.values() if held.id == alarm]
    assert (stands.untold, stands.escalated) == ((UNIT,), world.clock.at_ms)
    world.alarms.act(alarm, Asked("note", why="đã gọi điện"), who="An", key="called")
    world.step()
    assert next(held.untold for held in world.board.alarms.values() if held.id == alarm) == ()


def test_gone_means_never_again(world, receiver) -> None:
    one, answers = receiver
    answers.append(410)
    world.hooks.add(UNIT, one.url, now_ms=START)
    world.send(world.raised())
    world.after(UNDO_MS + 1)
    world.messenger().step()
    assert world.states == ["given_up"]


def test_a_unit_without_an_address_is_for_the_telephone(world) -> None:
    world.send(world.raised())
    world.after(UNDO_MS + 1)
    assert world.messenger().step() == 1
    assert world.states == ["by_phone"]
    assert world.messenger().step() == 0


def test_how_messages_stand_is_told_in_figures(world, receiver) -> None:
    one, answers = receiver
    world.hooks.add(UNIT, f"{one.url}/kydai", now_ms=START)
    registry = CollectorRegistry()
    registry.register(MessageMetrics(world.messages.standing))
    figure = registry.get_sample_value
    assert {figure("kydai_messages", {"state": state}) for state in STATES} == {0.0}
    world.send(world.raised())
    assert figure("kydai_messages", {"state": "held"}) == 1.0
    world.after(UNDO_MS + SECOND)
    world.clock.at_ms += 3 * SECOND
    assert figure("kydai_messages", {"state": "waiting"}) == 1.0
    assert 3.0 <= (figure("kydai_message_late_seconds") or 0) <= 60.0
    answers.append(204)
    world.messenger().step()
    assert (figure("kydai_messages", {"state": "sent"}), figure("kydai_message_late_seconds")) == (1.0, 0.0)


def test_a_record_that_is_away_is_not_told_as_nothing_waiting() -> None:
    def away() -> dict[str, float]:
        raise Away

    registry = CollectorRegistry()
    registry.register(MessageMetrics(away))
    assert registry.get_sample_value("kydai_messages", {"state": "waiting"}) is None
    assert registry.get_sample_value("kydai_message_late_seconds") is None


@pytest.mark.parametrize("url", ["http://169.254.169.254/x", "http://127.0.0.1:5432/", "http://8.8.8.8/"])
def test_no_message_leads_where_no_connection_may(world, url: str) -> None:
    world.hooks.add(UNIT, url, now_ms=START)
    alarm = world.raised()
    world.send(alarm)
    world.after(UNDO_MS + 1)
    world.messenger().step()
    (message,) = world.alarms.messages(alarm)
    assert (message.state, message.tries) == ("waiting", 1)
    assert message.reason


def test_an_address_that_was_changed_behind_our_back_opens_nothing(world, receiver) -> None:
    one, _ = receiver
    world.hooks.add(UNIT, "http://10.0.0.9/kydai", now_ms=START)
    with world.engine.begin() as sql:
        sql.execute(WEBHOOK.update().values(url=one.url))
    with pytest.raises(Tampered):
        world.hooks.of(UNIT)
    world.send(world.raised())
    world.after(UNDO_MS + 1)
    world.messenger().step()
    assert one.asked == []
    assert world.states == ["waiting"]


def test_a_crash_between_sending_and_keeping_sends_it_again_under_the_same_name_and_loses_nothing(
    world, receiver, monkeypatch
) -> None:
    one, _ = receiver
    world.hooks.add(UNIT, one.url, now_ms=START)
    alarm = world.raised()
    world.send(alarm)
    world.after(UNDO_MS + 1)
    with monkeypatch.context() as dying, suppress(SystemExit):
        dying.setattr(world.messages, "sent", lambda _message: (_ for _ in ()).throw(SystemExit))
        world.messenger().step()
    assert world.states == ["waiting"]
    assert World(world.engine).messages  # another process over the same record
    world.messenger().step()
    assert world.states == ["sent"]
    assert len(one.asked) == 2
    assert len({asked.headers["webhook-id"] for asked in one.asked}) == 1
    assert [action for action, _, _ in world.acts(alarm)].count("delivered") == 1


def test_two_that_send_at_once_keep_it_once(world, receiver) -> None:
    one, _ = receiver
    world.hooks.add(UNIT, one.url, now_ms=START)
    alarm = world.raised()
    world.send(alarm)
    world.after(UNDO_MS + 1)
    ((message, _),) = world.messages.due()
    world.messages.sent(message)
    world.messages.sent(message)
    world.messages.fail(message, "late")
    assert world.states == ["sent"]
    assert [action for action, _, _ in world.acts(alarm)].count("delivered") == 1


def test_a_slow_unit_holds_nobody_else_up_but_for_a_moment(world, receiver) -> None:
    quick, _ = receiver
    with device(lambda request, _say: request.hold()) as slow:
        for n in range(3):
            world.hooks.add(f"slow{n}", slow.url, now_ms=START)
        world.hooks.add(UNIT, quick.url, now_ms=START)
        alarms = [world.raised(f"H-{n:03d}") for n in range(2, 6)]
        for alarm, unit in zip(alarms, ["slow0", "slow1", "slow2", UNIT], strict=True):
            world.send(alarm, unit)
        world.after(UNDO_MS + 1)
        began = time.monotonic()
        assert world.messenger().step() == 4
        assert time.monotonic() - began < 3 * ANSWER_S
    assert world.states == ["waiting"] * 3 + ["sent"]
