"""Layers of ten million vertices, as many small areas and as one: imported or refused, in how long, and with how much memory.

The first two are above the limit of vertices and are refused with what to do; the others are just below it and are imported.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from tests import layer_files
from tests.bench.servers import folder
from tests.bench.tally import Tally
from tests.rig import ROOT

CORNERS = 10  # of a small area, the last one the first again
MOST_MB = 1500


class Ended(NamedTuple):
    """How an import ended: seconds, the most memory it had (MB), its exit code and what it said."""

    seconds: float
    megabytes: float
    code: int
    said: str


def many(where: Path, vertices: int) -> Path:
    """Write so many vertices as areas of ten corners, some metres wide, over the middle of Huế."""
    count, rng = vertices // CORNERS, np.random.default_rng(1)
    middles = rng.uniform((107.53, 16.42), (107.63, 16.50), (count, 1, 2))
    turn = np.linspace(0, 2 * np.pi, CORNERS)
    rings = middles + 0.00005 * np.column_stack([np.cos(turn), np.sin(turn)]) * rng.uniform(0.5, 1, (count, 1, 1))
    rings[:, -1] = rings[:, 0]
    fields = {"ma": [f"T{n}" for n in range(count)], "loai": [str(one) for one in rng.choice(["ODT", "CLN", "LUC"], count)]}
    return _written(where / f"many_{vertices}.gpkg", shapely.polygons(shapely.linearrings(rings)), fields)


def one(where: Path, vertices: int) -> Path:
    """Write one area with so many corners: a coast, finer than any."""
    turn = np.linspace(0, 2 * np.pi, vertices)
    away = 0.03 + 0.00001 * np.sin(turn * 5000)
    ring = np.column_stack([107.58 + away * np.cos(turn), 16.46 + away * np.sin(turn)])
    ring[-1] = ring[0]
    return _written(
        where / f"one_{vertices}.gpkg", np.array([shapely.polygons(ring)], dtype=object), {"ma": ["B1"], "loai": ["bờ"]}
    )


def _written(to: Path, shapes: object, fields: dict[str, list[str]]) -> Path:
    return layer_files.write(to, shapes, fields, crs="EPSG:4326", driver="GPKG", kind="Polygon")


def made(how: str, where: Path, vertices: int) -> Path:
    """Make a file in a process of its own: what a process had at its most, the kernel counts for its children too."""
    told = [
        sys.executable,
        "-c",
        f"from pathlib import Path; from tests.bench import large_layers as it; it.{how}(Path({str(where)!r}), {vertices})",
    ]
    subprocess.run(told, cwd=ROOT, check=True)
    return where / f"{how}_{vertices}.gpkg"


def imported(file: Path, environ: Mapping[str, str]) -> Ended:
    """Import a file by the command."""
    return ran([sys.executable, "app.py", "layer", "import", str(file)], environ, file.parent)


def ran(command: Sequence[str], environ: Mapping[str, str], where: Path) -> Ended:
    """Run a command of ours to its end."""
    began, said = time.monotonic(), where / "said.log"
    with said.open("wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Ended(time.monotonic() - began, used.ru_maxrss / 1024, child.returncode, said.read_text(encoding="utf-8"))


def run(tally: Tally, *, quick: bool) -> None:
    """Measure all four."""
    below, above = (200_000, 400_000) if quick else (7_900_000, 10_000_000)
    with folder() as where:
        environ = {**os.environ, "KYDAI_HOME": str(where), "KYDAI_DATABASE_URL": f"sqlite:///{where}/kydai.db"}
        for make, what in ((many, "areas of ten corners"), (one, "one area")):
            for vertices in (above, below):
                file = made(make.__name__, where, vertices)
                ended = imported(file, environ)
                refused = ended.code != 0 and "more than 8,000,000 vertices. Simplify it" in ended.said
                if not refused and ended.code:
                    raise AssertionError(ended.said[-2000:])
                how = f"{vertices:,} vertices, {what}: {'refused' if refused else 'imported'}"
                tally.add(how, ended.seconds, "s", must=300, goal=60)
                tally.add(f"{how}, the most memory", ended.megabytes, "MB", must=MOST_MB, goal=MOST_MB * 2 / 3)
                file.unlink()
