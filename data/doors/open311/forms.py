"""What is posted: a form, in an address's signs or as multipart, read whole or refused by name; nothing of it is read by halves."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from dashboard.open311.refusal import BAD, NO_FORM, TOO_LARGE, Faults, Refusal
from data.mapping import check_encoding

SIGNS, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
MOST_FIELDS, UNKNOWN = 1000, "\ufffd"
Form = Mapping[str, Sequence[str]]


def read() -> Form:
    """Return what was posted, by name; what stands in the address counts where the form does not say it. Raises Refusal."""
    given = {name: request.args.getlist(name) for name in request.args}
    return {**given, **_body()}


def first(told: Form, name: str) -> str:
    """Return the first value of a field, "" for none."""
    return next(iter(told.get(name, ())), "")


def no_files() -> None:
    """Raise Refusal where files came along that nobody would keep."""
    if request.files:
        faults = Faults()
        faults.note(next(iter(request.files)), "files are not taken here; say where they are as media_url")
        faults.check()


def _body() -> Form:
    if request.mimetype == SIGNS:
        return _signs()
    if request.mimetype == PARTS:
        return _parts()
    if request.get_data(cache=True, parse_form_data=False).strip():
        raise Refusal(NO_FORM, f"Content-Type: is {request.mimetype[:60] or 'missing'!r}; what is posted is {SIGNS} or {PARTS}")
    return {}


def _signs() -> Form:
    """Return a form in an address's signs: in UTF-8, as the standard has it, or in the charset that it says it is in."""
    raw = request.get_data(cache=True, parse_form_data=False)
    for charset in (request.mimetype_params.get("charset", ""), "utf-8"):
        try:
            check_encoding(charset)
        except (LookupError, ValueError):  # nobody knows it, or it is an escape that takes hours; then it is what the standard says
            continue
        break
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(
            raw.decode(charset), keep_blank_values=True, encoding=charset, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeError:
        raise Refusal(BAD, f"the form is not in {charset}; send it in UTF-8") from None
    except ValueError:
        raise Refusal(TOO_LARGE, f"the form has more than {MOST_FIELDS} fields") from None
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _parts() -> Form:
    try:
        found = {name: request.form.getlist(name) for name in request.form}
    except RequestEntityTooLarge:
        raise Refusal(TOO_LARGE, "a post has at most 10 MB with its photographs") from None
    if not found and not request.files:
        raise Refusal(BAD, "the multipart cannot be read: there is no part in it, or no boundary")
    if broken := [name for name, values in found.items() if any(UNKNOWN in one for one in values)]:
        raise Refusal(BAD, f"{broken[0][:60]}: is not in UTF-8")
    return found
