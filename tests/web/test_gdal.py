"""The addresses that a GIS opens, opened by GDAL itself, as QGIS does: layers by OGC API – Features page by page, marks as a GeoJSON file."""

import json
import os
import subprocess
import sys
import threading

import pytest
from sqlalchemy import text
from werkzeug.serving import make_server

from tests.web.conftest import now_ms
from tests.web.test_layers import filled  # noqa: F401  a fixture
from tests.web.test_marks import DRAW, act

READ = """
import json, sys, pyogrio, shapely
from pyogrio import raw
told, base = {}, sys.argv[1]
root = f"OAPIF:{base}/api/v1/ogc"
told["layers"] = [str(one[0]) for one in pyogrio.list_layers(root)]
def seen(source, **how):
    about, _, shapes, columns = raw.read(source, **how)
    names = list(about["fields"])
    named = [[str(one) for one in columns[names.index(key)]] for key in ("ten", "name") if key in names]
    return [about["crs"], names, named, shapely.to_wkt(shapely.from_wkb(shapes), rounding_precision=4).tolist()]
told["lamps"] = seen(root, layer="lamps", PAGE_SIZE="10")
told["box"] = seen(root, layer="lamps", bbox=(107.58005, 16.45, 107.58025, 16.47))
told["zones"] = seen(root, layer="zones")
told["drawn"] = seen(root, layer="marks")
told["marks"] = seen(f"/vsicurl_streaming/{base}/api/v1/marks")
print(json.dumps(told))
"""


@pytest.fixture
def served(filled):  # noqa: F811
    server = make_server("127.0.0.1", 0, filled.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_gdal_opens_what_a_gis_is_given(filled, served) -> None:  # noqa: F811
    with filled.engine.begin() as sql:
        sql.execute(text("INSERT INTO mark (one, entry, fence) VALUES (1, '0-0', 0)"))
    assert act(filled.signed("supervisor"), **DRAW).status_code == 200
    token = filled.accounts.add_token("gis", "operator", days=1, now_ms=now_ms())
    bare = {
        name: value for name, value in os.environ.items() if not name.startswith(("CPL_", "GDAL_"))
    }  # what our own readers are held to
    environ = {**bare, "GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token, "CPL_VSIL_CURL_USE_HEAD": "NO"}
    done = subprocess.run(
        [sys.executable, "-c", READ, served], env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert sorted(told["layers"]) == ["lamps", "marks", "zones"]  # not those of supervisors
    crs, _, (names,), shapes = told["lamps"]
    assert (crs, names) == ("EPSG:4326", [f"Đèn {n}" for n in range(25)])  # three pages, none twice
    assert shapes[1] == "POINT (107.5801 16.46)"
    assert told["box"][2][0] == ["Đèn 1", "Đèn 2"]
    assert told["zones"][3][0].startswith("POLYGON ((")
    assert len(told["marks"][3]) == 1
    crs, names, (drawn,), shapes = told["drawn"]
    assert (crs, drawn, shapes) == ("EPSG:4326", [DRAW["name"]], told["marks"][3])
    assert {"kind", "begins", "until"} <= set(names)
