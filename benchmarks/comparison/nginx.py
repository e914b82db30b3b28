"""Which nginx is the vendor that is never the bottleneck, and which the proxy that is the limit for every gateway?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.comparison.launching import Program
from benchmarks.comparison.paces import PACES
from benchmarks.comparison.replies import CHAT_PATH, MESSAGES_PATH, dialect_of

# One process that stays in the foreground, so that its id is the one to end. Keep-alive connections live for ever.
_FRAME = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  {upstreams}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    {locations}
  }}
}}
"""
_SAYS = "location {path} {{ default_type application/json; return 200 '{answer}'; }}"
_POOL = "upstream {name} {{ server 127.0.0.1:{port}; keepalive 1024; keepalive_requests 1000000000; }}"
_PASSES = (
    "location {path} {{ proxy_pass http://{name}; proxy_http_version 1.1; proxy_set_header Connection ''; "
    "proxy_buffering off; }}"
)


def vendor(folder: Path, port: int) -> Program:
    """It answers a chat completion and a message of 800 bytes at once."""
    locations = [_SAYS.format(path=path, answer=dialect_of(path).whole.decode()) for path in (CHAT_PATH, MESSAGES_PATH)]
    return _program(folder, port, upstreams=(), locations=locations)


def proxy(folder: Path, port: int, *, quick_port: int, paced_port: int) -> Program:
    """It passes everything on, over connections that it keeps."""
    pools = [_POOL.format(name="quick", port=quick_port), _POOL.format(name="paced", port=paced_port)]
    paced = [_PASSES.format(path=pace.base_path, name="paced") for pace in PACES]
    return _program(folder, port, upstreams=pools, locations=[*paced, _PASSES.format(path="/", name="quick")])


def _program(folder: Path, port: int, *, upstreams: Sequence[str], locations: Sequence[str]) -> Program:
    config = folder / "nginx.conf"
    config.write_text(
        _FRAME.format(folder=folder, port=port, upstreams="\n".join(upstreams), locations="\n    ".join(locations)),
        encoding="utf-8",
    )
    return Program(("nginx", "-p", str(folder), "-c", str(config)), folder)
