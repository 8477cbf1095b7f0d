"""A file of reports that was read once and is needed again: its pieces and what they say, on the disk and not in memory."""

import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from msgspec import msgpack

from dashboard.events import AnyEvent, ReportChanged
from data.atlas import Atlas
from data.source import Unread
from data.sources.reports_csv import parse

LENGTH, READERS, AHEAD = 8, 2, 6
Events = Sequence[AnyEvent | Unread]


class Piece(NamedTuple):
    """Some rows of a file, with its header line, and how many lines stood before them."""

    raw: bytes
    first_line: int
    rows: int


class Spool:
    """Pieces in their order. The file has no name: when it is closed, or this process ends, it is gone."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed with us
        self.pieces = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def add(self, piece: Piece, told: Sequence[object]) -> None:
        """Keep a piece and what it says."""
        body = msgpack.encode((piece, told))
        self._file.write(len(body).to_bytes(LENGTH, "big") + body)
        self.pieces += 1

    def __iter__(self) -> Iterator[tuple[Piece, Sequence[ReportChanged | Unread]]]:
        """Yield all that was kept, from the first."""
        decode = msgpack.Decoder(tuple[Piece, list[ReportChanged | Unread]]).decode
        self._file.seek(0)
        while head := self._file.read(LENGTH):
            yield decode(self._file.read(int.from_bytes(head, "big")))


def parsed(pieces: Iterable[Piece], headers: Callable[[Piece], Mapping[str, str]], *, many: bool) -> Iterator[tuple[Piece, Events]]:
    """Yield each piece with what it says, in their order; where there are `many`, two processes read ahead. Raises Rejected."""
    if not many:
        yield from ((piece, parse(piece.raw, headers(piece))) for piece in pieces)
        return
    decode, waiting = msgpack.Decoder(list[ReportChanged | Unread]).decode, deque[tuple[Piece, Future[bytes]]]()
    with ProcessPoolExecutor(READERS, mp_context=get_context("fork")) as readers:
        for piece in pieces:
            waiting.append((piece, readers.submit(_parsed, piece.raw, dict(headers(piece)))))
            if len(waiting) > AHEAD:
                first, told = waiting.popleft()
                yield first, decode(told.result())
        yield from ((piece, decode(told.result())) for piece, told in waiting)


def _parsed(raw: bytes, headers: dict[str, str]) -> bytes:
    return msgpack.encode(parse(raw, headers))


class Wards:
    """In which wards reports lie, asked for many at once: one by one that costs as much as writing them."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._known: dict[tuple[float, float, int], str] = {}

    def look(self, told: Sequence[AnyEvent | Unread]) -> None:
        """Know the wards of these, and of no others."""
        places = [
            (one.lon, one.lat, one.submitted)
            for one in told
            if isinstance(one, ReportChanged) and not one.ward and one.lon is not None and one.lat is not None
        ]
        self._known = dict(zip(places, self._atlas.wards(places), strict=True))

    def locate(self, lon: float, lat: float, at_ms: int) -> str:
        """Return the ward of a place at an instant."""
        found = self._known.get((lon, lat, at_ms))
        return self._atlas.locate(lon, lat, at_ms) if found is None else found
