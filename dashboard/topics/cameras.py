"""How every camera stands, by its place in the city's list: one letter and two numbers each."""

from dashboard.board import Board
from dashboard.cameras.adopted import strangers
from dashboard.city import City
from dashboard.masking import hidden
from dashboard.spot import Spot
from dashboard.topic import Topic

LETTERS = {"online": "o", "late": "l", "offline": "x", "frozen": "f", "maintenance": "m", "unknown": "-"}
MOST_UNKNOWN = 20
GONE = "."
NEVER = Spot()


def _draw(board: Board, city: City) -> object:
    spots = [board.cameras.get(camera.id, NEVER) for camera in city.cameras]
    states = "".join([GONE if camera.gone else LETTERS[spot.state] for camera, spot in zip(city.cameras, spots, strict=True)])
    return {
        "version": city.version,
        "states": states,
        "spoke": [spot.spoke for spot in spots],
        "seen": [spot.last for spot in spots],
        "since": [spot.since for spot in spots],
        "skews": {str(ix): round(spot.skew / 1000) for ix, spot in enumerate(spots) if spot.skewed},
        "online": states.count("o") + states.count("l"),
        "total": len(spots) - states.count(GONE),
        "unknown": [
            {"source": one.source, "name": hidden(one.name), "count": one.count, "last": one.last}
            for one in strangers(board.unknown.values(), city)[:MOST_UNKNOWN]
        ],
    }


TOPIC = Topic(key="cameras", reads=("cameras", "unknown"), draw=_draw)
