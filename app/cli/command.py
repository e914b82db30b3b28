"""What can be typed after `llm-provider-service`, and how does it end?

Exit codes: 0 done, 1 could not start, 2 a wrong setting or argument. What is wrong is one line each on standard error.
"""

from __future__ import annotations

import logging
import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast, get_args

from app import __version__
from app.cli.document import as_yaml
from app.cli.listening import StartError
from app.cli.serving import serve
from app.cli.workers import serve_by_workers
from app.log_lines import are_json, write_lines
from app.settings import PREFIX, Settings, load_settings, make_admin_key, sentence
from contracts.errors import ConfigurationError
from contracts.event_schemas import event_schemas

_PROGRAM = "llm-provider-service"
_LEVELS = [level.lower() for level in get_args(Settings.model_fields["log_level"].annotation)]
# Option → the variable that it overrides.
_OVERRIDES = {
    "host": "HOST",
    "port": "PORT",
    "config": "CONFIG_FILE",
    "log_level": "LOG_LEVEL",
    "workers": "WORKERS",
}
_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; `arguments` None is what the shell passed."""
    given = _parser().parse_args(arguments)
    command: Callable[[Namespace], None] = getattr(given, "command", _serve)
    try:
        command(given)
    except ConfigurationError as error:
        return _refuse([sentence(fault) for fault in error.errors] or [str(error)], 2)
    except StartError as error:
        return _refuse([str(error)], 1)
    return 0


def _refuse(lines: Sequence[str], code: int) -> int:
    for line in lines:
        if are_json():
            _log.error("%s: %s", _PROGRAM, line)
        else:
            sys.stderr.write(f"{_PROGRAM}: {line}\n")
    return code


def _serve(given: Namespace) -> None:
    # Before the settings are known, for what reading them has to say.
    write_lines("INFO", "json" if os.environ.get(f"{PREFIX}LOG_FORMAT") == "json" else "text")
    settings = _settings(given)
    write_lines(settings.log_level, settings.log_format)
    if settings.admin_api_key is None and not settings.is_on_loopback:
        settings = make_admin_key(settings)
    settings = settings.with_default_database()
    if settings.workers > 1:
        serve_by_workers(settings)
    else:
        serve(settings)


def _check_config(given: Namespace) -> None:
    _settings(given)
    sys.stdout.write("ok\n")


def _openapi(_: Namespace) -> None:
    from app.main import create_app

    sys.stdout.write(as_yaml(create_app(Settings()).openapi()))


def _event_schemas(given: Namespace) -> None:
    folder = Path(given.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in event_schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


def _settings(given: Namespace) -> Settings:
    options = {PREFIX + name: str(getattr(given, option, "")) for option, name in _OVERRIDES.items()}
    return load_settings({**os.environ, **{name: value for name, value in options.items() if value}})


def _parser() -> ArgumentParser:
    options = ArgumentParser(add_help=False, argument_default=SUPPRESS)
    options.add_argument("--host", help="address to listen on")
    options.add_argument("--port", help="port to listen on; 0: any free one", type=int)
    options.add_argument("--config", help="configuration file (YAML)", metavar="FILE")
    options.add_argument("--log-level", choices=_LEVELS, type=str.lower)
    options.add_argument("--workers", help="processes that answer behind one port", type=int, metavar="N")
    parser = ArgumentParser(_PROGRAM, description="One API in front of every language-model vendor.", parents=[options])
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = cast(Any, parser.add_subparsers(title="commands", metavar="COMMAND"))
    for name, command, told in (
        ("serve", _serve, "run the service (the default)"),
        ("check-config", _check_config, "say whether the settings and the configuration file are right"),
        ("openapi", _openapi, "print the OpenAPI document as YAML"),
    ):
        added = commands.add_parser(name, help=told, parents=[] if command is _openapi else [options])
        added.set_defaults(command=command)
    schemas = commands.add_parser("event-schemas", help="write the JSON Schemas of the Kafka events into a folder")
    schemas.add_argument("folder", metavar="FOLDER")
    schemas.set_defaults(command=_event_schemas)
    return parser
