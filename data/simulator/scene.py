"""What a simulated camera would see: a street drawn from the camera's own seed, by the hour of the day, with what moves on it.

Nothing here is a picture of anything: whoever looks sees at once that it is drawn, and it says so.
"""

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from data.simulator.traffic import Frame, Place, crowd, flames, mover, water

WIDTH, HEIGHT, FINER = 960, 540, 2
QUALITY = 82
BOX = tuple[float, float, float, float]


SUBJECTS: Mapping[str, Callable[[Frame, Random], BOX]] = {
    "fire_single": flames,
    "fire_confirmed": flames,
    "crowd": crowd,
    "crowd_critical": crowd,
    "street_flood": lambda frame, _chance: water(frame),
}
NOTHING = frozenset({"", "construction_continuing", "camera_tamper"})  # of these a camera gives no box
BESIDE = ("car", 1.12, 0.45)
VEHICLES = {"illegal_parking": BESIDE, "encroachment": BESIDE, "waste_dump": BESIDE, "no_helmet": ("bike", 0.4, 0.62)}


class Seen(NamedTuple):
    """One picture: JPEG, and where in it what the event speaks of stands (x, y, width, height as shares), None where nothing does."""

    jpeg: bytes
    box: BOX | None


class Light(NamedTuple):
    """The colours of an hour."""

    sky: tuple[int, int, int]
    low: tuple[int, int, int]
    house: tuple[int, int, int]
    road: tuple[int, int, int]
    lit: bool


DAY = Light((124, 158, 186), (196, 206, 206), (128, 130, 132), (92, 95, 99), lit=False)
DUSK = Light((52, 58, 92), (176, 120, 98), (58, 58, 68), (60, 62, 68), lit=True)
NIGHT = Light((12, 17, 28), (30, 37, 50), (26, 31, 41), (36, 40, 47), lit=True)


def light(hour: float) -> Light:
    """Return the colours at an hour of 0..24, on a day near the tropics."""
    if 6 <= hour < 17:  # noqa: PLR2004  hours
        return DAY
    return DUSK if 5 <= hour < 6 or 17 <= hour < 18.5 else NIGHT  # noqa: PLR2004  hours


def seen(camera: str, local: datetime, *, kind: str = "", moment: float = 0.0) -> Seen:
    """Return what a camera sees at a moment (s, any origin), with the subject of a kind of event where one is named."""
    light_ = light(local.hour + local.minute / 60)
    frame = Frame(_street(camera, light_).copy(), lit=light_.lit)
    chance = Random(f"{camera}/{kind}/{int(moment)}" if kind else camera)  # noqa: S311  a drawing
    for place in _traffic(camera, moment):
        mover(frame, place)
    box = _subject(frame, kind, chance)
    image = frame.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    _inscribe(ImageDraw.Draw(image), camera, local)
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=QUALITY)
    return Seen(kept.getvalue(), box)


def _traffic(camera: str, moment: float) -> list[Place]:
    """Return what moves along the road, the farthest first: everything comes round again after a while."""
    chance = Random(f"traffic/{camera}")  # noqa: S311  a drawing
    found = []
    for _ in range(chance.randrange(5, 10)):
        lane, pace, began = chance.choice((-0.62, -0.25, 0.25, 0.62)), chance.uniform(0.03, 0.09), chance.random()
        way = -1 if lane < 0 else 1
        depth = (began + way * pace * moment) % 1.0
        found.append(Place(chance.choice(("bike", "bike", "bike", "car", "car", "bus")), lane, depth, chance.randrange(6)))
    return sorted(found, key=lambda one: one.depth)


def _subject(frame: Frame, kind: str, chance: Random) -> BOX | None:
    """Draw what an event of this kind speaks of; returns its box."""
    draw = SUBJECTS.get(kind)
    if draw is not None:
        return draw(frame, chance)
    if kind in NOTHING:
        return None
    what, across, near = VEHICLES.get(kind, ("car", 0.3, 0.65))
    return mover(frame, Place(what, chance.choice((-across, across)), near + chance.uniform(0, 0.15), chance.randrange(6)))


@lru_cache(maxsize=16)
def _street(camera: str, light_: Light) -> Image.Image:
    """Return the street without anything that moves, twice as fine as it is shown."""
    wide, high = WIDTH * FINER, HEIGHT * FINER
    image, chance = Image.new("RGB", (wide, high)), Random(f"street/{camera}")  # noqa: S311  a drawing
    draw, horizon = ImageDraw.Draw(image), int(high * Frame.HORIZON)
    for row in range(horizon):
        share = row / horizon
        draw.line((0, row, wide, row), fill=_between(light_.sky, light_.low, share))
    _houses(draw, chance, light_, horizon)
    ground = _between(light_.road, light_.low, 0.16)
    draw.rectangle((0, horizon, wide, high), fill=ground)
    road = [(Frame.across(x, depth), Frame.down(depth)) for x, depth in ((-0.95, 0), (0.95, 0), (0.95, 1), (-0.95, 1))]
    draw.polygon(road, fill=light_.road)
    for x in (-0.95, 0.95):
        _stripe(draw, x, 0.0, 1.0, _between(light_.road, (240, 240, 240), 0.55))
    for at in range(14):
        _stripe(draw, 0.0, at / 14, (at + 0.55) / 14, _between(light_.road, (240, 240, 240), 0.6))
    _trees(draw, chance, light_)
    return image


def _houses(draw: ImageDraw.ImageDraw, chance: Random, light_: Light, horizon: int) -> None:
    left = 0
    while left < WIDTH * FINER:
        wide, high = chance.randrange(90, 240), chance.randrange(60, 260)
        tint = _between(light_.house, light_.low, chance.uniform(0.0, 0.35))
        draw.rectangle((left, horizon - high, left + wide, horizon + 4), fill=tint)
        pane = (222, 190, 120) if light_.lit else _between(tint, (30, 36, 44), 0.4)
        for x in range(left + 14, left + wide - 20, 34):
            for y in range(horizon - high + 16, horizon - 26, 36):
                if chance.random() < (0.35 if light_.lit else 0.8):
                    draw.rectangle((x, y, x + 14, y + 18), fill=pane)
        left += wide + chance.choice((0, 0, 8, 26))


def _trees(draw: ImageDraw.ImageDraw, chance: Random, light_: Light) -> None:
    leaf = _between((58, 92, 62), light_.house, 0.75 if light_.lit else 0.15)
    for side in (-1, 1):
        for at in range(5):
            depth = 0.08 + at * 0.16 + chance.uniform(0, 0.05)
            size = Frame.size(depth)
            x, y = Frame.across(side * (1.3 + chance.uniform(0, 0.25)), depth), Frame.down(depth)
            draw.rectangle((x - size * 0.05, y - size * 1.1, x + size * 0.05, y), fill=_between(leaf, (40, 30, 24), 0.6))
            for _ in range(6):
                dx, dy, r = chance.uniform(-0.4, 0.4) * size, chance.uniform(-1.8, -1.0) * size, chance.uniform(0.3, 0.5) * size
                draw.ellipse(
                    (x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=_between(leaf, (0, 0, 0), chance.uniform(0, 0.25))
                )


def _stripe(draw: ImageDraw.ImageDraw, x: float, near: float, far: float, tint: tuple[int, int, int]) -> None:
    half = 0.012
    corners = ((x - half, near), (x + half, near), (x + half, far), (x - half, far))
    draw.polygon([(Frame.across(side, depth), Frame.down(depth)) for side, depth in corners], fill=tint)


def _inscribe(draw: ImageDraw.ImageDraw, camera: str, local: datetime) -> None:
    """Write what cameras write into their pictures, and that this is none."""
    font = ImageFont.load_default(size=20)
    told = ((14, 10, f"{local:%Y-%m-%d %H:%M:%S}", "la"), (14, HEIGHT - 12, camera, "ls"), (WIDTH - 14, 10, "SIMULATION", "ra"))
    for x, y, text, anchor in told:
        draw.text((x, y), text, font=font, anchor=anchor, fill=(245, 245, 245), stroke_width=2, stroke_fill=(0, 0, 0))


def _between(one: tuple[int, int, int], other: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
