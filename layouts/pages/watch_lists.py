"""Watch lists: what stands on them, proposals that wait for a second person, and the form for a new one (docs/watch-lists.md)."""

from dash import html
from dash.development.base_component import Component

from dashboard.access import HOME, may
from layouts.page import Context, Page
from layouts.parts import attrs, brand, demo, tongues

RIGHTS = ("propose", "decide", "reveal")


def layout(context: Context) -> html.Div:
    """Return the page; `assets/16-watch-lists.js` fills it, the form included: a plate never stands in an address."""
    rights = {f"data_{name}s": may(context.role, f"watch.{name}") or None for name in RIGHTS}
    panes = [_standing(context), *([_new(context)] if may(context.role, "watch.propose") else [])]
    return html.Div(
        [
            _head(context),
            html.P(className="r-note", hidden=True, **attrs(data_note=True, role="status")),
            html.Div(panes, className="wl-panes"),
        ],
        className="report watch-lists",
        **attrs(data_page="watch_lists", **rights),
    )


def _head(context: Context) -> Component:
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="quiet"))
    title, grow = html.H1(context.say("watch.title")), html.Div(className="grow")
    search = html.A(context.say("plates.title"), href="/plate-search", className="btn", **attrs(data_kind="quiet"))
    ways = [*([search] if may(context.role, "plate.view") else []), home]
    return html.Header([brand(context), title, grow, *demo(context), *ways, tongues(context, "/watch-lists")], className="r-head")


def _standing(context: Context) -> Component:
    batches, entries = html.Div(**attrs(data_batches=True)), html.Div("…", **attrs(data_entries=True))
    reviews = html.P(className="wl-reviews", hidden=True, **attrs(data_reviews=True, role="status"))
    return html.Section([html.H2(context.say("watch.entries")), reviews, batches, entries], className="r-pane")


def _new(context: Context) -> Component:
    rule = html.P(context.say("watch.rule"), className="muted")
    return html.Section(
        [
            html.H2(context.say("watch.new")),
            rule,
            html.Div(**attrs(data_form=True)),
            html.H2(context.say("watch.import")),
            html.P(context.say("watch.import_note"), className="muted"),
            html.Div(**attrs(data_import=True)),
            html.Ul(className="wl-wrong", hidden=True, **attrs(data_mistakes=True, role="alert")),
        ],
        className="r-pane wl-new",
    )


PAGE = Page(
    key="watch_lists",
    path="/watch-lists",
    title="Kỳ Đài",
    permission="watch.view",
    theme="light",
    layout=layout,
    assets=("19-ask.css", "31-report.css", "32-watch-lists.css", "16-watch-lists.js"),
)
