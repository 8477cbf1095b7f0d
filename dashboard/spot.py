"""How one camera stands."""

from msgspec import Struct


class Spot(Struct, frozen=True):
    """One camera: how often it spoke today, how it stands, since when, and when it last spoke (epoch ms, 0: never).

    `held`: people say that somebody works on it, whatever it says itself; `meanwhile` is how it would stand otherwise. `skew` is how far its clock was ahead of ours (ms; less than
    nothing: behind) when it last spoke, `skewed` that this is too far.
    """

    spoke: int = 0
    state: str = "unknown"
    since: int = 0
    last: int = 0
    skewed: bool = False
    skew: int = 0
    held: bool = False
    meanwhile: str = ""
