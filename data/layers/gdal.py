"""GDAL, loaded without what it could be misled by: drivers that follow references, run pipelines, or speak to the network."""

import os
from importlib import import_module

UNWANTED = [
    "OGR_VRT",
    "GDALG",
    "ADBC",
    "AIVector",
    "AmigoCloud",
    "Carto",
    "CSW",
    "EEDA",
    "Elasticsearch",
    "GPSBabel",
    "HTTP",
    "NGW",
    "OAPIF",
    "OGCAPI",
    "PLSCENES",
    "WFS",
    "PGDUMP",
    "PDF",
    "GTFS",
    "XLSX",
    "ODS",
    "GML",
    "LVBAG",
    "VDV",
    "MapML",
]
os.environ["GDAL_SKIP"] = " ".join(UNWANTED)
os.environ["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = "{noextension}"
pyogrio = import_module("pyogrio")
raw, errors = import_module("pyogrio.raw"), import_module("pyogrio.errors")
UNREADABLE: tuple[type[Exception], ...] = (errors.DataSourceError, errors.FieldError, errors.GeometryError)

if there := set(UNWANTED) & set(pyogrio.list_drivers()):
    raise ImportError(f"GDAL was loaded before, with {', '.join(sorted(there))}")
