"""Cameras by their place in the city's list, which is how frames name them."""

from dashboard.city import City
from dashboard.kinds import Kinds

NOWHERE = -1


class Places:
    """Camera id to its place in `city.cameras`."""

    def __init__(self, city: City) -> None:
        self._places = {camera.id: ix for ix, camera in enumerate(city.cameras)}

    def of(self, camera: str) -> int:
        """Return the place, or −1 where the registry knows no such camera."""
        return self._places.get(camera, NOWHERE)


class _Looked:
    """What is looked up once per city."""

    def __init__(self, city: City) -> None:
        self.city, self.kinds, self.places = city, Kinds(city), Places(city)
        self.names = frozenset(name for camera in city.cameras if not camera.gone for name in camera.names.items())


MOST = 8  # a city is another one with every camera that is adopted
_looked: dict[int, _Looked] = {}


def places_of(city: City) -> tuple[Kinds, Places]:
    """Return the city's kinds and places, made once."""
    found = _looked_up(city)
    return found.kinds, found.places


def names_of(city: City) -> frozenset[tuple[str, str]]:
    """Return what sources call the city's cameras, (source, name) each, made once."""
    return _looked_up(city).names


def _looked_up(city: City) -> _Looked:
    found = _looked.get(id(city))
    if found is None or found.city is not city:
        found = _looked[id(city)] = _Looked(city)
        for old in list(_looked)[:-MOST]:
            del _looked[old]
    return found
