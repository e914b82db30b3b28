"""llama.cpp's server with SmolLM2 and a chat template that has a place for tools, which the model's own has not.

Run as a script it is the server's process: it prints its address, and ends with standard input.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEMPLATE = Path(__file__).with_name("tool_template.jinja")
CONTEXT_TOKENS = 1024
API_KEY = "sk-copy"
MODEL = "smollm2-135m-instruct"


@contextmanager
def serving() -> Iterator[str]:
    """The URL of a running server, without a path."""
    command = [sys.executable, "-m", "tests.integration.local_model.tool_server"]
    environ = {**os.environ, "GGML_NO_BACKTRACE": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().decode().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


def main() -> None:
    """Serve until standard input ends: one conversation at a time, on one thread."""
    import xllamacpp

    from app.local_model.weights import weights_file

    params = xllamacpp.CommonParams()
    params.model.path = str(weights_file(None, find_spec))
    params.model_alias = {MODEL}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [API_KEY]
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.n_batch = params.n_ubatch = 128
    params.cache_ram_mib = 0
    params.chat_template = TEMPLATE.read_text(encoding="utf-8")
    params.ui = False
    params.verbosity = 1
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
