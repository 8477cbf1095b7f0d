"""The messenger: sends what is due to units, signed, at least once, and keeps what became of it (docs/dispatch.md)."""

import base64
import hmac
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from logging import getLogger
from typing import Protocol

from msgspec import json

from dashboard.alarms.alarm import Alarm
from dashboard.alarms.messages import Message, told
from dashboard.city import City
from dashboard.errors import Away
from dashboard.ports import Clock
from dashboard.settings import Settings
from data.clock import SystemClock
from data.config import home, log_url, record_url, services
from data.lease import Lease
from data.living import open_city
from data.outward import Checked, Refused, Unreached, check, post
from data.outward.keys import Login
from data.pack import Pack
from data.posted import open_poster
from data.road import connect
from data.sealed import Seal, Tampered
from data.secret import secret_key
from data.store.engine import connect as connect_record
from data.store.messages import SqlMessages
from data.store.webhooks import PURPOSE, Webhook, Webhooks
from data.stream import RedisStream, nudge

LOOK_EVERY_S, AT_ONCE = 0.5, 4
ANSWER_S, MOST_ANSWER = 5.0, 64 * 1024
GOOD, GONE = range(200, 300), 410  # 410: never ask again (Standard Webhooks)
log = getLogger(__name__)


class Sender(Protocol):
    """Whoever sends."""

    def step(self) -> int:
        """Send what is due; return how much that was. Raises Away."""
        ...


class Messenger:
    """Sends, one message to a unit at a time. `dial` says where an address leads, or refuses it (S-15)."""

    def __init__(
        self,
        messages: SqlMessages,
        webhooks: Webhooks,
        clock: Clock,
        city_now: Callable[[], City],
        *,
        dial: Callable[[str], Checked],
    ) -> None:
        self._messages, self._webhooks, self._clock, self._city_now, self._dial = messages, webhooks, clock, city_now, dial

    def step(self) -> int:
        """Send what is due; return how many messages that was. A unit that is slow holds nobody else up but for a moment. Raises Away."""
        due = self._messages.due()
        if due:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda pair: self._send(*pair), due))
        return len(due)

    def _send(self, message: Message, alarm: Alarm) -> None:
        try:
            hook = self._webhooks.of(message.unit)
            if hook is None:
                self._messages.by_phone(message)
                return
            status = self._post(hook, message, alarm)
        except (Refused, Unreached) as no:
            self._failed(message, str(no))
        except Tampered:
            self._failed(message, "its secret cannot be opened: add the address anew")
        else:
            if status in GOOD:
                self._messages.sent(message)
            else:
                self._failed(message, f"answered {status}", for_good=status == GONE)

    def _failed(self, message: Message, reason: str, *, for_good: bool = False) -> None:
        after = self._messages.fail(message, reason, for_good=for_good)
        log.warning("message %s to %s: %s (%s, try %d)", message.id, message.unit, reason, after.state, after.tries)

    def _post(self, hook: Webhook, message: Message, alarm: Alarm) -> int:
        """Send once; return the answer's status."""
        body = json.encode(told(message, alarm, self._city_now()))
        headers = signed(hook.key, message.id, self._clock.now_ms() // 1000, body)
        keys = Login("", "", hook.pin) if hook.pin else None
        answer = post(
            self._dial(hook.url), body, "application/json", keys=keys, seconds=ANSWER_S, most=MOST_ANSWER, headers=headers
        )
        return answer.status


def signed(key: bytes, name: str, at_s: int, body: bytes) -> dict[str, str]:
    """Return the headers by which a receiver knows that a message is ours, and whether it has had it (Standard Webhooks)."""
    digest = hmac.digest(key, f"{name}.{at_s}.".encode() + body, "sha256")
    return {
        "webhook-id": name,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def work(settings: Settings, pack: Pack) -> None:
    """Send until the process ends; a second messenger stands by."""
    engine, at, clock = connect_record(record_url(settings)), home(settings), SystemClock()
    stream, own = RedisStream(connect(log_url(settings), timeout_s=0.5)), services(settings)
    city_now = open_city(engine, pack).now

    def dial(url: str) -> Checked:
        return check(url, pack.city.outward, own=own)

    messenger = Messenger(
        SqlMessages(engine, clock, nudge=lambda: _quietly(lambda: nudge(stream, clock))),
        Webhooks(engine, Seal(secret_key(settings, at), PURPOSE)),
        clock,
        city_now,
        dial=dial,
    )
    poster = open_poster(settings, engine, city_now, dial=dial)
    with Lease(engine, at, name="messenger") as lease:
        lease.wait(time.sleep)
        log.info("the messenger of %s holds the lease", pack.city.key)
        over = threading.Event()
        asked = (poster, lambda: not over.is_set(), time.sleep)
        threading.Thread(
            target=run, args=asked, daemon=True, name="reports"
        ).start()  # who is slow to hear of a report keeps no unit waiting
        run(messenger, lease.holds, time.sleep)
        over.set()


def run(sender: Sender, holds: Callable[[], bool], pause: Callable[[float], None]) -> None:
    """Send for as long as the lease is ours."""
    while holds():
        try:
            sender.step()
        except Away as away:
            log.warning("the record is away, will ask again: %s", away)
        pause(LOOK_EVERY_S)


def _quietly(tell: Callable[[], None]) -> None:
    try:
        tell()
    except Away as away:
        log.warning("the board hears of a message a little later: %s", away)
