"""The six shapes in which anything that happened enters the house.

Every event is in the past tense, frozen and complete in itself. Times are whole milliseconds since 1970-01-01 UTC; doors and
sources turn what they hear into them, so that no naive time ever gets in.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Key = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Text = Annotated[str, Meta(max_length=4000)]
Millis = Annotated[int, Meta(ge=0, le=7_258_118_400_000)]  # until 2200: nobody reports from later, and calendars end somewhere
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
HOUSE = ""  # the source of what the house itself says
Standing = Literal["online", "late", "offline", "frozen", "maintenance"]


class Event(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """What every event has.

    `id` is unique within its source, for ever: a second event of the same id is the same event, told again. One told again with a
    greater `revision` amends what the record holds (an end, a better plate) and is never counted a second time.
    """

    id: Key
    at: Millis
    revision: Annotated[int, Meta(ge=0, le=1 << 62)] = 0


class Sighted(Event, frozen=True, kw_only=True, tag="sighted"):
    """A camera's analytics saw something: a plate, a red light run, smoke, a crowd.

    `kind` is a key of the city pack's kinds. `camera` is the source's own name for the camera. `count` is how many things one
    event speaks of (vehicles counted). `score` and `box` (x, y, width, height) are shares of 0..1.

    `closes` says that this telling only ends one that was told before: nothing but `ended` is taken from it, and where no earlier one
    is known it is a sign of life and no event. Devices that tell an end tell it alone, and often of what we never heard begin.

    `things` are the source's own names of what it follows and speaks of here: what another event tells of the same one belongs to this
    one as well (dashboard.joining).
    """

    kind: Key
    camera: Name
    ended: Millis | None = None
    count: Annotated[int, Meta(ge=1, le=100_000)] = 1
    score: Share | None = None
    plate: Annotated[str, Meta(max_length=20)] | None = None
    box: tuple[Share, Share, Share, Share] | None = None
    subject: Annotated[str, Meta(max_length=200)] | None = None
    closes: bool = False
    things: Annotated[tuple[Key, ...], Meta(max_length=100)] = ()


class CameraChanged(Event, frozen=True, kw_only=True, tag="camera_changed"):
    """A camera stands differently from now on."""

    camera: Name
    state: Standing


class Said(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a citizen wrote with a report, beside what is counted. The record takes it off and keeps it apart: no board and no frame has it.

    `media` are addresses as they were given; nobody goes there. `answers` are those to the service's own questions, by their codes.
    `faults` names what was wrong and taken all the same. `sealed` is who wrote it, closed by the door that heard it (base64): never clear.
    """

    text: Text = ""
    address: Annotated[str, Meta(max_length=400)] = ""
    address_id: Annotated[str, Meta(max_length=200)] = ""
    zipcode: Annotated[str, Meta(max_length=20)] = ""
    media: Annotated[tuple[Annotated[str, Meta(max_length=2000)], ...], Meta(max_length=10)] = ()
    answers: Annotated[dict[Name, Annotated[tuple[Text, ...], Meta(max_length=20)]], Meta(max_length=50)] = {}
    faults: Annotated[tuple[Name, ...], Meta(max_length=10)] = ()
    sealed: Annotated[str, Meta(max_length=8000)] = ""


class Path(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How far a report has come on its path, as far as figures ask (docs/figures.md). Instants are epoch ms.

    `eligible` is what verifying it found, None: nobody has yet. `original` is the deadline that was promised at first, None: the one that
    counts now. `extended` is when more time was granted first. `recurs`: it is an earlier matter that has come again.
    """

    eligible: bool | None = None
    original: Millis | None = None
    extended: Millis | None = None
    recurs: bool = False


class ReportChanged(Event, frozen=True, kw_only=True, tag="report_changed"):
    """A citizen's report was received, or is different from before. Carries the whole report, never a difference.

    No name, telephone number or address of the sender in the clear: those stay behind with the source, or come sealed. `said` is told
    once, or again where the words are others now; without it those told before stand, and so does `path`.
    """

    report: Key
    service: Key
    submitted: Millis
    open: bool
    closed: Millis | None = None
    due: Millis | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    ward: Annotated[str, Meta(max_length=80)] | None = None
    unit: Annotated[str, Meta(max_length=120)] | None = None
    urgent: bool = False
    channel: Annotated[str, Meta(max_length=80)] | None = None
    rating: Literal["satisfied", "acceptable", "dissatisfied"] | None = None
    said: Said | None = None
    path: Path | None = None


class Measured(Event, frozen=True, kw_only=True, tag="measured"):
    """Another system told what one of the city's indicators is: how high a river stands, how many dossiers are in time.

    `indicator` is a key of the city pack's indicators.csv. `of` is the whole that the value is a part of; `unit` is the one in which it
    is told, where that is said. Told again of the same instant it is a correction.
    """

    indicator: Key
    value: Annotated[float, Meta(ge=-1e12, le=1e12)]
    of: Annotated[float, Meta(ge=-1e12, le=1e12)] | None = None
    unit: Annotated[str, Meta(max_length=40)] = ""


class ReportSpoken(Event, frozen=True, kw_only=True, tag="report_spoken"):
    """Somebody said something about a report since it came: a citizen, or the system that brought it. How the report stands stays as it was.

    `id` is the number of that word at its source. `status` is how it stands there, in the source's own word. `media` are addresses as they
    were given; nobody goes there.
    """

    report: Key
    text: Text = ""
    status: Annotated[str, Meta(max_length=80)] = ""
    media: Annotated[tuple[Annotated[str, Meta(max_length=2000)], ...], Meta(max_length=10)] = ()


class FeedSpoke(Event, frozen=True, kw_only=True, tag="feed_spoke"):
    """A source said that it lives (or that it goes away), with nothing else to tell."""

    online: bool = True


AnyEvent = Sighted | CameraChanged | ReportChanged | ReportSpoken | Measured | FeedSpoke


class Found(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What other events tell of the things of an event: the plate, and the entry of a watch list that it seems to fit ("": none)."""

    plate: str | None = None
    entry: str = ""


class Heard(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event as the house took it: who spoke, when we heard, and what our own registry adds.

    `key` is unique in the record (source and event id). `camera` is our camera id, or "" when the source's name for it is in no
    registry. `ward` is the official code in force that day, or "". `counted` is the instant that decides in which windows the
    event is counted (see `dashboard.skew`); `quarantined` events are kept but in no live window;
    `simulated` ones did not happen. `found` is what the record knows of it from other events.
    """

    key: str
    source: str
    received: int
    counted: int
    quarantined: bool
    camera: str
    ward: str
    event: AnyEvent
    simulated: bool = False
    found: Found | None = None


class Recorded(Struct, frozen=True):
    """What the record holds, under its number and kind. Only these are folded.

    `seq` 0 is a sign of life that the record keeps no row for. `before` is what the record held until now: the earlier telling of an
    amended event, or the report as it was. `due` is the report's deadline (epoch ms), `before_due` the one it had.
    """

    seq: int
    heard: Heard
    kind: str = ""
    before: Heard | None = None
    before_kind: str = ""
    due: int = 0
    before_due: int = 0
