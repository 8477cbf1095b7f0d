"""Hearing a source through an MQTT broker: its own topics, under a session of its own that the broker keeps while we are away.

A message is acknowledged once the next piece is asked for, and that is after the log, or the spool, has it (data/pulling.py).
"""

import socket
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from logging import getLogger
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from data.outward import Unreached
from data.outward.wire import Wire
from data.puller import Piece, Pull, Target

KEEP_ALIVE_S, QOS = 30, 1
LET_IN_S, LOOK_S, BEAT_S = 10.0, 0.25, 5.0
NO_LOGIN = frozenset({"Bad user name or password", "Not authorized"})
log = getLogger(__name__)


class Client(mqtt.Client):
    """A client that speaks over the connection it is given: to the place that was checked, and to no name."""

    def __init__(self, wire: Wire, target: Target, *, lasts: bool) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=target.session,
            clean_session=not lasts,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        self._wire = wire
        if target.line.login is not None:
            self.username_pw_set(target.line.login.user, target.line.login.password)

    def _create_socket_connection(self) -> socket.socket:
        return self._wire.underneath


class Hearing:
    """What the broker has said and nobody has taken yet. `granted` is None until it has answered which topics it lets us have."""

    def __init__(self, client: Client, topics: Sequence[str]) -> None:
        self._client, self._topics = client, topics
        self.messages: deque[mqtt.MQTTMessage] = deque()
        self.refused, self.granted = "", None  # type: str, bool | None
        client.on_connect, client.on_subscribe, client.on_message = self._connected, self._subscribed, self._heard

    def turn(self) -> None:
        """Let the client work for a moment. Raises Unreached when the connection is gone."""
        told = self._client.loop(LOOK_S)
        if self.refused:
            raise Unreached("denied" if self.refused in NO_LOGIN else "status", f"does not let us in: {self.refused}")
        if told != mqtt.MQTT_ERR_SUCCESS:
            raise Unreached("cut", f"hung up: {mqtt.error_string(told)}")

    def _connected(self, _client: Any, _given: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self.refused = str(reason)
        elif not self._topics:
            self.granted = True
        else:
            self._client.subscribe([(topic, QOS) for topic in self._topics])

    def _subscribed(self, _client: Any, _given: Any, _mid: Any, reasons: Any, _properties: Any) -> None:
        self.granted = not any(one.is_failure for one in reasons)

    def _heard(self, _client: Any, _given: Any, message: mqtt.MQTTMessage) -> None:
        self.messages.append(message)


def listen(target: Target) -> Generator[Piece | None, None, None]:
    """Yield every message of the source's topics. The session outlives the connection where the target names one."""
    with closing(_dialled(target)) as wire:
        target.line.hold(wire)
        client = Client(wire, target, lasts=bool(target.session))
        hearing = Hearing(client, target.topics)
        try:
            _enter(client, hearing, target)
            yield None
            yield from _messages(client, hearing, target)
        finally:
            client.disconnect()
            if target.session and target.forget:
                _forget(target)


def _dialled(target: Target) -> Wire:
    login = target.line.login
    return Wire(target.place, seconds=LET_IN_S, pin=login.pin if login else "")


def _enter(client: Client, hearing: Hearing, target: Target) -> None:
    """Wait until the broker has let us in and given us our topics. Raises Unreached."""
    client.connect(target.place.host, target.place.port, KEEP_ALIVE_S)
    end_s = time.monotonic() + LET_IN_S
    while hearing.granted is None:
        hearing.turn()
        if time.monotonic() > end_s:
            raise Unreached("slow", "does not say whether it lets us in; is it a broker?")
    if not hearing.granted:
        raise Unreached("denied", "does not let us subscribe: its access list has to allow this user the topics")


def _messages(client: Client, hearing: Hearing, target: Target) -> Iterator[Piece | None]:
    beaten_s = time.monotonic()
    while True:
        while hearing.messages:
            message = hearing.messages.popleft()
            yield Piece(bytes(message.payload), {"mqtt-topic": message.topic, "mqtt-retain": "1" if message.retain else "0"})
            client.ack(message.mid, message.qos)
        if target.line.over:
            raise Unreached("stopped", "was to be left")
        hearing.turn()
        if time.monotonic() - beaten_s > BEAT_S:
            beaten_s = time.monotonic()
            yield None


def _forget(target: Target) -> None:
    """Let the broker forget our session: nothing is kept any more for a source that is not heard from here."""
    with suppress(Unreached, OSError), closing(_dialled(target)) as wire:
        client = Client(wire, target, lasts=False)
        _enter(client, Hearing(client, ()), target)
        client.disconnect()


def clock(_target: Target, _zone: str) -> int | None:
    """A broker tells no time, and a device behind it says when things were by its own clock."""
    return None


PULL = Pull(key="mqtt", listen=listen, clock=clock, through=True)
