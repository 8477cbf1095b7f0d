"""What a topic is: one part of the picture, and what it is drawn from."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.board import Board
from dashboard.city import City

Draw = Callable[[Board, City], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Redrawn when a field of the board that it `reads` changed, at most once per `every_s`; `always` even when none did."""

    key: str
    reads: tuple[str, ...]
    draw: Draw
    every_s: float = 0.0
    always: bool = False
