"""The base map that is in use: a file of tiles under KYDAI_HOME, and beside it where it came from."""

import shutil
import sqlite3
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from dashboard.basemap import Tiles
from dashboard.errors import Rejected

HEAD = 127  # bytes of a PMTiles header, version 3
MOST_CREDIT = 120
Form = Literal["pmtiles", "mbtiles"]
Bounds = tuple[float, float, float, float]


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept beside the tiles: whose data they are made of, which the map says, from which file, and when (epoch ms)."""

    credit: str
    origin: str
    made: int


class Basemap(NamedTuple):
    """A base map that is in use. Its version is another whenever the file is."""

    path: Path
    about: Credit
    tiles: Tiles


def place_of(home: Path, city: str, form: Form) -> Path:
    """Return where a city's tiles lie."""
    return home / "basemap" / f"{city}.{form}"


def find(home: Path, city: str) -> Basemap | None:
    """Return the base map in use, None where the pack's own shapes are drawn."""
    for form in ("pmtiles", "mbtiles"):
        path = place_of(home, city, form)
        with suppress(OSError, msgspec.DecodeError, Rejected):
            told, about = path.stat(), msgspec.json.decode(_beside(path).read_bytes(), type=Credit)
            mark = blake2b(f"{told.st_mtime_ns}/{told.st_size}/{told.st_ino}".encode(), digest_size=6).hexdigest()
            nearest = checked(path, form)[1]
            return Basemap(path, about, Tiles(form=form, version=mark, nearest=nearest, credit=about.credit))
    return None


def keep(tiles: Path, home: Path, city: str, *, about: Credit, bounds: Bounds) -> Basemap:
    """Take a file of tiles into use, in the place of the one before. Raises Rejected for one that is none, or of somewhere else."""
    form: Form = "mbtiles" if tiles.suffix == ".mbtiles" else "pmtiles"
    covered, _ = checked(tiles, form)
    if covered[0] > bounds[2] or covered[2] < bounds[0] or covered[1] > bounds[3] or covered[3] < bounds[1]:
        raise Rejected(f"{tiles.name} covers {_told(covered)}, which is not this city ({_told(bounds)})")
    target = place_of(home, city, form)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(f".{form}.new")
    shutil.copyfile(tiles, fresh)
    _beside(target).write_bytes(msgspec.json.encode(about))
    fresh.replace(target)
    remove(home, city, forms=("pmtiles",) if form == "mbtiles" else ("mbtiles",))
    found = find(home, city)
    if found is None:
        raise Rejected(f"{tiles.name} could not be taken into use")
    return found


def remove(home: Path, city: str, *, forms: tuple[Form, ...] = ("pmtiles", "mbtiles")) -> bool:
    """Take the base map out of use: the pack's own shapes are drawn again. Returns whether there was one."""
    paths = [place_of(home, city, form) for form in forms]
    gone = [path for path in paths if path.is_file()]
    for path in gone:
        path.unlink()
        _beside(path).unlink(missing_ok=True)
    return bool(gone)


def checked(path: Path, form: Form) -> tuple[Bounds, int]:
    """Return what a file of tiles covers (degrees) and its nearest zoom. Raises Rejected for what is no such file."""
    return _checked_mbtiles(path) if form == "mbtiles" else _checked_pmtiles(path)


def _checked_pmtiles(path: Path) -> tuple[Bounds, int]:
    """Read the header of a PMTiles file, version 3: magic, kind of tile at byte 99, zooms at 100, bounds (1e-7 degrees) from 102."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if len(head) < HEAD or head[:8] != b"PMTiles\x03":
        raise Rejected(f"{path.name} is no PMTiles file of version 3")
    if head[99] != 1:
        raise Rejected(f"{path.name} holds pictures, not vector tiles: bring pictures as MBTiles")
    west, south, east, north = (int.from_bytes(head[at : at + 4], "little", signed=True) / 1e7 for at in (102, 106, 110, 114))
    return (west, south, east, north), head[101]


def _checked_mbtiles(path: Path) -> tuple[Bounds, int]:
    try:
        with closing(_opened(path)) as tiles:
            told = dict(tiles.execute("SELECT name, value FROM metadata"))
            nearest = tiles.execute("SELECT max(zoom_level) FROM tiles").fetchone()[0]
    except sqlite3.Error as error:
        raise Rejected(f"{path.name} is no MBTiles file: {error}") from error
    if told.get("format") not in {"png", "jpg", "jpeg", "webp"}:
        raise Rejected(f"{path.name} holds {told.get('format') or 'nothing known'}: bring vector tiles as PMTiles")
    try:
        west, south, east, north = (float(one) for one in told["bounds"].split(","))
    except (KeyError, ValueError) as error:
        raise Rejected(f"{path.name} does not say what it covers (metadata: bounds)") from error
    return (west, south, east, north), int(nearest or 0)


def picture(path: Path, zoom: int, x: int, y: int) -> bytes | None:
    """Return one picture of an MBTiles file, None where it has none. Rows there are counted from the south."""
    with closing(_opened(path)) as tiles:
        told = tiles.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?", (zoom, x, 2**zoom - 1 - y)
        ).fetchone()
    return bytes(told[0]) if told else None


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _told(bounds: Bounds) -> str:
    return ", ".join(f"{one:.3f}" for one in bounds)
