"""Which texts are written of a plate so that two plates which differ by one sign share one: replaced, left out or put in.

The texts are marked by a key and compared as marks (P-12), so that what is one sign away is found without either plate being kept.
"""

from collections.abc import Iterator

ANY = "?"


def kept(plain: str) -> Iterator[str]:
    """Yield what is kept of a plate on a list: itself, with any one sign unknown, with any one sign left out."""
    yield f"={plain}"
    yield from _unknown(plain)
    yield from (f"-{text}" for text in _shorter(plain))


def asked(plain: str) -> Iterator[str]:
    """Yield what is asked for of a plate that was read: one that differs by one sign has one of these among its `kept`."""
    yield from _unknown(plain)
    yield f"-{plain}"  # the read one lacks a sign
    yield from (f"={text}" for text in _shorter(plain))  # the read one has a sign too many


def _unknown(plain: str) -> Iterator[str]:
    for at in range(len(plain)):
        yield f"{plain[:at]}{ANY}{plain[at + 1 :]}"


def _shorter(plain: str) -> set[str]:
    return {plain[:at] + plain[at + 1 :] for at in range(len(plain))}
