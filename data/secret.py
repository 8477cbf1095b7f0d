"""The installation's secrets: given by the environment in production, made once and kept closed in a demonstration."""

import os
import secrets
from pathlib import Path

from dashboard.settings import LEAST_SECRET, BadSetting, Settings


def secret_key(settings: Settings, home: Path) -> bytes:
    """Return the secret key. Raises BadSetting in production when none, or a short one, is given (S-20)."""
    if settings.secret_key:
        if len(settings.secret_key.encode()) < LEAST_SECRET:
            raise BadSetting(
                f"KYDAI_SECRET_KEY must have at least {LEAST_SECRET} bytes: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        return settings.secret_key.encode()
    if not settings.demo:
        raise BadSetting("KYDAI_DEMO=0 needs KYDAI_SECRET_KEY: python3 -c 'import secrets; print(secrets.token_hex(32))'")
    return kept(home, "secret_key").encode()


def kept(home: Path, name: str) -> str:
    """Return the secret of that name, made at first asking, readable by us alone."""
    folder = home / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text()
