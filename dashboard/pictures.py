"""Pictures that cameras send with what they saw: what is kept of them, for how long, and what everybody may see (P-01, P-02, P-04)."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from dashboard.errors import Rejected

Role = Literal["scene", "plate", "face"]
DAY_MS = 86_400_000
# Days that a picture is kept, by the class of its event; one of a watch list's hit longer, a face that nobody looks for a day at most.
DAYS = {"alarm": 30, "event": 7, "record": 1}
HIT_DAYS, FACE_DAYS, REPORT_DAYS = 90, 1, 365  # a citizen's photograph is evidence until the report cannot be reopened any more
CLEAR_MS, MASKED_MS = 60_000, 300_000  # how long an address of either rendition is good for
NAMES: tuple[tuple[Role, tuple[str, ...]], ...] = (("plate", ("plate", "cutout", "license")), ("face", ("face", "head")))


class NoPicture(Rejected):
    """What was sent is no picture that is kept; `code` says why in one word: `size`, `pixels`, `unreadable`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Picture(Struct, frozen=True, kw_only=True):
    """A picture that is kept, in two renditions: masked, which everybody sees who may see pictures, and clear, which is sealed.

    `event` is the key of the event that it came with. `at`, `expires`: epoch ms. Width and height in pixels, as kept.
    """

    id: str
    event: str
    role: Role
    at: int
    expires: int
    width: int
    height: int


class Pictures(Protocol):
    """The pictures that are kept. Every method raises Away."""

    def of_alarm(self, alarm: str) -> Sequence[Picture]:
        """Return the pictures of an alarm's first and last events, the newest first."""
        ...

    def of_event(self, seq: int) -> Sequence[Picture]:
        """Return the pictures of an event of the record, by its number."""
        ...

    def last(self) -> Mapping[str, Picture]:
        """Return the last whole picture of each camera that has one, by its id."""
        ...

    def masked(self, picture: str) -> bytes:
        """Return the JPEG that everybody sees. Raises Missing."""
        ...

    def reveal(self, picture: str, *, who: str, why: str) -> None:
        """Write down that somebody is about to see a picture in the clear, and why. Raises Missing."""
        ...

    def clear(self, picture: str, *, who: str) -> bytes:
        """Return the JPEG in the clear, with the name of who sees it and the time written into it. Raises Missing."""
        ...

    def sign(self, *told: str) -> str:
        """Return what makes an address ours: nobody else can write it for what was `told`."""
        ...


def role_of(name: str) -> Role:
    """Return what a picture shows, by what its sender calls it."""
    told = name.lower()
    return next((role for role, words in NAMES if any(word in told for word in words)), "scene")


def days(event_class: str, role: Role, *, hit: bool) -> int:
    """Return for how many days a picture is kept."""
    if hit:
        return HIT_DAYS
    return min(DAYS.get(event_class, 1), FACE_DAYS) if role == "face" else DAYS.get(event_class, 1)


def original(key: str) -> str:
    """Return the key of the event that a picture came with: a hit of a watch list shares that of its read."""
    return key.split(":", 2)[2] if key.startswith("watch:") and key.count(":") > 1 else key
