"""How one camera stands."""

from msgspec import Struct


class Spot(Struct, frozen=True):
    """One camera: how often it spoke today, how it stands, since when, and when it last spoke (epoch ms, 0: never)."""

    spoke: int = 0
    state: str = "unknown"
    since: int = 0
    last: int = 0
    skewed: bool = False
