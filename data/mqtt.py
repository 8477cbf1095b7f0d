"""MQTT: a message is acknowledged to the broker only after the log, or the spool, has it."""

import hashlib
import time
from logging import getLogger
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from dashboard.settings import Settings
from data.intake import Intake
from data.spool import Full

KEEP_ALIVE_S = 30
QOS = 1
ASK_AGAIN_S = 1.0
log = getLogger(__name__)


def listen(settings: Settings, intake: Intake, home: Path) -> mqtt.Client:
    """Connect and go on listening, whatever becomes of the broker: it keeps our session while we are away."""
    place = urlsplit(settings.mqtt_url)
    name = f"kydai-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, manual_ack=True)
    if place.username:
        client.username_pw_set(place.username, place.password)
    if place.scheme in {"mqtts", "ssl"}:
        client.tls_set()
    topics = [topic.strip() for topic in settings.mqtt_topics.split(",") if topic.strip()]

    def connected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        log.info("broker: %s", reason)
        client.subscribe([(topic, QOS) for topic in topics])

    def heard(_client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        headers = {"mqtt-topic": message.topic, "mqtt-retain": "1" if message.retain else "0"}
        while not _kept(intake, settings.mqtt_source, bytes(message.payload), headers):
            time.sleep(ASK_AGAIN_S)  # a message that is only left unacknowledged comes again at the next connection, not before
        client.ack(message.mid, message.qos)

    client.on_connect, client.on_message = connected, heard
    client.reconnect_delay_set(1, 30)
    client.connect_async(place.hostname or "127.0.0.1", place.port or 1883, KEEP_ALIVE_S)
    client.loop_start()
    return client


def _kept(intake: Intake, source: str, raw: bytes, headers: dict[str, str]) -> bool:
    """Whether the message is safe with us; while it is not, nothing more is taken and the broker keeps the rest."""
    try:
        intake.accept(source, raw, headers)
    except Full as full:
        log.warning("nothing more can be kept, the broker keeps it: %s", full)
        return False
    return True
