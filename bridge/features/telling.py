"""How events are told to people elsewhere: who spoke, what they said, what happened. Shared by features.

Pure: no I/O. What the settings hide is never in what comes out of here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from bridge.config.settings import BridgeSettings, NoticeSettings
from bridge.events import (
    AnyEvent,
    ChatBroadcast,
    ChatEdited,
    ChatEmoted,
    ChatLine,
    EndId,
    Event,
    PlayerAdvanced,
    PlayerDied,
    PlayerJoined,
    PlayerLeft,
    Reply,
    ServerId,
    ServerStarted,
    ServerStopping,
    Speaker,
    SpeakerKind,
    server_end,
)
from bridge.features.naming import Names
from bridge.locales import Catalogue
from bridge.text import RichText, clean, mask_addresses, parse_game, parse_markdown, template

Notice: TypeAlias = PlayerJoined | PlayerLeft | PlayerDied | PlayerAdvanced | ServerStarted | ServerStopping

NOTICES: Final[dict[type[Event], str]] = {
    PlayerJoined: "join",
    PlayerLeft: "leave",
    PlayerDied: "death",
    PlayerAdvanced: "advancement",
    ServerStarted: "start",
    ServerStopping: "stop",
}
"""The kinds of notice, by the name that settings and texts use."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Words events in the community's language, within its privacy settings."""

    settings: BridgeSettings
    catalogue: Catalogue

    def is_hidden(self, player: str) -> bool:
        """Tell whether a player must never be named."""
        hidden = self.settings.privacy.hidden_players
        return bool(hidden) and player.casefold() in {name.casefold() for name in hidden}

    def name_of(self, speaker: Speaker) -> str:
        """Return the name to show for a speaker."""
        if speaker.kind is SpeakerKind.CONSOLE:
            return self.catalogue.plain("relay.console")
        if speaker.kind is SpeakerKind.PLAYER and self.is_hidden(speaker.name):
            return self.catalogue.plain("relay.somebody")
        return clean(speaker.name).replace("\n", " ")

    def avatar_of(self, speaker: Speaker) -> str | None:
        """Return the address of the picture to show for a speaker; None where there is none."""
        if speaker.kind is SpeakerKind.MEMBER:
            return speaker.avatar_url
        if speaker.kind is not SpeakerKind.PLAYER or self.is_hidden(speaker.name):
            return None
        pattern = self.settings.discord.avatar_url if self.settings.discord else ""
        return avatar_url(pattern, speaker.name, speaker.id) if pattern else None

    def said(self, event: ChatLine | ChatEdited) -> RichText:
        """Return what somebody said, with what hangs below it, without who said it."""
        if event.markup is None:
            words = parse_game(event.text)
        else:
            words = parse_markdown(event.markup, event.mentions)
        if self.settings.privacy.mask_addresses:
            words = mask_addresses(words)
        labels = [
            self.catalogue.text(f"relay.{hanging.kind}", name=hanging.name, url=hanging.url or "")
            for hanging in event.attachments
        ]
        return RichText.of(" ").join([part for part in (words, *labels) if part])

    def answered(self, reply: Reply) -> RichText:
        """Return the beginning of the message that somebody answers."""
        words = RichText.of(reply.text)
        return mask_addresses(words) if self.settings.privacy.mask_addresses else words

    def notice(self, event: AnyEvent) -> RichText | None:
        """Return the sentence that tells what happened; None for what is not told or names the hidden."""
        kind = NOTICES.get(type(event))
        if kind is None:
            return None
        player = getattr(event, "player", None)
        if player is not None and self.is_hidden(player):
            return None
        values = self._values(event)
        # The owner's own wording is in the community's language; others are told in ours.
        own = self.catalogue.language == self.settings.community.language
        pattern = self.notice_settings(kind).template if own else None
        text = template(pattern, values) if pattern else self.catalogue.text(f"notice.{kind}", **values)
        return mask_addresses(text) if self.settings.privacy.mask_addresses else text

    def notice_settings(self, kind: str) -> NoticeSettings:
        """Return the settings of a kind of notice."""
        found: NoticeSettings = getattr(self.settings.notices, kind)
        return found

    def server_title(self, server: str) -> str:
        """Return what people call a server."""
        return Names(self.settings).server(server)

    def _values(self, event: AnyEvent) -> dict[str, RichText | str | int]:
        values: dict[str, RichText | str | int] = {}
        if isinstance(event, Notice):
            values["server"] = self.server_title(event.server)
        match event:
            case PlayerJoined():
                values |= {"player": event.player}
            case PlayerLeft():
                values |= {"player": event.player, "reason": event.reason or ""}
            case PlayerDied():
                told = self.catalogue.death(self._unnamed(event))
                values |= {"player": event.player, "message": told, "death": told}
            case PlayerAdvanced():
                values |= {
                    "player": event.player,
                    "message": self.catalogue.advancement(event),
                    "advancement": event.title,
                }
        return values

    def _unnamed(self, event: PlayerDied) -> PlayerDied:
        """Return the death without a killer that must not be named."""
        if event.killer is None or not self.is_hidden(event.killer):
            return event
        nobody = self.catalogue.plain("relay.somebody")
        text = event.text.replace(event.killer, nobody)
        item = event.item.replace(event.killer, nobody) if event.item else None
        return msgspec.structs.replace(event, killer=nobody, text=text, item=item)


def place_of(event: AnyEvent) -> EndId | None:
    """Return the end of a room in which an event happened; None for what happens in none."""
    end = getattr(event, "end", None)
    if end is not None:
        return EndId(end)
    server: ServerId | None = getattr(event, "server", None)
    return server_end(server) if server is not None else None


def is_emote(event: ChatLine | ChatEdited) -> bool:
    """Tell whether a line says what somebody does (``/me``)."""
    return isinstance(event, ChatEmoted)


def is_broadcast(event: ChatLine | ChatEdited) -> bool:
    """Tell whether a line was said to all with authority (``/say``)."""
    return isinstance(event, ChatBroadcast)


def avatar_url(pattern: str, name: str, player_id: str | None) -> str:
    """Fill an avatar template; a player without a Mojang account is looked up by name.

    Placeholders: ``{uuid}``, ``{uuid-nodashes}``, ``{name}``, ``{username}``, ``{player}``, ``{size}``.
    """
    known = player_id if player_id and uuid.UUID(player_id).version == 4 else None  # online accounts only
    filled = {
        "{uuid}": known or name,
        "{uuid-nodashes}": known.replace("-", "") if known else name,
        "{name}": name,
        "{username}": name,
        "{player}": name,
        "{size}": "128",
    }
    for placeholder, value in filled.items():
        pattern = pattern.replace(placeholder, value)
    return pattern
