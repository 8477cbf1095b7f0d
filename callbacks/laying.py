"""What Dash lays out with its first answer: the page that asks is in it.

Dash's own way is an empty slot, of which the browser finds out where it stands, and asks again: one more way there and back, a second drawing, and a library
of controls that none of our pages has. Here the document says where it stands (`?at=`), and that is judged like any other address.
"""

from collections.abc import Callable

from dash.development.base_component import Component
from flask import abort, has_request_context, request

from callbacks.guard import Guard
from layouts.page import Context
from layouts.shell import LAYOUT, shell


def first(guard: Guard, context_of: Callable[[], Context]) -> Callable[[], Component]:
    """Return what lays out the first answer."""

    def lay() -> Component:
        # Dash also lays out to look at what there is, whatever is being asked for then.
        path = request.args.get("at", "") if has_request_context() and request.path == LAYOUT else ""
        if not path:
            return shell()
        page = guard.seen(path)
        if page is None:
            abort(403)
        return shell(page.layout(context_of(), **(page.parts(path) or {})))

    return lay
