"""An endless multipart (`multipart/x-mixed-replace`), as cameras tell events in: bytes in any cut, whole parts out.

Lengths that parts state are often 0 or wrong, so a part is over at the next boundary. That would keep an event back until the next
heartbeat: so a text is over already at the end of a line outside all of its braces, and XML at the end of its outermost element. What is
decided depends on the bytes alone and never on how they were cut, and no more is held than one part may have.
"""

import re

from data.reading_multipart import Part

MOST_TEXT, MOST_PICTURE, MOST_HEADER = 256 * 1024, 8 * 1024 * 1024, 4_000
MOST_PROLOGUE = 2_000  # before the outermost element of XML
MOST_DASHES, MOST_MARK = 8, 256  # before a boundary; and in all of its line
_BOUNDARY = re.compile(r"""boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))""", re.IGNORECASE)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_ELEMENT = re.compile(rb"<([A-Za-z_][\w.:-]{0,100})[\s/>]")
_TYPE = re.compile(rb"content-type:\s*([^;\s]+)", re.IGNORECASE)


class PartStream:
    """Cuts a stream into parts. `dropped` counts those that were too large, or whose picture was never finished."""

    def __init__(self, content_type: str = "") -> None:
        told = _BOUNDARY.search(content_type)
        self._boundary = (told[1] or told[2]).strip("-").encode("latin-1", "replace") if told else b""
        self._line = bytearray()  # one that has not ended yet
        self._part = bytearray()  # the open part, or its headers
        self._state, self._mimetype, self._depth = "before", "", 0
        self._ends = b""  # of XML: its outermost element's end, once that element has begun
        self.dropped = 0

    def feed(self, chunk: bytes) -> list[Part]:
        """Return the parts that these bytes complete."""
        found: list[Part] = []
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            if self._depth > 0 and not self._line and self._goes_on(line):
                continue
            self._take(bytes(self._line) + line + b"\n" if self._line else line + b"\n", found)
            self._line.clear()
        self._line += rest
        self._hold_little()
        return found

    def close(self) -> list[Part]:
        """Return what the stream's end leaves over: a text, even one that was cut off. A picture without its boundary is dropped."""
        found: list[Part] = []
        if self._line:
            self._take(bytes(self._line), found)
            self._line.clear()
        if self._state == "picture":
            self.dropped += 1
        elif self._state == "text":
            self._tell(found)
        self._state, self._depth, self._ends = "before", 0, b""
        self._part.clear()
        return found

    def _goes_on(self, line: bytes) -> bool:
        """Add a line that nothing depends on, as most are within braces; return False for any other."""
        if b"{" in line or b"}" in line or self._boundary in line or len(self._part) + len(line) >= MOST_TEXT:
            return False
        self._part += line
        self._part += b"\n"
        return True

    def _hold_little(self) -> None:
        """Let go of an unended line that is too long, whatever follows: all of it but what may be a boundary."""
        if self._state != "before" and len(self._part) + len(self._line) - MOST_MARK > self._most:
            self._drop()
        if self._state == "before" and len(self._line) > MOST_MARK:
            del self._line[: -MOST_MARK - 1]  # one more, so that it is still seen to be longer

    @property
    def _most(self) -> int:
        return {"head": MOST_HEADER, "text": MOST_TEXT}.get(self._state, MOST_PICTURE)

    def _drop(self) -> None:
        self.dropped += 1
        self._state, self._depth, self._ends = "before", 0, b""
        self._part.clear()

    def _take(self, line: bytes, found: list[Part]) -> None:
        at = self._mark(line)
        inner = line if at < 0 else line[:at]
        if self._state != "before" and len(self._part) + len(inner) > self._most:
            self._drop()
        if self._state == "head":
            self._head(inner)
        elif self._state == "text":
            self._text(inner, found)
        elif self._state == "picture":
            self._part += inner
        if at >= 0:
            self._over(found)

    def _mark(self, line: bytes) -> int:
        """Return where in a line the boundary that ends it begins, its dashes included, or -1."""
        if self._boundary and self._boundary not in line:
            return -1
        bare = line[-MOST_MARK:].rstrip(b"\r\n \t-")
        if not self._boundary and line.startswith(b"--") and len(line) <= MOST_MARK:
            self._boundary = bare.lstrip(b"-")[:70]
        if not self._boundary or not bare.endswith(self._boundary):
            return -1
        before = bare[: -len(self._boundary)]
        dashes = min(len(before) - len(before.rstrip(b"-")), MOST_DASHES)
        return max(len(line) - MOST_MARK, 0) + len(before) - dashes if dashes > 1 else -1

    def _over(self, found: list[Part]) -> None:
        """The boundary: what was open is told, and the next part's headers begin."""
        if self._state in {"text", "picture"}:
            self._tell(found)
        self._part.clear()
        self._state = "head"

    def _head(self, line: bytes) -> None:
        if line.strip():
            self._part += line
            return
        told = _TYPE.search(bytes(self._part))
        self._mimetype = told[1].decode("latin-1").lower() if told else ""
        self._state = (
            "text" if not told or self._mimetype.startswith("text/") or self._mimetype.endswith(("xml", "json")) else "picture"
        )
        self._part.clear()
        self._depth, self._ends = 0, b""

    def _text(self, line: bytes, found: list[Part]) -> None:
        """Add a line of text. Strings hold no line's end, so each line can be weighed alone."""
        self._part += line
        if self._part[:40].lstrip().startswith(b"<"):
            self._xml(line, found)
            return
        if b"{" in line or b"}" in line:
            bare = _STRING.sub(b"", line)
            self._depth += bare.count(b"{") - bare.count(b"}")
        if self._depth <= 0 and line.endswith(b"\n"):
            self._tell(found)

    def _xml(self, line: bytes, found: list[Part]) -> None:
        """See whether XML ends with this line. What looks like an end within it would make it no XML."""
        if not self._ends and len(self._part) < MOST_PROLOGUE and (begun := _ELEMENT.search(line)):
            self._ends = b"</" + begun[1] + b">"
        if self._ends and line.rstrip().endswith(self._ends):
            self._tell(found)

    def _tell(self, found: list[Part]) -> None:
        """Tell of the open part, if anything is in it, and go on: a second text may follow without a boundary."""
        whole = bytes(self._part)
        body = whole.strip() if self._state == "text" else whole.removesuffix(b"\n").removesuffix(b"\r")
        if body:
            found.append(Part("", self._mimetype, body))
        self._part.clear()
        self._depth, self._ends = 0, b""
