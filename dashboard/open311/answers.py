"""What is answered, as plain objects: the same ones become JSON and XML (data/doors/open311/written)."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from dashboard.city import City, Question, Service
from dashboard.events import ReportChanged, Said
from dashboard.kinds import FOREVER
from dashboard.masking import hidden
from dashboard.open311.status import notes_of, status_of
from dashboard.open311.times import written

FIRST = "vi"
TONGUES = ("vi", "en")
GEOREPORT = "http://wiki.open311.org/GeoReport_v2"
NOTICE = {"vi": "Dự kiến xử lý xong trước {at}.", "en": "Expected to be dealt with before {at}."}
ODD = {
    "no_coordinates": {
        "vi": "Chưa có tọa độ: cán bộ sẽ xác định vị trí.",
        "en": "Without coordinates: the place will be looked up.",
    },
    "photo_unreadable": {
        "vi": "Có ảnh không đọc được hoặc quá lớn: không được giữ lại, xin gửi lại ảnh khác.",
        "en": "A photograph could not be read or is too large: it was not kept, please send another.",
    },
    "outside_wards": {"vi": "Vị trí nằm ngoài địa bàn các phường, xã.", "en": "The place lies in no ward."},
}


class Shown(Struct, frozen=True, kw_only=True):
    """A report as the record has it. `number` is its service_request_id; `said` is None where the asker may not read the words."""

    number: str
    report: ReportChanged
    ward: str
    due: int
    taken: int  # when we learnt how it stands, epoch ms
    said: Said | None = None
    pictures: Sequence[str] = ()  # addresses
    answer: str = ""  # what the citizen was told, where the asker may read it


def discovery(city: City, *, base: str) -> dict[str, Any]:
    """Return where this service is, for whoever looks for it. `base` is the address of ours that it is asked at."""
    name = city.title.get("en", city.key)
    return {
        "changeset": city.version,
        "contact": name,
        "key_service": f"Keys are given by the centre: {name}",
        "endpoints": [
            {
                "specification": GEOREPORT,
                "url": f"{base}/open311/v2",
                "changeset": city.version,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }


def services(city: City, tongue: str) -> list[dict[str, Any]]:
    """Return what citizens may report."""
    asked = {question.service for question in city.questions}
    return [
        {
            "service_code": one.code,
            "service_name": one.name[tongue],
            "description": f"{one.field_name[tongue]}: {one.name[tongue]}",
            "metadata": one.code in asked,
            "type": "realtime",
            "keywords": ", ".join(dict.fromkeys((one.short[tongue], one.field_short[tongue]))),
            "group": one.field_name[tongue],
        }
        for one in city.services
    ]


def definition(city: City, service: Service, tongue: str) -> dict[str, Any]:
    """Return what is asked of whoever reports this."""
    asked = sorted((one for one in city.questions if one.service == service.code), key=lambda one: one.order)
    return {"service_code": service.code, "attributes": [_question(one, tongue) for one in asked]}


def _question(one: Question, tongue: str) -> dict[str, Any]:
    told = {
        "variable": one.variable,
        "code": one.code,
        "datatype": one.datatype,
        "required": one.required,
        "datatype_description": one.hint.get(tongue) or None,
        "order": one.order,
        "description": one.text[tongue],
    }
    values = [{"key": key, "name": name[tongue]} for key, name in one.values.items()]
    return {**told, "values": values} if values else told


def accepted(number: str, *, notice: str, account: str) -> list[dict[str, Any]]:
    """Return what is said of a report that was taken: its number, at once and for ever."""
    return [{"service_request_id": number, "service_notice": notice or None, "account_id": account or None}]


def notice(city: City, due: int, faults: Sequence[str], tongue: str) -> str:
    """Return what the citizen is told: by when it is to be dealt with, and what was odd."""
    told = [NOTICE[tongue].format(at=written(due, city.zone)[:16].replace("T", " "))] if due < FOREVER else []
    return " ".join([*told, *(ODD[fault][tongue] for fault in faults if fault in ODD)])


def request(one: Shown, city: City, names: Mapping[str, str], tongue: str, *, extended: bool) -> dict[str, Any]:
    """Return one report. `names` are those of services and units, by code. Plates and telephone numbers in the words are masked."""
    report, said = one.report, one.said
    told: dict[str, Any] = {
        "service_request_id": one.number,
        "status": status_of(report),
        "status_notes": hidden(one.answer) if one.answer else notes_of(report, tongue),
        "service_name": names.get(report.service),
        "service_code": report.service,
        "description": hidden(said.text) if said and said.text else None,
        "agency_responsible": names.get(report.unit, report.unit) if report.unit else None,
        "service_notice": None,
        "requested_datetime": written(report.submitted, city.zone),
        "updated_datetime": written(report.at if report.closed is None else report.closed, city.zone),
        "expected_datetime": written(one.due, city.zone) if one.due < FOREVER else None,
        "address": hidden(said.address) if said and said.address else None,
        "address_id": said.address_id or None if said else None,
        "zipcode": said.zipcode or None if said else None,
        "lat": report.lat,
        "long": report.lon,
        "media_url": next(iter([*one.pictures, *(said.media if said else ())]), None),
    }
    return {**told, **_extended(one, city, tongue)} if extended else told


def _extended(one: Shown, city: City, tongue: str) -> dict[str, Any]:
    said = one.said
    questions = {question.code: question for question in city.questions if question.service == one.report.service}
    return {
        "extended_attributes": {
            "channel": one.report.channel,
            "ward": one.ward or None,
            "urgent": one.report.urgent,
            "recorded_datetime": written(one.taken, city.zone),
            "photos": [*one.pictures, *(said.media if said else ())],
            "faults": list(said.faults) if said else [],
        },
        "attributes": [
            {
                "label": questions[code].text[tongue] if code in questions else code,
                "name": code,
                "code": code,
                "value": ", ".join(_named(questions.get(code), value, tongue) for value in values),
            }
            for code, values in (said.answers.items() if said else ())
        ],
    }


def _named(question: Question | None, value: str, tongue: str) -> str:
    return question.values[value][tongue] if question and value in question.values else hidden(value)
