"""The doors of Open311 GeoReport v2 (docs/open311.md): what citizens' apps and other systems post and read."""

from data.doors.open311.clients import Clients
from data.doors.open311.desk import Desk
from data.doors.open311.door import door
from data.doors.open311.means import Means
from data.store.words import Writer

__all__ = ["Clients", "Desk", "Means", "Writer", "door"]
