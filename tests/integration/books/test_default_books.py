"""Where are the books when nobody named a database?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.service import LLMProviderService
from app.settings import PREFIX, Settings
from contracts import LLMProviderConfig, LLMRequest

FILE = "ledger.sqlite3"
ASKED = {"prompt": "x", "provider": "mock", "model": "mock-echo"}


@pytest.fixture
def state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that the environment names, with the mock vendor on."""
    monkeypatch.setenv(f"{PREFIX}STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(f"{PREFIX}MOCK_ENABLED", "yes")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "state"


def test_app_of_the_environment_keeps_its_books(state_dir: Path) -> None:
    """As `uvicorn app.main:app` does: the next one reads them."""
    for count in (1, 2):
        with TestClient(create_app(), base_url="http://127.0.0.1", client=("127.0.0.1", 5)) as client:
            assert client.post("/process", json=ASKED).status_code == 200
            assert client.get("/statistics").json()["total_requests_processed"] == count
    assert (state_dir / FILE).is_file()


def test_app_of_given_settings_keeps_none(state_dir: Path) -> None:
    """Settings that are given are used as they are."""
    config = LLMProviderConfig.model_validate({"providers": {"mock": {"enabled": True}}})
    for _ in range(2):
        settings = Settings(state_dir=state_dir, config=config)
        with TestClient(create_app(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 5)) as client:
            assert client.post("/process", json=ASKED).status_code == 200
            assert client.get("/statistics").json()["total_requests_processed"] == 1
    assert not (state_dir / FILE).exists()


async def test_service_of_plain_python_keeps_none(state_dir: Path) -> None:
    """Its books are those of its life; nothing is left of them."""
    for _ in range(2):
        service = LLMProviderService()
        await service.start()
        await service.process_request(LLMRequest.model_validate(ASKED))
        assert (await service.get_usage_report()).totals.requests == 1
        await service.stop()
    assert os.listdir(state_dir.parent) == []
