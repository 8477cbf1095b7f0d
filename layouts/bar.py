"""The bar on top of the pages that people work on: where one is, who one is, what time it is."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import may
from layouts.page import Context
from layouts.parts import attrs


def nav(context: Context, here: str) -> Component:
    """Return the way to the other pages that one may see; `here` is the key of this one."""
    wall = context.city.walls[0].name
    pages = (
        ("console", "/console", "console.view"),
        ("reports", "/reports", "case.view"),
        ("my_unit", "/my-unit", "case.own"),
        ("cameras", "/cameras", "camera.view"),
        ("leader", "/leader", "leader.view"),
        ("report", "/alarm-report", "report.view"),
        ("incidents", "/incidents", "incident.view"),
        ("violations", "/violations", "violation.view"),
        ("watch", "/watch-lists", "watch.view"),
        ("layers", "/layers", "layer.manage"),
        ("wall", f"/wall/{wall}", "wall.view"),
    )
    tabs = [
        html.A(context.say(f"nav.{key}"), href=path, className="tab", **attrs(aria_current="page" if key == here else None))
        for key, path, permission in pages
        if may(context.role, permission)
    ]
    return html.Nav(tabs, className="nav", **attrs(aria_label=context.say("nav")))


def clock() -> Component:
    """Return the time, the weekday and the date, by the server's clock."""
    return html.Div(
        [
            html.Span("—", className="clock", **attrs(data_time=True, data_num=True, data_clock=True)),
            html.Span([html.B(**attrs(data_weekday=True)), html.Span(**attrs(data_date=True))], className="clock-date"),
        ]
    )


def person(context: Context) -> Component:
    """Return who has signed in, as the way to one's account."""
    told = [html.Span(html.B(context.name)), html.Span(context.say(f"role.{context.role}"))]
    return html.A(
        [html.Span(context.name[:2].upper() or "?", className="avatar"), html.Span(told, className="sb-stack")],
        href="/account",
        className="who",
        title=context.name,
    )


def stack(*lines: list[Component]) -> Component:
    """Return short lines above each other."""
    return html.Span(
        [html.Span(line) if len(line) != 1 or not getattr(line[0], "className", None) else line[0] for line in lines],
        className="sb-stack",
    )
