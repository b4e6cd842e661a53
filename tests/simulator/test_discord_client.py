"""The pretend Discord as discord.py sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

import aiohttp
import discord
import pytest
from discord import app_commands

from bridge.simulator.discord import (
    UNLIMITED,
    Intent,
    Permission,
    SimDiscord,
    StatusChanged,
    Upload,
)

T = TypeVar("T")
Connect = Callable[..., AbstractAsyncContextManager[discord.Client]]


class Listener(discord.Client):
    """A client that keeps what it is told."""

    def __init__(self, *, content: bool = True, members: bool = False) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, message_content=content, members=members)
        super().__init__(intents=intents, guild_ready_timeout=0.02)
        self.heard: asyncio.Queue[discord.Message] = asyncio.Queue()
        self.edits: asyncio.Queue[discord.RawMessageUpdateEvent] = asyncio.Queue()
        self.removals: asyncio.Queue[set[int]] = asyncio.Queue()
        self.resumes = asyncio.Event()
        self.gone = asyncio.Event()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.put_nowait(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        self.edits.put_nowait(event)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.removals.put_nowait({event.message_id})

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self.removals.put_nowait(event.message_ids)

    async def on_disconnect(self) -> None:
        self.gone.set()

    async def on_resumed(self) -> None:
        self.resumes.set()


async def soon(queue: asyncio.Queue[T]) -> T:
    """Return the queue's next item, or fail after two seconds."""
    return await asyncio.wait_for(queue.get(), 2)


async def test_login_shows_guild_channels_and_permissions(sim_discord: SimDiscord, connect: Connect) -> None:
    """After READY discord.py knows the guild, its channels and what the bot may do in each."""
    general = sim_discord.add_channel("general", topic="Talk")
    quiet = sim_discord.add_channel("quiet")
    sim_discord.deny(quiet, Permission.SEND_MESSAGES)
    async with connect() as client:
        guild = client.get_guild(int(sim_discord.guild_id))
        assert guild is not None
        assert {channel.name for channel in guild.text_channels} == {"general", "quiet"}
        shown = guild.get_channel(int(general.id))
        assert isinstance(shown, discord.TextChannel)
        assert shown.topic == "Talk"
        hushed = guild.get_channel(int(quiet.id))
        assert hushed is not None
        assert shown.permissions_for(guild.me).send_messages
        assert not hushed.permissions_for(guild.me).send_messages


async def test_member_message_arrives_complete(sim_discord: SimDiscord, connect: Connect) -> None:
    """Content, mentions, roles, reply, files, stickers, embeds and polls of a member's message arrive."""
    channel = sim_discord.add_channel("general")
    role = sim_discord.add_role("Builders", colour=0x00AA00, mentionable=True)
    alex = sim_discord.add_member("Alex", roles=[role], nick="Lex")
    sam = sim_discord.add_member("Sam")
    async with connect(Listener()) as client:
        assert isinstance(client, Listener)
        first = await sim_discord.say(channel, sam, "hello")
        await soon(client.heard)
        await sim_discord.say(
            channel,
            alex,
            f"hi <@{sam.id}> <@&{role.id}> <#{channel.id}>",
            reply_to=first,
            attachments=[Upload(filename="base.png", content_type="image/png", data=b"png")],
            stickers=["Wave"],
            embeds=[{"title": "A page", "url": "https://example.org"}],
            poll={"question": {"text": "Build?"}, "answers": [{"poll_media": {"text": "Yes"}}]},
        )
        message: discord.Message = await soon(client.heard)
    assert isinstance(message.author, discord.Member)
    assert (message.author.display_name, message.author.colour.value) == ("Lex", 0x00AA00)
    assert [one.name for one in message.mentions] == ["sam"]
    assert [one.name for one in message.role_mentions] == ["Builders"]
    assert [one.name for one in message.channel_mentions if isinstance(one, discord.TextChannel)] == [
        "general"
    ]
    assert message.type is discord.MessageType.reply
    assert message.reference is not None
    assert isinstance(message.reference.resolved, discord.Message)
    assert message.reference.resolved.content == "hello"
    assert [one.filename for one in message.attachments] == ["base.png"]
    assert [one.name for one in message.stickers] == ["Wave"]
    assert [one.title for one in message.embeds] == ["A page"]
    assert message.poll is not None
    assert message.poll.question == "Build?"


async def test_edits_previews_and_removals_arrive(sim_discord: SimDiscord, connect: Connect) -> None:
    """An edit carries its time, a link preview does not, removals come single and in bulk."""
    channel = sim_discord.add_channel("general")
    alex = sim_discord.add_member("Alex")
    async with connect(Listener()) as client:
        assert isinstance(client, Listener)
        one, two, three = [await sim_discord.say(channel, alex, text) for text in ("a", "b", "c")]
        await sim_discord.unfurl(one, {"type": "link", "url": "https://example.org"})
        preview = await soon(client.edits)
        await sim_discord.edit(one, "a2")
        edit = await soon(client.edits)
        await sim_discord.delete(one)
        await sim_discord.delete(two, three)
        assert await soon(client.removals) == {int(one.id)}
        assert await soon(client.removals) == {int(two.id), int(three.id)}
    assert preview.message.edited_at is None
    assert (edit.message.content, edit.message.edited_at is not None) == ("a2", True)
    assert sim_discord.messages(channel) == []


async def test_bot_sends_edits_reads_and_deletes(sim_discord: SimDiscord, connect: Connect) -> None:
    """The ordinary calls of a channel work and end in the stored messages."""
    channel = sim_discord.add_channel("general")
    alex = sim_discord.add_member("Alex")
    await sim_discord.say(channel, alex, "before")
    async with connect() as client:
        there = client.get_partial_messageable(int(channel.id))
        sent = await there.send("hello", embed=discord.Embed(title="T"))
        await sent.edit(content="hello again")
        read = [message async for message in there.history(limit=10, oldest_first=True)]
        await there.send(file=discord.File(__file__, filename="test.txt"))
        await sent.delete()
    assert [message.content for message in read] == ["before", "hello again"]
    left = sim_discord.messages(channel)
    assert [message.author.name for message in left] == ["Alex", sim_discord.bot.name]
    assert left[1].attachments[0].filename == "test.txt"


async def test_webhook_round_trip(sim_discord: SimDiscord, connect: Connect) -> None:
    """A webhook is made, found again, executed under another name, edited and deleted."""
    sim_discord.rates = UNLIMITED  # or the fifth call would wait for its window
    channel = sim_discord.add_channel("general")
    async with connect() as client:
        shown = client.get_channel(int(channel.id))
        assert isinstance(shown, discord.TextChannel)
        await shown.create_webhook(name="Chat")
        (webhook,) = await shown.webhooks()
        assert webhook.token is not None
        partial = discord.Webhook.partial(webhook.id, webhook.token, client=client)
        message = await partial.send(
            "hi", username="Steve", avatar_url="https://example.org/steve.png", wait=True
        )
        (stored,) = sim_discord.messages(channel)
        await partial.edit_message(message.id, content="hi!")
        assert [one.content for one in sim_discord.messages(channel)] == ["hi!"]
        await partial.delete_message(message.id)
        assert sim_discord.messages(channel) == []
        await partial.delete()
        with pytest.raises(discord.NotFound, match="10015"):
            await partial.send("gone", wait=True)
    assert (stored.author.name, stored.author.avatar_url) == ("Steve", "https://example.org/steve.png")
    assert stored.author.kind == "webhook"


async def test_slash_command_answers(sim_discord: SimDiscord, connect: Connect) -> None:
    """Immediate, ephemeral and deferred answers, options and completions of commands come back."""
    channel = sim_discord.add_channel("general")
    alex = sim_discord.add_member("Alex")
    async with connect() as client:
        tree = app_commands.CommandTree(client)

        @tree.command(name="list", description="Who is on")
        async def list_(interaction: discord.Interaction[discord.Client], server: str) -> None:
            await interaction.response.send_message(
                f"{interaction.user.display_name} asked for {server}", ephemeral=True
            )

        @list_.autocomplete("server")
        async def servers(
            _: discord.Interaction[discord.Client], typed: str
        ) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=typed + "ival", value="survival")]

        @tree.command(name="status", description="How it is")
        async def status(interaction: discord.Interaction[discord.Client]) -> None:
            await interaction.response.defer()
            await interaction.edit_original_response(content="well")
            await interaction.followup.send("more", ephemeral=True)

        commands = await tree.sync()
        assert {command.name for command in commands} == {"list", "status"}
        listed = await sim_discord.use_command(alex, channel, "list", {"server": "survival"})
        assert (listed.text, listed.ephemeral, listed.deferred) == ("Alex asked for survival", True, False)
        assert sim_discord.messages(channel) == []  # nobody else sees it
        offered = await sim_discord.complete(alex, channel, "list", option="server", typed="surv")
        assert offered == [{"name": "survival", "value": "survival"}]
        answered = await sim_discord.use_command(alex, channel, "status")
        await sim_discord.wait_for(lambda: len(answered.responses) == 2)
        assert [one.content for one in answered.responses] == ["well", "more"]
        assert (answered.deferred, answered.ephemeral) == (True, False)
        with pytest.raises(ValueError, match="needs"):
            await sim_discord.use_command(alex, channel, "list")


async def test_resume_after_a_dropped_connection(sim_discord: SimDiscord, connect: Connect) -> None:
    """After close code 4000 the client resumes and is told what it missed; it does not identify again."""
    channel = sim_discord.add_channel("general")
    alex = sim_discord.add_member("Alex")
    async with connect(Listener()) as client:
        assert isinstance(client, Listener)
        (session,) = sim_discord.gateway.online
        sim_discord.gateway.drop(4000)
        await sim_discord.wait_for(lambda: not sim_discord.gateway.online)
        await sim_discord.say(channel, alex, "while you were away")
        message = await soon(client.heard)
        await asyncio.wait_for(client.resumes.wait(), 2)
        assert message.content == "while you were away"
        assert (session.resumed, sim_discord.gateway.identified) == (1, 1)


async def test_missing_content_intent_hides_text(sim_discord: SimDiscord, connect: Connect) -> None:
    """Without the message content intent only messages that mention the bot can be read."""
    channel = sim_discord.add_channel("general")
    alex = sim_discord.add_member("Alex")
    async with connect(Listener(content=False)) as client:
        assert isinstance(client, Listener)
        await sim_discord.say(channel, alex, "secret")
        await sim_discord.say(channel, alex, f"<@{sim_discord.bot.id}> hello")
        assert (await soon(client.heard)).content == ""
        assert (await soon(client.heard)).content.endswith("hello")


async def test_refused_intents_and_tokens(sim_discord: SimDiscord, connect: Connect) -> None:
    """An intent that is not switched on closes with 4014; a revoked token fails the login and drops it."""
    sim_discord.core.granted = Intent(0)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connect():
            pass
    sim_discord.core.granted = Intent.MESSAGE_CONTENT
    client = Listener()

    async def lose_the_token() -> None:
        async with connect(client):
            sim_discord.revoke_token()
            await asyncio.wait_for(client.gone.wait(), 2)

    with pytest.raises(discord.ConnectionClosed, match="4004"):
        await lose_the_token()
    with pytest.raises(discord.LoginFailure):
        async with connect():
            pass


async def test_presence_and_typing_are_told_to_watchers(sim_discord: SimDiscord, connect: Connect) -> None:
    """The stream of changes tells the bot's status and that it types."""
    channel = sim_discord.add_channel("general")
    with sim_discord.subscribe() as stream:
        async with connect() as client:
            await client.change_presence(activity=discord.CustomActivity("12 online"))
            async for change in stream:
                if isinstance(change, StatusChanged) and change.activity == "12 online":
                    break
            await client.get_partial_messageable(int(channel.id)).typing()
            kinds = [type(await anext(stream)).__name__ for _ in range(1)]
    assert kinds == ["TypingStarted"]


async def test_members_are_chunked(sim_discord: SimDiscord, connect: Connect) -> None:
    """A client with the members intent gets every member at the start."""
    for number in range(3):
        sim_discord.add_member(f"Member {number}")
    async with connect(Listener(members=True)) as client:
        (guild,) = client.guilds
        assert len(guild.members) == 5  # with the owner and the bot


async def test_refused_first_connect(sim_discord: SimDiscord) -> None:
    """A gateway that refuses connections answers the handshake with 503."""
    sim_discord.faults.refuse_connects = True
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(sim_discord.gateway_url)
