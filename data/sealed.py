"""What lies closed on the disk, and what can be found without being read: everything under keys drawn from the installation's secret.

Each purpose has a key of its own (HKDF-SHA-256, RFC 5869), so that what leaks of one opens nothing of another.
"""

import hmac
import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import BinaryIO

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dashboard.plates import normal
from dashboard.watch.nearness import asked, kept

NONCE, MARK, NEAR = 12, 16, 8
PIECE, EXTRA = 256 * 1024, NONCE + 16  # of what is sealed in pieces: clear bytes of one, and what sealing adds


class Tampered(Exception):  # noqa: N818  a verdict on what was kept
    """What was sealed cannot be opened: it was changed, belongs elsewhere, or another secret sealed it."""


def key_for(secret: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose alone."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"kydai {purpose}".encode()).derive(secret)


class Seal:
    """Closes and opens the bytes of one purpose (AES-256-GCM). `about` is bound to them: sealed for one thing, they open for no other."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._cipher = AESGCM(key_for(secret, purpose))

    def close(self, clear: bytes, *, about: str) -> bytes:
        """Return `clear` sealed."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, clear, about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return what was sealed. Raises Tampered."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise Tampered(about) from error


class SealedFile:
    """Much that is sealed in pieces, so that some of it can be read without the rest. Pieces are bound to their place and to the whole."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def close(self, clear: bytes, *, about: str) -> bytes:
        """Return `clear` sealed."""
        count = -(-len(clear) // PIECE)
        pieces = (clear[at * PIECE : (at + 1) * PIECE] for at in range(count))
        return b"".join(self._seal.close(one, about=f"{about} {at}/{count}") for at, one in enumerate(pieces))

    def read(self, sealed: BinaryIO, *, about: str, size: int, first: int, last: int) -> Iterator[bytes]:
        """Yield the clear bytes from `first` to `last`, both included; `size` is that of all of it in the clear. Raises Tampered."""
        count = -(-size // PIECE)
        for at in range(first // PIECE, last // PIECE + 1):
            sealed.seek(at * (PIECE + EXTRA))
            clear = self._seal.open(sealed.read(min(PIECE, size - at * PIECE) + EXTRA), about=f"{about} {at}/{count}")
            yield clear[max(first - at * PIECE, 0) : last - at * PIECE + 1]


class PlateMark:
    """Marks by which plates are found without being kept in the clear (P-12): HMAC-SHA-256, cut to 16 bytes."""

    def __init__(self, secret: bytes) -> None:
        self._key = key_for(secret, "plate mark")

    def of(self, plate: str) -> bytes:
        """Return the mark of a plate, the same however it is written; b"" where nothing of it can be read."""
        plain = normal(plate)
        return hmac.digest(self._key, plain.encode(), "sha256")[:MARK] if plain else b""


class WatchMark:
    """Marks by which a read is held against the watch lists (data.watching)."""

    def __init__(self, secret: bytes) -> None:
        self._plate, self._near, self._person = (key_for(secret, f"{name} mark") for name in ("plate", "near plate", "person"))

    def plate(self, plain: str) -> bytes:
        """Return the mark of a plate in its one spelling (dashboard.plates.normal): the same as PlateMark's."""
        return hmac.digest(self._plate, plain.encode(), "sha256")[:MARK]

    def person(self, subject: str) -> bytes:
        """Return the mark of a person, by the name that the camera system has for them."""
        return hmac.digest(self._person, subject.strip().casefold().encode(), "sha256")[:MARK]

    def kept(self, plain: str) -> bytes:
        """Return the marks of all that is one sign away from a plate, eight bytes each, joined."""
        return self._joined(kept(plain))

    def asked(self, plain: str) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
        """Return the marks that a plate one sign away from `plain` has among its kept ones."""
        return np.frombuffer(self._joined(asked(plain)), dtype="<u8")

    def _joined(self, texts: Iterable[str]) -> bytes:
        # BLAKE2's own keyed mode (RFC 7693) takes a third of an HMAC's time, and each read takes seventeen.
        return b"".join(blake2b(text.encode(), digest_size=NEAR, key=self._near).digest() for text in texts)
