"""Which key opens the administrative endpoints when nobody set one, and where does it stand?

One for each state folder, drawn once and used again at the next start, in a file that only its owner can read.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import SecretStr

from app.settings.complaints import refusal
from app.settings.model import Settings
from app.settings.variables import PREFIX
from contracts.dependency_addresses import is_file_of_this_machine
from contracts.errors import ConfigurationError
from contracts.responses import FieldError

_FILE_NAME = "admin-key"
_KEY_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_admin_key(settings: Settings) -> Settings:
    """`settings` with the state folder's admin key, which is made, with its folder, when it is not there yet.

    Raises ConfigurationError when the file cannot be written or read, is empty or no key, or can be read by others;
    and for a service that shares its Redis or its database: others are there, each with a key of its own then.
    """
    if settings.redis_url is not None:
        raise _shared("a Redis")
    if settings.database_url is not None and not is_file_of_this_machine(settings.database_url.get_secret_value()):
        raise _shared("a database")
    path = settings.state_dir / _FILE_NAME
    try:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write(path)
        key = _read(path)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise _refused(path, f"no admin key can be kept here: {why}") from error
    return settings.with_admin_key(SecretStr(key), path)


def _shared(what: str) -> ConfigurationError:
    fault = FieldError(
        field=f"{PREFIX}ADMIN_API_KEY",
        message=f"is not set, and off loopback, with {what} that others share, none is drawn",
        hint="set the same key for all of them",
    )
    return refusal([fault])


def _write(path: Path) -> None:
    """Whole or not at all, and the first one wins when two processes begin together."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-", encoding="ascii") as draft:
        draft.write(secrets.token_urlsafe(_KEY_BYTES) + "\n")
        draft.flush()
        os.fsync(draft.fileno())
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return


def _read(path: Path) -> str:
    with path.open(encoding="ascii") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & _OTHERS:
            fact = f"can be read by others (mode {stat.S_IMODE(mode):04o})"
            raise _refused(path, fact, "chmod 600, or delete it for a new key")
        key = file.read().strip()
    if not key:
        raise _refused(path, "is empty", "delete it for a new key")
    if not key.isprintable() or " " in key:
        raise _refused(path, "holds no key that a header can carry", "delete it for a new key")
    return key


def _refused(path: Path, fact: str, hint: str | None = None) -> ConfigurationError:
    hint = hint or f"set {PREFIX}ADMIN_API_KEY, or {PREFIX}STATE_DIR to a folder that can be written"
    return refusal([FieldError(field=str(path), message=fact, hint=hint)])
