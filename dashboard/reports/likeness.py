"""Which reports may be of one matter (screens.md §1D): only ever suggested, nothing is merged by itself."""

from collections.abc import Iterable

from dashboard.calendar import DAY_MS, HOUR_MS
from dashboard.geo import metres
from dashboard.handling import Alike
from dashboard.plain import plain
from dashboard.reports.case import Case
from dashboard.reports.cases import Line, Near

SHINGLE = 3
MOST = 8


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1: Dice's coefficient over groups of three letters, diacritics aside."""
    a, b = _shingles(one), _shingles(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _shingles(text: str) -> frozenset[str]:
    bare = "".join(sign if sign.isalnum() else " " for sign in plain(text))
    return frozenset(
        word[at : at + SHINGLE] for word in (f" {one} " for one in bare.split()) for at in range(max(len(word) - SHINGLE + 1, 1))
    )


def near(mine: Line, others: Iterable[Line], alike: Alike, *, radius_m: int) -> list[Near]:
    """Return what of `others` may be the same matter as `mine`, or an earlier one that has come again; the most likely first."""
    found = [one for other in others if (one := _near(mine, other, alike, radius_m)) is not None]
    return sorted(found, key=lambda one: (one.again, -one.likeness, one.metres, one.hours, one.line.case.report))[:MOST]


def _near(mine: Line, other: Line, alike: Alike, radius_m: int) -> Near | None:
    """Same service and near enough; where a text stands on both sides, either it is alike or the place is the very same."""
    one, two = mine.case, other.case
    if one.report == two.report or one.service != two.service or two.state == "duplicate":
        return None
    far = _metres(one, two)
    if far is None or far > radius_m:
        return None
    apart = abs(one.submitted - two.submitted)
    again = two.settled
    if again and not 0 <= one.submitted - (two.handled or two.closed) <= alike.again_days * DAY_MS:
        return None
    if not again and apart > alike.days * DAY_MS:
        return None
    same = likeness(f"{mine.wording.title} {mine.wording.text}", f"{other.wording.title} {other.wording.text}")
    worded = mine.wording.text and other.wording.text
    if worded and same < alike.likeness and far > radius_m // 2:
        return None
    return Near(other, round(far), apart // HOUR_MS, round(same, 2), again)


def _metres(one: Case, other: Case) -> float | None:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return metres((one.lon, one.lat), (other.lon, other.lat))
