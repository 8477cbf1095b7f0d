"""The relay's process: native code reads what cameras send, so it runs apart from everything else."""

import time

from dashboard.settings import Settings
from data.config import home, record_url, services, wire_url
from data.lease import Lease
from data.outward import check
from data.pack import Pack
from data.road import connect
from data.sealed import Seal
from data.secret import secret_key
from data.simulator.addresses import HOST, base
from data.store.engine import connect as connect_record
from data.store.logins import PURPOSE, Logins
from data.video.relay import Relay
from data.video.wire import RedisVideo


def relay(settings: Settings, pack: Pack) -> Relay:
    """Return the relay of a city's cameras."""
    engine, own, at, streets = connect_record(record_url(settings)), services(settings), home(settings), base(settings)
    return Relay(
        {camera.id: camera for camera in pack.city.cameras},
        RedisVideo(connect(wire_url(settings), timeout_s=3.0)),
        lease=Lease(engine, at, name="relay"),
        dial=lambda address: check(address, (HOST,) if streets and address.startswith(streets) else pack.city.outward, own=own),
        who=Logins(engine, Seal(secret_key(settings, at), PURPOSE)).of,
    )


def keep(settings: Settings, pack: Pack) -> None:
    """Relay until the process ends."""
    made = relay(settings, pack)
    try:
        made.run(time.sleep)
    finally:
        made.stop()
