"""A file that somebody brings: what it is by its own bytes, and unpacked where it came in a zip. Everything in it is hostile."""

import shutil
import zipfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dashboard.layers.layer import LayerRefused

MOST_BYTES = 2_000_000_000
MOST_MEMBERS = 2000
MOST_RATIO = 200  # as many times larger than its zip; shapefiles reach 20
FREE_BYTES = 50_000_000  # below which no ratio is asked for
CHUNK = 1 << 20
SUFFIXES = {
    ".shp": "ESRI Shapefile",
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".kml": "KML",
    ".fgb": "FlatGeobuf",
    ".tab": "MapInfo File",
    ".mif": "MapInfo File",
    ".csv": "CSV",
}
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".tab", ".dat", ".map", ".id", ".ind", ".mif", ".mid")
KNOWN = "a zipped Shapefile or MapInfo file, GeoPackage (.gpkg), GeoJSON, KML, KMZ, FlatGeobuf (.fgb) or CSV"
HEAD = 4096


class Found(NamedTuple):
    """A file to be read: where it lies, in what format, and the names of its sublayer where its zip holds several."""

    path: Path
    driver: str


def opened(file: Path, room: Path, *, sublayer: str = "") -> Found:
    """Return what lies in `file`, unpacked into `room` where it is a zip. Raises LayerRefused."""
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise LayerRefused(
            f"{file.name} has {size / 1e9:.1f} GB; at most {MOST_BYTES / 1e9:.0f} GB are read. Split it into several layers."
        )
    if not size:
        raise LayerRefused(f"{file.name} is empty.")
    path = _member(_unpacked(file, room), sublayer, file.name) if zipfile.is_zipfile(file) else file
    return _checked(Found(path, _driver(path)))


def _unpacked(file: Path, room: Path) -> list[Path]:
    """Return the files in a zip that could be part of a layer, as they lie in `room` now."""
    try:
        with zipfile.ZipFile(file) as packed:
            wanted = [one for one in packed.infolist() if _wanted(one.filename)]
            _refuse_bomb(packed.infolist(), wanted, file)
            return [_extract(packed, one, room) for one in wanted]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise LayerRefused(f"{file.name} cannot be unpacked: {error}. Zip it anew, without a password.") from error


def _wanted(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in {*PARTS, *SUFFIXES} and not path.name.startswith(".") and "__MACOSX" not in path.parts


def _refuse_bomb(members: list[zipfile.ZipInfo], wanted: list[zipfile.ZipInfo], file: Path) -> None:
    """Refuse a zip by what it says of itself; what it does not say truly is stopped while it is unpacked."""
    if len(members) > MOST_MEMBERS:
        raise LayerRefused(
            f"{file.name} holds {len(members):,} files; at most {MOST_MEMBERS:,} are looked at. Zip one layer alone."
        )
    size = sum(one.file_size for one in wanted)
    if size > MOST_BYTES or (size > FREE_BYTES and size > MOST_RATIO * file.stat().st_size):
        raise LayerRefused(
            f"{file.name} would unpack to {size / 1e9:.2f} GB, which is no layer but a zip bomb. Nothing was unpacked."
        )
    if not wanted:
        raise LayerRefused(f"{file.name} holds no layer. What is read: {KNOWN}.")


def _extract(packed: zipfile.ZipFile, one: zipfile.ZipInfo, room: Path) -> Path:
    """Unpack one file under its bare name, or one with its folders joined where that is taken: no path of a zip is ever followed."""
    bare = PurePosixPath(one.filename.replace("\\", "/"))
    to = room / f"{bare.stem}{bare.suffix.lower()}"
    if to.exists():
        to = room / f"{'-'.join(part.strip('.') for part in bare.parent.parts if part != '/')}-{bare.stem}{bare.suffix.lower()}"
    left = one.file_size
    with packed.open(one) as source, to.open("xb") as target:
        while chunk := source.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise LayerRefused(f"{one.filename} is larger than its zip says: a zip bomb. Nothing was taken.")
            target.write(chunk)
    return to


def _member(found: list[Path], wanted: str, name: str) -> Path:
    mains = sorted(path for path in found if path.suffix in SUFFIXES and not (path.suffix == ".json" and len(found) > 1))
    named = [path for path in mains if path.stem == wanted] if wanted else mains
    if len(named) == 1:
        return named[0]
    if not mains:
        lone = ", ".join(sorted(path.name for path in found))
        raise LayerRefused(f"{name} holds {lone}, but no .shp, .tab, .mif or other layer. Zip all files of the layer together.")
    told = ", ".join(path.stem for path in mains)
    raise LayerRefused(f"{name} holds {len(mains)} layers: {told}. Say which with --sublayer.")


def _driver(path: Path) -> str:
    """Return the format that a file's first bytes show; its name only decides among the formats of text."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    suffix = path.suffix.lower()
    for shown, driver in (
        (head.startswith(b"SQLite format 3\x00"), "GPKG"),
        (head.startswith(b"fgb"), "FlatGeobuf"),
        (head.startswith(b"\x00\x00\x27\x0a") and suffix == ".shp", "ESRI Shapefile"),
        (text.startswith(b"{"), "GeoJSON"),
        (text.startswith(b"<") and b"<kml" in text, "KML"),
        (text.lower().startswith(b"!table") and suffix == ".tab", "MapInfo File"),
        (text.lower().startswith(b"version") and suffix == ".mif", "MapInfo File"),
        (suffix == ".csv" and b"\x00" not in head, "CSV"),
    ):
        if shown:
            return driver
    said = SUFFIXES.get(suffix)
    told = f"is no {said}, whatever its name says" if said else "is in a format that is not read"
    raise LayerRefused(f"{path.name} {told}. What is read: {KNOWN}.")


def _checked(found: Found) -> Found:
    """Refuse what lacks the files that belong to it, or would make a reader fetch and unfold things."""
    path = found.path
    if found.driver == "ESRI Shapefile":
        beside = {one.suffix.lower() for one in path.parent.glob(f"{_quoted(path.stem)}.*")}
        if lacking := [suffix for suffix in (".shx", ".dbf") if suffix not in beside]:
            whole = f"{path.stem}.shp, .shx, .dbf and .prj"
            raise LayerRefused(f"{path.name} comes without its {' and '.join(lacking)}. Zip {whole} together and import the zip.")
    if found.driver == "KML" and b"<!" in (raw := _text_of(path)) and (b"<!DOCTYPE" in raw or b"<!ENTITY" in raw):
        raise LayerRefused(f"{path.name} defines entities of its own, which no map needs. Export it anew.")
    return found


def _quoted(stem: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in stem)


def _text_of(path: Path) -> bytes:
    return path.read_bytes()


def room_left(folder: Path, needed: int) -> None:
    """Refuse to begin where the disk would be full before the end."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LayerRefused(f"Only {free / 1e9:.1f} GB are free where layers are kept; about {needed / 1e9:.1f} GB are needed.")
