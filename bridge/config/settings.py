"""Every setting as a frozen value; the loader turns YAML into these and words what is wrong with it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from bridge.config.access import Bundle
from bridge.config.base import Settings
from bridge.config.outside import FeedSettings, HooksSettings, NamelessSettings
from bridge.config.reports import MailSettings, ReportsSettings
from bridge.config.status_channel import StatusChannelSettings
from bridge.config.values import (
    Address,
    AvatarUrl,
    ChatRegex,
    Encoding,
    Host,
    Name,
    Origin,
    Port,
    Regex,
    Seconds,
    Snowflake,
    SocketUrl,
    TimeZone,
    WebUrl,
    WeekTime,
    parse_duration,
)
from bridge.config.watching import AlertSettings, MaintenanceSettings

__all__ = [
    "AllowedMention",
    "BridgeSettings",
    "ChatPattern",
    "CommunitySettings",
    "ConsoleSettings",
    "DialectName",
    "DiscordSettings",
    "Language",
    "LogFormat",
    "LogSettings",
    "LoggingSettings",
    "ManagementSettings",
    "Name",
    "NoticeSettings",
    "NoticesSettings",
    "Port",
    "PrivacySettings",
    "QuerySettings",
    "RconSettings",
    "RelaySettings",
    "RetentionSettings",
    "RoomSettings",
    "Seconds",
    "ServerSettings",
    "Settings",
    "Snowflake",
    "StatusSettings",
    "WebsiteSettings",
    "parse_duration",
]


class Language(StrEnum):
    """The languages Passerelle speaks."""

    EN = "en"
    FR = "fr"


class CommunitySettings(Settings):
    """Who this bridge is for."""

    name: str = Field(
        "Our community", min_length=1, max_length=80, description="Shown on the website and in messages."
    )
    language: Language = Field(
        Language.EN, description="The language of notices, pages and commands: en or fr."
    )
    time_zone: TimeZone = Field(
        "UTC", description="The community's IANA time zone, such as Europe/Paris; it decides what a day is."
    )


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
    """How a chat plugin writes chat."""

    pattern: ChatRegex = Field(
        description="A regular expression with the groups (?P<player>…) and (?P<text>…), "
        "matched from the beginning of the message (after the log's own prefix)."
    )
    thread: Regex | None = Field(
        None,
        description="Only lines of threads whose name matches this regular expression from its beginning, "
        "such as Async Chat Thread.",
    )


class LogSettings(Settings):
    """The server's log file: chat, joins, leaves, deaths and advancements come from here."""

    path: Path = Field(
        description="The path of latest.log; rotated .log.gz files are looked for beside it. "
        "Relative to the folder of the settings file."
    )
    dialect: DialectName = Field(
        DialectName.AUTO, description="The log's layout; auto recognises it from the first lines."
    )
    encoding: Encoding = Field(
        "cp1252", description="How lines are read that are not UTF-8 (old servers on Windows)."
    )
    time_zone: TimeZone | None = Field(
        None, description="The zone of the server's clock; the community's when not set."
    )
    chat_patterns: tuple[ChatPattern, ...] = Field(
        (), description="How a chat plugin writes chat, where it is not the game's own way."
    )


class ConsoleSettings(Settings):
    """The console web socket of itzg/docker-minecraft-server, in place of a log file that cannot be read."""

    url: SocketUrl = Field(
        description="Where it is, such as ws://127.0.0.1:80/console; the container needs WEBSOCKET_CONSOLE."
    )
    password: SecretStr = Field(
        min_length=1,
        description="WEBSOCKET_PASSWORD of the container; its RCON password where that is not set.",
    )
    origin: Origin | None = Field(
        None,
        description="One of WEBSOCKET_ALLOWED_ORIGINS of the container; not needed where it checks none.",
    )
    timeout_s: Seconds = Field(8.0, alias="timeout", gt=0, description="How long a connect may take.")
    dialect: DialectName = Field(
        DialectName.AUTO, description="The console's layout; auto recognises it from the first lines."
    )
    time_zone: TimeZone | None = Field(
        None, description="The zone of the server's clock; the community's when not set."
    )
    chat_patterns: tuple[ChatPattern, ...] = Field(
        (), description="How a chat plugin writes chat, where it is not the game's own way."
    )


class RconSettings(Settings):
    """The server's console over the network: what is said elsewhere enters the game here."""

    host: Host = Field("127.0.0.1", description="Where the game server listens.")
    port: Port = Field(25575, description="rcon.port in server.properties.")
    password: SecretStr = Field(min_length=1, description="rcon.password in server.properties.")
    timeout_s: Seconds = Field(
        5.0, alias="timeout", gt=0, description="How long a connect or a command may take."
    )
    components: Literal["auto", "old", "new"] = Field(
        "auto",
        description="How clickable text is written: new from Minecraft 1.21.5 on (click_event), old before "
        "(clickEvent), auto writes both.",
    )


class StatusSettings(Settings):
    """The port that players connect to: up or down, counts, version and latency come from here."""

    kind: Literal["java", "bedrock"] = Field(
        "java", description="Which edition answers there; Bedrock's usual port is 19132."
    )
    host: Host = Field("127.0.0.1", description="Where the game server listens.")
    port: Port = Field(25565, description="server-port in server.properties.")
    every_s: Seconds = Field(30.0, alias="every", gt=0, description="How long from one ping to the next.")
    timeout_s: Seconds = Field(5.0, alias="timeout", gt=0, description="How long an answer may take.")
    down_after: int = Field(
        3, ge=1, le=20, description="Failed pings in a row before the server counts as lost."
    )

    @model_validator(mode="before")
    @classmethod
    def _usual_port(cls, written: object) -> object:
        if isinstance(written, dict) and written.get("kind") == "bedrock" and "port" not in written:
            return {**written, "port": 19132}
        return written


class QuerySettings(Settings):
    """The query port (GameSpy4): who is on, all of them; needed only where there is no RCON."""

    host: Host = Field("127.0.0.1", description="Where the game server listens.")
    port: Port = Field(
        25565, description="query.port in server.properties (UDP); there set enable-query=true."
    )
    timeout_s: Seconds = Field(5.0, alias="timeout", gt=0, description="How long an answer may take.")


class ManagementSettings(Settings):
    """The server's Management Protocol, from Minecraft 1.21.9 on: who plays, bans, operators, save, stop."""

    host: Host = Field("127.0.0.1", description="Where the game server listens (management-server-host).")
    port: Port = Field(
        25585, description="management-server-port in server.properties; 0 there takes any, so set one."
    )
    secret: SecretStr = Field(
        min_length=1, description="management-server-secret in server.properties, 40 letters and digits."
    )
    tls: bool = Field(
        False, description="Whether the connection is encrypted: management-server-tls-enabled."
    )
    ca_file: Path | None = Field(
        None,
        description="The server's certificate as PEM, or that of who signed it; with tls, where this machine "
        "does not trust it already. Relative to the folder of the settings file.",
    )
    timeout_s: Seconds = Field(
        8.0, alias="timeout", gt=0, description="How long a connect or an answer may take."
    )


class ServerSettings(Settings):
    """One game server. Each way in is optional, but it needs at least one."""

    title: str | None = Field(
        None, min_length=1, max_length=80, description="The name people see; the key when not set."
    )
    address: str | None = Field(
        None, min_length=1, max_length=260, description="What players type to join; on the status page."
    )
    folder: Path | None = Field(
        None,
        description="The server's folder, where server.properties is: what the game counts of players is "
        "read there. Found by itself where the log is in its logs folder.",
    )
    log: LogSettings | None = Field(None, description="The server's log file: what happens in the game.")
    console: ConsoleSettings | None = Field(
        None, description="The server's console over a web socket, where the log file cannot be read."
    )
    rcon: RconSettings | None = Field(None, description="The server's console: what enters the game.")
    status: StatusSettings | None = Field(None, description="The port players connect to: up or down.")
    query: QuerySettings | None = Field(None, description="The query port: who is on, where RCON is missing.")
    management: ManagementSettings | None = Field(
        None, description="The server's Management Protocol: who plays, bans, operators, save, stop."
    )
    restarts: tuple[WeekTime, ...] = Field(
        (),
        description="When it restarts by plan, in the community's time zone, such as 04:00 (every day) or "
        "sunday 04:00; shown to players.",
    )
    bedrock_prefix: str = Field(
        ".",
        max_length=16,
        description="What Floodgate puts before the names of Bedrock players (username-prefix).",
    )


class AllowedMention(StrEnum):
    """Kinds of mention that players may make from the game."""

    USERS = "users"
    ROLES = "roles"
    EVERYONE = "everyone"


class DiscordSettings(Settings):
    """The Discord bot; without this block the bridge runs without Discord."""

    token: SecretStr = Field(
        min_length=1,
        description="The bot's token: Discord developer portal, your application, Bot, Reset Token.",
    )
    guild: Snowflake = Field(description="The id of your Discord server, in quotes.")
    channels: dict[Name, Snowflake] = Field(
        min_length=1,
        description="A name for each channel used below, and the channel's id in quotes.",
    )
    webhooks: bool = Field(
        True,
        description="Post chat under the players' own names and heads; needs the permission Manage Webhooks.",
    )
    avatar_url: AvatarUrl = Field(
        "https://mc-heads.net/avatar/{uuid}/128",
        description="Where players' heads come from; {uuid} and {name} are replaced. Empty: no heads.",
    )
    fallback_name: str = Field(
        "Player", min_length=1, max_length=80, description="Used when Discord refuses a player's name."
    )
    allowed_mentions: frozenset[AllowedMention] = Field(
        frozenset(),
        description="What players may mention from the game: users, roles, everyone. Empty: nothing.",
    )
    relay_bots: bool = Field(False, description="Also relay what other bots and webhooks write.")
    say_roles: frozenset[Snowflake] = Field(
        frozenset(), description="Ids of the roles that may use /say; administrators always may."
    )
    api_url: WebUrl = Field(
        "https://discord.com/api/v10",
        description="Where Discord's API is; for compatible servers of your own.",
    )
    gateway_url: SocketUrl | None = Field(
        None, description="Where the gateway is; asked from the API when not set."
    )


class RoomSettings(Settings):
    """Ends that share a conversation: game servers, Discord channels, a page of the website."""

    title: str | None = Field(
        None, min_length=1, max_length=80, description="The name people see; the key when not set."
    )
    servers: tuple[Name, ...] = Field((), description="Names from servers.")
    channels: tuple[Name, ...] = Field((), description="Names from discord.channels.")
    website: Literal["off", "read", "write"] = Field(
        "off",
        description="Whether visitors of the website may read the room, or also write in it.",
    )
    edits_in_game: bool = Field(True, description="Tell the game when a Discord message is edited.")
    removals_in_game: bool = Field(False, description="Tell the game when a Discord message is removed.")


class NoticeSettings(Settings):
    """One kind of message about the game."""

    enabled: bool = Field(True, description="Whether it is posted at all.")
    channel: Name | None = Field(
        None, description="A name from discord.channels; the channels of the server's rooms when not set."
    )
    template: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="Your own wording, with {player}, {server} and so on; the language's own when not set.",
    )


class NoticesSettings(Settings):
    """What is told on Discord besides chat."""

    join: NoticeSettings = Field(NoticeSettings(), description="A player joined.")
    leave: NoticeSettings = Field(NoticeSettings(), description="A player left.")
    death: NoticeSettings = Field(NoticeSettings(), description="A player died.")
    advancement: NoticeSettings = Field(NoticeSettings(), description="A player made an advancement.")
    start: NoticeSettings = Field(NoticeSettings(), description="A server is ready for players.")
    stop: NoticeSettings = Field(NoticeSettings(), description="A server stopped.")


class RelaySettings(Settings):
    """How lines travel."""

    late_after_s: Seconds = Field(
        120.0,
        alias="late-after",
        description="From this age on, lines are folded into one message that says they arrived late.",
    )
    bundle_after: int = Field(
        4, ge=2, le=100, description="So many joins and leaves within bundle-window become one message."
    )
    bundle_window_s: Seconds = Field(
        10.0, alias="bundle-window", description="How long joins and leaves are counted together."
    )
    server_prefix: Literal["auto", "always", "never"] = Field(
        "auto",
        description="Whether a line tells its server; auto does in rooms with several servers.",
    )
    game_length: int = Field(
        256, ge=32, le=1000, description="How many characters of one Discord message the game shows."
    )


class PrivacySettings(Settings):
    """What never leaves the game."""

    hidden_players: frozenset[str] = Field(
        frozenset(), description="Players who are never named outside the game."
    )
    unranked_players: frozenset[str] = Field(
        frozenset(), description="Players who are left out of leaderboards, because they want to be."
    )
    mask_addresses: bool = Field(True, description="Replace IP addresses in texts and in the daemon's log.")


class RetentionSettings(Settings):
    """How long what was said is kept."""

    chat_s: Seconds = Field(
        90 * 86400.0,
        alias="chat",
        description="After this time the words of chat, and what other programs told hooks, are removed; "
        "the fact that something was said stays.",
    )


class StatisticsSettings(Settings):
    """How it is counted who plays when."""

    relog_s: Seconds = Field(
        300.0,
        alias="relog",
        description="A player who comes back so soon goes on with the session before; the time between is "
        "not counted.",
    )
    staff_players: frozenset[str] = Field(
        frozenset(),
        description="Names of players who look after the others and agree that their hours are counted: "
        "the cover map shows when somebody plays and none of them is there.",
    )


class PlayerField(StrEnum):
    """What the public page of a player may show besides the name."""

    ONLINE = "online"
    SERVERS = "servers"
    FIRST_SEEN = "first-seen"
    LAST_SEEN = "last-seen"
    PLAYTIME = "playtime"  # ever, and today, this week and this month
    SESSIONS = "sessions"  # how many
    STREAK = "streak"  # days in a row
    DEATHS = "deaths"
    ADVANCEMENTS = "advancements"
    STATISTICS = "statistics"  # what the game itself has counted


class SignInSettings(Settings):
    """Sign-in with Discord, for staff: the OAuth2 page of the application in Discord's developer portal."""

    client_id: Snowflake = Field(description="The application's id, in quotes.")
    client_secret: SecretStr = Field(min_length=1, description="The application's client secret.")
    authorize_url: WebUrl = Field("https://discord.com/oauth2/authorize", description="Where people sign in.")


class StaffSettings(Settings):
    """Who may do what on the website, by API and by slash command."""

    roles: dict[Snowflake, Bundle] = Field(
        {}, description="Discord roles by id, and what each may do: helper, moderator, manager or admin."
    )
    idle_s: Seconds = Field(
        7200.0, alias="idle", ge=60, description="How long a session lives without a request."
    )


class WebsiteSettings(Settings):
    """The pages, on loopback by default: a reverse proxy publishes them."""

    enabled: bool = Field(True, description="Whether there are pages, health checks and metrics.")
    host: Host = Field("127.0.0.1", description="The address to listen on; 0.0.0.0 in a container.")
    port: int = Field(8080, ge=0, le=65535, description="The port to listen on; 0: any free one.")
    public_url: WebUrl | None = Field(
        None, description="The address under which visitors reach the pages, such as https://mc.example.org."
    )
    frame_ancestors: tuple[Origin, ...] = Field(
        (),
        description="Origins that may show what is below /embed in a frame, such as https://www.example.org.",
    )
    trusted_proxies: tuple[Address, ...] = Field(
        (),
        description="Addresses or networks of your own reverse proxies: only what they say about where a "
        "visitor comes from (X-Forwarded-For) is believed.",
    )
    show_players: bool = Field(True, description="Whether public pages name who is online.")
    player_fields: frozenset[PlayerField] = Field(
        frozenset({PlayerField.ONLINE, PlayerField.SERVERS}),
        description="What the public page of a player shows besides the name: online, servers, first-seen, "
        "last-seen, playtime, sessions, streak, deaths, advancements, statistics. Without any of them, or "
        "without show-players, players have no public page.",
    )
    leaderboard: bool = Field(
        False, description="Whether there is a public page that tells who played most; needs show-players."
    )
    sign_in: SignInSettings | None = Field(None, description="Sign-in with Discord, for staff.")
    visitor_interval_s: Seconds = Field(
        5.0, alias="visitor-interval", description="How long a visitor waits between two lines."
    )


class LogFormat(StrEnum):
    """How the daemon's own log is written; ``auto``: human on a terminal, JSON otherwise."""

    AUTO = "auto"
    HUMAN = "human"
    JSON = "json"


class LoggingSettings(Settings):
    """The daemon's own log."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is told.")
    format: LogFormat = Field(
        LogFormat.AUTO, description="human or json; auto is human on a terminal and JSON otherwise."
    )


class BridgeSettings(Settings):
    """The whole of ``bridge.yml``."""

    version: Literal[1] = Field(1, description="The version of this file's layout.")
    data: Path = Field(
        Path("data"),
        description="The folder of the database. Relative to the folder of the settings file.",
    )
    community: CommunitySettings = Field(CommunitySettings(), description="Who this bridge is for.")
    servers: dict[Name, ServerSettings] = Field(
        min_length=1, description="Your game servers, each under a name of your choice."
    )
    discord: DiscordSettings | None = Field(None, description="The Discord bot.")
    rooms: dict[Name, RoomSettings] = Field(
        {},
        description="Who shares a conversation. When not set: one room named main with every server and the "
        "Discord channel named main (or else the first one).",
    )
    notices: NoticesSettings = Field(NoticesSettings(), description="What is told on Discord besides chat.")
    relay: RelaySettings = Field(RelaySettings(), description="How lines travel.")
    privacy: PrivacySettings = Field(PrivacySettings(), description="What never leaves the game.")
    retention: RetentionSettings = Field(RetentionSettings(), description="How long what was said is kept.")
    statistics: StatisticsSettings = Field(
        StatisticsSettings(), description="How it is counted who plays when."
    )
    maintenance: tuple[MaintenanceSettings, ...] = Field(
        (), description="Times in which servers may be down without anybody being told."
    )
    alerts: tuple[AlertSettings, ...] = Field(
        (), description="What is told on Discord when a server is not well, and when it is well again."
    )
    website: WebsiteSettings = Field(WebsiteSettings(), description="The pages.")
    staff: StaffSettings = Field(StaffSettings(), description="Who may do what.")
    hooks: HooksSettings = Field(HooksSettings(), description="Signed messages from and to other programs.")
    feeds: dict[Name, FeedSettings] = Field(
        {}, description="Feeds whose new entries are told, such as the community's blog."
    )
    nameless: NamelessSettings | None = Field(None, description="The community's NamelessMC site.")
    status_channel: StatusChannelSettings | None = Field(
        None, description="What on Discord always shows how the servers are."
    )
    reports: ReportsSettings = Field(
        ReportsSettings(), description="Reports of each week and month that come by themselves."
    )
    mail: MailSettings | None = Field(None, description="The mail server through which reports go out.")
    logging: LoggingSettings = Field(LoggingSettings(), description="The daemon's own log.")
    messages: dict[str, str | dict[str, str]] = Field(
        {}, description="Your own wording of single texts, by their key in the language files."
    )
