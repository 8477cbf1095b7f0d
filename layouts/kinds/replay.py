"""The way into the past: the button that opens it; the bar itself is laid out by its script, since it is there only in a replay."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import may
from layouts.page import Context
from layouts.parts import attrs, icon

ASSETS = ("25-replay.css", "07-replay.js")


def opener(context: Context) -> list[Component]:
    """Return the button by which whoever may look back does so."""
    if not may(context.role, "replay.view"):
        return []
    word: list[Component | str] = [icon("clock"), context.say("replay.open"), html.Kbd("R", className="key")]
    return [html.Button(word, className="btn rp-open", **attrs(data_kind="quiet", data_replay_open=True, type="button"))]
