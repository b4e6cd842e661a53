"""Every setting as a frozen value; the loader turns YAML into these and words what is wrong with it."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

_DURATION: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>ms|s|m|h|d)")
_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(value: object) -> float:
    """Return a duration such as ``30s``, ``10m`` or ``90d`` in seconds.

    Raises:
        ValueError: Not a number with one of the units ms, s, m, h, d.
    """
    if isinstance(value, float):
        return value  # a default, already in seconds
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a duration is a number with a unit: 500ms, 30s, 10m, 2h or 90d")
    return float(found["number"]) * _UNIT_S[found["unit"]]


Seconds = Annotated[float, BeforeValidator(parse_duration), Field(ge=0)]
Snowflake = Annotated[str, Field(pattern=r"^\d{15,20}$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]  # keys of servers, channels and rooms
Port = Annotated[int, Field(ge=1, le=65535)]


def _hyphens(name: str) -> str:
    return name.replace("_", "-")


class Settings(BaseModel):
    """A block of settings: frozen, without unknown keys, written with hyphens."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=_hyphens,
        populate_by_name=True,
        hide_input_in_errors=True,
    )


class Language(StrEnum):
    """The languages Passerelle speaks."""

    EN = "en"
    FR = "fr"


class CommunitySettings(Settings):
    """``community``: who this bridge is for."""

    name: str = Field("Our community", min_length=1, max_length=80)
    language: Language = Language.EN
    time_zone: str = "UTC"  # an IANA name such as Europe/Paris


class DialectName(StrEnum):
    """The log layouts that can be named; ``auto`` looks at the first lines."""

    AUTO = "auto"
    VANILLA = "vanilla"
    BUKKIT = "bukkit"  # CraftBukkit, Spigot, Paper, Purpur, Folia
    FORGE = "forge"  # Forge, NeoForge
    FABRIC = "fabric"  # Fabric, Quilt
    HYBRID = "hybrid"  # Arclight, Mohist, Magma, CatServer
    VELOCITY = "velocity"
    BUNGEECORD = "bungeecord"  # BungeeCord, Waterfall


class ChatPattern(Settings):
    """``servers.<name>.log.chat-patterns[]``: how a chat plugin writes chat."""

    pattern: str  # a regular expression with the groups player and text, matched from the message's start
    thread: str | None = (
        None  # only on threads whose name matches from its start, such as ``Async Chat Thread``
    )


class LogSettings(Settings):
    """``servers.<name>.log``: the server's log file."""

    path: Path
    dialect: DialectName = DialectName.AUTO
    encoding: str = "cp1252"  # for lines that are not UTF-8
    time_zone: str | None = None  # of the server's clock; the community's when not set
    chat_patterns: tuple[ChatPattern, ...] = ()


class RconSettings(Settings):
    """``servers.<name>.rcon``: the server's console over the network."""

    host: str = "127.0.0.1"
    port: Port = 25575
    password: SecretStr
    timeout_s: Seconds = Field(5.0, alias="timeout")
    components: Literal["auto", "old", "new"] = "auto"
    """``new`` from Minecraft 1.21.5 on (``click_event``), ``old`` before; ``auto`` writes both keys."""


class StatusSettings(Settings):
    """``servers.<name>.status``: the port that players connect to."""

    host: str = "127.0.0.1"
    port: Port = 25565
    every_s: Seconds = Field(30.0, alias="every")
    timeout_s: Seconds = Field(5.0, alias="timeout")
    down_after: int = Field(3, ge=1, le=20)  # failed pings in a row before the server counts as lost


class ServerSettings(Settings):
    """``servers.<name>``: one game server; each way in is optional."""

    title: str | None = None  # shown to people; the key when not set
    address: str | None = None  # what players type, shown on the status page
    log: LogSettings | None = None
    rcon: RconSettings | None = None
    status: StatusSettings | None = None
    bedrock_prefix: str = Field(".", max_length=16)


class AllowedMention(StrEnum):
    """Kinds of mention that players may make from the game."""

    USERS = "users"
    ROLES = "roles"
    EVERYONE = "everyone"


class DiscordSettings(Settings):
    """``discord``: the bot."""

    token: SecretStr
    guild: Snowflake
    channels: dict[Name, Snowflake] = Field(min_length=1)
    webhooks: bool = True
    avatar_url: str = "https://mc-heads.net/avatar/{uuid}/128"
    fallback_name: str = Field("Player", min_length=1, max_length=80)
    allowed_mentions: frozenset[AllowedMention] = frozenset()
    relay_bots: bool = False
    say_roles: frozenset[Snowflake] = frozenset()  # roles that may use /say; administrators always may
    api_url: str = "https://discord.com/api/v10"
    gateway_url: str | None = None  # when not set, discord.com's own


class RoomSettings(Settings):
    """``rooms.<name>``: ends that share a conversation."""

    title: str | None = None
    servers: tuple[Name, ...] = ()
    channels: tuple[Name, ...] = ()
    website: Literal["off", "read", "write"] = "off"
    edits_in_game: bool = True
    removals_in_game: bool = False


class NoticeSettings(Settings):
    """``notices.<kind>``: one kind of message about the game."""

    enabled: bool = True
    channel: Name | None = None  # the channels of the server's rooms when not set
    template: str | None = None  # the language's own wording when not set


class NoticesSettings(Settings):
    """``notices``: what is told on Discord besides chat."""

    join: NoticeSettings = NoticeSettings()
    leave: NoticeSettings = NoticeSettings()
    death: NoticeSettings = NoticeSettings()
    advancement: NoticeSettings = NoticeSettings()
    start: NoticeSettings = NoticeSettings()
    stop: NoticeSettings = NoticeSettings()


class RelaySettings(Settings):
    """``relay``: how lines travel."""

    late_after_s: Seconds = Field(120.0, alias="late-after")
    bundle_after: int = Field(4, ge=2, le=100)  # joins and leaves within bundle-window that start a bundle
    bundle_window_s: Seconds = Field(10.0, alias="bundle-window")
    server_prefix: Literal["auto", "always", "never"] = "auto"  # auto: in rooms with several servers
    game_length: int = Field(256, ge=32, le=1000)  # characters of one Discord message shown in the game


class PrivacySettings(Settings):
    """``privacy``: what never leaves the game."""

    hidden_players: frozenset[str] = frozenset()
    mask_addresses: bool = True


class RetentionSettings(Settings):
    """``retention``: how long what was said is kept."""

    chat_s: Seconds = Field(90 * 86400.0, alias="chat")


class WebsiteSettings(Settings):
    """``website``: pages on loopback, for a reverse proxy to publish."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)  # 0: any free port
    public_url: str | None = None
    frame_ancestors: tuple[str, ...] = ()  # origins that may show our pages in a frame
    show_players: bool = True
    visitor_interval_s: Seconds = Field(5.0, alias="visitor-interval")


class LogFormat(StrEnum):
    """How the daemon's own log is written; ``auto``: human on a terminal, JSON otherwise."""

    AUTO = "auto"
    HUMAN = "human"
    JSON = "json"


class LoggingSettings(Settings):
    """``logging``: the daemon's own log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: LogFormat = LogFormat.AUTO


class BridgeSettings(Settings):
    """The whole of ``bridge.yml``."""

    version: Literal[1] = 1
    data: Path = Path("data")  # the folder of the database; relative to the settings file
    community: CommunitySettings = CommunitySettings()
    servers: dict[Name, ServerSettings] = Field(min_length=1)
    discord: DiscordSettings | None = None
    rooms: dict[Name, RoomSettings] = {}
    notices: NoticesSettings = NoticesSettings()
    relay: RelaySettings = RelaySettings()
    privacy: PrivacySettings = PrivacySettings()
    retention: RetentionSettings = RetentionSettings()
    website: WebsiteSettings = WebsiteSettings()
    logging: LoggingSettings = LoggingSettings()
    messages: dict[str, str | dict[str, str]] = {}  # overrides of texts, by key
