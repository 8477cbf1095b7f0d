"""Who is signed in, and the way out."""

from dash import html

from dashboard.access import HOME
from layouts.page import Context, Page
from layouts.parts import attrs, tongues


def layout(context: Context) -> html.Div:
    """Return the page."""
    facts = html.Dl(
        [
            html.Dt(context.say("account.signed_in")),
            html.Dd(context.name),
            html.Dt(context.say("account.role")),
            html.Dd(context.say(f"role.{context.role}")),
        ],
        className="facts",
    )
    out = html.Form(
        html.Button(context.say("sign_out"), className="btn", **attrs(type="submit")), action="/sign-out", method="post"
    )
    home = html.A(context.say("account.home"), href=HOME.get(context.role, "/"), className="btn", **attrs(data_kind="strong"))
    return html.Div(
        [
            html.I(className="brand-mark"),
            html.H1(context.say("account.title")),
            facts,
            html.Div([home, out, tongues(context, "/account")], className="row"),
        ],
        className="sorry account",
        **attrs(data_page="account"),
    )


PAGE = Page(
    key="account", path="/account", title="Kỳ Đài", permission="signed_in", theme="dark", layout=layout, assets=("22-sign-in.css",)
)
