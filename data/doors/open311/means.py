"""What the doors of Open311 stand on."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.city import City
from dashboard.pictures import Pictures
from dashboard.ports import Clock, Locate
from data.doors.open311.clients import Clients
from data.doors.open311.desk import Desk
from data.store.open311 import Reports
from data.store.words import Writer


@dataclass(frozen=True, kw_only=True)
class Means:
    """What the door stands on. `public`: whoever has no key may read how reports stand; `origins`: pages of others that may ask."""

    city: Callable[[], City]
    clients: Clients
    desk: Desk
    reports: Reports
    writer: Writer
    pictures: Pictures
    locate: Locate
    clock: Clock
    public: bool = False
    origins: frozenset[str] = frozenset()
    base: str = ""  # the address that others know us by; else the one we are asked at
