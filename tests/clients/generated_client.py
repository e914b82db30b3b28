"""How does a developer get a client of the service? openapi-python-client writes one from openapi.yaml."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.clients import document

_PACKAGE = "generated_llm_provider_service_client"
_GENERATOR = Path(sys.executable).parent / "openapi-python-client"


class GeneratedClient:
    """The package that was generated: its calls by operationId, and its models by name."""

    def __init__(self, package: ModuleType) -> None:
        self._modules = {
            info.name.rpartition(".")[2]: importlib.import_module(info.name)
            for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        }
        self.models = importlib.import_module(f"{package.__name__}.models")
        self.kinds = importlib.import_module(f"{package.__name__}.client")

    def call(self, operation: str) -> Any:
        """The module of an operation: `sync_detailed`, `asyncio_detailed` and others."""
        return self._modules[operation]

    def model(self, name: str, /, **fields: Any) -> Any:
        """An object of a model's class."""
        return getattr(self.models, name)(**fields)

    def connect(self, url: str, key: str | None = None) -> Any:
        """A client for the service at `url`; it refuses every status that the document does not name."""
        options = {"base_url": url, "raise_on_unexpected_status": True, "timeout": 60.0}
        if key is None:
            return self.kinds.Client(**options)
        return self.kinds.AuthenticatedClient(token=key, **options)


def generate_client(folder: Path) -> GeneratedClient:
    """The client, generated into `folder` and imported whole. Raises AssertionError for any warning."""
    target = folder / _PACKAGE
    options = ["--path", str(document.PATH), "--output-path", str(target), "--meta", "none", "--fail-on-warning"]
    made = subprocess.run(
        [_GENERATOR, "generate", *options],
        # It formats what it wrote by ruff, and warns when there is none.
        env={**os.environ, "PATH": f"{_GENERATOR.parent}:{os.environ['PATH']}"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said = made.stdout + made.stderr
    assert made.returncode == 0, said
    assert "warning" not in said.lower(), said
    sys.path.insert(0, str(folder))
    try:
        return GeneratedClient(importlib.import_module(_PACKAGE))
    finally:
        sys.path.remove(str(folder))
