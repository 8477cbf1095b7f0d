"""Small parts that several pages share: a count by priority, an age line, an icon, a clock."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.page import Context

SHAPES = {1: "square", 2: "triangle", 3: "diamond", 4: "circle"}


def attrs(**given: object) -> dict[str, Any]:
    """Return HTML attributes: `data_fresh="live"` is written `data-fresh`, True stands for an attribute without a value."""
    return {name.replace("_", "-"): "" if value is True else str(value) for name, value in given.items() if value is not None}


def icon(name: str) -> Component:
    """Return an icon that takes the colour of its text."""
    return html.I(className=f"ic ic-{name}", **attrs(aria_hidden="true"))


def badge(priority: int) -> Component:
    """Return a priority's badge: colour, shape and digit (UX-19)."""
    return html.Span(html.B(str(priority)), className="prio", **attrs(data_prio=priority, data_shape=SHAPES[priority]))


def counts(context: Context, *, wall: bool = False) -> list[Component]:
    """Return the open alarms by priority; `assets/03-panels.js` fills them."""
    return [_count(context, priority, wall=wall) for priority in SHAPES]


def _count(context: Context, priority: int, *, wall: bool) -> Component:
    number = html.B("—", **attrs(data_num=True, data_open=priority, data_read="must" if wall else None))
    word = [] if wall else [html.Small(context.say(f"priority.{priority}"))]
    name = "sb-count w-c" if wall else "sb-count"
    return html.Span([badge(priority), number, *word], className=name, **attrs(data_prio=priority, data_count="0"))


def age_line() -> Component:
    """Return the line that grows with the age of what stands above it."""
    return html.Span(className="ageline", **attrs(data_age_step="0"))


def brand(context: Context) -> Component:
    """Return the product's mark and the city's name."""
    words = html.Span([html.B(context.say("brand")), html.Small(context.of(context.city.name))])
    return html.A([html.I(className="brand-mark", **attrs(aria_hidden="true")), words], href="/", className="brand")


def tongues(context: Context, path: str) -> Component:
    """Return the switch of languages: one click (UX-36)."""
    return html.Span(
        [
            html.A(
                tongue.upper(),
                href=f"/language/{tongue}?next={path}",
                lang=tongue,
                **attrs(aria_current="true" if tongue == context.words.tongue else None),
            )
            for tongue in ("vi", "en")
        ],
        className="seg tongues",
    )


def demo(context: Context) -> list[Component]:
    """Return the mark of a simulation, on every screen that shows one."""
    return (
        [html.Span(context.say("demo"), className="demo", title=context.say("demo.note"), **attrs(data_code=True))]
        if context.demo
        else []
    )
