"""The API's own way to say no."""

from __future__ import annotations

from bridge.simulator.nameless.values import JsonObject


class ApiError(Exception):
    """A request that the site refuses, with the answer that it gives."""

    def __init__(self, error: str, meta: object = None, *, status: int = 400) -> None:
        super().__init__(f"{status} {error}")
        self.status = status
        self.body: JsonObject = {"error": error}
        if meta is not None:
            self.body["meta"] = meta
