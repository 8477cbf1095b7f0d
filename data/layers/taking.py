"""A draft becomes a version of its layer: held against the one before, written, and named in the record last."""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from dashboard.errors import Missing
from dashboard.layers.layer import Layer, LayerRefused
from data.layers.importing import Draft, compared, write
from data.layers.kept import Kept
from data.layers.wards import areas
from data.store.layers import SqlLayers

MOST_COMPARED = 2000


def compare(home: Path, draft: Draft, layer: Layer, before: Layer) -> None:
    """Refuse a draft that lies beside the version before, as a wrong datum makes it. Raises LayerRefused."""
    try:
        known = list(Kept(home).page(before.key, before.version, most=MOST_COMPARED).features)
    except Missing:
        return
    if why := compared(draft, layer.name_field, known):
        raise LayerRefused(
            f"{why} Say --epsg 4756 (or 9214 in metres) if these are VN-2000 coordinates, --shifted if it is right so."
        )


def keep(
    home: Path, layers: SqlLayers, layer: Layer, draft: Draft, *, who: str, file: str, now_ms: int, saw: Callable[[str], None]
) -> Layer:
    """Write a draft as the next version of its layer, and show it. Raises LayerRefused, Away."""
    day = layer.as_of or now_ms
    new = replace(layer, version=layers.next_version(layer.key), imported=now_ms, as_of=day, by=who, file=file)
    write(home, new, draft, saw=saw)
    wards = areas(draft.column(new.code_field), draft.shapes) if new.wards_from else ()
    for old in layers.take(new, who=who, wards=wards):
        Kept(home).forget(old.key, old.version)
    return new
