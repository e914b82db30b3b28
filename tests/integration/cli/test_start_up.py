"""What does a service take in before its first answer? Nothing heavy that this answer has no use for.

Which modules, not how long: an import that comes back unseen costs every process its megabytes, on any machine.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from importlib.util import find_spec

import httpx2

from app.settings import PREFIX
from tests.integration.cli.process import ROOT, Command

_IMPORTED = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)

# What a service with a paid vendor, books on SQLite and metrics needs. A line more is megabytes and milliseconds more
# of every process: see `python -X importtime`, and whether the first who has use for it can import it.
_NEEDED = {
    *("aiohappyeyeballs", "annotated_doc", "annotated_types", "anyio", "click", "dotenv", "fastapi", "genai_prices"),
    *("httptools", "httpx2", "idna", "opentelemetry", "prometheus_client", "prometheus_fastapi_instrumentator"),
    *("psutil", "pybreaker", "pydantic", "pydantic_core", "pydantic_settings", "sqlalchemy", "starlette", "tenacity"),
    *("typing_extensions", "typing_inspection", "uvicorn", "uvloop", "yaml"),
}
# Others take these in where they happen to be installed.
_OPTIONAL = {"coverage", "orjson", "sniffio", "truststore"}
# Parts that are heavy, of what is light without them.
_HEAVY = {
    "opentelemetry.sdk",
    "opentelemetry.exporter",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.ext",
    "sqlalchemy.orm",
}

_SCHEMAS_MADE = """
import sys
made = []
def see(frame, event, _):
    if event == "call" and frame.f_code.co_name in ("model_json_schema", "models_json_schema"):
        made.append(frame.f_back.f_globals["__name__"])
sys.setprofile(see)
import app.main
sys.setprofile(None)
print(made)
"""


async def test_start_up_imports_only_what_its_answers_need(command: Command) -> None:
    """With a vendor that has a price, books on SQLite, metrics, and an answer given."""
    watched = {"PYTHONPROFILEIMPORTTIME": "1", "OPENAI_API_KEY": "sk-x", f"{PREFIX}MOCK_ENABLED": "yes"}
    async with command.serving(**watched) as running, httpx2.AsyncClient(base_url=running.url) as client:
        asked = {"prompt": "x", "provider": "mock", "model": "mock-echo"}
        assert (await client.post("/process", json=asked)).status_code == 200
        assert await running.end(signal.SIGTERM) == 0
    imported = set(_IMPORTED.findall(running.text))
    packages = {name.partition(".")[0] for name in imported}
    theirs = {name for name in packages - sys.stdlib_module_names if not name.startswith("_") and _is_installed(name)}
    assert {"sqlalchemy", "genai_prices", "prometheus_client"} <= theirs
    assert theirs - {"app", "contracts"} - _OPTIONAL - _NEEDED == set()
    assert imported & _HEAVY == set()


def _is_installed(name: str) -> bool:
    """What was looked for and not found is told among the imports too."""
    return find_spec(name) is not None


def test_start_up_makes_no_json_schema() -> None:
    """They are for whoever asks for the document: made at the import, they were a tenth of what a start cost."""
    done = subprocess.run(
        [sys.executable, "-c", _SCHEMAS_MADE], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
