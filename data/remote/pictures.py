"""Whether what a service sent is a picture that may be handed on: by its first bytes, its size, and by being drawn once."""

import io
import warnings

from PIL import Image

from dashboard.layers.remote import Trouble
from data.remote.wire import is_page, xml

MOST_BYTES, MOST_SIDE = 2 << 20, 1024
MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG", "image/png"),
    (b"\xff\xd8\xff", "JPEG", "image/jpeg"),
    (b"RIFF", "WEBP", "image/webp"),
    (b"GIF8", "GIF", "image/gif"),
)


def kind_of(body: bytes) -> tuple[str, str]:
    """Return a picture's format and media type, empty where it is none of those that are handed on."""
    return next(((form, told) for magic, form, told in MAGIC if body.startswith(magic)), ("", ""))


def checked(body: bytes) -> str:
    """Return a picture's media type. Raises Trouble for what is none, is broken or too large, with what the service says instead."""
    form, told = kind_of(body)
    if not form:
        if is_page(body):
            raise Trouble("html")
        if body.lstrip()[:1] == b"<":
            xml(body)
        raise Trouble("picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(body), formats=[form]) as drawn:
                if max(drawn.size) > MOST_SIDE:
                    raise Trouble("large", f"{drawn.size[0]} × {drawn.size[1]}")
                drawn.load()
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Trouble("picture", str(error)[:100]) from error
    return told
