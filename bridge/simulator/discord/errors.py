"""Discord's answers to what it does not accept, as exceptions."""

from __future__ import annotations

from typing import Final

from bridge.simulator.discord.values import JsonObject


class NotSimulated(Exception):
    """A client asked for something that the simulator does not know: extend it, or fix the client."""


class ApiError(Exception):
    """A request that Discord would refuse, with the answer it would give."""

    def __init__(self, status: int, code: int, message: str, errors: JsonObject | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.body: JsonObject = {"message": message, "code": code}
        if errors is not None:
            self.body["errors"] = errors


class FormErrors:
    """Collects what is wrong with a body, so that the answer names every field at once."""

    def __init__(self) -> None:
        self._tree: JsonObject = {}

    def add(self, path: str, code: str, message: str) -> None:
        """Note a problem at a dotted path such as ``embeds.0.title``."""
        node = self._tree
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def too_long(self, path: str, most: int) -> None:
        """Note that a text is longer than *most* characters."""
        self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def bad_length(self, path: str, least: int, most: int) -> None:
        """Note that a text or list is shorter than *least* or longer than *most*."""
        self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def required(self, path: str) -> None:
        """Note that a field is missing."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def check(self) -> None:
        """Return if nothing was noted.

        Raises:
            ApiError: 50035 with everything that was noted.
        """
        if self._tree:
            raise ApiError(400, 50035, "Invalid Form Body", self._tree)


def unknown(code: int) -> ApiError:
    """Return the 404 with which Discord says that a thing does not exist."""
    return ApiError(404, code, f"Unknown {_UNKNOWN[code]}")


_UNKNOWN: Final = {
    10003: "Channel",
    10004: "Guild",
    10007: "Member",
    10008: "Message",
    10013: "User",
    10015: "Webhook",
    10062: "interaction",
    10063: "application command",
}


def missing_access() -> ApiError:
    """Return the 403 for a channel that the bot cannot see."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """Return the 403 for something that the bot may not do."""
    return ApiError(403, 50013, "Missing Permissions")


def unauthorized() -> ApiError:
    """Return the 401 for a token that is not valid."""
    return ApiError(401, 0, "401: Unauthorized")
