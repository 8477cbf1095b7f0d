"""What the browser receives: one topic's picture at one instant."""

from msgspec import Raw, Struct, json

from dashboard.board import Board
from dashboard.city import City
from dashboard.topic import Topic


class Frame(Struct, frozen=True):
    """A whole topic, so that a lost frame costs nothing. Encoded once, here, for everybody."""

    topic: str
    epoch: int
    at: int
    data: Raw


def draw(topic: Topic, board: Board, city: City, *, epoch: int, now_ms: int) -> bytes:
    """Draw one topic off the board, as JSON without its number."""
    picture = Raw(json.encode(topic.draw(board, city)))
    return json.encode(Frame(topic.key, epoch, now_ms, picture))


def seal(body: bytes, seq: int) -> bytes:
    """Return the frame under its number, without decoding it."""
    return b'%s,"seq":%d}' % (body[:-1], seq)
