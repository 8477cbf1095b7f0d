"""The relay's process: native code reads what cameras send, so it runs apart from everything else."""

import time
from collections.abc import Callable, Iterator, Mapping

from dashboard.city import Camera, City
from dashboard.settings import Settings
from data.config import home, record_url, services, wire_url
from data.lease import Lease
from data.living import open_city
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


class LivingCameras(Mapping[str, Camera]):
    """The cameras of a city as it stands now, adopted ones included, by their ids."""

    def __init__(self, living: Callable[[], City]) -> None:
        self._living, self._city, self._held = living, living(), dict[str, Camera]()
        self._take()

    def __getitem__(self, camera: str) -> Camera:
        return self._now()[camera]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> dict[str, Camera]:
        city = self._living()
        if city is not self._city:
            self._city = city
            self._take()
        return self._held

    def _take(self) -> None:
        self._held = {one.id: one for one in self._city.cameras if not one.gone}


def relay(settings: Settings, pack: Pack) -> Relay:
    """Return the relay of a city's cameras."""
    engine, own, at, streets = connect_record(record_url(settings)), services(settings), home(settings), base(settings)
    return Relay(
        LivingCameras(open_city(engine, pack).now),
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
