"""Who may use what: every page and every command, in one table to read and to test against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bridge.config.access import Permission


class Who(StrEnum):
    """Who may use a page or a command that needs no permission."""

    EVERYONE = "everyone"  # whoever reaches the website, whoever sees the bot's commands
    READERS = "readers"  # everyone, in rooms with ``website: read`` or ``write``
    WRITERS = "writers"  # everyone, in rooms with ``website: write``, at most once per visitor-interval
    SIGNED_IN = "signed-in"  # whoever has a session
    ENTRANTS = "entrants"  # whoever signs in, a few times in ten minutes
    SENDERS = "senders"  # programs that sign with the shared secret of a hook


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use one thing, or what they need for it, and why that is enough."""

    who: Who | Permission
    why: str


PERMISSIONS: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "GET /": Rule(Who.EVERYONE, "the status page; names only where website.show-players allows it"),
        "GET /servers/{server}": Rule(
            Who.EVERYONE,
            "what the status page shows of one server; names only as website.show-players allows",
        ),
        "GET /servers/{server}/icon.png": Rule(Who.EVERYONE, "the picture that the game shows to everybody"),
        "GET /badge/{server}.svg": Rule(
            Who.EVERYONE, "the server's state and counts, as the game tells them"
        ),
        "GET /embed/{server}": Rule(Who.EVERYONE, "what the status page shows; framed by named sites only"),
        "GET /embed/rooms/{room}": Rule(Who.READERS, "the room's page; framed by named sites only"),
        "GET /players/{name}": Rule(
            Who.EVERYONE, "fields of website.player-fields; hidden and unknown look alike"
        ),
        "GET /leaderboard": Rule(
            Who.EVERYONE, "only where website.leaderboard opens it; never hidden players"
        ),
        "GET /feeds/news.atom": Rule(Who.EVERYONE, "what was announced to everybody"),
        "GET /feeds/servers/{server}.atom": Rule(Who.EVERYONE, "what the game tells everybody of the server"),
        "GET /card.png": Rule(Who.EVERYONE, "a drawing of a footbridge"),
        "GET /rooms/{room}": Rule(Who.READERS, "the owner opens each room; unknown and closed look alike"),
        "GET /rooms/{room}/stream": Rule(Who.READERS, "the same lines as the page, as they come"),
        "POST /rooms/{room}/lines": Rule(Who.WRITERS, "the owner opens each room for writing"),
        "POST /hooks/{hook}": Rule(Who.SENDERS, "the hook's secret signs it; wrong and unknown look alike"),
        "POST /hooks/{hook}/{secret}": Rule(
            Who.SENDERS, "NamelessMC signs nothing: the hook's secret is in the address"
        ),
        "GET /healthz": Rule(Who.EVERYONE, "one word, for watchdogs; tells nothing about the community"),
        "GET /readyz": Rule(Who.EVERYONE, "names of failing parts, without addresses or secrets"),
        "GET /metrics": Rule(Who.EVERYONE, "counts only; keep it from the public in the reverse proxy"),
        "GET /static/{name}": Rule(Who.EVERYONE, "styles, scripts and pictures of the pages"),
        "GET /sign-in": Rule(Who.EVERYONE, "the way in; tells nothing but who asks"),
        "POST /sign-in": Rule(Who.ENTRANTS, "sends the browser to Discord, where people show who they are"),
        "GET /signed-in": Rule(Who.EVERYONE, "nothing without Discord's code for a sign-in of this browser"),
        "GET /sign-in/owner/{token}": Rule(Who.EVERYONE, "a button; opening the link uses nothing up"),
        "POST /sign-in/owner/{token}": Rule(Who.ENTRANTS, "a link that the bridge's own key signed, once"),
        "POST /sign-out": Rule(Who.SIGNED_IN, "ends one's own session"),
        "POST /sign-out/everywhere": Rule(Who.SIGNED_IN, "ends one's own sessions"),
        "GET /staff": Rule(Permission.STAFF_READ, "what staff look at first"),
        "GET /staff/console": Rule(Permission.CONSOLE_READ, "everything that happens, hidden players too"),
        "GET /staff/console/stream": Rule(Permission.CONSOLE_READ, "the same as it happens"),
        "GET /staff/players": Rule(Permission.PLAYERS_READ, "every player, hidden ones too"),
        "GET /staff/players/{name}": Rule(Permission.PLAYERS_READ, "all that is counted of one of them"),
        "GET /staff/health": Rule(Permission.HEALTH_READ, "how every source is, with its last error"),
        "GET /staff/deliveries": Rule(Permission.DELIVERIES_READ, "queues and Discord's allowance"),
        "GET /staff/hooks": Rule(Permission.DELIVERIES_READ, "what could not be delivered to programs"),
        "POST /staff/hooks/{id}/drop": Rule(Permission.DELIVERIES_RETRY, "forgets what was given up"),
        "POST /staff/hooks/{id}/retry": Rule(Permission.DELIVERIES_RETRY, "sends again what was given up"),
        "GET /staff/figures": Rule(Permission.STATISTICS_READ, "figures of all players together"),
        "GET /staff/figures/compare": Rule(Permission.STATISTICS_READ, "figures of all players together"),
        "GET /staff/figures/curve.json": Rule(Permission.STATISTICS_READ, "the same, closer"),
        "GET /staff/figures/figures.csv": Rule(Permission.STATISTICS_READ, "the same, as a table"),
        "GET /staff/figures/hours": Rule(Permission.STATISTICS_READ, "figures of all players together"),
        "GET /staff/figures/players": Rule(Permission.STATISTICS_READ, "names who played a lot and left"),
        "GET /staff/queries": Rule(Permission.STATISTICS_READ, "names and figures of all players"),
        "GET /staff/queries/players.csv": Rule(Permission.STATISTICS_READ, "the same, as a table"),
        "POST /staff/queries": Rule(Permission.STATISTICS_READ, "keeps what was asked, for all of them"),
        "POST /staff/queries/{number}/rename": Rule(Permission.STATISTICS_READ, "the audit log has the old"),
        "POST /staff/queries/{number}/delete": Rule(Permission.STATISTICS_READ, "the audit log has it whole"),
        "GET /staff/reports": Rule(Permission.STATISTICS_READ, "which weeks and months there are"),
        "GET /staff/reports/{period}": Rule(
            Permission.STATISTICS_READ, "figures of all players together, and the five who played most"
        ),
        "GET /staff/uptime": Rule(Permission.HEALTH_READ, "incidents, with names and lines of the log"),
        "GET /staff/audit": Rule(Permission.AUDIT_READ, "who did what"),
        "GET /staff/settings": Rule(Permission.SETTINGS_READ, "the settings without their secrets"),
        "GET /staff/tokens": Rule(Permission.TOKENS_MANAGE, "which programs may use the API"),
        "POST /staff/tokens": Rule(Permission.TOKENS_MANAGE, "never more than its maker may do"),
        "POST /staff/tokens/{token}/revoke": Rule(Permission.TOKENS_MANAGE, "takes a program's access away"),
        "GET /api/docs": Rule(Who.EVERYONE, "tells what the API can do, not what it holds"),
        "GET /api/v1/openapi.json": Rule(Who.EVERYONE, "the same for programs"),
        "GET /api/v1/status": Rule(Who.EVERYONE, "the verdict of the status page"),
        "GET /api/v1/servers": Rule(Who.EVERYONE, "what the status page shows"),
        "GET /api/v1/servers/{server}": Rule(Who.EVERYONE, "what the status page shows"),
        "GET /api/v1/servers/{server}/uptime": Rule(Who.EVERYONE, "what the server's page shows"),
        "GET /api/v1/servers/{server}/incidents": Rule(Permission.HEALTH_READ, "what the staff's page shows"),
        "GET /api/v1/servers/{server}/samples": Rule(Permission.HEALTH_READ, "how a server was, each minute"),
        "GET /api/v1/players": Rule(Who.EVERYONE, "public fields, and all of them only with players.read"),
        "GET /api/v1/players/{name}": Rule(Who.EVERYONE, "the same; hidden and unknown look alike"),
        "GET /api/v1/players/{name}/statistics": Rule(
            Who.EVERYONE, "public fields; hidden and unknown look alike"
        ),
        "POST /api/v1/players/query": Rule(Permission.STATISTICS_READ, "names and figures of all players"),
        "GET /api/v1/leaderboard": Rule(
            Who.EVERYONE, "only where website.leaderboard opens it, and with players.read"
        ),
        "GET /api/v1/figures": Rule(Permission.STATISTICS_READ, "what the report of a week or month tells"),
        "GET /api/v1/records": Rule(Permission.RECORDS_READ, "everything that happened, hidden players too"),
        "GET /api/v1/records/{position}": Rule(Permission.RECORDS_READ, "one of them"),
        "GET /api/v1/stream": Rule(Permission.RECORDS_READ, "the same as it happens"),
        "GET /api/v1/rooms": Rule(Who.READERS, "closed rooms only with rooms.read"),
        "GET /api/v1/rooms/{room}/lines": Rule(Who.READERS, "what the room's page shows"),
        "POST /api/v1/rooms/{room}/lines": Rule(Permission.ROOMS_POST, "under the caller's own name"),
        "/list": Rule(Who.EVERYONE, "who is online; hidden players are left out"),
        "/status": Rule(Who.EVERYONE, "what the status page shows"),
        "/uptime": Rule(Who.EVERYONE, "how much of the last days the servers were up"),
        "/playtime": Rule(Who.EVERYONE, "how long somebody played; hidden players look unknown"),
        "/stats": Rule(Who.EVERYONE, "what is counted of somebody; hidden players look unknown"),
        "/seen": Rule(Who.EVERYONE, "when somebody was last on; hidden players look unknown"),
        "/leaderboard": Rule(Who.EVERYONE, "who played most, without hidden and unranked players"),
        "/say": Rule(Permission.GAME_SAY, "speaks in the game with the bridge's voice"),
    }
)
"""By ``METHOD /path`` for pages and ``/name`` for commands. What is not in the table may not exist."""


class Rules:
    """The table, and what installed packages add to it for their own pages and commands."""

    def __init__(self) -> None:
        self._added: dict[str, Rule] = {}

    def add(self, name: str, rule: Rule) -> None:
        """Say who may use a page or a command of a package.

        Raises:
            ValueError: There is a rule for it already.
        """
        if self.get(name) is not None:
            raise ValueError(f"there is a rule for {name} already; nobody may change it")
        self._added[name] = rule

    def get(self, name: str) -> Rule | None:
        """Return the rule for a page or a command; None if there is none: then nobody may use it."""
        return PERMISSIONS.get(name) or self._added.get(name)

    def may_use(self, name: str, held: frozenset[Permission]) -> bool:
        """Tell whether somebody who holds these permissions may use a page or a command.

        Who may do what without a permission, such as visitors in rooms, is left to the handler to see.
        """
        rule = self.get(name)
        return rule is not None and (not isinstance(rule.who, Permission) or rule.who in held)
