"""GDAL, loaded without what it could be misled by: drivers that follow references, run pipelines, or speak to the network."""

import os
from importlib import import_module

from data.layers.drivers import UNWANTED

os.environ["GDAL_SKIP"] = " ".join(UNWANTED)
os.environ["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = "{noextension}"
pyogrio = import_module("pyogrio")
raw, errors = import_module("pyogrio.raw"), import_module("pyogrio.errors")
UNREADABLE: tuple[type[Exception], ...] = (errors.DataSourceError, errors.FieldError, errors.GeometryError)

if there := set(UNWANTED) & set(pyogrio.list_drivers()):
    raise ImportError(f"GDAL was loaded before, with {', '.join(sorted(there))}")
