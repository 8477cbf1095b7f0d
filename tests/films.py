"""Small films for the tests, made here: a moving picture, in whichever codec and container, with sound or without."""

import io
from fractions import Fraction

import av
import numpy as np

SIZE, RATE = (320, 180), 10


def film(*, seconds: float = 2.0, codec: str = "libx264", form: str = "mp4", sound: bool = False, title: str = "") -> bytes:
    """Return a film of a square that wanders."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as made:
        if title:
            made.metadata["title"] = title
        picture = made.add_stream(codec, rate=RATE)
        picture.width, picture.height, picture.pix_fmt = *SIZE, "yuv420p"
        if codec == "libx265":
            picture.options = {"x265-params": "log-level=none"}
        tone = made.add_stream("aac", rate=8000) if sound else None
        for number in range(round(seconds * RATE)):
            pixels = np.zeros((SIZE[1], SIZE[0], 3), dtype=np.uint8)
            pixels[40:80, (number * 7) % 260 : (number * 7) % 260 + 40] = 200
            made.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        made.mux(picture.encode())
        if tone is not None:
            _hum(made, tone, seconds)
    return out.getvalue()


def _hum(made, tone, seconds: float) -> None:
    for at in range(0, round(seconds * 8000) - 1024, 1024):
        wave = (np.sin(np.arange(at, at + 1024) / 5) * 3000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, at, Fraction(1, 8000)
        made.mux(tone.encode(frame))
    made.mux(tone.encode())
