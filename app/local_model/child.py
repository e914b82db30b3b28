"""What runs in the model's own process: llama.cpp's HTTP server on a free loopback port, until standard input ends.

It is started by its path and imports nothing of ours, so it is light and does not depend on the working directory.
Standard input brings one JSON line of orders (the key among them: arguments and environments can be read by others)
and then stays open for as long as the parent lives. Standard output takes one JSON line when the model is ready.
From then on nothing is written anywhere: llama.cpp's log could quote a prompt, and a full pipe would stop the model.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any

_PR_SET_PDEATHSIG = 1
_ERRORS_ONLY = 1
_PROMPT_BATCH_TOKENS = 128


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _end_with_parent()
    order = json.loads(sys.stdin.buffer.readline())
    os.nice(order["niceness"])
    report_fd = _claim_stdout()
    server = _serve(order)
    os.write(report_fd, json.dumps({"listening": server.listening_address}).encode() + b"\n")
    os.close(report_fd)
    _silence()
    sys.stdin.buffer.read()
    del server


def _end_with_parent() -> None:
    """Have the kernel kill us with the parent: sooner than the end of standard input, which works everywhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _claim_stdout() -> int:
    """A descriptor for our one line; what llama.cpp prints goes to standard error, where it cannot be taken for it."""
    report_fd = os.dup(1)
    os.dup2(2, 1)
    return report_fd


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _serve(order: dict[str, Any]) -> Any:
    """A server that is listening with its model loaded; raises RuntimeError when llama.cpp gives up."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = order["model_path"]
    params.model_alias = {order["model_name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [order["api_key"]]
    params.n_ctx = order["context_tokens"] * order["parallel"]
    params.n_parallel = order["parallel"]
    params.cpuparams.n_threads = order["threads"]
    # A caller who left is noticed between batches, and the default of 2048 tokens takes seconds on two cores.
    params.n_batch = params.n_ubatch = _PROMPT_BATCH_TOKENS
    # llama.cpp would keep up to 8 GB of past conversations in memory.
    params.cache_ram_mib = 0
    # The same process makes vectors, too. Taking that of a text's last token is the one way that lets a text be cut
    # into batches: the mean of all refuses whatever is longer than _PROMPT_BATCH_TOKENS.
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_LAST
    # Pages that nobody asked for; /slots would show prompts.
    params.ui = False
    params.endpoint_slots = False
    params.cors_origins = ""
    params.verbosity = _ERRORS_ONLY
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
