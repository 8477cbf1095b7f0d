"""A report, from a form to the log: numbered, its writer sealed, kept, and only then answered.

Its number is made of who sends it and what it says (HMAC), so the same post again within an hour, or under the same id of the client's
own for ever, is the same report wherever it arrives: no process has to remember anything for that.
"""

import hmac
import secrets
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

from msgspec import json
from msgspec.structs import replace

from dashboard.events import ReportChanged
from dashboard.open311.posted import Posted
from dashboard.ports import Clock
from data.intake import Intake
from data.sealed import key_for
from data.store.words import Writer

HOUR_MS = 3_600_000
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is mistaken for something else when read aloud
LENGTH, GROUP = 12, 4
MOST_REMEMBERED = 20_000
NUMBER = "report number"


class Photo(NamedTuple):
    """A picture as it was uploaded; what it is called is not kept."""

    mimetype: str
    raw: bytes


class Desk:
    """Keeps what is posted. `held` says when a report (source/number) that the record has was submitted."""

    def __init__(self, intake: Intake, clock: Clock, secret: bytes, held: Callable[[str], int | None]) -> None:
        self._intake, self._clock, self._held = intake, clock, held
        self._key, self._writer = key_for(secret, NUMBER), Writer(secret)
        self._lately: OrderedDict[str, int] = OrderedDict()

    def keep(self, client: str, posted: Posted, photos: Sequence[Photo], *, own_id: str) -> str:
        """Keep a report and return its number; one that was kept before is not kept again. Raises data.spool.Full."""
        now_ms = self._clock.now_ms()
        number, before = self._number(client, posted, photos, own_id, now_ms)
        if before:
            return number
        who = b64encode(self._writer.close(posted.who, report=f"{client}/{number}")).decode() if posted.who else ""
        report = ReportChanged(
            id=f"{number}@0",
            at=now_ms,
            report=number,
            service=posted.service.code,
            submitted=now_ms,
            open=True,
            lon=posted.lon,
            lat=posted.lat,
            urgent=posted.service.urgent,
            channel=client,
            said=replace(posted.said, sealed=who),
        )
        raw, content_type = _payload(json.encode(report), photos)
        self._intake.accept(client, raw, {"content-type": content_type})
        self._remember(f"{client}/{number}", now_ms)
        return number

    def _number(self, client: str, posted: Posted, photos: Sequence[Photo], own_id: str, now_ms: int) -> tuple[str, bool]:
        """Return a report's number, and whether it was kept before."""
        if own_id:
            number = self._numbered(client, "own", own_id.encode())
            return number, f"{client}/{number}" in self._lately
        content = _content(posted, photos)
        this, last = (self._numbered(client, str(now_ms // HOUR_MS - back), content) for back in (0, 1))
        for number in (this, last):
            at = self._at(f"{client}/{number}")
            if at is not None and at > now_ms - HOUR_MS:
                return number, True
        return this, False

    def _numbered(self, *told: str | bytes) -> str:
        joined = b"\0".join(one.encode() if isinstance(one, str) else one for one in told)
        drawn = int.from_bytes(hmac.digest(self._key, joined, "sha256")[:8], "big")
        signs = "".join(SIGNS[drawn >> 5 * place & 31] for place in range(LENGTH))
        return "-".join(signs[at : at + GROUP] for at in range(0, LENGTH, GROUP))

    def _at(self, key: str) -> int | None:
        return self._lately[key] if key in self._lately else self._held(key)

    def _remember(self, key: str, now_ms: int) -> None:
        self._lately[key] = now_ms
        while len(self._lately) > MOST_REMEMBERED:
            self._lately.popitem(last=False)


def _content(posted: Posted, photos: Sequence[Photo]) -> bytes:
    """Return what makes two posts the same: everything that the citizen gave."""
    told = (posted.service.code, posted.lon, posted.lat, posted.said, sorted(posted.who.items()))
    return sha256(json.encode((told, [sha256(one.raw).hexdigest() for one in photos]))).digest()


def _payload(event: bytes, photos: Sequence[Photo]) -> tuple[bytes, str]:
    """Return a report and its pictures as one payload, as the intake has it from cameras: the darkroom finds them (decisions/006)."""
    if not photos:
        return event, "application/json"
    mark = f"kydai-{secrets.token_hex(16)}"
    parts = [_part("report", "application/json", event), *(_part("scene", one.mimetype, one.raw) for one in photos)]
    raw = b"".join(f"--{mark}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{mark}--\r\n".encode()
    return raw, f"multipart/form-data; boundary={mark}"


def _part(name: str, mimetype: str, raw: bytes) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\nContent-Type: {mimetype}\r\n\r\n'.encode() + raw
