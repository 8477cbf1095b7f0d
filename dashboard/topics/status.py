"""That the board lives, and when each feed last spoke: drawn every second, change or not."""

from dashboard.board import Board
from dashboard.calendar import date_of
from dashboard.cameras.adopted import strangers
from dashboard.city import City, Feed
from dashboard.topic import Topic


def _feed(feed: Feed, board: Board) -> dict[str, object]:
    states = [state for source, state in board.feeds.items() if source in feed.sources or source.split("-")[0] in feed.sources]
    return {
        "key": feed.key,
        "at": max((state.at for state in states), default=None),
        "online": any(state.online for state in states),
    }


def _draw(board: Board, city: City) -> object:
    return {
        "city": city.key,
        "city_version": city.version,
        "seq": board.seq,
        "lag_ms": board.lag_ms,
        "day": date_of(board.day).isoformat(),
        "feeds": [_feed(feed, board) for feed in city.feeds],
        "dead_letters": board.dead_letters,
        "unknown_cameras": len(strangers(board.unknown.values(), city)),
        "quarantined": board.quarantined,
    }


TOPIC = Topic(key="status", reads=("feeds",), draw=_draw, every_s=1.0, always=True)
