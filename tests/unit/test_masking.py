"""Nobody can read a whole plate off a screen."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.masking import betrays, hidden, plate


@pytest.mark.parametrize(
    ("clear", "masked"),
    [
        ("75A-123.45", "75A-***.45"),
        ("75A12345", "75A-***.45"),
        ("75a-123.45", "75A-***.45"),
        ("75-B1 123.45", "75B1-***.45"),
        ("75K-1234", "75K-***.34"),
        ("75B112345", "75B1-***.45"),
        ("75-MĐ1 123.45", "75MĐ1-***.45"),
        ("75A-12", "7***2"),
        ("TM-12-34", "T***4"),
        ("80-011-NG-01", "80***01"),
        ("X", "***"),
        ("", None),
        (None, None),
    ],
)
def test_plates_keep_series_and_two_digits(clear: str | None, masked: str | None) -> None:
    assert plate(clear) == masked


@given(st.from_regex(r"[0-9]{2}[A-Z]-[0-9]{3}\.[0-9]{2}", fullmatch=True))
def test_the_middle_is_gone(clear: str) -> None:
    assert re.fullmatch(r"[0-9]{2}[A-Z]-\*\*\*\.[0-9]{2}", plate(clear) or "")
    assert clear[4:7] not in (plate(clear) or "").replace(clear[:3], "", 1).replace(clear[-2:], "")


@given(st.text(min_size=1, max_size=40).filter(lambda text: "*" not in text))
def test_never_more_than_a_third_of_a_strange_plate(text: str) -> None:
    shown = (plate(text) or "").replace("***", "")
    assert len(shown) <= max(7, len(text) / 3)
    assert plate(text) not in {text, text.upper()}


@pytest.mark.parametrize(
    ("clear", "masked"),
    [
        ("evt-75A-123.45-x", "evt-75A-***.45-x"),
        ("native:75a12345:1", "native:75A-***.45:1"),
        ("LP_51F-123.45_cam", "LP_51F-***.45_cam"),
        ("cam 75-B1 123.45 x", "cam 75B1-***.45 x"),
        ("lúc 75K-1234", "lúc 75K-***.34"),
        ("gọi 0905 123 456", "gọi 0***56"),
        ("gọi +84905.123.456.", "gọi +84***56."),
        ("H-001", "H-001"),
        ("1-1523590871", "1-1523590871"),
        ("KC-2026-001234", "KC-2026-001234"),
        ("2026-11-25 02:16:44,123 INFO", "2026-11-25 02:16:44,123 INFO"),
        ("review:1731234567.123456-abc123", "review:1731234567.123456-abc123"),
        ("", ""),
    ],
)
def test_plates_and_numbers_are_masked_wherever_they_stand(clear: str, masked: str) -> None:
    assert hidden(clear) == masked
    assert hidden(masked) == masked


@given(
    st.from_regex(r"[0-9]{2}[A-Z]-[0-9]{3}\.[0-9]{2}", fullmatch=True),
    st.sampled_from(" ,:/_-'\"()\n"),
    st.sampled_from(" ,:/_-'\"()\n"),
)
def test_no_plate_survives_in_a_text(clear: str, before: str, after: str) -> None:
    for written in (clear, clear.lower(), re.sub(r"[-.]", "", clear), clear.replace(".", "")):
        assert written not in hidden(f"x{before}{written}{after}y")


@pytest.mark.parametrize(
    ("key", "of", "told"),
    [
        ("native:evt-75A-123.45", None, True),
        ("native:evt-TM7731-2", "TM-77-31", True),
        ("native:tm 77 31", "TM-77-31", True),
        ("native:1234", "TM-77-31", False),
        ("frigate:plate:1731234567.12-abc", "75A-123.45", False),
        ("native:12", "12", False),
    ],
)
def test_an_id_that_holds_a_plate_is_known(key: str, of: str | None, told: bool) -> None:
    assert betrays(key, of) is told
