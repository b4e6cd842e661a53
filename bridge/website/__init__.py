"""The website: an aiohttp application on loopback that features add their pages to.

It owns the frame around every page (layout, styles, security headers, errors), server-sent events, health
and metrics; what a page shows comes from the feature that registered it.
"""

from bridge.website.health import Health, HealthCheck
from bridge.website.site import Request, Response, Site, StreamResponse
from bridge.website.stream import Broadcast, ServerSentEvent, serve_events

__all__ = [
    "Broadcast",
    "Health",
    "HealthCheck",
    "Request",
    "Response",
    "ServerSentEvent",
    "Site",
    "StreamResponse",
    "serve_events",
]
