"""The two clientside callbacks of the live screens: open the socket once a page is there, paint again when another is laid out."""

from dash import ClientsideFunction, Dash, Input, Output

from layouts import ids


def register(app: Dash) -> None:
    """Frames do not pass through Dash: its undo history keeps every value of a callback's Input."""
    app.clientside_callback(ClientsideFunction("kydai", "laidOut"), Output(ids.SLOT, "lang"), Input(ids.CONTENT, "children"))
