"""Do the imports keep the table of rooms?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.rooms import MAY_IMPORT, OWNERS, import_violations, imported_names, room_of
from tests.house.tree import CODE_FOLDERS, python_files, read

# Distributions whose import name is another, parts of another distribution, and those never imported by name.
_IMPORT_NAMES = {
    "pyyaml": "yaml",
    "opentelemetry-sdk": "opentelemetry",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry",
}
_PARTS = {"pydantic_core"}
_USED_WITHOUT_IMPORT = {
    "uvloop": "uvicorn finds it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
    "fastapi-standalone-docs": "its files are served, its code is not run",
}


def test_imports_keep_the_rooms() -> None:
    """No file of app or contracts imports a room or a library that the tables do not give it."""
    files = python_files(*CODE_FOLDERS)
    assert files
    assert [line for path in files for line in import_violations(path, read(path))] == []


@pytest.mark.parametrize(
    "path,source,word",
    [
        ("contracts/chat.py", "from app.ports import Provider", "`contracts` may not import `ports`"),
        ("contracts/chat.py", "import fastapi", "library `fastapi`"),
        ("app/ports/__init__.py", "import pydantic", "library `pydantic`"),
        ("app/wires/openai_chat.py", "from app.ports import Provider", "`wires` may not import `ports`"),
        ("app/wires/openai_chat/encode.py", "from ...engine import dispatch", "`wires` may not import `engine`"),
        ("app/engine/dispatch.py", "from app import providers", "`engine` may not import `providers`"),
        ("app/engine/dispatch.py", "def f():\n    import tenacity", "library `tenacity`"),
        ("app/routers/process.py", "from app.service import LLMProviderService", "`routers` may not import `service`"),
        ("app/providers/openai.py", "import aiohttp.web", "library `aiohttp`"),
        ("app/providers/openai.py", "from urllib.request import urlopen", "outbound HTTP"),
        ("app/providers/openai.py", "from urllib import request", "outbound HTTP"),
        ("app/upstream/client.py", "import httpx", "outbound HTTP"),
        ("app/service.py", "import left_pad", "`left_pad` has no line"),
        ("app/misc/x.py", "import json", "`misc` has no line"),
        ("app/bootstrap.py", "if TYPE_CHECKING:\n    from app.main import app", "`bootstrap` may not import `main`"),
    ],
)
def test_imports_planted_violation_is_found(path: str, source: str, word: str) -> None:
    """A forbidden import is found wherever and however it is written."""
    (line,) = import_violations(Path(path), source)
    assert word in line


@pytest.mark.parametrize(
    "path,source",
    [
        ("app/engine/dispatch.py", "from .selection import rank\nfrom app.engine import selection\nimport contracts"),
        ("app/engine/dispatch.py", "from app import __version__\nimport urllib.parse\nfrom http import HTTPStatus"),
        ("app/local_model/child.py", "import xllamacpp, http.client\nfrom app.ports import Provider"),
        ("app/bootstrap.py", "from app.providers import openai\nfrom app.settings import Settings"),
        ("app/http/sse.py", "from starlette.responses import Response"),
    ],
)
def test_imports_allowed_ones_pass(path: str, source: str) -> None:
    """What the tables give a room is not reported."""
    assert import_violations(Path(path), source) == []


def test_rooms_table_names_only_rooms() -> None:
    """Each room that a line allows, and each owner of a library, has a line of its own."""
    named = set().union(*MAY_IMPORT.values(), *OWNERS.values())
    assert named <= set(MAY_IMPORT)


def test_rooms_of_files_are_their_first_folder() -> None:
    """A file belongs to the package or module right under `app`."""
    names = ["app/main.py", "app/engine/batch.py", "app/wires/a/b.py", "contracts/chat.py", "app/__init__.py"]
    assert [room_of(Path(name)) for name in names] == ["main", "engine", "wires", "contracts", "app"]


def test_dependencies_declared_are_used_and_used_are_declared() -> None:
    """The runtime dependencies and the extra of pyproject.toml are what the code imports, no more and no less."""
    project = tomllib.loads(read(Path("pyproject.toml")))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["local"]]
    declared = {re.split(r"[^A-Za-z0-9_.-]", line)[0].lower() for line in wanted} - set(_USED_WITHOUT_IMPORT)
    files = python_files(*CODE_FOLDERS)
    tops = {name.partition(".")[0] for path in files for name in imported_names(path, read(path))}
    assert {_IMPORT_NAMES.get(name, name.replace("-", "_")) for name in declared} == tops & set(OWNERS) - _PARTS
