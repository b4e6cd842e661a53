"""The website: an aiohttp application on loopback that features add their pages to.

It owns the frame around every page (layout, styles, security headers, errors), server-sent events, health
and metrics; what a page shows comes from the feature that registered it.
"""

from bridge.website.errors import RequestRefused, wants_json
from bridge.website.files import made_file
from bridge.website.health import Health, HealthCheck
from bridge.website.home import Upcoming
from bridge.website.keeping import Briefly
from bridge.website.metrics import Collect, Metric
from bridge.website.security import open_to_all
from bridge.website.site import Request, Response, Site, StreamResponse
from bridge.website.stream import Broadcast, ServerSentEvent, TooManyStreams, serve_events

__all__ = [
    "Briefly",
    "Broadcast",
    "Collect",
    "Health",
    "HealthCheck",
    "Metric",
    "Request",
    "RequestRefused",
    "Response",
    "ServerSentEvent",
    "Site",
    "StreamResponse",
    "TooManyStreams",
    "Upcoming",
    "made_file",
    "open_to_all",
    "serve_events",
    "wants_json",
]
