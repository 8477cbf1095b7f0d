"""What is sealed opens for its own purpose and thing alone; a plate has one mark however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.plates import normal
from data.sealed import PlateMark, Seal, Tampered

SECRET, OTHER = b"a" * 31 + b"b", b"a" * 31 + b"c"


@given(st.binary(max_size=300))
def test_what_was_closed_opens_again(clear: bytes) -> None:
    assert Seal(SECRET, "picture").open(Seal(SECRET, "picture").close(clear, about="7"), about="7") == clear


@pytest.mark.parametrize(
    ("secret", "purpose", "about"), [(OTHER, "picture", "7"), (SECRET, "login", "7"), (SECRET, "picture", "8")]
)
def test_nothing_else_opens_it(secret: bytes, purpose: str, about: str) -> None:
    sealed = Seal(SECRET, "picture").close(b"clear", about="7")
    assert b"clear" not in sealed
    with pytest.raises(Tampered):
        Seal(secret, purpose).open(sealed, about=about)


@given(st.integers(0, 32), st.integers(1, 255))
def test_a_changed_byte_is_seen(at: int, flip: int) -> None:
    sealed = bytearray(Seal(SECRET, "picture").close(b"clear", about="7"))
    sealed[at] ^= flip
    with pytest.raises(Tampered):
        Seal(SECRET, "picture").open(bytes(sealed), about="7")


def test_what_is_cut_short_is_seen() -> None:
    for length in range(28):
        with pytest.raises(Tampered):
            Seal(SECRET, "picture").open(Seal(SECRET, "picture").close(b"", about="7")[:length], about="7")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("75A-123.45", "75A12345"),
        (" 75a 123 45\n", "75A12345"),
        ("75-B1\n123.45", "75B112345"),
        ("123.45\n75-B1", "75B112345"),
        ("1234/75K", "75K1234"),
        ("29-MĐ1 234.56", "29MD123456"),
        ("29-mđ1 234.56", "29MD123456"),
        ("TH-12-34", "TH1234"),
        ("80-NG-123-01", "80NG12301"),
        ("unknown", ""),
        ("--", ""),
        ("<b>75A-123.45</b>", "B75A12345B"),
    ],
)
def test_a_plate_is_compared_in_one_spelling(written: str, plain: str) -> None:
    assert normal(written) == plain


def test_marks_tell_plates_apart_and_say_nothing_of_them() -> None:
    mark = PlateMark(SECRET)
    assert mark.of("75A-123.45") == mark.of("75a 12345") != mark.of("75A-123.46")
    assert mark.of("75A-123.45") != PlateMark(OTHER).of("75A-123.45")
    assert mark.of("unknown") == b""
