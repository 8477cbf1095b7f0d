"""Whom this house connects to: an address of a device, or of a broker through which sources are heard, looked over each time (S-15)."""

import hmac
from collections.abc import Callable, Sequence

from dashboard.settings import Settings
from data.config import services
from data.outward import BROKERS, Checked, check
from data.sealed import key_for
from data.store.sources import Registered


def dialler(settings: Settings, allowed: Sequence[str]) -> Callable[[str], Checked]:
    """Return what says where an address leads, or raises Refused. `allowed` is what the pack names beside the private networks."""
    own, but_brokers = services(settings), services(settings, broker=False)

    def dial(address: str) -> Checked:
        if address.partition("://")[0].lower() in BROKERS:
            return check(address, allowed, own=but_brokers, ports=BROKERS)
        return check(address, allowed, own=own)

    return dial


def sessions(secret: bytes) -> Callable[[Registered], str]:
    """Return what names the session that a broker keeps of a source: the same on every machine, another where the source is another."""
    key = key_for(secret, "mqtt session")
    return lambda source: f"kydai-{hmac.digest(key, f'{source.key} {source.broker}'.encode(), 'sha256').hex()[:16]}"
