"""The installation's secrets: given by the environment in production, made once and kept closed in a demonstration."""

import os
import secrets
import stat
from pathlib import Path

from dashboard.settings import LEAST_SECRET, LEAST_SIGNS, BadSetting, Settings

MAKE = "python3 -c 'import secrets; print(secrets.token_hex(32))'"


def secret_key(settings: Settings, home: Path) -> bytes:
    """Return the secret key. Raises BadSetting in production when none, or one that could be guessed, is given (S-20)."""
    given = settings.secret_key or _read(settings.secret_key_file)
    if given:
        if len(given.encode()) < LEAST_SECRET or len(set(given)) < LEAST_SIGNS:
            raise BadSetting(f"KYDAI_SECRET_KEY must have at least {LEAST_SECRET} bytes, drawn by lot: {MAKE}")
        return given.encode()
    if not settings.demo:
        raise BadSetting(f"KYDAI_DEMO=0 needs KYDAI_SECRET_KEY or KYDAI_SECRET_KEY_FILE: {MAKE}")
    return kept(home, "secret_key").encode()


def _read(path: str) -> str:
    """Return what a secret's file holds; nothing where none is named. Raises BadSetting when others may read it, or nobody can."""
    if not path:
        return ""
    try:
        mode = stat.S_IMODE(Path(path).stat().st_mode)
        told = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"KYDAI_SECRET_KEY_FILE: {path} cannot be read ({error.strerror})") from error
    if mode & 0o077:
        raise BadSetting(f"KYDAI_SECRET_KEY_FILE: {path} can be read by others: chmod 400 {path}")
    return told


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
