"""Files of layers as other programs write them, from the shapes of two made-up wards or of real ones."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from data.layers.gdal import raw

WARDS = Path(__file__).resolve().parents[2] / "shared" / "geo" / "hue_wards_2025_simpl.geojson"


def wards() -> tuple[Any, dict[str, list[str]]]:
    """Return the shapes of Huế's wards and their fields, as surveyed; they are for tests, never for the product."""
    features = json.loads(WARDS.read_text(encoding="utf-8"))["features"]
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in features])
    return shapes, {name: [one["properties"][name] for one in features] for name in ("code", "fullName")}


def turned(shapes: Any, epsg: int) -> Any:
    """Return WGS 84 shapes in another system."""
    turn = Transformer.from_crs(4326, epsg, always_xy=True).transform
    return shapely.transform(shapes, lambda xy: np.column_stack(turn(xy[:, 0], xy[:, 1])))


def write(
    to: Path,
    shapes: Any,
    fields: dict[str, Sequence[Any]],
    *,
    crs: str | None,
    driver: str,
    kind: str = "MultiPolygon",
    encoding: str = "UTF-8",
) -> Path:
    """Write a layer as GDAL does."""
    columns = [np.array(values, dtype=object if isinstance(values[0], str) else None) for values in fields.values()]
    raw.write(
        str(to), shapely.to_wkb(shapes), columns, np.array([*fields]), geometry_type=kind, crs=crs, driver=driver, encoding=encoding
    )
    return to


def zipped(main: Path, *, without: Sequence[str] = ()) -> Path:
    """Zip a file and all that belong to it."""
    to = main.with_suffix(".zip")
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in sorted(main.parent.glob(f"{main.stem}.*")):
            if one != to and one.suffix not in without:
                packed.write(one, one.name)
    return to


def shapefile(folder: Path, shapes: Any, fields: dict[str, Sequence[Any]], *, crs: str | None = "EPSG:9214", **more: Any) -> Path:
    """Write a Shapefile into a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return write(folder / "layer.shp", shapes, fields, crs=crs, driver="ESRI Shapefile", **more)
