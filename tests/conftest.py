"""What every test can rely on: no key, setting or vendor of the developer's own is in the environment."""

from __future__ import annotations

import os

pytest_plugins = ("tests.kit.databases", "tests.kit.written_books")

# Where tests find servers that they need not start.
_OF_THE_TESTS = "LLM_PROVIDER_SERVICE_TEST_"

for _name in list(os.environ):
    if _name.endswith("_API_KEY") or (
        _name.startswith(("LLM_", "OLLAMA_", "DATABASE_URL")) and not _name.startswith(_OF_THE_TESTS)
    ):
        del os.environ[_name]
