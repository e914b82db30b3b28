"""Which other gateways are measured, where are they installed, and with which settings do they run?

    python -m benchmarks.comparison.peers        installs them, each into a folder of its own in the user's cache

The settings are those that their own makers recommend for production: no debugging, no database, one process.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

from benchmarks.comparison.asking import JSON, Ask
from benchmarks.comparison.contenders import Contender, Vendors, chat_surface, model_of
from benchmarks.comparison.launching import Program
from benchmarks.comparison.paces import PACES, Pace
from benchmarks.comparison.replies import CHAT_PATH

LITELLM_VERSION = "1.106.2"
PORTKEY_VERSION = "1.15.2"
_CACHE = Path.home() / ".cache/llm-provider-service/peers"
# By the same build of Python that ours runs on: one built with optimisation is a third faster.
_INTERPRETER = f"{sys.implementation.cache_tag}-{zlib.crc32(sys.base_prefix.encode()):08x}"
_LITELLM = _CACHE / f"litellm-{LITELLM_VERSION}-{_INTERPRETER}"
_PORTKEY = _CACHE / f"portkey-{PORTKEY_VERSION}"
_PORTKEY_SERVER = _PORTKEY / "node_modules/@portkey-ai/gateway/build/start-server.js"
_KEY = "sk-bench"

# Tried on 2026-11-22; what refuses is named, so that nobody takes its absence for an oversight.
NOT_MEASURED = {
    "Ferro gateway (Go)": "its module is refused by the module proxy (403), and its binaries come from elsewhere",
    "Bifrost (Go)": "its module is refused by the module proxy (403); the npm package only fetches the binary",
}


def install() -> None:
    """Both, unless they are there. Raises CalledProcessError when a registry does not have them."""
    if not (_LITELLM / "bin/litellm").exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, "--clear", str(_LITELLM)], check=True)
        target = ["--python", str(_LITELLM / "bin/python")]
        subprocess.run([*uv, "pip", "install", "--quiet", *target, f"litellm[proxy]=={LITELLM_VERSION}"], check=True)
    if not _PORTKEY_SERVER.exists():
        package = f"@portkey-ai/gateway@{PORTKEY_VERSION}"
        options = ["--silent", "--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--prefix", str(_PORTKEY)]
        subprocess.run(["npm", "install", *options, package], check=True)


def absent() -> dict[str, str]:
    """Every peer that cannot be measured here, and why."""
    missing = dict(NOT_MEASURED)
    if not (_LITELLM / "bin/litellm").exists():
        missing["LiteLLM's proxy"] = "not installed: make bench-peers"
    if not _PORTKEY_SERVER.exists() or shutil.which("node") is None:
        missing["Portkey's gateway"] = "not installed (make bench-peers), or there is no node"
    return missing


def litellm(vendors: Vendors, folder: Path, port: int) -> Contender:
    """LiteLLM's proxy with one worker, as its page on production has it."""

    def row(pace: Pace | None) -> dict[str, object]:
        target = {"model": f"openai/{model_of(pace)}", "api_base": f"{vendors.base_url(pace)}/v1", "api_key": "bench"}
        return {"model_name": model_of(pace), "litellm_params": target}

    config = folder / "config.yaml"
    told = {
        "model_list": [row(pace) for pace in (None, *PACES)],
        "general_settings": {"master_key": _KEY},
        "litellm_settings": {"request_timeout": 600, "set_verbose": False, "json_logs": True},
    }
    # JSON is YAML too.
    config.write_text(json.dumps(told), encoding="utf-8")
    options = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    program = Program(
        (str(_LITELLM / "bin/litellm"), *options, "--telemetry", "False"),
        folder,
        {"LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )
    headers = {**JSON, "authorization": f"Bearer {_KEY}"}
    surface = chat_surface(lambda _, body: Ask(port, CHAT_PATH, body, headers))
    settings = "1 worker, LITELLM_MODE=PRODUCTION, LITELLM_LOG=ERROR, a master key, no database"
    return Contender("LiteLLM proxy", LITELLM_VERSION, settings, program, (surface,))


def portkey(vendors: Vendors, folder: Path, port: int) -> Contender:
    """Portkey's gateway on Node, told by headers where the vendor is."""

    def ask(pace: Pace | None, body: str) -> Ask:
        target = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"{vendors.base_url(pace)}/v1"}
        return Ask(port, CHAT_PATH, body, {**JSON, "authorization": "Bearer bench", **target})

    environment = {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1"}
    command = ("node", str(_PORTKEY_SERVER), f"--port={port}", "--headless")
    # Its streams end in an error of its own on Node: https://github.com/Portkey-AI/gateway/issues/1550
    settings = "NODE_ENV=production, without its console (--headless)"
    program = Program(command, folder, environment)
    return Contender("Portkey gateway", PORTKEY_VERSION, settings, program, (chat_surface(ask),))


if __name__ == "__main__":
    install()
    print("\n".join(f"{name}: {why}" for name, why in absent().items()))
