"""A draft becomes a version of its layer: held against the one before, written, and named in the record last."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from dashboard.city import City
from dashboard.errors import Missing
from dashboard.layers.layer import Layer, LayerRefused
from data.layers.importing import Draft, compared, write
from data.layers.kept import Kept
from data.layers.wards import areas, check
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


def as_wards(layer: Layer, draft: Draft, *, code_field: str, start: date, city: City) -> Layer:
    """Return a layer whose areas are the wards from a day on; what is to be told of them joins the draft's lines. Raises LayerRefused."""
    if code_field not in draft.names:
        raise LayerRefused(
            f"The file has no field {code_field!r} for the official code; it has {', '.join(draft.names)}. Say --code-field."
        )
    draft.told.extend(check(draft.column(code_field), list(draft.shapes), start=start, city=city))
    return replace(layer, wards_from=start.isoformat(), code_field=code_field, read="\n".join(draft.told))


def keep(
    home: Path,
    layers: SqlLayers,
    layer: Layer,
    draft: Draft,
    *,
    who: str,
    file: str,
    now_ms: int,
    saw: Callable[[str], None],
    by_address: bool = False,
) -> Layer:
    """Write a draft as the next version of its layer, and show it. `by_address`: it was read from there. Raises LayerRefused, Away."""
    day = layer.as_of or now_ms
    new = replace(layer, version=layers.next_version(layer.key), imported=now_ms, as_of=day, by=who, file=file)
    write(home, new, draft, saw=saw)
    wards = areas(draft.column(new.code_field), draft.shapes) if new.wards_from else ()
    for old in layers.take(new, who=who, wards=wards, by_address=by_address):
        Kept(home).forget(old.key, old.version)
    return new
