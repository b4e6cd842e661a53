"""The pretend Discord accepts and refuses what Discord does, in Discord's words."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.simulator.discord import (
    UNLIMITED,
    Channel,
    ChannelKind,
    Intent,
    NameRules,
    NotSimulated,
    Permission,
    SimDiscord,
    Webhook,
)
from bridge.simulator.discord.errors import ApiError
from bridge.simulator.discord.forms import read_form
from bridge.simulator.discord.shapes import SHAPES


@pytest.fixture
def channel(sim_discord: SimDiscord) -> Channel:
    """A channel without rate limits."""
    sim_discord.rates = UNLIMITED
    return sim_discord.add_channel("general")


@pytest.fixture
def hook(sim_discord: SimDiscord, channel: Channel) -> Webhook:
    """A webhook of that channel."""
    return sim_discord.add_webhook(channel, "Chat")


async def ask(rest: aiohttp.ClientSession, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Return the status and JSON body of an answer."""
    async with rest.request(method, path, json=body) as answer:
        return answer.status, await answer.json() if answer.status != 204 else None


def execute(hook: Webhook) -> str:
    """Return the path that executes a webhook."""
    return f"webhooks/{hook.id}/{hook.token}?wait=true"


def codes(body: dict[str, Any]) -> dict[str, str]:
    """Return the error code at each dotted path of a 50035 body."""
    found: dict[str, str] = {}

    def walk(node: dict[str, Any], path: str) -> None:
        for key, value in node.items():
            if key == "_errors":
                found[path.strip(".")] = value[0]["code"]
            else:
                walk(value, f"{path}.{key}")

    walk(body["errors"], "")
    return found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"content": "x" * 2001}, {"content": "BASE_TYPE_MAX_LENGTH"}),
        ({"content": 5}, {"content": "BASE_TYPE_INVALID"}),
        ({"content": "x", "username": "x" * 81}, {"username": "BASE_TYPE_BAD_LENGTH"}),
        ({"content": "x", "username": " "}, {"username": "BASE_TYPE_BAD_LENGTH"}),
        ({"content": "x", "username": "Discordant"}, {"username": "USERNAME_INVALID_CONTAINS"}),
        ({"content": "x", "username": "xCLYDEx"}, {"username": "USERNAME_INVALID_CONTAINS"}),
        ({"content": "x", "username": "Here"}, {"username": "USERNAME_INVALID"}),
        ({"content": "x", "avatar_url": "ftp://x/y"}, {"avatar_url": "URL_TYPE_INVALID_SCHEME"}),
        ({"content": "x", "avatar_url": "nonsense"}, {"avatar_url": "URL_TYPE_INVALID_URL"}),
        ({"embeds": [{"title": "x"}] * 11}, {"embeds": "BASE_TYPE_BAD_LENGTH"}),
        ({"embeds": [{"title": "x" * 257}]}, {"embeds.0.title": "BASE_TYPE_MAX_LENGTH"}),
        (
            {"embeds": [{"fields": [{"name": "", "value": "x" * 1025}]}]},
            {
                "embeds.0.fields.0.name": "BASE_TYPE_REQUIRED",
                "embeds.0.fields.0.value": "BASE_TYPE_MAX_LENGTH",
            },
        ),
        ({"embeds": [{"description": "x" * 3001}] * 2}, {"embeds": "MAX_EMBED_SIZE_EXCEEDED"}),
        ({"content": "x", "nonce": "1" * 26}, {"nonce": "BASE_TYPE_MAX_LENGTH"}),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            {"allowed_mentions": "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"},
        ),
    ],
)
async def test_bad_fields_are_named(
    rest: aiohttp.ClientSession, hook: Webhook, body: dict[str, object], expected: dict[str, str]
) -> None:
    """A body with mistakes is refused with 50035 and the path of every mistake."""
    status, answer = await ask(rest, "POST", execute(hook), body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert codes(answer) == expected


@pytest.mark.parametrize("body", [{"content": ""}, {"content": "  \n "}, {"embeds": []}, {}])
async def test_empty_messages_are_refused(
    rest: aiohttp.ClientSession, hook: Webhook, body: dict[str, object]
) -> None:
    """A message in which nothing can be seen is refused with 50006."""
    status, answer = await ask(rest, "POST", execute(hook), body)
    assert (status, answer["code"]) == (400, 50006)


async def test_names_that_are_refused_can_be_scripted(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, hook: Webhook
) -> None:
    """By default only the whole name "here" is refused; some guilds saw it refused inside a name."""
    assert (await ask(rest, "POST", execute(hook), {"content": "x", "username": "groundsphere"}))[0] == 200
    sim_discord.core.names = NameRules(containing=frozenset({"here"}))
    status, answer = await ask(rest, "POST", execute(hook), {"content": "x", "username": "groundsphere"})
    assert (status, codes(answer)) == (400, {"username": "USERNAME_INVALID_CONTAINS"})


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "channels/1", 10003),
        ("GET", "channels/{channel}/messages/1", 10008),
        ("POST", "webhooks/1/token", 10015),
        ("GET", "webhooks/1", 10015),
        ("PATCH", "webhooks/{hook}/{token}/messages/1", 10008),
        ("GET", "users/1", 10013),
        ("GET", "guilds/{guild}/members/1", 10007),
    ],
)
async def test_unknown_things_have_their_codes(
    *,
    sim_discord: SimDiscord,
    rest: aiohttp.ClientSession,
    hook: Webhook,
    method: str,
    path: str,
    code: int,
) -> None:
    """What does not exist is answered 404 with the code for its kind."""
    path = path.format(channel=hook.channel, hook=hook.id, token=hook.token, guild=sim_discord.guild_id)
    status, answer = await ask(rest, method, path, {"content": "x"} if method != "GET" else None)
    assert (status, answer["code"]) == (404, code)


@pytest.mark.parametrize(
    ("denied", "code"), [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013)]
)
async def test_missing_permissions(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel, denied: Permission, code: int
) -> None:
    """A channel that the bot cannot see is 50001, something that it may not do there 50013."""
    sim_discord.deny(channel, denied)
    status, answer = await ask(rest, "POST", f"channels/{channel.id}/messages", {"content": "x"})
    assert (status, answer["code"]) == (403, code)
    sim_discord.allow(channel, denied)
    assert (await ask(rest, "POST", f"channels/{channel.id}/messages", {"content": "x"}))[0] == 200


async def test_same_nonce_makes_one_message(rest: aiohttp.ClientSession, channel: Channel) -> None:
    """With enforce_nonce the second request returns the first message; without it there are two."""
    path = f"channels/{channel.id}/messages"
    body = {"content": "once", "nonce": "abc", "enforce_nonce": True}
    first, second = [(await ask(rest, "POST", path, body))[1]["id"] for _ in range(2)]
    third = (await ask(rest, "POST", path, {"content": "once", "nonce": "abc"}))[1]["id"]
    assert first == second != third


async def test_history_pages(sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel) -> None:
    """before, after, around and limit choose as documented, newest first."""
    alex = sim_discord.add_member("Alex")
    sent = [await sim_discord.say(channel, alex, str(number)) for number in range(10)]
    path = f"channels/{channel.id}/messages"

    async def page(query: str) -> str:
        return "".join(one["content"] for one in (await ask(rest, "GET", f"{path}?{query}"))[1])

    assert await page("limit=3") == "987"
    assert await page(f"limit=3&before={sent[5].id}") == "432"
    assert await page(f"limit=3&after={sent[5].id}") == "876"
    assert await page(f"limit=3&around={sent[5].id}") == "654"
    assert (await ask(rest, "GET", f"{path}?limit=101"))[1]["code"] == 50035


async def test_only_own_messages_can_be_edited(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """Editing a member's message is 50005; removing it needs the permission."""
    message = await sim_discord.say(channel, sim_discord.add_member("Alex"), "mine")
    path = f"channels/{channel.id}/messages/{message.id}"
    assert (await ask(rest, "PATCH", path, {"content": "yours"}))[1]["code"] == 50005
    sim_discord.deny(channel, Permission.MANAGE_MESSAGES)
    assert (await ask(rest, "DELETE", path))[1]["code"] == 50013
    sim_discord.allow(channel, Permission.MANAGE_MESSAGES)
    assert (await ask(rest, "DELETE", path))[0] == 204


@pytest.mark.parametrize(
    ("allowed", "everyone", "users", "roles"),
    [
        (None, True, 1, 1),
        ({"parse": []}, False, 0, 0),
        ({"parse": ["users"]}, False, 1, 0),
        ({"parse": ["everyone", "roles"]}, True, 0, 1),
        ({"users": ["{user}"]}, False, 1, 0),
        ({"users": ["1"]}, False, 0, 0),
    ],
)
async def test_pings_follow_allowed_mentions(
    *,
    sim_discord: SimDiscord,
    rest: aiohttp.ClientSession,
    hook: Webhook,
    allowed: dict[str, list[str]] | None,
    everyone: bool,
    users: int,
    roles: int,
) -> None:
    """A stored message knows whom it really notified."""
    alex, role = sim_discord.add_member("Alex"), sim_discord.add_role("Staff", mentionable=True)
    body: dict[str, object] = {"content": f"`@everyone` <@{alex.id}> <@&{role.id}> <@999>"}
    if allowed is not None:
        body["allowed_mentions"] = {
            kind: [one.format(user=alex.id) for one in named] for kind, named in allowed.items()
        }
    await ask(rest, "POST", execute(hook), body)
    (message,) = sim_discord.messages(sim_discord.world.channels[hook.channel])
    found = message.pinged
    assert (found.everyone, len(found.users), len(found.roles)) == (everyone, users, roles)
    assert bool(found) is (everyone or users > 0 or roles > 0)


async def test_reply_notifies_unless_told_otherwise(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """A reply notifies the writer of the answered message only when replied_user allows it."""
    alex = sim_discord.add_member("Alex")
    asked = await sim_discord.say(channel, alex, "?")
    choices: tuple[dict[str, object] | None, ...] = (
        None,
        {"parse": []},
        {"parse": [], "replied_user": True},
    )
    for allowed in choices:
        body: dict[str, object] = {"content": "!", "message_reference": {"message_id": asked.id}}
        if allowed is not None:
            body["allowed_mentions"] = allowed
        await ask(rest, "POST", f"channels/{channel.id}/messages", body)
    replied = [message.pinged.replied for message in sim_discord.messages(channel)[1:]]
    assert replied == [alex.id, None, alex.id]
    lost = {"content": "!", "message_reference": {"message_id": "1"}}
    assert (await ask(rest, "POST", f"channels/{channel.id}/messages", lost))[1]["code"] == 50035


async def test_webhooks_write_into_threads(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, hook: Webhook
) -> None:
    """thread_id chooses a thread of the webhook's channel; a forum needs one."""
    parent = sim_discord.world.channels[hook.channel]
    thread = sim_discord.add_channel("aside", kind=ChannelKind.THREAD, parent=parent)
    await ask(rest, "POST", f"{execute(hook)}&thread_id={thread.id}", {"content": "there"})
    assert [one.content for one in sim_discord.messages(thread)] == ["there"]
    forum = sim_discord.add_channel("forum", kind=ChannelKind.FORUM)
    other = sim_discord.add_webhook(forum, "Posts")
    assert (await ask(rest, "POST", execute(other), {"content": "x"}))[1]["code"] == 220001
    assert (await ask(rest, "POST", f"{execute(other)}&thread_id={thread.id}", {"content": "x"}))[0] == 404


async def test_large_uploads(sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel) -> None:
    """Files up to 10 MiB are stored and can be fetched; larger ones are refused with 40005."""
    statuses = []
    for size in (3 * 1024 * 1024, 10 * 1024 * 1024 + 1):
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", '{"content": "file"}')
        form.add_field(
            "files[0]", io.BytesIO(b"x" * size), filename="world.zip", content_type="application/zip"
        )
        async with rest.post(f"channels/{channel.id}/messages", data=form) as answer:
            statuses.append(answer.status)
    assert statuses == [200, 413]
    (message,) = sim_discord.messages(channel)
    async with rest.get(message.attachments[0].url) as answer:
        assert len(await answer.read()) == 3 * 1024 * 1024


async def test_content_is_hidden_over_rest_too(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession, channel: Channel
) -> None:
    """Without the message content intent in the portal the history has no text."""
    await sim_discord.say(channel, sim_discord.add_member("Alex"), "secret")
    sim_discord.core.granted = Intent(0)
    (read,) = (await ask(rest, "GET", f"channels/{channel.id}/messages"))[1]
    assert read["content"] == ""


async def test_commands_keep_translations_and_ids(
    sim_discord: SimDiscord, rest: aiohttp.ClientSession
) -> None:
    """Replacing commands keeps the id of one with the same name; translations come when asked for."""
    path = f"applications/{sim_discord.bot.id}/guilds/{sim_discord.guild_id}/commands"
    command = {"name": "list", "description": "Who is on", "name_localizations": {"fr": "liste"}}
    first = (await ask(rest, "PUT", path, [command]))[1]
    second = (await ask(rest, "PUT", path, [command, {"name": "status", "description": "How it is"}]))[1]
    assert first[0]["id"] == second[0]["id"]
    assert len((await ask(rest, "GET", path))[1]) == 2
    assert "name_localizations" not in (await ask(rest, "GET", path))[1][0]
    shown = (await ask(rest, "GET", f"{path}?with_localizations=true"))[1]
    assert shown[0]["name_localizations"] == {"fr": "liste"}
    bad = [{"name": "List", "description": ""}]
    status, answer = await ask(rest, "PUT", path, bad)
    assert (status, codes(answer)) == (
        400,
        {"0.name": "APPLICATION_COMMAND_INVALID_NAME", "0.description": "BASE_TYPE_BAD_LENGTH"},
    )


async def test_what_is_not_simulated_is_raised_at_the_end() -> None:
    """An unknown route and an unknown field do not go unseen."""
    sim = SimDiscord()
    await sim.start()
    channel = sim.add_channel("general")
    headers = {"Authorization": f"Bot {sim.token}"}
    async with aiohttp.ClientSession(sim.api_url + "/", headers=headers) as rest:
        assert (await ask(rest, "GET", "stage-instances/1"))[0] == 404
        body = {"content": "x", "contnet": "y"}
        assert (await ask(rest, "POST", f"channels/{channel.id}/messages", body))[0] == 200
    with pytest.raises(ExceptionGroup) as raised:
        await sim.stop()
    assert [type(one) for one in raised.value.exceptions] == [NotSimulated, NotSimulated]
    assert "stage-instances" in str(raised.value.exceptions[0])
    assert "contnet" in str(raised.value.exceptions[1])
    await sim.stop()  # raised once


async def test_memory_can_be_bounded() -> None:
    """Only the newest messages and requests are kept; the counters go on."""
    sim = SimDiscord(keep_messages=3, keep_requests=2)
    channel, alex = sim.add_channel("general"), sim.add_member("Alex")
    for number in range(10):
        await sim.say(channel, alex, str(number))
    assert [message.content for message in sim.messages(channel)] == ["7", "8", "9"]
    assert sim.created(channel) == 10
    async with sim, aiohttp.ClientSession() as http:
        for _ in range(4):
            async with http.get(f"{sim.api_url}/gateway") as answer:
                assert answer.status == 200
        assert [one.number for one in sim.requests] == [2, 3]


async def test_waiting_wakes_at_once_and_tells_what_there_was(
    sim_discord: SimDiscord, channel: Channel
) -> None:
    """wait_for returns on the message that makes it true, and says what it saw when none does."""
    alex = sim_discord.add_member("Alex")
    waiting = asyncio.create_task(sim_discord.wait_for(lambda: sim_discord.messages(channel)))
    await asyncio.sleep(0)
    await sim_discord.say(channel, alex, "now")
    assert [one.content for one in await waiting] == ["now"]
    with pytest.raises(TimeoutError, match="'general': 1"):
        await sim_discord.wait_for(lambda: len(sim_discord.messages(channel)) == 2, timeout_s=0.01)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*SHAPES, "other"])


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(fields, json_values, max_size=5))
def test_any_body_is_read_or_refused(body: dict[str, Any]) -> None:
    """No JSON object makes the reading of a message fail in another way than Discord's refusal."""
    try:
        form = read_form(body, [], NameRules())
    except ApiError as exc:
        assert exc.status == 400  # noqa: PT017 - both outcomes are right
    else:
        assert len(form.content) <= 2000
