"""Discord: the gateway in; messages, webhooks and slash commands out, inside its limits."""

from bridge.discord.commands import (
    Answer,
    Caller,
    Choice,
    CommandCall,
    Option,
    OptionKind,
    SlashCommand,
    Wording,
)
from bridge.discord.errors import (
    ChannelGone,
    DiscordError,
    DiscordRefused,
    DiscordUnavailable,
    Forbidden,
    HistoryTooLong,
    IntentsRefused,
    MessageGone,
    NameRefused,
    TokenRefused,
    WebhooksForbidden,
)
from bridge.discord.limits import Usage
from bridge.discord.link import DiscordLink
from bridge.discord.members import GuildMember
from bridge.discord.oauth import NotAMember, OAuth, OAuthRefused, OAuthUnavailable, SignedIn
from bridge.discord.posts import Expected, MessageId, Post, Sent, message_id_at
from bridge.discord.session import Timing
from bridge.discord.state import LinkState, LinkStatus

__all__ = [
    "Answer",
    "Caller",
    "ChannelGone",
    "Choice",
    "CommandCall",
    "DiscordError",
    "DiscordLink",
    "DiscordRefused",
    "DiscordUnavailable",
    "Expected",
    "Forbidden",
    "GuildMember",
    "HistoryTooLong",
    "IntentsRefused",
    "LinkState",
    "LinkStatus",
    "MessageGone",
    "MessageId",
    "NameRefused",
    "NotAMember",
    "OAuth",
    "OAuthRefused",
    "OAuthUnavailable",
    "Option",
    "OptionKind",
    "Post",
    "Sent",
    "SignedIn",
    "SlashCommand",
    "Timing",
    "TokenRefused",
    "Usage",
    "WebhooksForbidden",
    "Wording",
    "message_id_at",
]
