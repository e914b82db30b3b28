"""How does the command end, and what does it say, when it does not serve?"""

from __future__ import annotations

import socket

import pytest
import yaml

from app import __version__
from app.settings import PREFIX
from tests.integration.cli.process import Command

NAME = "llm-provider-service"
NO_DATABASE = "the database_url cannot be used: it must be postgresql://user@host/database or sqlite:///path/of/a/file"
ADVICE = f"set {PREFIX}ADMIN_API_KEY, or {PREFIX}STATE_DIR to a folder that can be written"


def test_version_is_printed(command: Command) -> None:
    """A process that only says its version needs no settings."""
    ended = command.run("--version", **{f"{PREFIX}PROT": "1"})
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{NAME} {__version__}\n", "")


def test_check_config_reads_dotenv_and_file(command: Command) -> None:
    """Right, and then wrong in both places."""
    (command.folder / ".env").write_text(f"{PREFIX}CONFIG_FILE=c.yaml\n")
    (command.folder / "c.yaml").write_text("max_retries: 2\n")
    assert command.run("check-config").stdout == "ok\n"
    (command.folder / ".env").write_text(f"{PREFIX}CONFIG_FILE=c.yaml\n{PREFIX}PORT=x\n")
    (command.folder / "c.yaml").write_text("max_retries: many\n")
    ended = command.run("check-config")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        f"{NAME}: {PREFIX}PORT: Input should be a valid integer, unable to parse string as an integer",
        f"{NAME}: c.yaml: max_retries (line 1): Input should be a valid integer, unable to parse string as an integer",
    ]


@pytest.mark.parametrize(
    "arguments,environ,told",
    [
        ([], {"PROT": "1"}, f"{PREFIX}PROT: no such setting (did you mean {PREFIX}PORT?)"),
        ([], {"DATABASE_URL": "mysql://user:pass@host/db"}, f"{PREFIX}DATABASE_URL: {NO_DATABASE}"),
        (["--config", "none.yaml"], {}, "none.yaml: cannot be read: No such file or directory"),
        ([], {"LOCAL_MODEL_PATH": "none.gguf"}, f"{PREFIX}LOCAL_MODEL_PATH: none.gguf does not exist"),
        ([], {"OPENAI_API_KEY": "env:NONE"}, "NONE: is not set, or empty (providers.openai.api_key points there)"),
        (
            ["--host", "127.1"],
            {"STATE_DIR": "/dev/null"},
            f"/dev/null/admin-key: no admin key can be kept here: File exists ({ADVICE})",
        ),
    ],
)
def test_service_with_wrong_settings_does_not_start(
    command: Command, arguments: list[str], environ: dict[str, str], told: str
) -> None:
    """One line, exit code 2, and no traceback."""
    ended = command.run(*arguments, **{PREFIX + name: value for name, value in environ.items()})
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"{NAME}: {told}\n")


def test_service_on_a_port_in_use_does_not_start(command: Command) -> None:
    """The sentence says which port and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = command.run("serve", "--port", str(port))
    told = f"port {port} on 127.0.0.1 is in use: stop the other process or set {PREFIX}PORT"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", f"{NAME}: {told}\n")


@pytest.mark.parametrize("arguments", [["--port", "0"], ["serve", "--port", "0"]])
def test_option_wins_over_environment(command: Command, arguments: list[str]) -> None:
    """`--host` hides a variable, before or behind the command; a host that is not ours ends with 1."""
    ended = command.run(*arguments, "--host", "192.0.2.1", **{f"{PREFIX}HOST": "127.0.0.1"})
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"{NAME}: cannot listen on 192.0.2.1, port 0: ")


def test_openapi_is_the_same_each_time(command: Command) -> None:
    """Neither the order of hashing nor the environment changes a letter."""
    first, second = (
        command.run("openapi", PYTHONHASHSEED=seed, **{f"{PREFIX}HOST": host})
        for seed, host in (("1", "0.0.0.0"), ("2", "::1"))
    )
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout
    assert yaml.safe_load(first.stdout)["info"]["version"] == __version__
