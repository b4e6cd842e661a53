"""What can go wrong with a call over the Management Protocol, by what the caller can do about it."""

from __future__ import annotations


class ManagementError(Exception):
    """A call did not bring a result."""


class ManagementUnavailable(ManagementError):
    """Not connected: nothing was sent, so calling later is safe."""


class ManagementRefused(ManagementUnavailable):
    """The server does not accept the secret or the connection: nothing was sent."""


class ManagementUnknownOutcome(ManagementError):
    """The call may have left and no answer came: the server may or may not have done it."""


class ManagementTimeout(ManagementUnknownOutcome):
    """No answer in time; the connection stays, as a late answer is told apart by its number."""


class ManagementFailed(ManagementError):
    """The server answered that it did not do it, and why."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"the server answered {message!r} (code {code})")
        self.code = code


class ManagementUnsupported(ManagementFailed):
    """This version of the server cannot do it."""


class ManagementOddAnswer(ManagementError):
    """The server answered with something that makes no sense here; it may have done it."""
