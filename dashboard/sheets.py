"""Cells of the tables that people take away into a spreadsheet: none of them is ever taken for a formula."""

from typing import Any

# What a spreadsheet takes for a formula (OWASP, CSV injection), and the same signs as wide as East Asian letters.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LED_BY = " \u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"  # blanks that some programs drop before they look
LONGEST = 32_767  # signs of a cell


def safe(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula. Numbers stay what they are."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}"[:LONGEST] if cell.lstrip(_LED_BY).startswith(FORMULA) else cell[:LONGEST]
