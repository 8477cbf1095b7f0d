"""What is posted and asked in the words of Open311: no input is a crash, nothing is cut short, and every fault has its name."""

import xml.etree.ElementTree as ET
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.errors import Rejected
from dashboard.events import ReportChanged
from dashboard.open311 import asked, posted
from dashboard.open311.posted import clean
from dashboard.open311.refusal import Refusal
from dashboard.open311.status import heard, status_of
from dashboard.open311.times import millis, written
from data.doors.open311.written import ONE_OF, xml
from data.open311_answer import rows
from data.pack import load

CITY = load("hue").city
NOW = 1_795_410_000_000
FIELDS = (
    "service_code",
    "lat",
    "long",
    "description",
    "address_string",
    "media_url",
    "email",
    "attribute[people]",
    "attribute[needs][]",
    "x",
)
SAID = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["MT01", "TT01", "16.4676", "107.59", "1e999", "-0", "nan", "boat", "'; DROP TABLE", "=1+1", "<x>"]),
)

FREELY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # the first draw of a text takes its time


def form(**told: str) -> dict[str, list[str]]:
    return {name: [value] for name, value in told.items()}


@FREELY
@given(st.dictionaries(st.sampled_from(FIELDS), st.lists(SAID, max_size=4), max_size=8))
def test_any_form_is_a_report_or_a_reason(told: dict[str, list[str]]) -> None:
    try:
        report = posted.read(told, CITY, now_ms=NOW, locate=lambda *_: "")
    except Refusal as no:
        assert no.status in {400, 404}
        assert all(no.reasons)
        xml("errors", [{"code": no.status, "description": reason} for reason in no.reasons])
        return
    assert report.service.code in {service.code for service in CITY.services}
    assert report.lon is None or posted.within(report.lon, report.lat, CITY)
    assert report.said.text == clean(told.get("description", [""])[0] if told.get("description") else "") or not report.said.text


@FREELY
@given(
    st.dictionaries(
        st.sampled_from(
            ["service_code", "status", "start_date", "end_date", "page", "page_size", "updated_after", "service_request_id"]
        ),
        SAID,
    )
)
def test_any_query_is_a_question_or_a_reason(query: dict[str, str]) -> None:
    try:
        found = asked.read(query, CITY, now_ms=NOW)
    except Refusal as no:
        assert no.status in {400, 404}
        return
    assert 0 < found.limit <= asked.MOST_ROWS
    assert found.until - found.since <= asked.SPAN_MS or found.learnt is not None


@FREELY
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
        max_leaves=6,
    )
)
def test_whatever_is_answered_is_xml(told: object) -> None:
    ET.fromstring(xml("services", [{"x": told}]))  # noqa: S314  our own


def test_letters_and_their_marks_become_one_sign() -> None:
    assert clean(normalize("NFD", "Nguyễn Huệ")) == "Nguyễn Huệ"


def test_texts_are_kept_whole_but_for_what_no_document_holds() -> None:
    told = "=cmd|' /C calc'!A0 <script>alert(1)</script>\u0000\u0007\ud800 Huế ☂ \U0001f6a8"
    report = posted.read(
        form(service_code="MT01", lat="16.4676", long="107.5905", description=told), CITY, now_ms=NOW, locate=lambda *_: "x"
    )
    assert report.said.text == "=cmd|' /C calc'!A0 <script>alert(1)</script> Huế ☂ \U0001f6a8"
    assert report.said.faults == ()
    assert posted.read(
        form(service_code="MT01", lat="16.4676", long="107.5905"), CITY, now_ms=NOW, locate=lambda *_: ""
    ).said.faults == ("outside_wards",)


@pytest.mark.parametrize("length", [4000, 4001])
def test_a_description_is_never_cut(length: int) -> None:
    told = form(service_code="MT01", lat="16.4676", long="107.5905", description="á" * length)
    if length <= posted.MOST_TEXT:
        assert len(posted.read(told, CITY, now_ms=NOW, locate=lambda *_: "x").said.text) == length
    else:
        with pytest.raises(Refusal, match="4,001 letters"):
            posted.read(told, CITY, now_ms=NOW, locate=lambda *_: "x")


def test_a_service_without_a_question_is_not_asked_any() -> None:
    told = form(service_code="MT01", address_string="12 Lê Lợi") | {f"attribute[c{n}]": ["1"] for n in range(51)}
    with pytest.raises(Refusal, match="51 codes"):
        posted.read(told, CITY, now_ms=NOW, locate=lambda *_: "x")
    told = form(service_code="MT01", address_string="12 Lê Lợi") | {"attribute[a][]": ["1", "", "2"]}
    assert posted.read(told, CITY, now_ms=NOW, locate=lambda *_: "x").said.answers == {"a": ("1", "2")}


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("OPEN", "open"),
        ("Fixed", "closed"),
        ("not councils responsibility", "closed"),
        ("In_Progress", "open"),
        ("closed", "closed"),
        ("", None),
        ("half", None),
    ],
)
def test_statuses_of_others_in_any_case(told: str, meant: str | None) -> None:
    assert heard(told) == meant


def test_times() -> None:
    assert written(NOW, "Asia/Ho_Chi_Minh") == "2026-11-23T12:00:00+07:00"
    for text in ("2026-11-23T12:00:00+07:00", "2026-11-23T05:00:00Z", "2026-11-23T12:00:00", "2026-11-23T12:00:00 07:00"):
        assert millis(text, "Asia/Ho_Chi_Minh") == NOW
    for wrong in ("", "soon", "9999-01-01T00:00:00Z", "1960-01-01", "2026-11-23T12:00:00+99:00", "1" * 400):
        with pytest.raises(ValueError, match=r"W3C|outside"):
            millis(wrong, "Asia/Ho_Chi_Minh")


def test_a_report_is_open_or_closed_to_others() -> None:
    told = {"id": "a", "at": 1, "report": "a", "service": "MT01", "submitted": 1}
    assert (status_of(ReportChanged(**told, open=True)), status_of(ReportChanged(**told, open=False))) == ("open", "closed")


def test_every_list_has_a_word_for_one_of_its_things() -> None:
    assert {name.removesuffix("s") for name in ("services", "errors", "values", "formats")} <= set(ONE_OF.values())


@pytest.mark.parametrize("end", ["", "\\", '"', '"]'])
def test_an_answer_whose_text_is_never_closed_holds_nobody(end: str) -> None:
    """Two million quotes that close nothing: whoever looked from each of them to the end would never be done."""
    with pytest.raises(Rejected):
        rows(b'[{"a": 01, "b": "' + b'\\"' * 2_000_000 + end.encode(), "request", ("requests",))
