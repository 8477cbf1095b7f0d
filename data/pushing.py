"""Our word about a report, to the Open311 endpoint that it came from: FixMyStreet's `servicerequestupdates`, as its servers take it."""

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import msgspec

from dashboard.city import City
from dashboard.masking import hidden
from dashboard.open311.times import written
from dashboard.ports import Clock
from dashboard.reports.sending import Sending
from dashboard.reports.speaking import phrase
from data.open311_answer import errors
from data.outward import Answer, Checked, Login, Refused, Unreached, post
from data.posting import Lost
from data.sealed import Tampered
from data.store.sendings import SqlSendings

FORM = "application/x-www-form-urlencoded; charset=utf-8"
ANSWER_S, MOST_ANSWER = 20.0, 256 * 1024
GOOD, MOVED, ABSENT = range(200, 300), range(300, 400), frozenset({404, 405, 406, 415, 501})
# It is our key, the hour or the load that is wrong, and not what we say.
AGAIN = frozenset({401, 403, 408, 423, 425, 429})
CONFLICT, MOST_SAID = 409, 120
TONGUE = "vi"
Who = Callable[[str, int], Login | None]


class Endpoints:
    """Carries updates to endpoints. `dial` says where an address leads, or refuses it (S-15); `who` who we are there."""

    def __init__(
        self, sendings: SqlSendings, clock: Clock, city_now: Callable[[], City], *, dial: Callable[[str], Checked], who: Who
    ) -> None:
        self._sendings, self._clock, self._city_now, self._dial, self._who = sendings, clock, city_now, dial, who
        self._forms: dict[str, str] = {}  # of places that do not speak JSON

    def place(self, one: Sending) -> str:
        """Return where it goes."""
        return f"endpoint {one.report.partition('/')[0]}"

    def send(self, one: Sending) -> None:
        """Post it. Raises Lost, Away."""
        source, _, number = one.report.partition("/")
        known = self._sendings.endpoint(source)
        if known is None:
            raise Lost(f"{source} is not asked any more", for_good=True)
        address, device = known
        try:
            place = self._dial(address)
            login = self._who(place.host, place.port)
            body = urlencode(self._told(one, number, device.partition("@")[0], login)).encode()
            self._judge(self._posted(place, body, login, source), before=one.tries > 0)
        except (Refused, Unreached) as no:
            raise Lost(str(no), whole=True) from no
        except Tampered as tampered:
            raise Lost("its login was sealed under another KYDAI_SECRET_KEY: `login add` once more", whole=True) from tampered

    def _told(self, one: Sending, number: str, jurisdiction: str, login: Login | None) -> dict[str, str]:
        """Return the update as a form. Plates and telephone numbers are masked: it leaves the house (P-01)."""
        told = {
            "api_key": login.password if login else "",
            "jurisdiction_id": jurisdiction,
            "service_request_id": number,
            "update_id": one.id,
            "status": one.status.upper(),
            "updated_datetime": written(one.at, self._city_now().zone),
            "description": hidden(one.text) or phrase(one.kind, one.status, TONGUE),
        }
        return {name: value for name, value in told.items() if value}

    def _posted(self, place: Checked, body: bytes, login: Login | None, source: str) -> Answer:
        """Post it as JSON, or as XML where that is not known; remember which."""
        form = self._forms.get(source, "json")
        answer = self._post(place, form, body, login)
        if answer.status in ABSENT and form == "json":
            other = self._post(place, "xml", body, login)
            if other.status not in ABSENT:
                self._forms[source] = "xml"
                return other
        return answer

    def _post(self, place: Checked, form: str, body: bytes, login: Login | None) -> Answer:
        at = place.at(f"{place.path.rstrip('/')}/servicerequestupdates.{form}")
        return post(at, body, FORM, keys=login, seconds=ANSWER_S, most=MOST_ANSWER)

    def _judge(self, answer: Answer, *, before: bool) -> None:
        """Raise Lost unless it was taken, now or when it was sent `before` and no answer came; with what is said there to be wrong."""
        status, said = answer.status, errors(answer.body)
        said = f" ({said[:MOST_SAID]})" if said else ""
        if status == CONFLICT and before:
            return
        if status in GOOD:
            if why := _not_taken(answer.body):
                raise Lost(f"answered {status} with {why}{said}", whole=why == "a web page")
            return
        if status in AGAIN or status >= 500:  # noqa: PLR2004  the server's own fault
            raise Lost(f"answered {status}{said}", after_s=self._after_s(answer), whole=True)
        if status in MOVED:
            raise Lost("sends us to another address, where we do not go; register that one if it is right", whole=True)
        why = "it takes no updates, or does not know the request" if status in ABSENT else "it does not take this"
        raise Lost(f"answered {status}: {why}{said}", for_good=True)

    def _after_s(self, answer: Answer) -> float:
        """Return how long it wants to be left alone: Retry-After, as seconds or as a time."""
        told = answer.headers.get("retry-after", "").strip()
        if told.isascii() and told.isdigit() and len(told) < 8:  # noqa: PLR2004  digits
            return float(told)
        try:
            at = parsedate_to_datetime(told)
        except (ValueError, TypeError):
            return 0.0
        return max((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - self._clock.now_ms() / 1000, 0.0)


def _not_taken(body: bytes) -> str:
    """Return what an answer of 200 is that took nothing: "" where it did. Some say nothing at all, and have."""
    start = body.lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if start.startswith(b"<"):
        return "an error" if b"<errors" in start else ""
    try:
        told = msgspec.json.decode(body) if start else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if isinstance(told, dict) and told.get("errors"):
        return "an error"
    first = told[0] if isinstance(told, list) and told else told
    return "an error" if isinstance(first, dict) and "code" in first and "update_id" not in first else ""
