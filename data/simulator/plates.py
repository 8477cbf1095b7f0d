"""Vietnamese number plates as cameras read them (shares: the city packs' facts). Letters that no authority gives out mark stories."""

from random import Random

PROVINCES = (("75", 82), ("43", 5), ("74", 3), ("73", 2), ("92", 2), ("29", 2), ("38", 2), ("51", 2))
CAR_LETTERS = "ABCDEFGHKLMNPSTUVXYZ"
MISREADS = {"B": "8", "8": "B", "D": "0", "0": "D", "S": "5", "5": "S", "Z": "2", "2": "Z", "G": "6", "6": "G", "1": "7", "7": "1"}


def plate(random: Random) -> str:
    """Return a plate, written as on the road: `75A-123.45`, `75B1-123.45`, `75K-1234`."""
    province = random.choices([code for code, _ in PROVINCES], [share for _, share in PROVINCES])[0]
    tail = f"{random.randrange(1, 1000):03d}.{random.randrange(1, 100):02d}"
    draw = random.random()
    if draw < 0.76:  # noqa: PLR2004  share of motorbikes
        return f"{province}{random.choice('BCDEFGHK')}{random.randrange(1, 10)}-{tail}"
    if draw < 0.79:  # noqa: PLR2004  electric ones
        return f"{province}MĐ{random.randrange(1, 10)}-{tail}"
    if draw < 0.80:  # noqa: PLR2004  old cars with four digits
        return f"{province}{random.choice('FHK')}-{random.randrange(1000, 10_000)}"
    return f"{province}{random.choice(CAR_LETTERS)}-{tail}"


def misread(random: Random, text: str) -> str:
    """Return a plate with one sign taken for another, as happens at night and in rain."""
    places = [at for at, sign in enumerate(text) if sign in MISREADS]
    if not places:
        return text
    at = random.choice(places)
    return text[:at] + MISREADS[text[at]] + text[at + 1 :]
