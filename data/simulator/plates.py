"""Vietnamese number plates as cameras read them (shares: the city packs' facts). Letters that no authority gives out mark stories."""

import csv
from collections.abc import Mapping
from pathlib import Path
from random import Random

PROVINCES = ("29", "30", "51", "43", "38", "92")  # of a city that does not say which it sees
CAR_LETTERS = "ABCDEFGHKLMNPSTUVXYZ"
MISREADS = {"B": "8", "8": "B", "D": "0", "0": "D", "S": "5", "5": "S", "Z": "2", "2": "Z", "G": "6", "6": "G", "1": "7", "7": "1"}


class Plates:
    """The plates that one city sees. `shares` are how often it sees each province's code."""

    def __init__(self, shares: Mapping[str, float] | None = None) -> None:
        told = shares or dict.fromkeys(PROVINCES, 1.0)
        self._codes, self._weights = list(told), list(told.values())

    def draw(self, random: Random) -> str:
        """Return a plate, written as on the road: `75A-123.45`, `75B1-123.45`, `75K-1234`."""
        province = random.choices(self._codes, self._weights)[0]
        tail = f"{random.randrange(1, 1000):03d}.{random.randrange(1, 100):02d}"
        draw = random.random()
        if draw < 0.76:  # noqa: PLR2004  share of motorbikes
            return f"{province}{random.choice('BCDEFGHK')}{random.randrange(1, 10)}-{tail}"
        if draw < 0.79:  # noqa: PLR2004  electric ones
            return f"{province}MĐ{random.randrange(1, 10)}-{tail}"
        if draw < 0.80:  # noqa: PLR2004  old cars with four digits
            return f"{province}{random.choice('FHK')}-{random.randrange(1000, 10_000)}"
        return f"{province}{random.choice(CAR_LETTERS)}-{tail}"


def plates_of(folder: Path) -> Plates:
    """Return the plates of a pack, by its plates.csv (province, share) where it has one."""
    path = folder / "plates.csv"
    if not path.is_file():
        return Plates()
    with path.open(encoding="utf-8") as file:
        return Plates({row["province"]: float(row["share"]) for row in csv.DictReader(file)})


def misread(random: Random, text: str) -> str:
    """Return a plate with one sign taken for another, as happens at night and in rain."""
    places = [at for at, sign in enumerate(text) if sign in MISREADS]
    if not places:
        return text
    at = random.choice(places)
    return text[:at] + MISREADS[text[at]] + text[at + 1 :]
