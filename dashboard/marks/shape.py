"""What a drawn line must be before everybody sees it: inside the city, not too long, an area that does not cross itself."""

from collections.abc import Iterator, Sequence
from math import cos, isfinite, radians
from typing import Literal

from dashboard.errors import Unfit

Shape = Literal["area", "route"]
Point = tuple[float, float]  # lon, lat in degrees
MOST_POINTS = 500
LEAST: dict[str, int] = {"area": 3, "route": 2}
MARGIN_M, METRES_A_DEGREE = 2000.0, 111_195.0
DECIMALS = 6  # of a degree: a tenth of a metre
FLAT_M2 = 1.0


def fitted(shape: Shape, points: Sequence[Point], bounds: tuple[float, float, float, float]) -> tuple[Point, ...]:
    """Return the line as it is kept: rounded, without points that say the same twice; an area is not closed. Raises Unfit."""
    if any(not isfinite(number) for point in points for number in point):
        raise Unfit("points", "not_a_number")
    line = _plain(shape, points)
    if len(line) < LEAST[shape]:
        raise Unfit("points", "too_few")
    if len(line) > MOST_POINTS:
        raise Unfit("points", "too_many")
    west, south, east, north = around(bounds)
    if not all(west <= lon <= east and south <= lat <= north for lon, lat in line):
        raise Unfit("points", "outside")
    if shape == "area" and crosses(line):
        raise Unfit("points", "crosses")
    if shape == "area" and area_m2(line) < FLAT_M2:
        raise Unfit("points", "flat")
    return line


def around(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return bounds (west, south, east, north) and two kilometres around them."""
    west, south, east, north = bounds
    up = MARGIN_M / METRES_A_DEGREE
    wide = up / cos(radians((south + north) / 2))
    return west - wide, south - up, east + wide, north + up


def _plain(shape: Shape, points: Sequence[Point]) -> tuple[Point, ...]:
    line: list[Point] = []
    for lon, lat in points:
        point = (round(lon, DECIMALS), round(lat, DECIMALS))
        if not line or line[-1] != point:
            line.append(point)
    if shape == "area" and len(line) > 1 and line[0] == line[-1]:
        line.pop()
    return tuple(line)


def area_m2(ring: Sequence[Point]) -> float:
    """Return how large an area is: so small, the earth is flat."""
    narrow = cos(radians(ring[0][1]))
    flat = [((lon - ring[0][0]) * narrow * METRES_A_DEGREE, (lat - ring[0][1]) * METRES_A_DEGREE) for lon, lat in ring]
    return abs(sum(x * b - a * y for (x, y), (a, b) in _edges(flat))) / 2


def crosses(ring: Sequence[Point]) -> bool:
    """Return whether the border of an area crosses or touches itself."""
    edges = sorted((min(a[0], b[0]), max(a[0], b[0]), at, a, b) for at, (a, b) in enumerate(_edges(ring)))
    live: list[tuple[float, float, int, Point, Point]] = []
    for edge in edges:
        live = [one for one in live if one[1] >= edge[0]]
        if any(_clash(one, edge, len(ring)) for one in live):
            return True
        live.append(edge)
    return False


def _edges(ring: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return zip(ring, (*ring[1:], ring[0]), strict=True)


def _clash(one: tuple[float, float, int, Point, Point], other: tuple[float, float, int, Point, Point], n: int) -> bool:
    """Return whether two edges meet where they should not; neighbours share a corner, and clash where one runs back over the other."""
    (_, _, at, a, b), (_, _, to, c, d) = one, other
    if (to - at) % n in (1, n - 1):
        first, corner, last = (a, b, d) if b == c else (c, d, b)
        return _turn(first, corner, last) == 0 and _ahead(corner, first, last)
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    return any(turn == 0 and _within(*edge) for turn, edge in zip(turns, ((a, b, c), (a, b, d), (c, d, a), (c, d, b)), strict=True))


def _turn(a: Point, b: Point, c: Point) -> int:
    """Return 1 where c lies left of a-b, -1 right of it, 0 on it. In whole millionths of a degree: exact."""
    (ax, ay), (bx, by), (cx, cy) = _whole(a), _whole(b), _whole(c)
    turn = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return (turn > 0) - (turn < 0)


def _ahead(corner: Point, one: Point, other: Point) -> bool:
    """Return whether two points lie on the same side of a corner on one line."""
    (x, y), (ax, ay), (bx, by) = _whole(corner), _whole(one), _whole(other)
    return (ax - x) * (bx - x) + (ay - y) * (by - y) > 0


def _within(a: Point, b: Point, c: Point) -> bool:
    """Return whether c, which lies on the line through a and b, lies between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def _whole(point: Point) -> tuple[int, int]:
    return round(point[0] * 10**DECIMALS), round(point[1] * 10**DECIMALS)
