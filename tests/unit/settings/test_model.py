"""What do the settings know of themselves?"""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import make_url

from app.settings import PREFIX, Settings, load_settings
from tests.unit.settings.wrong import wrong_lines


@pytest.mark.parametrize(
    "host,is_loopback",
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.1", False),
        ("localhost.example.com", False),
    ],
)
def test_host_is_on_loopback_only_when_it_must_be(host: str, is_loopback: bool) -> None:
    """A name that may lead anywhere counts as reachable by others."""
    assert Settings(host=host).is_on_loopback is is_loopback


def test_settings_are_frozen() -> None:
    """They are read once."""
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1


def test_model_file_that_is_good_is_accepted(tmp_path: Path) -> None:
    """Its first four bytes are looked at."""
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF and more")
    assert load_settings({f"{PREFIX}LOCAL_MODEL_PATH": str(path)}, env_file=None).local_model_path == path


@pytest.mark.parametrize(
    "name,told",
    [
        ("none.gguf", "does not exist"),
        (".", "cannot be read: Is a directory"),
        ("text.gguf", "is not a GGUF file"),
    ],
)
def test_model_file_that_is_bad_is_refused(name: str, told: str, tmp_path: Path) -> None:
    """A missing or wrong file is known at the start, not at the first request."""
    (tmp_path / "text.gguf").write_text("GGF")
    path = tmp_path / name
    assert wrong_lines({f"{PREFIX}LOCAL_MODEL_PATH": str(path)}) == [f"{PREFIX}LOCAL_MODEL_PATH: {path} {told}"]


def test_database_is_a_file_of_the_state_folder_unless_named(tmp_path: Path) -> None:
    """Its path may hold signs that mean something in a URL; a database that is named stays."""
    settings = Settings(state_dir=tmp_path / "a ?#%").with_default_database()
    assert settings.database_url is not None
    assert make_url(settings.database_url.get_secret_value()).database == str(tmp_path / "a ?#%" / "ledger.sqlite3")
    named = Settings(database_url=SecretStr("postgresql://h/db"))
    assert named.with_default_database() is named
    assert Settings().database_url is None
