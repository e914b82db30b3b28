"""Which admin key is made, and where is it kept?"""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.settings import PREFIX, Settings, make_admin_key
from contracts.errors import ConfigurationError


def made(state_dir: Path) -> tuple[str, Path]:
    """The key that a start off loopback gets, and its file."""
    settings = make_admin_key(Settings(state_dir=state_dir))
    assert settings.admin_api_key is not None
    assert settings.admin_key_file is not None
    return settings.admin_api_key.get_secret_value(), settings.admin_key_file


def refusal(state_dir: Path) -> str:
    """The sentence of a start that gets none."""
    with pytest.raises(ConfigurationError) as caught:
        make_admin_key(Settings(state_dir=state_dir))
    return str(caught.value)


def test_admin_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """The file has mode 0600, its folder 0700; the key is long, and the draft is gone."""
    key, file = made(tmp_path / "deep" / "state")
    assert file.read_text() == f"{key}\n"
    assert len(key) >= 43
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert os.listdir(file.parent) == [file.name]


def test_admin_key_is_used_again(tmp_path: Path) -> None:
    """The next start has the same key; another folder has another."""
    assert made(tmp_path) == made(tmp_path)
    assert made(tmp_path / "other")[0] != made(tmp_path)[0]


def test_admin_key_is_one_when_many_begin_together(tmp_path: Path) -> None:
    """Starts at the same moment agree on one key."""
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(made, [tmp_path / "state"] * 8))) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_admin_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A key that was open may be known, so it is not used."""
    key, file = made(tmp_path)
    file.chmod(mode)
    told = refusal(tmp_path)
    assert told == f"{file}: can be read by others (mode {mode:04o}) (chmod 600, or delete it for a new key)"
    assert key not in told


def test_admin_key_that_is_empty_is_refused(tmp_path: Path) -> None:
    """An empty key would open everything to everyone."""
    _, file = made(tmp_path)
    file.write_text("\n")
    assert refusal(tmp_path) == f"{file}: is empty (delete it for a new key)"


def test_admin_key_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A damaged file is named."""
    _, file = made(tmp_path)
    file.write_bytes(b"\xff\xff")
    assert "no admin key can be kept here: it is no text" in refusal(tmp_path)


@pytest.mark.parametrize("text", ["two words", "two\nlines", "a\x00b"])
def test_admin_key_that_no_header_can_carry_is_refused(tmp_path: Path, text: str) -> None:
    """A key that nobody can send would lock everybody out without a word."""
    _, file = made(tmp_path)
    file.write_text(text)
    assert refusal(tmp_path) == f"{file}: holds no key that a header can carry (delete it for a new key)"


@pytest.mark.parametrize(
    "shared,word",
    [
        ({"redis_url": SecretStr("redis://cache:6379/0")}, "a Redis"),
        ({"database_url": SecretStr("postgresql://db/books")}, "a database"),
    ],
)
def test_admin_key_is_not_drawn_where_others_share_a_server(
    shared: dict[str, SecretStr], word: str, tmp_path: Path
) -> None:
    """Each replica would have one of its own; the operator is told which variable to set."""
    settings = Settings(state_dir=tmp_path, **shared)
    with pytest.raises(ConfigurationError, match=f"LLM_PROVIDER_SERVICE_ADMIN_API_KEY.* {word} that others share"):
        make_admin_key(settings)
    assert list(tmp_path.iterdir()) == []


def test_admin_key_is_drawn_beside_a_file_of_books(tmp_path: Path) -> None:
    """A database in a file is this machine's own."""
    settings = Settings(state_dir=tmp_path, database_url=SecretStr("sqlite:///books"))
    assert make_admin_key(settings).admin_key_file == tmp_path / "admin-key"


def test_admin_key_without_a_folder_is_refused(tmp_path: Path) -> None:
    """Where nothing can be written, the sentence says what to set instead."""
    (tmp_path / "file").write_text("")
    told = refusal(tmp_path / "file" / "state")
    assert told.startswith(f"{tmp_path}/file/state/admin-key: no admin key can be kept here: ")
    assert told.endswith(f"(set {PREFIX}ADMIN_API_KEY, or {PREFIX}STATE_DIR to a folder that can be written)")


def test_admin_key_behind_a_dead_link_is_refused(tmp_path: Path) -> None:
    """A link that leads nowhere is not followed to make a file elsewhere."""
    (tmp_path / "admin-key").symlink_to(tmp_path / "elsewhere")
    assert "no admin key can be kept here" in refusal(tmp_path)
    assert not (tmp_path / "elsewhere").exists()
