"""The city's indicators in a strip: what each is, against what, and how old. Made of the pack's declarations alone."""

from dash import html
from dash.development.base_component import Component

from dashboard.city import Indicator
from layouts.page import Context
from layouts.parts import attrs

ASSETS = ("13-indicators.css", "03-indicators.js")


def strip(context: Context) -> list[Component]:
    """Return the strip; `assets/03-indicators.js` fills it. Nothing where the city has no indicators."""
    if not context.city.indicators:
        return []
    rows = [_row(context, one) for one in context.city.indicators]
    return [html.Ul(rows, className="indicators", **attrs(data_tile="indicators", aria_label=context.say("indicators")))]


def _row(context: Context, one: Indicator) -> Component:
    told = " ".join(filter(None, (context.of(one.name), context.of(one.formula))))
    return html.Li(
        [
            html.Span(context.of(one.short), className="ind-name"),
            html.Span(
                [
                    html.B("—", **attrs(data_num=True, data_value=True)),
                    html.Small(f" {context.of(one.unit)}", **attrs(data_unit=True)),
                ]
            ),
            html.Span(className="verdict", **attrs(data_verdict="none")),
            html.Span(className="ind-age", **attrs(data_age=True)),
        ],
        title=told,
        **attrs(data_indicator=one.key, data_fresh="none"),
    )
