"""One file from the desk, read or taken in a process of its own: GDAL never runs where people are answered.

`python -m data.layers.job FOLDER` does what the folder's job.json says. Time, memory and the size of files are limited by the system.
"""

import fcntl
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from msgspec import json
from msgspec.structs import replace

from dashboard.errors import Away
from dashboard.layers.desk import Job, Said
from dashboard.layers.facts import fact
from dashboard.layers.layer import COLOURS, Layer, LayerRefused, told
from dashboard.layers.refusals import why
from dashboard.masking import hidden
from data.clock import SystemClock
from data.config import home, record_url, settings
from data.layers import knowing, taking
from data.layers.about import About, Value, checked
from data.layers.desk import write
from data.layers.importing import Wish, described, understood, without
from data.layers.limits import limited
from data.pack import load
from data.store.engine import connect
from data.store.layers import SqlLayers

ROWS = 12  # of the table that is shown first
MOST_SHAPES, MOST_VERTICES = 3000, 60_000  # on the map before the import
TOLERANCE = 0.00001  # degrees, one metre: what a look needs
LONGEST = 120
MOST_COUNTED, MOST_VALUES = 200_000, 200  # features whose values are counted; a field with more values than that is no kind


def main(folder: Path) -> None:
    """Do the job in a folder, and say in it how it ended."""
    job = json.decode((folder / "job.json").read_bytes(), type=Job)
    said = json.decode((folder / "said.json").read_bytes(), type=Said)
    with (folder.parent.parent / "layer_desk.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one file after the other: each may need all the memory that there is
        try:
            ended = _done(folder, job, said)
        except LayerRefused as refused:
            ended = replace(job, step="failed", why=why(str(refused)))
        except MemoryError:
            ended = replace(job, step="failed", why=why(f"{job.file} needed too much memory. Simplify it or split it."))
        except Away as away:
            ended = replace(job, step="failed", why=why(f"The record is away: {away}. Try again in a while."))
        if folder.exists():
            write(folder, "job.json", ended)


def _done(folder: Path, job: Job, said: Said) -> Job:
    now, at = SystemClock(), home(settings())
    layers = SqlLayers(connect(record_url(settings())), now)
    layers.refuse_taken(said.key)
    city = load(settings().city).city
    draft = understood(folder / "file" / job.file, Wish(*(getattr(said, name) for name in Wish._fields)), city)
    before = next((one for one in layers.shown() if one.key == said.key), None)
    if before is not None and before.wards_from and not said.wards_from:
        raise LayerRefused(
            f"{said.key} is a layer of wards: say from which day these boundaries hold and which field has the code, or use another key."
        )
    about = _about(said, before)
    draft = without(draft, about, before)
    layer = described(draft, about, before, key=said.key)
    if said.wards_from:
        layer = taking.as_wards(layer, draft, code_field=said.code_field, start=_day(said.wards_from), city=city)
    if before is not None and not said.shifted:
        taking.compare(at, draft, layer, before)
    if job.step == "reading":
        write(folder, "seen.json", _seen(draft, layer, before))
        return replace(job, step="read")
    if not folder.exists():  # taken off the desk meanwhile
        return job
    new = taking.keep(at, layers, layer, draft, who=job.who, file=job.file, now_ms=now.now_ms(), saw=print)
    return replace(job, step="done", version=new.version)


def _about(said: Said, before: Layer | None) -> Any:
    """Return what is said of the layer; where nothing is said of values, they keep their names and colours while the same field colours."""
    if not said.about:
        return None
    same = before is not None and before.style_field == said.style_field
    values = tuple(
        Value(value=one.value, vi=one.vi, en=one.en, colour=one.colour) for one in said.values if said.style_field
    ) or tuple(
        Value(value=one.value, vi=one.label.get("vi", ""), en=one.label.get("en", ""), colour=one.colour)
        for one in (before.swatches if before is not None and same else ())
    )
    about = About(
        title={tongue: text for tongue, text in (("vi", said.title.vi), ("en", said.title.en)) if text},
        name_field=said.name_field,
        id_fields=said.id_fields,
        style_field=said.style_field,
        colour=before.colour if before else 1,
        roles=said.roles,
        source=said.source,
        as_of=_day(said.as_of) if said.as_of else None,
        every_days=said.every_days,
        fields={key: {"vi": one.vi, "en": one.en} for key, one in said.labels.items() if key not in said.drop},
        values=values,
        drop=said.drop,
    )
    return checked(about, "description")


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise LayerRefused(f"{told} is no day.") from error


def _seen(draft: Any, layer: Layer, before: Layer | None) -> dict[str, Any]:
    """Return how a file was understood: facts, fields, first rows, first shapes. Plates and telephone numbers are masked."""
    return {
        "facts": [fact(line) for line in draft.told],
        "values": {name: often for name, column in zip(draft.names, draft.columns, strict=True) if (often := _often(column))},
        "apart": {name: knowing.apart(draft, (name,))._asdict() for name in draft.names if len(draft.shapes) <= MOST_COUNTED},
        "identity": knowing.apart(draft, layer.id_fields)._asdict() if layer.id_fields else None,
        "layer": {**told(layer, 0), "roles": layer.roles, "drop": layer.drop},
        "before": before and {"version": before.version, "count": before.count, "as_of": before.as_of},
        "rows": [[_cell(column[n]) for column in draft.columns] for n in range(min(ROWS, len(draft.shapes)))],
        "shapes": _shapes(draft, layer),
    }


def _often(column: Any) -> list[str]:
    """Return the most frequent values of a field by which features can be told apart by colour, of which none is about a person."""
    counts = Counter("" if value is None else str(value) for value in column[:MOST_COUNTED])
    often = sorted(counts, key=lambda value: (-counts[value], value))[: COLOURS - 1]
    return [one for one in often if len(one) <= LONGEST and hidden(one) == one] if len(counts) <= MOST_VALUES else []


def _cell(value: object) -> object:
    return hidden(value[:LONGEST]) if isinstance(value, str) else value


def _shapes(draft: Any, layer: Layer) -> dict[str, Any]:
    step = max(1, len(draft.shapes) // MOST_SHAPES)
    picked = np.arange(0, len(draft.shapes), step)[:MOST_SHAPES]
    simple = shapely.simplify(draft.shapes[picked], TOLERANCE)
    fits = int(np.searchsorted(np.cumsum(shapely.get_num_coordinates(simple)), MOST_VERTICES, side="right"))
    names = draft.column(layer.name_field)
    features = [
        {"type": "Feature", "properties": {"name": _cell(names[n])}, "geometry": json.decode(shapely.to_geojson(one))}
        for n, one in zip(picked[: max(fits, 1)].tolist(), simple, strict=False)
    ]
    return {"type": "FeatureCollection", "features": features}


if __name__ == "__main__":
    limited()
    main(Path(sys.argv[1]))
