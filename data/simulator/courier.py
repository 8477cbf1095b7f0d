"""Carries what is said to the front door, in order, and does not lose its place when the door is shut."""

import http.client
import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import groupby
from logging import getLogger
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from data.simulator.scene import Seen, seen
from data.simulator.spoken import Spoken

SIMULATED = "X-Kydai-Simulated"  # whoever reads the record can tell what did not happen
BETWEEN = "kydai-simulated-street"  # stands in no JSON of ours, and in no JPEG but by a chance of 2^-180
Draw = Callable[[Mapping[str, Any]], Seen]
AT_ONCE, LONGEST_S = 400, 10.0
ACCEPTED, AGAIN = 202, frozenset({429, 500, 502, 503, 504})
log = getLogger(__name__)


class Courier:
    """Posts to one intake. `keys` maps a source to its secret; `record` keeps what is said as NDJSON, to be replayed.

    `draw` gives the picture of what is shown; none goes along without it.
    """

    def __init__(
        self,
        intake_url: str,
        keys: Mapping[str, str],
        *,
        stopping: Callable[[], bool],
        record: Path | None = None,
        draw: Draw | None = None,
    ) -> None:
        self._place = urlsplit(intake_url)
        self._keys, self._stopping, self._draw = keys, stopping, draw
        self._line: http.client.HTTPConnection | None = None
        self._record: TextIO | None = record.open("a", encoding="utf-8") if record else None

    def carry(self, said: Iterable[Spoken]) -> int:
        """Deliver what is said, neighbours of one source and topic together; returns how many."""
        carried = 0
        for (source, topic, shown), group in groupby(said, key=lambda one: (one.source, one.topic, one.shown)):
            things = list(group)
            carried += len(things)
            if topic or shown:
                for one in things:
                    self._post(source, _written(one.body), topic, self._picture(one))
            else:
                for at in range(0, len(things), AT_ONCE):
                    self._post(source, "\n".join(_written(one.body) for one in things[at : at + AT_ONCE]), "")
        return carried

    def _picture(self, one: Spoken) -> Seen | None:
        return self._draw(one.body) if one.shown and self._draw is not None and isinstance(one.body, dict) else None

    def _post(self, source: str, body: str, topic: str, picture: Seen | None = None) -> None:
        if self._record:
            self._record.write(json.dumps({"source": source, "topic": topic, "body": body, "at": time.time()}) + "\n")
            self._record.flush()
        kind, sent = _packed(body, picture)
        wait_s = 0.2
        while not self._stopping():
            status = self._try(source, sent, topic, kind)
            if status == ACCEPTED:
                return
            if status is not None and status not in AGAIN:
                log.error("the intake refused what %s said with %d; it is left out", source, status)
                return
            time.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_S)

    def _try(self, source: str, body: bytes, topic: str, kind: str) -> int | None:
        """Post once; returns the status, or None when nobody answered."""
        headers = {"Authorization": f"Bearer {self._keys[source]}", "Content-Type": kind, SIMULATED: "1"}
        path = f"/api/v1/intake/{quote(source)}" + (f"?topic={quote(topic)}" if topic else "")
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection(self._place.hostname or "127.0.0.1", self._place.port or 80, timeout=10)
            self._line.request("POST", path, body, headers)
            answer = self._line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            if self._line is not None:
                self._line.close()
            self._line = None
            return None
        return answer.status


def drawer(zone: ZoneInfo) -> Draw:
    """Return what draws the picture of an event, by the city's clock."""
    return lambda event: seen(
        str(event["camera"]),
        datetime.fromtimestamp(event["at"] / 1000, zone),
        kind=str(event["kind"]),
        moment=event["at"] / 1000,
    )


def _packed(body: str, picture: Seen | None) -> tuple[str, bytes]:
    """Return content type and bytes of what is said, beside its picture where there is one."""
    if picture is None:
        return "application/x-ndjson", body.encode()
    event = json.dumps(json.loads(body) | ({"box": picture.box} if picture.box else {}))
    lines = (
        f"--{BETWEEN}",
        'Content-Disposition: form-data; name="event"',
        "Content-Type: application/json",
        "",
        event,
        f"--{BETWEEN}",
        'Content-Disposition: form-data; name="scene"; filename="scene.jpg"',
        "Content-Type: image/jpeg",
        "",
        "",
    )
    return f"multipart/form-data; boundary={BETWEEN}", "\r\n".join(
        lines
    ).encode() + picture.jpeg + f"\r\n--{BETWEEN}--\r\n".encode()


def _written(body: object) -> str:
    """Return what is said as it is sent; a recording holds it so already."""
    return body if isinstance(body, str) else json.dumps(body)


def replay(path: Path) -> Iterable[tuple[float, Spoken]]:
    """Yield (recorded at, said) of a recording. Raises ValueError that names the line that is none."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                told = json.loads(line)
                yield float(told["at"]), Spoken(str(told["source"]), str(told["body"]), str(told["topic"]))
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}:{number}: is no recording: {error}") from error
