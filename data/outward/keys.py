"""How we show who we are: HTTP Digest (RFC 7616: MD5 and SHA-256, with qop=auth or without) or, where nothing better is offered, Basic."""

import base64
import hashlib
import re
import secrets
from typing import NamedTuple

_CHALLENGE = re.compile(r"(?:^|,)\s*(Digest|Basic)\s+", re.IGNORECASE)
_FIELD = re.compile(r'(\w{1,20})\s*=\s*(?:"((?:[^"\\]|\\.){0,1000})"|([^\s,"]{1,200}))')
# Digest's MD5 is what cameras speak; it is chosen only where they offer nothing better.
HASHES = {"SHA-256": "sha256", "SHA-256-SESS": "sha256", "MD5": "md5", "MD5-SESS": "md5"}


class Login(NamedTuple):
    """Who we are to a device. `pin` is the SHA-256 of the certificate that it must show, in hex, or "" for one that the system trusts."""

    user: str
    password: str
    pin: str = ""

    def __repr__(self) -> str:
        return f"Login({self.user!r}, …)"


class Keys:
    """A login in use at one device: what it last asked for, so that the next request need not be asked for again."""

    def __init__(self, login: Login | None) -> None:
        self.login = login
        self._scheme, self._asked, self._count = "", dict[str, str](), 0

    def learn(self, told: list[str]) -> bool:
        """Take in what an answer of 401 asks for; returns whether to ask again. A wrong login is shown once and not again and again."""
        found = dict(_challenges(told))
        if self.login is None or not found:
            return False
        digest = found.get("digest", {})
        if digest and digest.get("algorithm", "MD5").upper() in HASHES:
            worn = self._count > 1  # it was good before; many devices do not say that a nonce is stale
            again = self._scheme != "digest" or worn or digest.get("stale", "").lower() == "true"
            self._scheme, self._asked, self._count = "digest", digest, 0
            return again
        again = "basic" in found and self._scheme != "basic"
        self._scheme = "basic" if "basic" in found else ""
        return again

    def header(self, method: str, path: str) -> str:
        """Return the Authorization header's value for a request, "" for none."""
        if self.login is None or not self._scheme:
            return ""
        if self._scheme == "basic":
            return "Basic " + base64.b64encode(f"{self.login.user}:{self.login.password}".encode()).decode()
        self._count += 1
        return self._digest(method, path, self.login)

    def _digest(self, method: str, path: str, login: Login) -> str:
        asked, named = self._asked, self._asked.get("algorithm", "MD5")
        count, mine = f"{self._count:08x}", secrets.token_hex(8)
        nonce, realm = asked.get("nonce", ""), asked.get("realm", "")
        who = _hash(named, f"{login.user}:{realm}:{login.password}")
        if named.upper().endswith("-SESS"):
            who = _hash(named, f"{who}:{nonce}:{mine}")
        what = _hash(named, f"{method}:{path}")
        qop = "auth" in [one.strip().lower() for one in asked.get("qop", "").split(",")]
        middle = f"{nonce}:{count}:{mine}:auth" if qop else nonce
        fields = {
            "username": login.user,
            "realm": realm,
            "nonce": nonce,
            "uri": path,
            "response": _hash(named, f"{who}:{middle}:{what}"),
        }
        told = [f'{name}="{_quoted(value)}"' for name, value in fields.items()]
        told += [f'opaque="{_quoted(asked["opaque"])}"'] if "opaque" in asked else []
        told += [f"algorithm={named}"] if "algorithm" in asked else []
        told += (
            [f'qop=auth, nc={count}, cnonce="{mine}"'] if qop else [f'cnonce="{mine}"'] if named.upper().endswith("-SESS") else []
        )
        return "Digest " + ", ".join(told)


def _hash(named: str, text: str) -> str:
    return hashlib.new(HASHES[named.upper()], text.encode(), usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _challenges(told: list[str]) -> list[tuple[str, dict[str, str]]]:
    """Return what is asked for, by scheme; of two of one scheme the better comes last, so that it counts."""
    found = []
    for line in told[:8]:
        starts = list(_CHALLENGE.finditer(line))
        for at, start in enumerate(starts):
            inner = line[start.end() : starts[at + 1].start() if at + 1 < len(starts) else len(line)]
            fields = {one[1].lower(): _clean(one[2] if one[3] is None else one[3]) for one in _FIELD.finditer(inner)}
            found.append((start[1].lower(), fields))
    return sorted(found, key=lambda one: _rank(one[1]))


def _clean(text: str) -> str:
    """Return a quoted text as it was meant; nothing in it may end the header that it comes back in."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"[\x00-\x1f\x7f]", "", text))


def _rank(fields: dict[str, str]) -> int:
    algorithm = fields.get("algorithm", "MD5").upper()
    return 2 if algorithm.startswith("SHA-256") else 1 if algorithm in HASHES else 0
