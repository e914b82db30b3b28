"""What every test can rely on: no key, setting or vendor of the developer's own is in the environment."""

from __future__ import annotations

import os

for _name in list(os.environ):
    # Real servers to test with are the one thing that a developer may bring.
    if _name.startswith("LLM_PROVIDER_SERVICE_TEST_"):
        continue
    if _name.endswith("_API_KEY") or _name.startswith(("LLM_", "OLLAMA_")):
        del os.environ[_name]
