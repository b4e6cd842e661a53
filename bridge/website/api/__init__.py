"""The JSON API below ``/api/v1``: typed endpoints, problem documents, pages, tokens, and what tells of them.

It knows no features: each adds its endpoints with ``site.add_api``.
"""

from bridge.website.api.api import Api
from bridge.website.api.endpoint import ApiCall, Endpoint, Nothing
from bridge.website.api.paging import Cursor, Paged, cursor_of, next_page, place_of, position_of
from bridge.website.api.problems import ApiRefused, FieldError, problem

__all__ = [
    "Api",
    "ApiCall",
    "ApiRefused",
    "Cursor",
    "Endpoint",
    "FieldError",
    "Nothing",
    "Paged",
    "cursor_of",
    "next_page",
    "place_of",
    "position_of",
    "problem",
]
