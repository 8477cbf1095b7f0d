"""The doors of reports' photographs: what a person may see of them, masked, and what somebody of the house attaches (docs/reports.md)."""

import hmac

from flask import Blueprint, Response, g, request
from msgspec import ValidationError, convert

from callbacks.case_answers import Forbidden, by_now, or_no
from callbacks.cases import Key, Report
from callbacks.replies import no
from dashboard.access import may
from dashboard.accounts import Who
from dashboard.errors import Missing
from dashboard.pictures import MASKED_MS, NoPicture, Pictures
from dashboard.ports import Clock
from dashboard.reports.case import MOST_PARTS
from dashboard.reports.photos import Photo, Photos

MOST_BYTES = 12 * 1024 * 1024
KINDS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
RIFF, WEBP = b"RIFF", b"WEBP"


def door(photos: Photos, pictures: Pictures, clock: Clock) -> Blueprint:
    """Return the doors. An address is good for five minutes and for the very person who asked, as all pictures' are."""
    blueprint = Blueprint("case_photos", __name__)

    @blueprint.get("/reports/photos")
    def listed() -> Response:
        return or_no(lambda: _listed(photos, pictures, clock))

    @blueprint.post("/reports/attach")
    def attach() -> Response:
        return or_no(lambda: _attached(photos, pictures, clock))

    @blueprint.get("/reports/photo/<picture>")
    def one(picture: str) -> Response:
        until, shown = request.args.get("until", ""), request.args.get("sign", "")
        ours = until.isascii() and until.isdigit() and len(until) < 16 and int(until) >= clock.now_ms()  # noqa: PLR2004
        if not ours or not hmac.compare_digest(_sign(pictures, picture, until).encode(), shown.encode()):
            return no(404, "not_found")
        try:
            headers = {"Cache-Control": "private, max-age=300", "Content-Disposition": "inline"}
            return Response(pictures.masked(picture), mimetype="image/jpeg", headers=headers)
        except Missing:
            return no(404, "not_found")

    return blueprint


def _listed(photos: Photos, pictures: Pictures, clock: Clock) -> dict[str, object]:
    found, until = photos.of_report(request.args.get("key", ""), by=by_now()), clock.now_ms() + MASKED_MS
    return {"photos": [_told(pictures, one, until) for one in found], "reveal": may(g.who.role, "picture.reveal")}


def _attached(photos: Photos, pictures: Pictures, clock: Clock) -> dict[str, object]:
    """Keep what is sent: the body is the picture itself. Raises as or_no answers, and NoPicture."""
    by = by_now(acts=True)
    if not (may(by.role, "case.work") or may(by.role, "case.verify")):
        raise Forbidden
    told = request.args
    report, key = convert(told.get("report"), Report), convert(told.get("key"), Key)
    nth = int(told.get("nth", "0"))
    if not 0 <= nth <= MOST_PARTS:
        raise ValidationError
    request.max_content_length = MOST_BYTES
    if (request.content_length or 0) > MOST_BYTES:
        raise NoPicture("size", f"is a picture of more than {MOST_BYTES // 1024 // 1024} MB")
    raw = request.get_data()
    if not raw.startswith(KINDS) and not (raw.startswith(RIFF) and raw[8:12] == WEBP):
        raise NoPicture("unreadable", "is no JPEG, PNG or WebP")
    return _told(pictures, photos.attach(report, raw, nth=nth, by=by, key=key), clock.now_ms() + MASKED_MS)


def _told(pictures: Pictures, one: Photo, until_ms: int) -> dict[str, object]:
    picture = one.picture
    address = f"/reports/photo/{picture.id}?until={until_ms}&sign={_sign(pictures, picture.id, str(until_ms))}"
    told = {"id": picture.id, "at": picture.at, "width": picture.width, "height": picture.height, "url": address}
    return told | {"of": one.of, "nth": one.nth, "who": one.who}


def _sign(pictures: Pictures, picture: str, until: str) -> str:
    who: Who = g.who
    return pictures.sign("report", picture, until, who.key)
