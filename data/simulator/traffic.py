"""What moves, burns or stands on a drawn street, in perspective: a depth of 0 is the horizon, 1 the lower edge; 0 across is the middle of the road."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar, NamedTuple

from PIL import Image, ImageDraw, ImageFilter

PAINTS = ((176, 58, 52), (214, 214, 210), (44, 62, 92), (64, 66, 70), (196, 160, 70), (92, 112, 104))
BOX = tuple[float, float, float, float]


class Place(NamedTuple):
    """Something on the road: what it is, where across (-1..1 is the road) and how near (0..1), and which paint it has."""

    what: str
    across: float
    depth: float
    paint: int


@dataclass
class Frame:
    """A picture in the making, 1920 × 1080 pixels, and the perspective that all of it shares."""

    image: Image.Image
    lit: bool
    WIDE: ClassVar[int] = 1920
    HIGH: ClassVar[int] = 1080
    HORIZON: ClassVar[float] = 0.36

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        """Return what draws on the picture."""
        return ImageDraw.Draw(self.image)

    @classmethod
    def down(cls, depth: float) -> float:
        """Return the pixel row of a depth: what is far crowds together."""
        return cls.HIGH * (cls.HORIZON + (1.02 - cls.HORIZON) * math.pow(depth, 1.6))

    @classmethod
    def across(cls, x: float, depth: float) -> float:
        """Return the pixel column of a place across."""
        return cls.WIDE * (0.5 + x * (0.035 + 0.52 * math.pow(depth, 1.6)))

    @classmethod
    def size(cls, depth: float) -> float:
        """Return the height of a person in pixels."""
        return 20 + 190 * math.pow(depth, 1.5)


def mover(frame: Frame, place: Place) -> BOX:
    """Draw a vehicle; returns its box."""
    size, x, y = frame.size(place.depth), frame.across(place.across, place.depth), frame.down(place.depth)
    wide, high = {"bike": (0.5, 1.15), "car": (1.35, 1.0), "bus": (1.6, 1.9)}[place.what]
    left, top, right, low = x - wide * size / 2, y - high * size, x + wide * size / 2, y
    draw, paint = frame.draw, PAINTS[place.paint % len(PAINTS)]
    if frame.lit:
        paint = _dimmed(paint)
    draw.ellipse((left - size * 0.08, low - size * 0.1, right + size * 0.08, low + size * 0.1), fill=(20, 22, 26))
    if place.what == "bike":
        _bike(draw, (left, top, right, low), paint)
    else:
        _body(draw, (left, top, right, low), paint, lit=frame.lit)
    return _box(left, top, right, low)


def _body(draw: ImageDraw.ImageDraw, at: Sequence[float], paint: tuple[int, int, int], *, lit: bool) -> None:
    left, top, right, low = at
    wide, high = right - left, low - top
    glass, lamp = (34, 42, 52), (255, 244, 208) if lit else (214, 210, 190)
    draw.rounded_rectangle((left + wide * 0.1, top, right - wide * 0.1, low - high * 0.3), wide * 0.12, fill=paint)
    draw.rounded_rectangle((left + wide * 0.17, top + high * 0.1, right - wide * 0.17, top + high * 0.42), wide * 0.06, fill=glass)
    draw.rounded_rectangle((left, top + high * 0.42, right, low - high * 0.1), wide * 0.1, fill=paint)
    for x in (left + wide * 0.04, right - wide * 0.24):
        draw.rectangle((x + wide * 0.02, low - high * 0.14, x + wide * 0.18, low), fill=(16, 17, 19))
        draw.ellipse((x, top + high * 0.52, x + wide * 0.2, top + high * 0.68), fill=lamp)
    draw.rectangle((left + wide * 0.34, low - high * 0.3, right - wide * 0.34, low - high * 0.17), fill=(232, 232, 226))


def _bike(draw: ImageDraw.ImageDraw, at: Sequence[float], paint: tuple[int, int, int]) -> None:
    left, top, right, low = at
    wide, high = right - left, low - top
    draw.rounded_rectangle((left + wide * 0.36, low - high * 0.34, right - wide * 0.36, low), wide * 0.1, fill=(24, 25, 28))
    draw.rounded_rectangle((left + wide * 0.12, top + high * 0.22, right - wide * 0.12, low - high * 0.24), wide * 0.22, fill=paint)
    draw.ellipse((left + wide * 0.27, top, right - wide * 0.27, top + high * 0.25), fill=(228, 200, 92))
    draw.rectangle((left, top + high * 0.44, right, top + high * 0.5), fill=(30, 31, 34))


def crowd(frame: Frame, chance: Random) -> BOX:
    """Draw many people on the pavement; returns the box around them."""
    side, edges = chance.choice((-1, 1)), []
    for depth in sorted(chance.uniform(0.3, 0.72) for _ in range(60)):
        size = frame.size(depth) * chance.uniform(0.85, 1.1)
        x, y = frame.across(side * chance.uniform(0.5, 1.35), depth), frame.down(depth)
        paint = PAINTS[chance.randrange(len(PAINTS))]
        coat = _dimmed(paint) if frame.lit else paint
        draw, half = frame.draw, size * 0.16
        draw.rounded_rectangle((x - half, y - size * 0.8, x + half, y - size * 0.36), half * 0.6, fill=coat)
        draw.rectangle((x - half * 0.8, y - size * 0.4, x + half * 0.8, y), fill=(34, 36, 42))
        draw.ellipse((x - half * 0.62, y - size, x + half * 0.62, y - size * 0.78), fill=(206, 168, 138))
        edges.append((x - half, y - size, x + half, y))
    lefts, tops, rights, lows = zip(*edges, strict=True)
    return _box(min(lefts), min(tops), max(rights), max(lows))


def flames(frame: Frame, chance: Random) -> BOX:
    """Draw smoke over a fire beside the road; returns the box around both."""
    depth, side = chance.uniform(0.3, 0.5), chance.choice((-1, 1))
    x, y, size = frame.across(side * 1.35, depth), frame.down(depth), frame.size(depth)
    smoke = Image.new("RGBA", frame.image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(smoke)
    for step in range(26):
        r, lift = size * (0.25 + step * 0.045), size * step * 0.2
        at = (x + side * step * size * 0.05 + chance.uniform(-0.3, 0.3) * size, y - size * 0.6 - lift)
        shade = 70 + step * 3
        pen.ellipse((at[0] - r, at[1] - r, at[0] + r, at[1] + r), fill=(shade, shade, shade + 4, max(200 - step * 7, 20)))
    for _ in range(16):
        r, at = size * chance.uniform(0.1, 0.28), (x + chance.uniform(-0.4, 0.4) * size, y - size * chance.uniform(0.0, 0.7))
        pen.ellipse((at[0] - r, at[1] - r * 1.6, at[0] + r, at[1] + r), fill=(250, chance.randrange(110, 190), 40, 220))
    smoke = smoke.filter(ImageFilter.GaussianBlur(5))
    frame.image.paste(smoke, (0, 0), smoke)
    return _box(x - size * 1.2, y - size * 5, x + size * 1.2, y + size * 0.1)


def water(frame: Frame) -> BOX:
    """Draw water over the lower part of the road; returns its box."""
    sheet = Image.new("RGBA", frame.image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(sheet)
    corners = [(frame.across(x, depth), frame.down(depth)) for x, depth in ((-1.3, 0.42), (1.25, 0.5), (1.4, 1.0), (-1.5, 1.0))]
    pen.polygon(corners, fill=(96, 108, 104, 190))
    for at in range(9):
        depth = 0.5 + at * 0.055
        pen.line(
            [(frame.across(x / 10, depth + (x % 3) * 0.004), frame.down(depth)) for x in range(-11, 12)],
            fill=(150, 162, 158, 150),
            width=3,
        )
    frame.image.paste(sheet, (0, 0), sheet)
    xs, ys = zip(*corners, strict=True)
    return _box(min(xs), min(ys), max(xs), max(ys))


def _dimmed(paint: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = (round(one * 0.5) for one in paint)
    return red, green, blue


def _box(left: float, top: float, right: float, low: float) -> BOX:
    """Return the part of a box that lies within the picture, as shares of it."""
    x0, y0 = max(left / Frame.WIDE, 0.0), max(top / Frame.HIGH, 0.0)
    x1, y1 = min(right / Frame.WIDE, 1.0), min(low / Frame.HIGH, 1.0)
    return round(x0, 4), round(y0, 4), round(max(x1 - x0, 0.001), 4), round(max(y1 - y0, 0.001), 4)
