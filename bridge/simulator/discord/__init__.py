"""A pretend Discord on real sockets, for the tests, the benchmarks and the demo."""

from bridge.simulator.discord.changes import (
    Change,
    ChannelChanged,
    ChannelCreated,
    ChannelDeleted,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    MessageCreated,
    MessageEdited,
    MessagesDeleted,
    RoleCreated,
    StatusChanged,
    Subscription,
    TypingStarted,
    WebhooksChanged,
)
from bridge.simulator.discord.clock import Clock, Snowflake
from bridge.simulator.discord.errors import NotSimulated
from bridge.simulator.discord.faults import Fault, FaultKind, Faults
from bridge.simulator.discord.forms import NameRules, Upload
from bridge.simulator.discord.interactions import CommandUse
from bridge.simulator.discord.limits import UNLIMITED, Limit, RateLimits
from bridge.simulator.discord.process import main
from bridge.simulator.discord.rest import SimRequest
from bridge.simulator.discord.sim import SimDiscord
from bridge.simulator.discord.values import (
    Attachment,
    Author,
    AuthorKind,
    Channel,
    ChannelKind,
    Intent,
    Member,
    Message,
    Permission,
    Pings,
    Role,
    Sticker,
    Webhook,
)

__all__ = [
    "UNLIMITED",
    "Attachment",
    "Author",
    "AuthorKind",
    "Change",
    "Channel",
    "ChannelChanged",
    "ChannelCreated",
    "ChannelDeleted",
    "ChannelKind",
    "Clock",
    "CommandUse",
    "Fault",
    "FaultKind",
    "Faults",
    "Intent",
    "Limit",
    "Member",
    "MemberChanged",
    "MemberJoined",
    "MemberLeft",
    "Message",
    "MessageCreated",
    "MessageEdited",
    "MessagesDeleted",
    "NameRules",
    "NotSimulated",
    "Permission",
    "Pings",
    "RateLimits",
    "Role",
    "RoleCreated",
    "SimDiscord",
    "SimRequest",
    "Snowflake",
    "StatusChanged",
    "Sticker",
    "Subscription",
    "TypingStarted",
    "Upload",
    "Webhook",
    "WebhooksChanged",
    "main",
]
