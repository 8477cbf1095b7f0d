"""A natural, well-made Dash application that polls: python -m tests.bench.contenders.interval PORT

One number, twenty rows, forty-two markers on a map; a `dcc.Interval` asks every second, and what is shown is built once a change for all.
It keeps nothing on the disk and checks nobody's key: it does less than ours, which is to its advantage.
"""

import sys
from collections import deque

from gevent import monkey

monkey.patch_all()

import dash_leaflet as dl  # noqa: E402  after gevent has patched the world
from dash import Dash, Input, Output, dcc, html  # noqa: E402
from flask import Flask, request  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402

CAMERAS, ROWS, EVERY_MS = 42, 20, 1000


class Seen:
    """What came in, and how it is shown."""

    def __init__(self) -> None:
        self.number, self.rows, self.spoke = 0, deque[dict[str, object]](maxlen=ROWS), [0] * CAMERAS
        self._shown: tuple[int, object] = (-1, None)

    def take(self, event: dict[str, object]) -> None:
        """Count one event."""
        self.number += 1
        self.rows.appendleft(event)
        self.spoke[int(str(event["camera"])[2:]) - 1] += 1

    def shown(self) -> object:
        """Return number, rows and markers; built anew only when something came."""
        if self._shown[0] != self.number:
            rows = [html.Li(f"{one['id']} {one['kind']} {one['camera']}", **{"data-id": one["id"]}) for one in self.rows]
            self._shown = (self.number, (str(self.number), rows, markers(self.spoke)))
        return self._shown[1]


PLACES = [(16.44 + 0.006 * (ix // 7), 107.55 + 0.01 * (ix % 7)) for ix in range(CAMERAS)]


def markers(spoke: list[int]) -> list[dl.DivMarker]:
    """Return the cameras, drawn anew: dash-leaflet does not follow a change of a marker's icon."""
    return [dl.DivMarker(position=at, iconOptions=marked(count)) for at, count in zip(PLACES, spoke, strict=True)]


def marked(count: int) -> dict[str, object]:
    """Return how a camera that spoke so often is drawn."""
    return {"html": f'<b class="mk-cam" data-spoke="{count}">{count}</b>', "className": "cam", "iconSize": [24, 24]}


def application(seen: Seen) -> Flask:
    """Return the server."""
    server = Flask(__name__)
    app = Dash(server=server)
    app.layout = html.Div(
        [
            html.Div(html.B("0", id="number", **{"data-value": ""}), **{"data-kpi": "events_today"}),
            html.Ol(id="list"),
            dl.Map(dl.LayerGroup(markers([0] * CAMERAS), id="cameras"), center=(16.46, 107.58), zoom=13, style={"height": "600px"}),
            dcc.Interval(id="every", interval=EVERY_MS),
        ]
    )

    @app.callback(
        Output("number", "children"),
        Output("list", "children"),
        Output("cameras", "children"),
        Input("every", "n_intervals"),
    )
    def _show(_: int) -> object:
        return seen.shown()

    @server.post("/api/v1/intake/native")
    def _intake() -> tuple[str, int]:
        told = request.get_json()
        for event in told if isinstance(told, list) else [told]:
            seen.take(event)
        return "", 202

    return server


if __name__ == "__main__":
    WSGIServer(("127.0.0.1", int(sys.argv[1])), application(Seen()), log=None).serve_forever()
