"""MQTT with a real broker: acknowledged only once it is kept, and nothing is lost over restarts."""

import socket
import subprocess
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from dashboard.settings import Settings
from data.clock import SystemClock
from data.intake import Intake
from data.mqtt import listen
from data.road import connect
from data.spool import Spool
from data.stream import RedisStream
from tests.conftest import Server, until
from tests.rig import free_port


class Broker:
    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        folder.chmod(0o777)
        self.port = free_port()
        self.config = folder / "m.conf"
        self.config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\nuser root\n"
        )
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(self.config)], stderr=subprocess.DEVNULL)
        until(self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def broker(tmp_path: Path):
    made = Broker(tmp_path / "broker")
    yield made
    made.stop()


def publish(broker: Broker, bodies: list[bytes]) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    for body in bodies:
        client.publish("frigate/reviews", body, qos=1).wait_for_publish(10)
    client.loop_stop()
    client.disconnect()


def test_what_the_broker_holds_arrives_over_its_restart_and_the_logs(broker: Broker, short: Path, tmp_path: Path) -> None:
    log = Server(short / "mqtt-log", durable=True)
    redis = connect(log.url, timeout_s=0.5)
    stream = RedisStream(redis)
    intake = Intake(stream=stream, spool=Spool(tmp_path / "spool"), clock=SystemClock())
    chosen = Settings(mqtt_url=f"mqtt://127.0.0.1:{broker.port}", mqtt_topics="frigate/#", mqtt_source="frigate")
    client = listen(chosen, intake, tmp_path)
    until(client.is_connected)
    publish(broker, [b"1", b"2"])
    until(lambda: len(stream.take("0-0", wait_s=0)) == 2)
    assert stream.take("0-0", wait_s=0)[0].payload.headers["mqtt-topic"] == "frigate/reviews"

    log.kill()
    publish(broker, [b"3"])
    until(lambda: intake.spooled_bytes > 0)

    client.disconnect()
    client.loop_stop()
    publish(broker, [b"4", b"5"])
    broker.stop()
    broker.start()
    log.start()
    client = listen(chosen, intake, tmp_path)

    def drained() -> bool:
        try:
            intake.drain()
            return {one.payload.raw for one in stream.take("0-0", wait_s=0)} == {b"1", b"2", b"3", b"4", b"5"}
        except Exception:  # the log is still coming up
            return False

    until(drained)
    client.disconnect()
    client.loop_stop()
    log.kill()
    redis.close()
