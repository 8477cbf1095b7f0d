"""What a simulated city says."""

from typing import Any, NamedTuple


class Spoken(NamedTuple):
    """One thing to say: by which source, as what. `topic` is Frigate's; `shown`: a picture goes with it."""

    source: str
    body: dict[str, Any] | list[dict[str, Any]] | str
    topic: str = ""
    shown: bool = False
