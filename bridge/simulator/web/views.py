"""What the page is told over its stream; each value becomes one JSON object with a ``type``."""

from __future__ import annotations

import msgspec

from .markup import Node


class _View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    pass


class RunView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stretch of text as the game's client draws it."""

    text: str
    colour: str | None = None
    formats: tuple[str, ...] = ()
    link: str | None = None
    hover: str | None = None


class ShownView(_View, frozen=True, kw_only=True, tag="shown"):
    """A line on the players' screens."""

    at: float  # seconds since 1970
    origin: str  # chat, system, tellraw
    runs: tuple[RunView, ...]


class LogView(_View, frozen=True, kw_only=True, tag="log"):
    """A line of the server's log."""

    at: float
    level: str
    thread: str
    text: str


class RosterView(_View, frozen=True, kw_only=True, tag="roster"):
    """Who is online."""

    players: tuple[str, ...]
    running: bool


class ReplyView(msgspec.Struct, frozen=True, kw_only=True):
    """What a message answers."""

    author: str
    text: str


class EmbedView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An embed, reduced to its words."""

    colour: int | None = None
    author: str = ""
    title: str = ""
    href: str = ""
    description: tuple[Node, ...] = ()
    fields: tuple[tuple[str, tuple[Node, ...]], ...] = ()
    footer: str = ""
    at: float | None = None  # the moment beside the footer, in seconds since 1970


class MessageView(_View, frozen=True, kw_only=True, tag="message"):
    """A Discord message as it now is; one with a known id replaces it."""

    id: str
    at: float
    author: str
    author_id: str
    app: bool  # a bot or a webhook
    face: str  # what the picture is made from
    colour: int | None = None
    nodes: tuple[Node, ...] = ()
    edited: bool = False
    markup: str = ""  # as typed, for editing one's own
    reply: ReplyView | None = None
    embeds: tuple[EmbedView, ...] = ()
    files: tuple[str, ...] = ()
    only_you: bool = False  # an answer that only the member sees


class RemovedView(_View, frozen=True, kw_only=True, tag="removed"):
    """Discord messages that are gone."""

    ids: tuple[str, ...]


class PinnedView(_View, frozen=True, kw_only=True, tag="pinned"):
    """The one message of a channel that is shown above the conversation, as it now is."""

    message: MessageView | None = None


class DirectionView(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines crossed in one direction, and how long the last one took."""

    lines: int = 0
    last_ms: float | None = None


class MeterView(_View, frozen=True, kw_only=True, tag="meter"):
    """What has crossed so far."""

    game_to_discord: DirectionView
    discord_to_game: DirectionView
    site_to_both: DirectionView


class SnapshotView(_View, frozen=True, kw_only=True, tag="snapshot"):
    """Everything a page that has just been opened, or was away, must show."""

    shown: tuple[ShownView, ...]
    log: tuple[LogView, ...]
    roster: RosterView
    messages: tuple[MessageView, ...]
    meter: MeterView
    pinned: PinnedView = PinnedView()


View = ShownView | LogView | RosterView | MessageView | RemovedView | PinnedView | MeterView | SnapshotView
