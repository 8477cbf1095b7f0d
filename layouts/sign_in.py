"""The sign-in page: plain HTML that works without a script, over a map of the city drawn from its pack."""

from html import escape

from layouts.page import Context
from layouts.shell import document
from layouts.sketch import sketch

STYLES = ("09-fonts", "10-tokens", "11-icons", "12-components", "22-sign-in")


def html(context: Context, *, error: str = "", going: str = "/") -> str:
    """Return the page. `error` says what went wrong, `going` where to go on to."""
    say = {key: escape(context.say(f"sign_in.{key}")) for key in ("name", "password", "go", "note", "slogan")}
    told = f'<em class="err" role="alert"><i class="ic ic-info" aria-hidden="true"></i>{escape(error)}</em>' if error else ""
    wrong = " in-err" if error else ""
    demo = f'<span class="demo" data-code>{escape(context.say("demo"))}</span>' if context.demo else ""
    body = f"""<div class="login">
<section class="lg-map" aria-hidden="true">{sketch(context.city)}<p class="lg-word">{say["slogan"]}</p></section>
<main class="lg-form"><div class="brand lg-brand"><i class="brand-mark"></i><span><b>{escape(context.say("brand"))}</b>
<small>{escape(context.of(context.city.title))}</small></span></div>
<form method="post" action="/sign-in"><input type="hidden" name="next" value="{escape(going)}">
<label>{say["name"]}<input class="in" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="100" required autofocus></label>
<label>{say["password"]}<input class="in{wrong}" name="password" type="password" autocomplete="current-password" maxlength="1000" required>{told}</label>
<button class="btn lg-go" data-kind="strong">{say["go"]}<kbd class="key">Enter</kbd></button></form>
<p class="lg-note">{say["note"]}</p>
<footer class="lg-foot"><span>{escape(context.say("version"))} {escape(context.version)}</span>{demo}{_tongues(context)}</footer></main></div>"""
    styles = "".join(f'<link rel="stylesheet" href="/assets/{name}.css">' for name in STYLES)
    return document(context, title=context.say("sign_in.title"), head=styles, body=body, page="sign-in")


def _tongues(context: Context) -> str:
    here = {tongue: ' aria-current="true"' if tongue == context.words.tongue else "" for tongue in ("vi", "en")}
    links = "".join(
        f'<a href="/language/{tongue}?next=/sign-in" lang="{tongue}"{now}>{tongue.upper()}</a>' for tongue, now in here.items()
    )
    return f'<span class="seg tongues">{links}</span>'
