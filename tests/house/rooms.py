"""Who may import whom, and which room owns which library?

A *room* is `contracts`, or a module or package directly under `app`. Both tables are closed: a new room or a new
library fails until somebody gives it a line here.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

_LEAF = {"contracts", "ports"}
_OUTER = {
    "token_count_service",
    "book_service",
    "administration",
    "embedding_service",
    "service",
    "http",
    "surfaces",
    "routers",
    "main",
    "cli",
}
_INNER = {
    "contracts",
    "ports",
    "catalogue",
    "pricing",
    "settings",
    "wires",
    "upstream",
    "resilience",
    "stores",
    "observers",
    "relay",
    "local_model",
    "providers",
    "engine",
}

MAY_IMPORT: dict[str, set[str]] = {
    "contracts": set(),
    "app": set(),
    "ports": {"contracts"},
    "catalogue": {"contracts"},
    "pricing": {"contracts"},
    "settings": {"contracts"},
    "wires": {"contracts"},
    "upstream": _LEAF,
    "resilience": _LEAF,
    "stores": _LEAF,
    "observers": _LEAF,
    "relay": _LEAF,
    "local_model": _LEAF,
    "providers": {*_LEAF, "wires", "upstream", "catalogue"},
    "engine": {*_LEAF, "resilience", "pricing", "catalogue"},
    "bootstrap": _INNER,
    # The part of the service that the books answer.
    "book_service": {*_LEAF, "engine", "bootstrap"},
    # The part of it that changes it while it runs.
    "administration": {*_LEAF, "book_service", "engine", "bootstrap"},
    # A line of the log carries the ids of the request that it was written for.
    "log_lines": {"ports"},
    # The part of it that makes vectors.
    "embedding_service": {*_LEAF, "administration", "engine", "bootstrap"},
    # The part of it that counts tokens.
    "token_count_service": {*_LEAF, "embedding_service", "engine", "bootstrap"},
    # Beyond the drawing: its constructor takes settings and a clock, and names their types.
    "service": {*_LEAF, "token_count_service", "administration", "engine", "bootstrap", "settings", "resilience"},
    "http": _LEAF,
    # What the doors share at which the vendors' own SDKs call: the edge's means, put into the wires' words.
    "surfaces": {"contracts", "http", "wires"},
    "routers": {"contracts", "http", "wires", "surfaces"},
    "main": {"contracts", "service", "http", "routers", "surfaces", "bootstrap", "settings", "log_lines"},
    "cli": {"main", "settings", "contracts", "log_lines"},
}

# Importable name → the rooms that may use it. Everything else knows these libraries through a port or a contract.
OWNERS: dict[str, set[str]] = {
    "pydantic": {"contracts", "settings", "engine", "http", "surfaces", "routers"},
    "pydantic_core": {"contracts"},
    "pydantic_settings": {"settings"},
    "yaml": {"settings", "cli"},
    "genai_prices": {"pricing"},
    "pybreaker": {"resilience"},
    "tenacity": {"resilience"},
    "prometheus_client": {"observers"},
    "prometheus_fastapi_instrumentator": {"observers"},
    "opentelemetry": {"observers"},
    "psutil": {"engine"},
    "jsonschema_rs": {"engine"},
    "redis": {"stores"},
    "sqlalchemy": {"stores"},
    "alembic": {"stores"},
    "psycopg": {"stores"},
    "confluent_kafka": {"relay"},
    "aiohappyeyeballs": {"upstream"},
    "aiohttp": {"upstream"},
    "httptools": {"cli", "upstream"},
    "httpx2": {"upstream", "providers"},
    "xllamacpp": {"local_model"},
    "fastapi": {"http", "surfaces", "routers", "main"},
    "starlette": {"http", "surfaces", "routers", "main"},
    "uvicorn": {"cli"},
}

# `upstream` is the only way out (it reads the proxies of the environment by urllib); the child's supervisor asks its
# own child on loopback whether it is up.
_OTHER_CLIENTS = {"urllib.request", "http.client", "urllib3", "requests", "httpx"}
_OTHER_CLIENTS_ALLOWED = {"urllib.request": {"local_model", "upstream"}, "http.client": {"local_model"}}


def room_of(path: Path) -> str:
    """The room of a file: `app/engine/dispatch.py` → `engine`, `app/main.py` → `main`."""
    if path.parts[0] != "app":
        return path.parts[0]
    if len(path.parts) > 2:
        return path.parts[1]
    return "app" if path.stem == "__init__" else path.stem


def import_violations(path: Path, source: str) -> list[str]:
    """One sentence for each import in `source` that a file at `path` may not have."""
    room = room_of(path)
    if room not in MAY_IMPORT:
        return [f"{path}: the room `{room}` has no line in MAY_IMPORT"]
    broken = (_broken_rule(room, name) for name in imported_names(path, source))
    return [f"{path}: {rule}" for rule in broken if rule]


def imported_names(path: Path, source: str) -> list[str]:
    """Absolute dotted names of all imports, those inside functions and `if TYPE_CHECKING` too."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(path, node)
            # `from app import engine` names a room only in its second half.
            names += [f"{base}.{alias.name}" for alias in node.names]
    return names


def _absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = path.parts[: len(path.parts) - node.level]
    return ".".join([*package, node.module] if node.module else package)


def _broken_rule(room: str, name: str) -> str | None:
    top = name.partition(".")[0]
    if top in {"app", "contracts"}:
        return _broken_room_rule(room, name)
    for client in _OTHER_CLIENTS:
        if f"{name}.".startswith(f"{client}.") and room not in _OTHER_CLIENTS_ALLOWED.get(client, set()):
            return f"`{name}`: outbound HTTP lives in `upstream` only"
    if top in sys.stdlib_module_names:
        return None
    if top not in OWNERS:
        return f"the library `{top}` has no line in OWNERS"
    return None if room in OWNERS[top] else f"`{room}` may not import the library `{top}`"


def _broken_room_rule(room: str, name: str) -> str | None:
    parts = name.split(".")
    target = parts[0] if parts[0] == "contracts" else parts[1] if len(parts) > 1 else "app"
    if target == "app" or target.startswith("__"):
        return None
    allowed = MAY_IMPORT[room] | {room}
    return None if target in allowed else f"`{room}` may not import `{target}`"
