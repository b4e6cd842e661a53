"""The Discord pane: its messages as the page draws them, and what a visitor does as a member."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.errors import ApiError
from bridge.simulator.discord.sim import SimDiscord
from bridge.simulator.discord.values import LOADING, AuthorKind, Channel, JsonObject, Member, Message

from .markup import Names, parse_markup
from .views import EmbedView, MessageView, PinnedView, RemovedView, ReplyView

_MOST_SHOWN: Final = 100
_REPLY_LENGTH: Final = 80


class Refused(Exception):
    """What a visitor wanted cannot be; the text is a key of the page's texts or plain words."""

    def __init__(self, problem: str, **values: object) -> None:
        super().__init__(problem)
        self.problem = problem
        self.values = values


class DiscordPane:
    """One channel of the pretend Discord, with the visitors as its members, and one beside it to look at."""

    def __init__(self, sim: SimDiscord, channel: Channel, beside: Channel | None = None) -> None:
        self.sim = sim
        self.channel = channel
        self._beside = beside
        self._members: dict[str, Member] = {}  # by visitor

    def recent(self) -> tuple[MessageView, ...]:
        """The newest messages, oldest first."""
        return tuple(self.view(message) for message in self.sim.messages(self.channel)[-_MOST_SHOWN:])

    def pinned(self) -> PinnedView:
        """The newest message of the channel beside."""
        found = [] if self._beside is None else self.sim.messages(self._beside)
        return PinnedView(message=self.view(found[-1]) if found else None)

    def is_beside(self, channel: Snowflake) -> bool:
        """Whether this is the channel beside."""
        return self._beside is not None and channel == self._beside.id

    def view(self, message: Message) -> MessageView:
        """Return a message as the page draws it."""
        author = message.author
        return MessageView(
            id=str(message.id),
            at=message.timestamp.timestamp(),
            author=author.name,
            author_id=str(author.id),
            app=author.kind is not AuthorKind.MEMBER,
            face=author.name,
            colour=self._colour(message),
            nodes=parse_markup(message.content, self._names()),
            edited=message.edited_at is not None,
            markup=message.content if author.kind is AuthorKind.MEMBER else "",
            reply=self._reply(message),
            embeds=tuple(self._embed(embed) for embed in message.embeds),
            files=_files(message),
            only_you=message.ephemeral,
        )

    def removed(self, messages: tuple[Message, ...]) -> RemovedView:
        """Return the removal of messages as the page is told."""
        return RemovedView(ids=tuple(str(message.id) for message in messages))

    def shows(self, message: Message, visitor: str) -> bool:
        """Whether a visitor sees a message: this channel's, and private answers only to who asked."""
        if message.channel != self.channel.id or message.flags & LOADING:
            return False
        if not message.ephemeral:
            return True
        member = self._members.get(visitor)
        return member is not None and message.call is not None and message.call.member == member.id

    def _names(self) -> Names:
        world = self.sim.world
        return Names(
            users={str(key): member.name for key, member in world.members.items()},
            roles={str(key): role.name for key, role in world.roles.items()},
            channels={str(key): channel.name for key, channel in world.channels.items()},
        )

    def _colour(self, message: Message) -> int | None:
        member = self.sim.world.members.get(message.author.id)
        if member is None or message.author.kind is AuthorKind.WEBHOOK:
            return None
        coloured = [self.sim.world.roles[role] for role in member.roles if self.sim.world.roles[role].colour]
        return max(coloured, key=lambda role: role.position).colour if coloured else None

    def _reply(self, message: Message) -> ReplyView | None:
        if message.call is not None:
            user = self.sim.world.members.get(message.call.member)
            return ReplyView(author=user.name if user else "?", text=f"/{message.call.name}")
        if message.reply_to is None:
            return None
        answered = self.sim.world.log(message.channel).get(message.reply_to)
        if answered is None:
            return ReplyView(author="?", text="…")
        return ReplyView(author=answered.author.name, text=answered.content[:_REPLY_LENGTH])

    def _embed(self, embed: JsonObject) -> EmbedView:
        names = self._names()
        href = str(embed.get("url") or "")
        return EmbedView(
            colour=embed.get("color"),
            author=str((embed.get("author") or {}).get("name", "")),
            title=str(embed.get("title") or ""),
            href=href if href.startswith(("http://", "https://")) else "",
            description=parse_markup(str(embed.get("description") or ""), names),
            fields=tuple(
                (str(one["name"]), parse_markup(str(one["value"]), names)) for one in embed.get("fields", ())
            ),
            footer=str((embed.get("footer") or {}).get("text", "")),
            at=datetime.fromisoformat(str(at)).timestamp() if (at := embed.get("timestamp")) else None,
        )

    # What visitors do

    def member(self, visitor: str, name: str) -> Member:
        """Return the visitor as a member under *name*, new or renamed where needed."""
        known = self._members.get(visitor)
        if known is None:
            known = self.sim.add_member(name)
        elif known.name != name:
            known = self.sim.world.change_member(known, display=name, nick=None)
        self._members[visitor] = known
        return known

    async def say(self, visitor: str, name: str, text: str, *, locale: str) -> Member:
        """Let the visitor write, or use a slash command.

        Raises:
            Refused: Discord would not take it, or the bot did not answer.
        """
        member = self.member(visitor, name)
        try:
            if text.startswith("/"):
                await self._use(member, text[1:], locale=locale)
            else:
                await self.sim.say(self.channel, member, text)
        except ApiError as exc:
            raise Refused(str(exc)) from exc
        return member

    async def _use(self, member: Member, text: str, *, locale: str) -> None:
        name, _, rest = text.partition(" ")
        command = self.sim.core.commands.find(name)
        wanted = (command or {}).get("options") or []
        takes = sorted(wanted, key=lambda option: not option.get("required"))
        options = {takes[0]["name"]: rest.strip()} if rest.strip() and takes else {}
        try:
            await self.sim.use_command(member, self.channel, name, options, locale=locale)
        except TimeoutError as exc:
            raise Refused("not_answered") from exc
        except (ValueError, RuntimeError) as exc:
            raise Refused(str(exc)) from exc

    async def edit(self, visitor: str, message_id: str, text: str) -> None:
        """Change one of the visitor's own messages.

        Raises:
            Refused: It is not theirs, or gone.
        """
        await self.sim.edit(self._own(visitor, message_id), text)

    async def remove(self, visitor: str, message_id: str) -> None:
        """Remove one of the visitor's own messages.

        Raises:
            Refused: It is not theirs, or gone.
        """
        await self.sim.delete(self._own(visitor, message_id))

    def _own(self, visitor: str, message_id: str) -> Message:
        member = self._members.get(visitor)
        for message in reversed(self.sim.messages(self.channel)):
            if str(message.id) == message_id and member is not None and message.author.id == member.id:
                return message
        raise Refused("this message is not yours, or it is gone")


def _files(message: Message) -> tuple[str, ...]:
    files = [attachment.filename for attachment in message.attachments]
    stickers = [sticker.name for sticker in message.stickers]
    poll = [str(message.poll["question"]["text"])] if message.poll else []
    return (*files, *stickers, *poll)
