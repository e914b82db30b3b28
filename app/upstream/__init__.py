"""The only outbound HTTP of the house: one client, one transport under it, and the framing of event streams."""

from app.upstream.client import UpstreamClient, upstream_chunks
from app.upstream.light_types import FormedRequest, RequestForm, header_names, media_type, sent_headers
from app.upstream.ndjson import ndjson_events
from app.upstream.sse import SseEvent, sse_events

__all__ = [
    "FormedRequest",
    "RequestForm",
    "SseEvent",
    "UpstreamClient",
    "header_names",
    "media_type",
    "ndjson_events",
    "sent_headers",
    "sse_events",
    "upstream_chunks",
]
