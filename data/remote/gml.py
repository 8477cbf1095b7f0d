"""GML of a WFS turned into a GeoPackage, in a process of its own with no other driver that reads what the network sends.

`python -m data.remote.gml FROM TO`. Nothing is fetched: neither schemas nor what is referred to; entities were refused before (data.remote.features).
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from data.layers.drivers import UNWANTED

KEPT_BACK = {
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GML_READ_MODE": "STANDARD",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
}


def main(source: Path, to: Path) -> None:
    """Turn one into the other."""
    os.environ.update({"GDAL_SKIP": " ".join(one for one in UNWANTED if one != "GML"), **KEPT_BACK})
    raw, shapely = import_module("pyogrio.raw"), import_module("shapely")
    about, _, shapes, columns = raw.read(source, force_2d=True)
    plain = shapely.to_wkb(shapely.from_wkb(shapes, on_invalid="fix"))
    raw.write(
        str(to), plain, list(columns), about["fields"], geometry_type="Unknown", crs=about["crs"], driver="GPKG", layer="layer"
    )


if __name__ == "__main__":
    from data.layers.limits import limited

    limited()
    main(Path(sys.argv[1]), Path(sys.argv[2]))
