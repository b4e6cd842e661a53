"""What Discord's refusals mean for somebody who wanted to do something in a channel."""

from __future__ import annotations

from bridge.discord.errors import ChannelGone, DiscordError, Forbidden, MessageGone, NameRefused
from bridge.discord.rest import Rejected
from bridge.events import ChannelId

_MISSING_ACCESS = 50001
_UNKNOWN_CHANNEL, _UNKNOWN_GUILD, _UNKNOWN_MESSAGE = 10003, 10004, 10008
_NOT_OUR_MESSAGE = 50005
_INVALID_FORM = 50035


def meaning(rejected: Rejected, channel: ChannelId, *, permission: str) -> DiscordError:
    """Return the error that tells the caller what to do.

    Args:
        rejected: Discord's answer.
        channel: Where it was to be done.
        permission: What the bot needs there for it, as Discord's settings name it.
    """
    if rejected.status == 403:
        missing = "View Channel" if rejected.code == _MISSING_ACCESS else permission
        return forbidden(channel, missing)
    if rejected.code in {_UNKNOWN_CHANNEL, _UNKNOWN_GUILD}:
        return ChannelGone(
            f"channel {channel} does not exist or the bot is not in its guild; "
            "invite the bot, or correct the channel under discord.channels"
        )
    if rejected.code in {_UNKNOWN_MESSAGE, _NOT_OUR_MESSAGE}:
        return MessageGone(str(rejected), code=rejected.code, reason=rejected.reason)
    if rejected.code == _INVALID_FORM and "username" in rejected.fields:
        return NameRefused(str(rejected), code=rejected.code, reason=rejected.reason)
    return rejected


def forbidden(channel: ChannelId, permission: str) -> Forbidden:
    """Return the error for a missing permission, with the way to grant it."""
    return Forbidden(
        f"the bot may not do this in channel {channel}; allow it '{permission}' "
        "(channel settings → Permissions → the bot's role)",
        permission=permission,
    )
