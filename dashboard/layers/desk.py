"""What a person says at the desk where layers are brought in, and what the desk does (docs/layers.md)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct

from dashboard.layers.layer import COLOURS, Layer, Shape

Step = Literal["sending", "reading", "read", "importing", "done", "failed"]
RUNNING: frozenset[Step] = frozenset({"reading", "importing"})
Short = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class Label(Struct, frozen=True, forbid_unknown_fields=True):
    """A name in both languages; an empty one is what the file calls it."""

    vi: Short = ""
    en: Short = ""


class Value(Struct, frozen=True, forbid_unknown_fields=True):
    """A value of the field that colours, what it is called, and the number of its colour."""

    value: Short
    vi: Short = ""
    en: Short = ""
    colour: Annotated[int, Meta(ge=1, le=COLOURS)] = 1


class Said(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a file is to be read, and what is said of the layer. Without `about` what was said of the version before holds."""

    key: Annotated[str, Meta(max_length=40)]
    epsg: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    encoding: Annotated[str, Meta(max_length=20)] = ""
    sublayer: Short = ""
    lon: Short = ""
    lat: Short = ""
    swap: bool = False
    only: Shape | None = None
    leave_out: bool = False
    shifted: bool = False
    about: bool = False
    title: Label = Label()
    name_field: Short = ""
    id_fields: Annotated[tuple[Short, ...], Meta(max_length=3)] = ()
    style_field: Short = ""
    source: Short = ""
    as_of: Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""
    every_days: Annotated[float, Meta(ge=0, le=10_000)] = 0.0
    roles: Annotated[tuple[str, ...], Meta(max_length=20)] = ()
    drop: Annotated[tuple[Short, ...], Meta(max_length=60)] = ()
    labels: Annotated[dict[str, Label], Meta(max_length=60)] = {}
    values: Annotated[tuple[Value, ...], Meta(max_length=COLOURS - 1)] = ()
    wards_from: Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""  # its areas are the wards from that day on
    code_field: Short = ""


class Why(Struct, frozen=True, omit_defaults=True):
    """Why something failed and what to do, in both languages; `fields` of the page that it asks to be filled in otherwise."""

    vi: str
    en: str
    fields: tuple[str, ...] = ()


class Job(Struct, frozen=True, kw_only=True):
    """One file on the desk. Sizes in bytes, times in epoch ms; `version`: the one that it became."""

    token: str
    file: str
    size: int
    who: str
    at: int
    step: Step = "sending"
    since: int = 0
    got: int = 0
    why: Why | None = None
    key: str = ""
    version: int = 0


class Crowded(Exception):  # noqa: N818  a state of the desk
    """The desk has no room for another file: too many at once, or no room on the disk."""


class Behind(Exception):  # noqa: N818  where a transfer stands
    """A piece that does not follow on what is there; `got` bytes are."""

    def __init__(self, got: int) -> None:
        super().__init__(str(got))
        self.got = got


class Desk(Protocol):
    """Files on their way to be layers. Every method raises Missing for a file that is not this person's."""

    def begin(self, name: str, size: int, *, who: str) -> Job:
        """Make room for a file. Raises Crowded, LayerRefused."""
        ...

    def add(self, token: str, at: int, piece: bytes, *, who: str) -> Job:
        """Put a piece behind what is there already. Raises Behind."""
        ...

    def read(self, token: str, said: Said, *, who: str) -> Job:
        """Begin to read a file, for a look at it. Raises Behind."""
        ...

    def take(self, token: str, said: Said, *, who: str) -> Job:
        """Begin to make a file the next version of its layer. Raises Behind."""
        ...

    def job(self, token: str, *, who: str) -> Job:
        """Return where a file stands."""
        ...

    def seen(self, token: str, *, who: str) -> bytes:
        """Return how a file was understood, as JSON."""
        ...

    def drop(self, token: str, *, who: str) -> None:
        """Take a file off the desk, and stop what is done with it."""
        ...


class Shelf(Protocol):
    """The layers as who keeps them sees them. Every method raises Away."""

    def shown(self) -> Sequence[Layer]:
        """Return the layers that are shown."""
        ...

    def versions(self, key: str) -> Sequence[Layer]:
        """Return the kept versions of a layer, the newest first."""
        ...

    def removed(self) -> Sequence[Layer]:
        """Return the newest version of each layer that was removed and can be shown again."""
        ...

    def history(self, key: str) -> Sequence[Mapping[str, object]]:
        """Return what was done with a layer, the newest first."""
        ...

    def undo(self, key: str, *, who: str) -> Layer:
        """Show the version before, or a removed layer again. Raises Missing."""
        ...

    def remove(self, key: str, *, who: str) -> None:
        """Show a layer no longer. Raises Missing."""
        ...
