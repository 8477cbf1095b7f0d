"""Cameras that people took in because they speak and stand in no city pack (docs/cameras.md)."""

import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import zip_longest
from typing import Literal, NamedTuple, get_args

from msgspec import Struct, json
from msgspec.structs import replace

from dashboard.board import Unknown
from dashboard.city import Camera, City, Owner, Words
from dashboard.errors import Unfit
from dashboard.places import names_of

Step = Literal["adopt", "change", "remove", "name", "unname", "equip"]
OWNERS: tuple[Owner, ...] = get_args(Owner)
MOST_NAME, MOST_SHORT, MOST_SOURCE, MOST_CALLED = 80, 10, 80, 120


class Taken(Exception):  # noqa: N818  an answer, not a mistake
    """What is asked for is somebody's already: `camera` names who has it."""

    def __init__(self, camera: str) -> None:
        super().__init__(camera)
        self.camera = camera


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody says of a camera: its names, where it stands (degrees) and whose it is. What is left empty is drawn from the rest."""

    name_vi: str
    name_en: str = ""
    short_vi: str = ""
    short_en: str = ""
    lon: float
    lat: float
    owner: Owner = "city"


class Adopted(Struct, frozen=True, kw_only=True):
    """A camera that was taken in. `source` calls it `called`; `by` took it in `at` (epoch ms); `removed` since when it is none, 0: it is one.

    It keeps its number for ever, removed or not: what was recorded of it keeps its name. `stream` and `snapshot` are addresses of its pictures,
    as in a pack ("": none); `critical`: its loss is an alarm.
    """

    number: int
    source: str
    called: str
    name: Words
    short: Words
    lon: float
    lat: float
    ward: str
    owner: Owner
    by: str
    at: int
    removed: int = 0
    stream: str = ""
    snapshot: str = ""
    critical: bool = False

    @property
    def id(self) -> str:
        """Return what the house calls it: N-001, N-002 and so on."""
        return f"N-{self.number:03d}"


class Named(Struct, frozen=True, kw_only=True):
    """One more name: `source` calls a camera of ours `called`, as `by` said `at` (epoch ms). A camera has one name a source."""

    source: str
    called: str
    camera: str
    by: str
    at: int


class Done(NamedTuple):
    """Something that was done with a camera, by whom and when (epoch ms); `told` says in words what it was from then on."""

    camera: str
    step: Step
    who: str
    at: int
    told: str


def checked(wish: Wish, city: City, *, but: str = "") -> Wish:
    """Return a wish with its texts trimmed and the empty ones filled. `but` is the camera that may have this name. Raises Unfit."""
    name = _text("name_vi", wish.name_vi, MOST_NAME)
    if not name:
        raise Unfit("name_vi", "missing")
    other = _text("name_en", wish.name_en, MOST_NAME) or name
    if not _inside(city, wish.lon, wish.lat):
        raise Unfit("place", "swapped" if _inside(city, wish.lat, wish.lon) else "outside")
    for camera in city.cameras:
        if not camera.gone and camera.id != but and {_plain(name), _plain(other)} & {_plain(one) for one in camera.name.values()}:
            raise Unfit("name_vi", "taken")
    return replace(
        wish,
        name_vi=name,
        name_en=other,
        short_vi=_text("short_vi", wish.short_vi, MOST_SHORT) or _short(name),
        short_en=_text("short_en", wish.short_en, MOST_SHORT) or _short(other),
    )


def of_wish(wish: Wish) -> dict[str, object]:
    """Return the part of an adopted camera that a checked wish decides."""
    words = {"name": {"vi": wish.name_vi, "en": wish.name_en}, "short": {"vi": wish.short_vi, "en": wish.short_en}}
    return {**words, "lon": wish.lon, "lat": wish.lat, "owner": wish.owner}


def merged(city: City, adopted: Sequence[Adopted], names: Sequence[Named] = ()) -> City:
    """Return a pack's city with the cameras adopted into it, after its own and in order of adoption, and with the names that people added.

    The pack wins: a camera whose number it has by now is left out, one that it knows by its source's name has gone. One that has gone
    keeps its place in the list, since frames and what was recorded speak of it. Another list is another version.
    """
    own, named = {camera.id for camera in city.cameras}, _named(city)
    kept = [_camera(one, gone=bool(one.removed) or _known(one, named, own)) for one in adopted if one.id not in own]
    cameras = _called((*city.cameras, *kept), names)
    if cameras == city.cameras:
        return city
    changed = [one for one, before in zip_longest(cameras, city.cameras) if one is not before]
    digest = blake2b(json.encode(changed), digest_size=4).hexdigest()
    return replace(city, cameras=cameras, version=f"{city.version}-{digest}")


def _called(cameras: tuple[Camera, ...], names: Sequence[Named]) -> tuple[Camera, ...]:
    """Return the cameras with further names. One that a source uses for another camera by now, or has for this one, is left out."""
    taken = {name for camera in cameras if not camera.gone for name in camera.names.items()}
    more: dict[str, dict[str, str]] = {}
    for one in names:
        if (one.source, one.called) not in taken:
            more.setdefault(one.camera, {})[one.source] = one.called
    return tuple(
        replace(camera, names={**more[camera.id], **camera.names}) if camera.id in more and not camera.gone else camera
        for camera in cameras
    )


def overtaken(city: City, adopted: Iterable[Adopted]) -> list[Adopted]:
    """Return the adopted cameras that a pack has itself by now, and which are therefore let go of."""
    own, named = {camera.id for camera in city.cameras}, _named(city)
    return [one for one in adopted if not one.removed and (one.id in own or _known(one, named, own))]


def key_of(source: str, called: str) -> str:
    """Return a name for a stranger that says nothing of it: what sources write may hold a plate."""
    return blake2b(f"{source}\0{called}".encode(errors="replace"), digest_size=12).hexdigest()


def strangers(unknown: Iterable[Unknown], city: City) -> list[Unknown]:
    """Return the unknown cameras that have not been taken in since they spoke."""
    unknown = list(unknown)
    named = names_of(city) if unknown else frozenset()
    return [one for one in unknown if not {(one.source, one.name), (one.source, one.name.rpartition("/")[0])} & named]


def _named(city: City) -> set[tuple[str, str]]:
    return {name for camera in city.cameras if not camera.gone for name in camera.names.items()}


def _known(one: Adopted, named: set[tuple[str, str]], own: set[str]) -> bool:
    return (one.source, one.called) in named or one.called in own


def _camera(one: Adopted, *, gone: bool) -> Camera:
    return Camera(
        id=one.id,
        name=one.name,
        short=one.short,
        lon=one.lon,
        lat=one.lat,
        owner=one.owner,
        owner_unit="",
        ward=one.ward,
        names={one.source: one.called},
        mark="A",
        gone=gone,
        stream=one.stream,
        snapshot=one.snapshot,
        critical=one.critical,
    )


def _inside(city: City, lon: float, lat: float) -> bool:
    west, south, east, north = city.bounds
    return west <= lon <= east and south <= lat <= north


def _text(field: str, told: str, most: int) -> str:
    text = unicodedata.normalize("NFC", told.strip())
    if len(text) > most:
        raise Unfit(field, "too_long")
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in text):
        raise Unfit(field, "signs")
    return text


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _short(name: str) -> str:
    return name if len(name) <= MOST_SHORT else f"{name[: MOST_SHORT - 1].rstrip()}…"
