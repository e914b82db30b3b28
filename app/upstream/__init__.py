"""The only outbound HTTP of the house: one client, one transport under it, and the framing of event streams."""

from app.upstream.body import Framing, UpstreamEvents, upstream_chunks
from app.upstream.client import UpstreamClient
from app.upstream.light_types import FormedRequest, RequestForm, header_names, media_type, sent_headers
from app.upstream.ndjson import NdjsonFraming
from app.upstream.sse import SseEvent, SseFraming

__all__ = [
    "FormedRequest",
    "Framing",
    "NdjsonFraming",
    "RequestForm",
    "SseEvent",
    "SseFraming",
    "UpstreamClient",
    "UpstreamEvents",
    "header_names",
    "media_type",
    "sent_headers",
    "upstream_chunks",
]
