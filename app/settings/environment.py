"""What do the environment and `.env` say? Names are checked here; values are checked with the models."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic_settings import DotEnvSettingsSource

from app.settings.layer import Layer, Place
from app.settings.model import Settings
from app.settings.secret import why_unreadable
from app.settings.variables import PREFIX, VARIABLES
from contracts.responses import FieldError

logger = logging.getLogger(__name__)

_NAMES = {variable.name for variable in VARIABLES}
# Kubernetes tells each pod of every service, by variables that begin with the service's name: ours, and those that
# are called like ours with something behind it.
_KUBERNETES_NAME = re.compile(
    PREFIX + r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)"
)
_KUBERNETES_PORT = re.compile(PREFIX + r"(\w+_)?PORT")
_KUBERNETES_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def read_environment(environ: Mapping[str, str] | None, env_file: Path | None) -> tuple[dict[str, str], Layer]:
    """Every variable that is set, by name, and what ours among them say; `environ` None is this process's own."""
    variables, errors = _variables(os.environ if environ is None else environ, env_file)
    layer = Layer(errors=[*errors, *_wrong_names(variables)])
    for variable in VARIABLES:
        text = variables.get(variable.name)
        if text is None or _is_of_kubernetes(variable.name, text) or layer.holds(variable.path):
            continue
        place = Place(variable.name)
        try:
            layer.put(variable.path, variable.read(text), place, is_config=variable.is_config)
        except ValueError as error:
            layer.errors.append(place.complaint(str(error)))
    return variables, layer


def _variables(environ: Mapping[str, str], env_file: Path | None) -> tuple[dict[str, str], list[FieldError]]:
    """The process's variables over those of `env_file`; names in capitals, as they are compared; empty ones unset."""
    found: dict[str, str] = {}
    errors: list[FieldError] = []
    try:
        from_file = {} if env_file is None else DotEnvSettingsSource(Settings, env_file, case_sensitive=True).env_vars
    except (OSError, UnicodeError) as error:
        from_file = {}
        errors.append(FieldError(field=str(env_file), message=f"cannot be read: {why_unreadable(error)}"))
    for name, value in (*from_file.items(), *environ.items()):
        if value and value.strip():
            found[name.upper() if name.upper().startswith(PREFIX) else name] = value.strip()
    return found, errors


def _wrong_names(variables: Mapping[str, str]) -> Iterator[FieldError]:
    for name in sorted(variables):
        if not name.startswith(PREFIX):
            continue
        if _is_of_kubernetes(name, variables[name]):
            logger.info("%s is ignored: Kubernetes sets it for a service of that name", name)
        elif name not in _NAMES:
            yield FieldError(field=name, message="no such setting", hint=_nearest(name))


def _is_of_kubernetes(name: str, value: str) -> bool:
    is_address = _KUBERNETES_PORT.fullmatch(name) and _KUBERNETES_ADDRESS.match(value)
    return bool(is_address or _KUBERNETES_NAME.fullmatch(name))


def _nearest(name: str) -> str | None:
    ours = [known.removeprefix(PREFIX) for known in _NAMES if known.startswith(PREFIX)]
    found = get_close_matches(name.removeprefix(PREFIX), sorted(ours), n=1)
    return f"did you mean {PREFIX}{found[0]}?" if found else None
