"""Who is compared? The vendor itself, a plain proxy, this service and its peers: how each is started and asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import __version__
from benchmarks.comparison import nginx
from benchmarks.comparison.asking import JSON, PROMPT, Ask, Surface
from benchmarks.comparison.launching import Program
from benchmarks.comparison.paces import PACES, QUICK_MODEL, Pace
from benchmarks.comparison.replies import CHAT_PATH, MESSAGES_PATH

_ROOT = Path(__file__).resolve().parents[2]
_ASKED = [{"role": "user", "content": PROMPT}]
PROCESS_PATH = "/process"
_OUR_KEY = "sk-bench"
_OUR_HEADERS = {**JSON, "authorization": f"Bearer {_OUR_KEY}"}


@dataclass(frozen=True)
class Vendors:
    """Where the vendors answer: at once, and at a pace."""

    quick_port: int
    paced_port: int

    def base_url(self, pace: Pace | None) -> str:
        """What a gateway is told of the vendor that answers at `pace`, without the dialect's own `/v1`."""
        port = self.quick_port if pace is None else self.paced_port
        return f"http://127.0.0.1:{port}{'' if pace is None else pace.base_path}"


@dataclass(frozen=True)
class Contender:
    """One that is measured. `program` is None for the vendor, which runs already; `settings` is for the reader.

    `workers` is how many processes of it answer.
    """

    name: str
    version: str
    settings: str
    program: Program | None
    surfaces: tuple[Surface, ...]
    workers: int = 1

    @property
    def command(self) -> str:
        """How it was started, without the folders of this machine."""
        parts = self.program.command if self.program else ()
        return " ".join(Path(part).name if part.startswith("/") else part for part in parts)


def model_of(pace: Pace | None) -> str:
    """The model that every gateway knows the vendor of this pace by."""
    return QUICK_MODEL if pace is None else pace.model


def chat_body(pace: Pace | None, *, is_stream: bool) -> str:
    """A chat completion as OpenAI's callers ask for it."""
    return json.dumps({"model": model_of(pace), "messages": _ASKED, **({"stream": True} if is_stream else {})})


def chat_surface(ask: Callable[[Pace | None, str], Ask]) -> Surface:
    """The surface that all have: `ask` puts a body where it is answered at a pace."""
    return Surface(
        CHAT_PATH,
        plain=lambda pace: ask(pace, chat_body(pace, is_stream=False)),
        streamed=lambda pace: ask(pace, chat_body(pace, is_stream=True)),
    )


def direct(vendors: Vendors) -> Contender:
    """The same calls without anything in between."""

    def ask(pace: Pace | None, body: str) -> Ask:
        port = vendors.quick_port if pace is None else vendors.paced_port
        return Ask(port, ("" if pace is None else pace.base_path) + CHAT_PATH, body)

    return Contender("direct", "", "the vendor itself", None, (chat_surface(ask),))


def plain_proxy(vendors: Vendors, folder: Path, port: int, version: str) -> Contender:
    """What no gateway can be faster than."""

    def ask(pace: Pace | None, body: str) -> Ask:
        return Ask(port, ("" if pace is None else pace.base_path) + CHAT_PATH, body)

    program = nginx.proxy(folder, port, quick_port=vendors.quick_port, paced_port=vendors.paced_port)
    return Contender("nginx, a plain proxy", version, "one process, kept connections", program, (chat_surface(ask),))


def ours(vendors: Vendors, folder: Path, port: int, workers: int) -> Contender:
    """This service with its defaults, books in SQLite, metrics, circuits, a line of log for each request; and a key."""
    config = folder / "config.yaml"
    # JSON is YAML too.
    config.write_text(json.dumps({"providers": _rows(vendors)}), encoding="utf-8")
    program = Program(
        (sys.executable, "-m", "app.cli"),
        folder,
        {
            "PYTHONPATH": str(_ROOT),
            "LLM_PROVIDER_SERVICE_CONFIG_FILE": str(config),
            "XDG_STATE_HOME": str(folder),
            "LLM_PROVIDER_SERVICE_PORT": str(port),
            "LLM_PROVIDER_SERVICE_WORKERS": str(workers),
            "LLM_PROVIDER_SERVICE_API_KEYS": _OUR_KEY,
            "LLM_PROVIDER_SERVICE_DRAIN_SECONDS": "0",
        },
    )
    surfaces = (
        chat_surface(lambda _, body: Ask(port, CHAT_PATH, body, _OUR_HEADERS)),
        _process(port),
        _messages(port),
        _kept(port),
    )
    name = f"ours, {workers} worker{'s' if workers > 1 else ''}"
    settings = "defaults: books in SQLite, metrics, circuits, a line of log for each request; one key, a state folder"
    return Contender(name, __version__, settings, program, surfaces, workers)


def _rows(vendors: Vendors) -> dict[str, dict[str, Any]]:
    def row(kind: str, pace: Pace | None) -> dict[str, Any]:
        base_url = vendors.base_url(pace) + ("/v1" if kind == "openai" else "")
        model = model_of(pace) if kind == "openai" else _message_model(pace)
        return {"type": kind, "base_url": base_url, "api_key": "bench", "default_model": model}

    kinds = {"openai": "", "anthropic": "messages-"}
    return {f"{prefix}{model_of(pace)}": row(kind, pace) for kind, prefix in kinds.items() for pace in (None, *PACES)}


def _message_model(pace: Pace | None) -> str:
    """Offered by one row only, as a name like Claude's would not be."""
    return f"messages-{model_of(pace)}"


def _process(port: int) -> Surface:
    def ask(path: str, pace: Pace | None) -> Ask:
        body = {"prompt": PROMPT, "provider": model_of(pace), "model": model_of(pace)}
        return Ask(port, path, json.dumps(body), _OUR_HEADERS)

    return Surface(
        PROCESS_PATH,
        plain=lambda pace: ask(PROCESS_PATH, pace),
        streamed=lambda pace: ask(f"{PROCESS_PATH}/stream", pace),
    )


def _kept(port: int) -> Surface:
    """The same answer again and again, from memory: only the first is bought."""
    body = {"prompt": PROMPT, "provider": QUICK_MODEL, "model": QUICK_MODEL, "use_cache": True}
    ask = Ask(port, PROCESS_PATH, json.dumps(body), _OUR_HEADERS)
    return Surface(f"{PROCESS_PATH}, kept", plain=lambda _: ask, streamed=None, is_main=False)


def _messages(port: int) -> Surface:
    def ask(pace: Pace | None, **more: bool) -> Ask:
        body = {"model": _message_model(pace), "max_tokens": 200, "messages": _ASKED, **more}
        return Ask(port, MESSAGES_PATH, json.dumps(body), _OUR_HEADERS)

    return Surface(MESSAGES_PATH, plain=ask, streamed=lambda pace: ask(pace, stream=True), is_main=False)
