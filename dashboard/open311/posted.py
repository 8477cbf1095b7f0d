"""What a citizen posts, through whichever app: read whole, so that everything that is wrong with it is said at once.

Nothing is cut short and nothing is guessed: what cannot be taken is refused by name, what is odd and can be taken is marked (`faults`).
"""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from unicodedata import normalize

from msgspec import Struct

from dashboard.city import City, Question, Service
from dashboard.events import Said
from dashboard.open311.refusal import NOT_FOUND, Faults, Refusal
from dashboard.ports import Locate

Form = Mapping[str, Sequence[str]]
MOST_TEXT, MOST_MEDIA, MOST_ADDRESS, MOST_WHO = 4000, 10, 400, 200
MOST_ANSWERS, MOST_VALUES, MOST_ANSWER = 50, 20, 2000
WHO = ("email", "first_name", "last_name", "phone", "account_id")  # and device_id, which FixMyStreet writes deviceid
NO_PLACE, NO_WARD, NO_PHOTO = "no_coordinates", "outside_wards", "photo_unreadable"
_ANSWER = re.compile(r"attribute\[([^\[\]]{1,60})\](?:\[[0-9]{0,3}\])?")
_NO_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot say
_LINK = re.compile(r"https?://[^\s<>\"']{1,1990}", re.IGNORECASE)


class Posted(Struct, frozen=True, kw_only=True):
    """One report as it was posted. `who` is the citizen: to be sealed before it is kept anywhere."""

    service: Service
    lon: float | None
    lat: float | None
    said: Said
    who: dict[str, str]


def read(form: Form, city: City, *, now_ms: int, locate: Locate) -> Posted:
    """Return what a form says. Raises Refusal: 404 for a service that the city does not offer, 400 for everything else that is wrong."""
    faults = Faults()
    service = service_of(form, city, faults)
    lon, lat = _place(form, city, faults)
    address, address_id = _line(form, "address_string", MOST_ADDRESS, faults), _line(form, "address_id", MOST_WHO, faults)
    if not (address or address_id) and lon is None and not faults.found:
        faults.note("location", "give lat and long, or address_string, or address_id")
    answers = _answers(form, faults)
    text = _text(form, faults) or "\n".join(answers.get("description", ()))[:MOST_TEXT]
    if service is not None:
        _ask(city.questions, service, answers, faults)
    odd = [NO_PLACE] if lon is None or lat is None else [] if locate(lon, lat, now_ms) else [NO_WARD]
    who = {name: told for name in WHO if (told := _line(form, name, MOST_WHO, faults))}
    if device := _line(form, "device_id", MOST_WHO, faults) or _line(form, "deviceid", MOST_WHO, faults):
        who["device_id"] = device
    media, zipcode = _media(form, faults), _line(form, "zipcode", 20, faults)
    faults.check()
    assert service is not None  # noqa: S101  its lack is a fault
    said = Said(
        text=text,
        address=address,
        address_id=address_id,
        zipcode=zipcode,
        media=media,
        answers={code: tuple(values) for code, values in answers.items()},
        faults=tuple(odd),
    )
    return Posted(service=service, lon=lon, lat=lat, said=said, who=who)


def service_of(form: Form, city: City, faults: Faults) -> Service | None:
    """Return the service that a form names. Raises Refusal where the city does not offer it."""
    code = _line(form, "service_code", MOST_WHO, faults)
    if not code:
        faults.note("service_code", "is needed; services.json lists them")
        return None
    found = next((service for service in city.services if service.code == code), None)
    if found is None:
        raise Refusal(NOT_FOUND, f"service_code: there is no service {code[:40]!r}; services.json lists them")
    return found


def clean(text: str) -> str:
    """Return a text without signs that no document can hold, its lines ended by line feeds, each letter and its marks one sign."""
    return normalize("NFC", _NO_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def _first(form: Form, name: str) -> str:
    return clean(next(iter(form.get(name, ())), ""))


def _line(form: Form, name: str, most: int, faults: Faults) -> str:
    told = " ".join(_first(form, name).split())
    if len(told) > most:
        faults.note(name, f"has {len(told):,} letters, at most {most}")
        return ""
    return told


def _text(form: Form, faults: Faults) -> str:
    told = _first(form, "description")
    if len(told) > MOST_TEXT:
        faults.note(
            "description", f"has {len(told):,} letters, at most {MOST_TEXT:,}; nothing was taken, shorten it and send it again"
        )
        return ""
    return told


def _place(form: Form, city: City, faults: Faults) -> tuple[float | None, float | None]:
    """Return lon and lat. A place that is not in the city is refused: it would be looked for in vain."""
    lat, lon = _degrees(form, "lat", faults), _degrees(form, "long", faults)
    if lat is None or lon is None:
        if (lat is None) != (lon is None) and not faults.found:
            faults.note("lat" if lat is None else "long", "is needed beside the other")
        return None, None
    if not within(lon, lat, city):
        west, south, east, north = city.bounds
        if within(lat, lon, city):
            faults.note("lat", "latitude and longitude are swapped")
        else:
            faults.note("lat", f"the place lies outside the city: latitude {south} to {north}, longitude {west} to {east}")
    return lon, lat


def within(lon: float, lat: float, city: City) -> bool:
    """Return whether a place (degrees) lies within the city's bounds."""
    west, south, east, north = city.bounds
    return west <= lon <= east and south <= lat <= north


def _degrees(form: Form, name: str, faults: Faults) -> float | None:
    told = _first(form, name)
    if not told:
        return None
    try:
        found = float(told)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        faults.note(name, f"{told[:40]!r} is no number of degrees; write 16.4676")
        return None
    return found


def _media(form: Form, faults: Faults) -> tuple[str, ...]:
    """Return addresses of pictures, as text: nobody goes there."""
    told = [clean(one) for one in form.get("media_url", ()) if one.strip()]
    if len(told) > MOST_MEDIA:
        faults.note("media_url", f"is given {len(told)} times, at most {MOST_MEDIA}")
        return ()
    for one in told:
        if not _LINK.fullmatch(one):
            faults.note("media_url", "must be an http or https address of at most 2,000 signs")
            return ()
    return tuple(told)


def _answers(form: Form, faults: Faults) -> dict[str, list[str]]:
    """Return the answers to a service's questions, by code. Those that nobody asked for are kept beside: apps send what they know."""
    found: dict[str, list[str]] = {}
    for name, values in form.items():
        if asked := _ANSWER.fullmatch(name):
            told = [clean(one) for one in values]
            found.setdefault(clean(asked[1]), []).extend(one for one in told if one)
    found = {code: values for code, values in found.items() if code and values}
    if len(found) > MOST_ANSWERS:
        faults.note("attribute", f"has {len(found)} codes, at most {MOST_ANSWERS}")
        return {}
    for code, values in found.items():
        most = MOST_TEXT if code == "description" else MOST_ANSWER
        if len(values) > MOST_VALUES or any(len(one) > most for one in values):
            faults.note(f"attribute[{code}]", f"has at most {MOST_VALUES} values of {most:,} letters each")
            return {}
    return found


def _ask(questions: Sequence[Question], service: Service, answers: Mapping[str, Sequence[str]], faults: Faults) -> None:
    for question in questions:
        if question.service != service.code or not question.variable:
            continue
        told = answers.get(question.code, ())
        if not told:
            if question.required:
                faults.note(f"attribute[{question.code}]", "is needed for this service")
        elif why := _wrong(question, told):
            faults.note(f"attribute[{question.code}]", why)


def _wrong(question: Question, told: Sequence[str]) -> str:
    if len(told) > 1 and question.datatype != "multivaluelist":
        return "has one value"
    if question.values and (strange := [one for one in told if one not in question.values]):
        return f"knows no {strange[0][:40]!r}; there are {', '.join(question.values)}"
    if question.datatype == "number" and not _is_number(told[0]):
        return f"{told[0][:40]!r} is no number"
    return f"{told[0][:40]!r} is no date and time" if question.datatype == "datetime" and not _is_time(told[0]) else ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
