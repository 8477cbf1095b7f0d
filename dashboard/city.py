"""What one city is. Data of a city pack, read once and never changed while the house runs."""

from datetime import date
from typing import Literal

from msgspec import Struct

from dashboard.handling import Policy

Owner = Literal["city", "province", "agency"]
GroupBy = Literal["camera", "plate", "subject", "cluster", "ward", "source"]
EventClass = Literal["alarm", "event", "record"]
Words = dict[str, str]  # language code ("vi", "en") to text


class Camera(Struct, frozen=True, kw_only=True):
    """A thing that stands in the city. Position, ward and owner always come from here, never from a source."""

    id: str
    name: Words
    short: Words
    lon: float
    lat: float
    owner: Owner
    owner_unit: str
    ward: str
    bearing: float | None = None
    fov: float | None = None
    range_m: float | None = None
    critical: bool = False
    names: dict[str, str] = {}  # source key to the name this source calls the camera by
    switch: str = ""  # what it hangs on: cameras of one switch or recorder that are lost together are one outage
    recorder: str = ""
    stream: str = ""
    snapshot: str = ""
    abilities: tuple[str, ...] = ()
    mark: str = ""
    gone: bool = False  # it was adopted and is no more: it keeps its place in the list, and is counted, drawn and heard nowhere


class Ward(Struct, frozen=True, kw_only=True):
    """A commune-level unit over a stretch of time. Codes are reused with other names: the key is code and date."""

    code: str
    name: Words
    short: Words
    valid_from: date | None
    valid_to: date | None
    successors: tuple[str, ...] = ()
    mark: str = ""


class Unit(Struct, frozen=True, kw_only=True):
    """Who handles reports: a department, a ward committee, a utility."""

    code: str
    kind: str
    name: Words
    short: Words
    valid_from: date | None
    valid_to: date | None
    successors: tuple[str, ...] = ()
    clock: str = "office"
    contact: str = ""  # whom to call there; shown to those who dispatch, and in no document
    mark: str = ""


class Service(Struct, frozen=True, kw_only=True):
    """What a citizen may report, and how long the city gives itself."""

    code: str
    field: str
    field_name: Words
    field_short: Words
    name: Words
    short: Words
    deadline_value: int
    deadline_unit: Literal["working_day", "hour", "day", "working_hour"]
    urgent: bool
    unit: str
    words: tuple[str, ...] = ()  # that tell it in a text, without diacritics
    radius_m: int = 0  # within which two reports may be of one matter; 0: the city's
    share: float = 0.0
    mark: str = ""


class Question(Struct, frozen=True, kw_only=True):
    """What is asked of whoever reports a service (Open311: an attribute of its definition). `values` are the keys that may be chosen.

    One that is not `variable` is only read to the citizen and not answered.
    """

    service: str
    code: str
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    text: Words
    hint: Words = {}
    required: bool = False
    variable: bool = True
    order: int = 1
    values: dict[str, Words] = {}


class Indicator(Struct, frozen=True, kw_only=True):
    """A figure of the city that another system counts. Outside of `low` to `high` it is refused.

    `levels` are marks above which it grows worse, one by one; `target` is held against it in the direction that is `better`. Seconds: how
    often it is told, and from when on it is late, stale and lost. `sources` are those who may tell it, by key or by what stands before
    the first "-".
    """

    key: str
    name: Words
    short: Words
    unit: Words
    better: Literal["up", "down", "none"]
    target: float | None
    levels: tuple[float, ...]
    low: float
    high: float
    decimals: int
    every_s: float
    late_s: float
    stale_s: float
    lost_s: float
    sources: tuple[str, ...]
    formula: Words = {}
    mark: str = ""


class Realarm(Struct, frozen=True, kw_only=True):
    """What makes an open alarm alarm again, beside an event of its family that is more urgent (screens.md §1D, grouping rules).

    `second_camera` is the kind that it becomes once a second camera sees it; `doubles`: the count of things seen has doubled; `quiet_s`:
    an event after so long without one; `steps_s`: it has lasted for so long.
    """

    second_camera: str = ""
    doubles: bool = False
    quiet_s: int = 0
    steps_s: tuple[int, ...] = ()


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of camera event: its class, and for alarms the rationalisation (UX-39).

    Events of one `family` that agree in `group_by` are one alarm: at the same camera, of the same plate or subject, of one ward or source,
    or of cameras within `group_radius_m` of each other (`cluster`). It is raised once its matter has lasted for `on_delay_s`, and is over
    once it has been gone for `off_delay_s`, or unheard of for `group_window_s` where nobody tells an end.
    """

    key: str
    event_class: EventClass
    priority: int  # 1..4 for alarms, 0 for events and records
    name: Words
    short: Words
    cause: Words = {}
    consequence: Words = {}
    action: Words = {}
    owner_unit: str = ""
    response_s: int = 0
    on_delay_s: int = 0
    off_delay_s: int = 0
    group_window_s: int = 300
    group_by: tuple[GroupBy, ...] = ("camera",)
    group_radius_m: int = 0
    family: str = ""
    realarm: Realarm = Realarm()
    verify: bool = False  # a suspicion: nobody is sent before a person has verified it
    verified_as: str = ""  # the kind that it is once a person has verified it, "": the same
    stays: bool = False  # once over, its alarm waits until somebody has acknowledged it
    violation: bool = False  # each of its events is reviewed, and handed to an authority where it is one
    false_share: int = 30  # percent of a camera's reviewed ones that may be none before its rule is doubted
    mark: str = ""


class Feed(Struct, frozen=True, kw_only=True):
    """A stream of facts with its own age limits (screens.md, per-feed limits). Seconds."""

    key: str
    name: Words
    short: Words
    sources: tuple[str, ...]  # source keys whose events are this feed; events (`camera`) or reports
    every_s: float
    late_s: float
    stale_s: float
    lost_s: float


class WallPlan(Struct, frozen=True, kw_only=True):
    """A wall: its physical geometry decides its type size (UX-4)."""

    name: str
    title: Words
    diag_in: float
    cols: int
    rows: int
    dist_m: float
    centre: tuple[float, float]  # lon, lat
    zoom: float
    layers: tuple[str, ...] = ()  # of the city's own, by their keys, the first lowest


class Day(Struct, frozen=True, kw_only=True):
    """A day that differs from the plain Monday-to-Friday week."""

    date: date
    name: Words
    working: bool
    status: Literal["confirmed", "law", "expected", "unannounced"]
    code: str = ""  # TET… of the days around the new lunar year


class City(Struct, frozen=True, kw_only=True):
    """One city, whole. `version` changes with any fact in the pack; frames speak of cameras by place in `cameras`."""

    key: str
    version: str
    name: Words
    title: Words
    zone: str  # IANA time zone
    bounds: tuple[float, float, float, float]  # west, south, east, north
    centre: tuple[float, float]  # lon, lat
    zoom: float
    epsg: int
    schematic: bool
    cameras: tuple[Camera, ...]
    wards: tuple[Ward, ...]
    units: tuple[Unit, ...]
    services: tuple[Service, ...]
    kinds: tuple[Kind, ...]
    feeds: tuple[Feed, ...]
    walls: tuple[WallPlan, ...]
    days: tuple[Day, ...]
    office_hours: tuple["OfficeHours", ...]
    targets: dict[str, float] = {}  # indicator key to target value
    shifts: tuple[int, ...] = (7 * 60, 15 * 60, 23 * 60)  # the minutes of the day at which they begin
    reports: Policy = Policy()  # how reports are handled
    questions: tuple[Question, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    outward: tuple[str, ...] = ()  # hosts and networks that may be connected to beside the private ones (docs/security.md)


class OfficeHours(Struct, frozen=True, kw_only=True):
    """Opening hours over a stretch of time, within a season (month numbers). Times are minutes after midnight."""

    clock: str
    valid_from: date | None
    valid_to: date | None
    months: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    every_day: bool = False  # rest days and holidays too
    mark: str = ""
