"""/open311/v2: discovery, services, requests, tokens and updates, in JSON and in XML; every no is said as the standard has it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request
from msgspec.structs import replace
from werkzeug.datastructures import HeaderSet
from werkzeug.exceptions import HTTPException

from dashboard.city import City
from dashboard.errors import Away, Missing
from dashboard.open311 import answers, asked, posted
from dashboard.open311.answers import FIRST, TONGUES
from dashboard.open311.refusal import AWAY, BAD, FORBIDDEN, NO_SUCH_VERB, NOT_FOUND, TOO_LARGE, Refusal
from dashboard.reports.clock import due_ms
from data.doors.open311 import forms
from data.doors.open311.forms import Form
from data.doors.open311.means import Means
from data.doors.open311.reading import Reading
from data.doors.open311.updates import Updates
from data.doors.open311.uploads import MOST_BYTES, photos
from data.doors.open311.written import joined, written
from data.spool import Full

FORM = "any(json, xml):form"
MOST_ID = 200
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def door(means: Means) -> Blueprint:
    """Return the door. Bad input is never a 5xx."""
    blueprint = Blueprint("open311", __name__, url_prefix="/open311")
    reading = Reading(means.reports, means.clients, means.city)
    updates = Updates(means.reports, means.clock, means.writer, reading)
    blueprint.before_request(lambda: _look_over(means))
    blueprint.after_request(lambda answer: _let_others(answer, means.origins))
    _describe(blueprint, means)
    _read_and_post(blueprint, means, reading)
    _show_pictures(blueprint, means, reading)
    _tell_updates(blueprint, means, updates)
    _answer_no(blueprint)
    _say_what_there_is(blueprint)
    return blueprint


def _read_and_post(blueprint: Blueprint, means: Means, reading: Reading) -> None:
    """Attach what reports are read and posted by."""

    @blueprint.get(f"/v2/requests.<{FORM}>")
    def requests(form: str) -> Response:
        client = _reader(means)
        wanted = asked.read(_query(), means.city(), now_ms=means.clock.now_ms())
        return joined("service_requests", reading.find(wanted, client, tongue(), base=_base(means), form=form), form)

    @blueprint.get(f"/v2/requests/<path:number>.<{FORM}>")
    def one_request(number: str, form: str) -> Response:
        client = _reader(means)
        extended = request.args.get("extensions", "").lower() in {"true", "1"}
        found = reading.find(asked.Asked(ids=(number,), extended=extended), client, tongue(), base=_base(means), form=form)
        if not found:
            raise Refusal(NOT_FOUND, f"service_request_id: there is no request {number[:60]!r}")
        return joined("service_requests", found, form)

    @blueprint.get(f"/v2/tokens/<path:token>.<{FORM}>")
    def of_token(token: str, form: str) -> Response:
        """We give the number at once, and no token; one who asks by a number is told that number."""
        _reader(means)
        if not means.reports.known(reading.keys((token,))):
            raise Refusal(NOT_FOUND, f"token: there is no request {token[:60]!r}")
        return written("service_requests", [{"service_request_id": token, "token": token}], form)

    @blueprint.post(f"/v2/requests.<{FORM}>")
    def post(form: str) -> Response:
        return written("service_requests", _take(means), form)


def _show_pictures(blueprint: Blueprint, means: Means, reading: Reading) -> None:
    """Attach pictures, masked: those that citizens sent, and those of what was done."""

    @blueprint.get("/v2/media/<picture>.jpg")
    def media(picture: str) -> Response:
        """A photograph, masked. Its name is drawn by lot and told to the client that brought it; whoever has it may look."""
        means.clients.pace("", writes=False)
        if not means.reports.is_photo(picture, means.clients.named()):
            raise Missing(picture)
        return Response(means.pictures.masked(picture), mimetype="image/jpeg")

    @blueprint.get("/v2/requests/<path:number>/media/<picture>.jpg")
    def proof(number: str, picture: str) -> Response:
        """A picture of what was done, masked, once it is published. Whoever may read how reports stand may see it."""
        means.clients.pace("", writes=False)
        if not means.reports.evidence(reading.keys((number,)), picture):
            raise Missing(picture)
        return Response(means.pictures.masked(picture), mimetype="image/jpeg")


def _tell_updates(blueprint: Blueprint, means: Means, updates: Updates) -> None:
    """Attach FixMyStreet's updates."""

    @blueprint.get(f"/v2/servicerequestupdates.<{FORM}>")
    def told(form: str) -> Response:
        client, city = _reader(means), means.city()
        since, until = asked.stretch(_query(), city, now_ms=means.clock.now_ms())
        ids = asked.numbers(_query())
        return written("service_request_updates", updates.find(since, until, client, city, tongue(), ids=ids), form)

    @blueprint.post(f"/v2/servicerequestupdates.<{FORM}>")
    def post_update(form: str) -> Response:
        told = forms.read()
        client = _writer(means, told)
        forms.no_files()
        return written("service_request_updates", updates.take(told, client, means.city()), form)


def _describe(blueprint: Blueprint, means: Means) -> None:
    """Attach what everybody may read: where the service is and what may be reported."""

    @blueprint.get(f"/discovery.<{FORM}>")
    @blueprint.get(f"/v2/discovery.<{FORM}>")
    def discovery(form: str) -> Response:
        return written("discovery", answers.discovery(means.city(), base=_base(means)), form)

    @blueprint.get(f"/v2/services.<{FORM}>")
    def services(form: str) -> Response:
        return written("services", answers.services(means.city(), tongue()), form)

    @blueprint.get(f"/v2/services/<code>.<{FORM}>")
    def definition(code: str, form: str) -> Response:
        city = means.city()
        service = next((one for one in city.services if one.code == code), None)
        if service is None:
            raise Refusal(NOT_FOUND, f"service_code: there is no service {code[:40]!r}; services lists them")
        return written("service_definition", answers.definition(city, service, tongue()), form)


def _take(means: Means) -> list[dict[str, Any]]:
    """Keep a report that is posted, and return what is answered. Raises Refusal, and Full."""
    told = forms.read()
    client, city = _writer(means, told), means.city()
    report = posted.read(told, city, now_ms=means.clock.now_ms(), locate=means.locate)
    given = photos(request.files)
    if given.broken:
        report = replace(report, said=replace(report.said, faults=(*report.said.faults, posted.NO_PHOTO)))
    number = means.desk.keep(client, report, given.whole, own_id=_own_id(report))
    due = due_ms(city, report.service, means.clock.now_ms())
    notice = answers.notice(city, due, report.said.faults, tongue())
    return answers.accepted(number, notice=notice, account=report.who.get("account_id", ""))


def _own_id(report: posted.Posted) -> str:
    """Return the id that the client itself has for a report, if it says one: by that it is never two."""
    own = request.headers.get("Idempotency-Key", "") or next(iter(report.said.answers.get("fixmystreet_id", ())), "")
    if len(own) > MOST_ID:
        raise Refusal(BAD, f"Idempotency-Key: has at most {MOST_ID} signs")
    return own


def _writer(means: Means, told: Form) -> str:
    """Return the client that posts. Raises Refusal."""
    client = means.clients.who(forms.first(told, "api_key"))
    if not client:
        raise Refusal(FORBIDDEN, "api_key: is needed to post; the centre gives keys")
    means.clients.pace(client, writes=True)
    _check_jurisdiction(forms.first(told, "jurisdiction_id"), means.city())
    return client


def _reader(means: Means) -> str:
    """Return the client that reads, "" for a stranger where strangers may. Raises Refusal."""
    client = means.clients.who(request.args.get("api_key", ""))
    if not client and not means.public:
        raise Refusal(FORBIDDEN, "api_key: is needed to read here; the centre gives keys")
    means.clients.pace(client, writes=False)
    return client


def _query() -> Mapping[str, str]:
    """Return what is asked, by name; where a name that takes a list is said several times that is one list."""
    return {name: ",".join(request.args.getlist(name)) if name in asked.LISTS else request.args[name] for name in request.args}


def _look_over(means: Means) -> None:
    """Bound what may be sent before anything of it is read."""
    request.max_content_length = MOST_BYTES
    if request.method in {"GET", "HEAD"}:
        _check_jurisdiction(request.args.get("jurisdiction_id", ""), means.city())


def _check_jurisdiction(told: str, city: City) -> None:
    if told and told != city.key:
        raise Refusal(NOT_FOUND, f"jurisdiction_id: this is {city.key}, not {told[:60]!r}")


def tongue() -> str:
    """Return the language that the asker reads: `locale`, or what the browser says; Vietnamese else."""
    told = request.args.get("locale", "")[:2].lower()
    return told if told in TONGUES else request.accept_languages.best_match(TONGUES) or FIRST


def _base(means: Means) -> str:
    return means.base or request.host_url.rstrip("/")


def _let_others(answer: Response, origins: frozenset[str]) -> Response:
    """Let pages of other origins read the answer, where the setting names them."""
    if request.method == "OPTIONS":
        answer.allow = HeaderSet([*_verbs(f"{request.blueprint}.nothing"), "OPTIONS"])
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers["Content-Language"] = tongue()
    answer.vary.update(("Accept-Language", "Origin") if origins else ("Accept-Language",))
    origin = request.headers.get("Origin", "")
    if origin and ("*" in origins or origin in origins):
        answer.headers["Access-Control-Allow-Origin"] = "*" if "*" in origins else origin
        answer.headers["Access-Control-Allow-Headers"] = "Authorization, Idempotency-Key"
        answer.headers["Access-Control-Allow-Methods"] = "GET, POST"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _answer_no(blueprint: Blueprint) -> None:
    """Attach how no is said, whatever went wrong."""

    @blueprint.errorhandler(Refusal)
    def refuse(no: Refusal) -> Response:
        reasons = [{"code": no.status, "description": reason} for reason in no.reasons]
        answer = written("errors", reasons, "xml" if request.path.lower().endswith(".xml") else "json", status=no.status)
        answer.headers.update(no.headers)
        return answer

    @blueprint.errorhandler(Full)
    def _full(_no: Full) -> Response:
        return refuse(Refusal(AWAY, "nothing more can be kept now; keep it and send it again", headers={"Retry-After": "10"}))

    @blueprint.errorhandler(Missing)
    def _missing(_no: Missing) -> Response:
        return refuse(Refusal(NOT_FOUND, "media_url: there is no such picture, or its time is over"))

    @blueprint.errorhandler(Away)
    def _away(_no: Away) -> Response:
        return refuse(Refusal(AWAY, "the record does not answer now; ask again", headers={"Retry-After": "5"}))

    @blueprint.errorhandler(HTTPException)
    def _other(no: HTTPException) -> Response:
        if no.code == TOO_LARGE:
            return refuse(Refusal(TOO_LARGE, "a post has at most 10 MB with its photographs"))
        return refuse(Refusal(no.code or BAD, no.description or "the request cannot be read"))


def _say_what_there_is(blueprint: Blueprint) -> None:
    """Attach what is said where there is nothing, or nothing of that verb: in the words of the standard too."""

    @blueprint.route("/<path:rest>", methods=VERBS)
    def nothing(rest: str) -> Response:
        there = _verbs(f"{request.blueprint}.nothing")
        if there:
            allowed = {"Allow": ", ".join(there)}
            raise Refusal(NO_SUCH_VERB, f"{request.method}: is not for this address; there is {allowed['Allow']}", headers=allowed)
        raise Refusal(
            NOT_FOUND, f"{rest[:60]!r}: is no address here; those of GeoReport v2 begin with v2/ and end in .json or .xml"
        )


def _verbs(nowhere: str) -> list[str]:
    """Return by which verbs an address can be asked."""
    found = current_app.url_map.bind("")
    return [verb for verb in VERBS if found.match(request.path, verb)[0] != nowhere]
