"""Nobody can read a whole plate off a screen."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.masking import plate


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
