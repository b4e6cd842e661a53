"""What can go wrong with Discord, sorted by what the caller can do about it."""

from __future__ import annotations


class DiscordError(Exception):
    """Discord did not do what was asked."""


class DiscordUnavailable(DiscordError):
    """Not now: a time-out, a closed socket, an outage or a rate limit. Try again later.

    Attributes:
        retry_after_s: How long Discord asks us to wait; None when it did not say.
        outcome_unknown: Discord may have done what was asked, so that repeating could double it.
    """

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, outcome_unknown: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.outcome_unknown = outcome_unknown


class DiscordRefused(DiscordError):
    """Discord will never take this as it is; the next thing may pass.

    Attributes:
        code: Discord's own error number (50035: a field is not acceptable), 0 when it gave none.
        reason: Discord's own words.
    """

    def __init__(self, message: str, *, code: int = 0, reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class NameRefused(DiscordRefused):
    """Discord does not let a webhook speak under this name: use the fallback name."""


class MessageGone(DiscordRefused):
    """The message to edit or delete no longer exists, or is not ours."""


class ChannelGone(DiscordError):
    """The channel does not exist, or the bot is not in its guild."""


class Forbidden(DiscordError):
    """The bot lacks a permission; the message names it and where to grant it.

    Attributes:
        permission: The permission's name as Discord's settings show it in English.
    """

    def __init__(self, message: str, *, permission: str) -> None:
        super().__init__(message)
        self.permission = permission


class HistoryTooLong(DiscordError):
    """So much was said since that our message was not looked for to the end."""


class WebhooksForbidden(Forbidden):
    """No webhook can be used in this channel: post as the bot, with the player's name in the text."""


class TokenRefused(DiscordError):
    """Discord does not accept the bot token; nothing but known webhooks works until it is replaced."""

    def __init__(self) -> None:
        super().__init__(
            "Discord does not accept the bot token; reset it in the developer portal (Bot → Reset Token), "
            "put the new one where discord.token points and reload"
        )


class IntentsRefused(DiscordError):
    """Discord does not let the bot read messages until an intent is switched on in the developer portal."""

    def __init__(self) -> None:
        super().__init__(
            "Discord does not let the bot read messages; switch on 'Message Content Intent' "
            "in the developer portal (Bot → Privileged Gateway Intents) and reload"
        )
