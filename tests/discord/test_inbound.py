"""From Discord's payloads to events, for every kind of content and for every string."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.discord.inbound import EXCERPT_LENGTH, Inbound
from bridge.discord.names import Names
from bridge.discord.wire import MemberPayload, MessagePayload, Unreadable, read
from bridge.events import Attachment, AttachmentKind, ChatEdited, ChatSaid, Event

ID = "1240000000000000001"
CHANNEL = "1240000000000000002"
AUTHOR: dict[str, Any] = {"id": "1240000000000000003", "username": "mira", "global_name": "Mira"}


class Guild:
    """A guild with one role and one channel."""

    def role(self, role: str) -> str | None:
        return "Builders" if role == "7" else None

    def channel(self, channel: str) -> str | None:
        return "plans" if channel == "8" else None

    def colour(self, roles: tuple[str, ...]) -> int | None:
        return 0x00FF00 if "7" in roles else None


def payload(**fields: object) -> dict[str, Any]:
    return {"id": ID, "channel_id": CHANNEL, "author": AUTHOR, "content": "hello", **fields}


def message(**fields: object) -> MessagePayload:
    return read(json.dumps(payload(**fields)), MessagePayload)


def inbound(*, relay_bots: bool = False) -> Inbound:
    names = Names()
    names.lookup = Guild()
    return Inbound(names, "9", relay_bots=relay_bots)


def said(*, relay_bots: bool = False, **fields: object) -> ChatSaid:
    event = inbound(relay_bots=relay_bots).said(message(**fields))
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("author", "member", "shown"),
    [
        ({"username": "mira"}, None, "mira"),
        ({"username": "mira", "global_name": "Mira"}, None, "Mira"),
        ({"username": "mira", "global_name": "Mira"}, {"nick": "Queen"}, "Queen"),
    ],
)
def test_nickname_before_display_name_before_account_name(
    author: dict[str, Any], member: dict[str, Any] | None, shown: str
) -> None:
    assert said(author={"id": "1", **author}, member=member).speaker.name == shown


def test_a_nickname_is_remembered_for_messages_that_come_without_it() -> None:
    names = Names()
    names.learn(AUTHOR["id"], MemberPayload(nick="Queen", roles=("7",)))
    event = Inbound(names, "9", relay_bots=False).said(message())
    assert event is not None
    assert event.speaker.name == "Queen"


@pytest.mark.parametrize("kind", [1, 3, 6, 7, 8, 10, 12, 18, 21, 22, 24, 46])
def test_the_systems_own_messages_are_no_conversation(kind: int) -> None:
    assert inbound().said(message(type=kind)) is None


def test_a_message_with_nothing_to_show_is_none() -> None:
    assert inbound().said(message(content=" ")) is None


def test_pictures() -> None:
    member = {"nick": None, "avatar": "b"}
    user = AUTHOR["id"]
    assert said(author={**AUTHOR, "avatar": "a"}).speaker.avatar_url == (
        f"https://cdn.discordapp.com/avatars/{user}/a.png?size=128"
    )
    assert said(member=member).speaker.avatar_url == (
        f"https://cdn.discordapp.com/guilds/9/users/{user}/avatars/b.png?size=128"
    )
    default = said().speaker.avatar_url
    assert default is not None
    assert default.startswith("https://cdn.discordapp.com/embed/avatars/")


@pytest.mark.parametrize(
    ("fields", "attachment"),
    [
        (
            {"attachments": [{"filename": "a.png", "url": "https://x/a.png", "content_type": "image/png"}]},
            Attachment(kind=AttachmentKind.IMAGE, name="a.png", url="https://x/a.png"),
        ),
        (
            {"attachments": [{"filename": "v.ogg", "url": "u", "content_type": "audio/ogg; codecs=opus"}]},
            Attachment(kind=AttachmentKind.AUDIO, name="v.ogg", url="u"),
        ),
        (
            {
                "attachments": [
                    {"filename": "c.mp4", "title": "castle", "url": "u", "content_type": "video/mp4"}
                ]
            },
            Attachment(kind=AttachmentKind.VIDEO, name="castle", url="u"),
        ),
        (
            {"attachments": [{"filename": "world.zip", "url": "u"}]},
            Attachment(kind=AttachmentKind.FILE, name="world.zip", url="u"),
        ),
        (
            {"sticker_items": [{"id": "5", "name": "wave", "format_type": 1}]},
            Attachment(
                kind=AttachmentKind.STICKER, name="wave", url="https://cdn.discordapp.com/stickers/5.png"
            ),
        ),
        (
            {"sticker_items": [{"id": "5", "name": "wave", "format_type": 3}]},
            Attachment(kind=AttachmentKind.STICKER, name="wave"),
        ),
        (
            {"poll": {"question": {"text": "Castle or tower?"}, "answers": []}},
            Attachment(kind=AttachmentKind.POLL, name="Castle or tower?"),
        ),
    ],
)
def test_what_hangs_below(fields: dict[str, Any], attachment: Attachment) -> None:
    event = said(content="", **fields)
    assert event.text == ""
    assert event.attachments == (attachment,)


def test_embeds_count_for_bots_and_are_previews_for_members() -> None:
    embeds = [{"type": "rich", "title": "Votes", "url": "https://x/"}, {"description": "d" * 200}]
    assert said(embeds=embeds).attachments == ()
    bot = said(relay_bots=True, embeds=embeds, author={**AUTHOR, "bot": True})
    assert bot.attachments[0] == Attachment(kind=AttachmentKind.EMBED, name="Votes", url="https://x/")
    assert len(bot.attachments[1].name) <= EXCERPT_LENGTH


def test_a_forwarded_message_shows_what_was_forwarded() -> None:
    snapshot = {"content": "from <@4> afar", "mentions": [{"id": "4", "username": "nora"}]}
    event = said(content="", message_reference={"type": 1}, message_snapshots=[{"message": snapshot}])
    assert event.text == "↪ from @nora afar"
    assert event.reply is None


def test_a_reply_names_whom_and_what_it_answers() -> None:
    answered = {"id": "77", "author": {"id": "4", "username": "nora"}, "content": "**a** " * 60}
    reply = said(type=19, referenced_message=answered).reply
    assert reply is not None
    assert (reply.message, reply.name) == ("77", "nora")
    assert reply.text.startswith("a a a")
    assert len(reply.text) <= EXCERPT_LENGTH


def test_a_reply_to_a_removed_message_is_an_ordinary_one() -> None:
    assert said(type=19, referenced_message=None).reply is None


def test_only_an_edit_by_the_author_is_an_edit() -> None:
    assert inbound().edited(message()) is None
    edited = inbound().edited(message(edited_timestamp="2026-05-01T12:00:00.5+02:00"))
    assert edited is not None
    assert edited.at.isoformat() == "2026-05-01T10:00:00.500000+00:00"


def test_half_a_surrogate_pair_is_mended() -> None:
    raw = json.dumps(payload(content="x")).replace('"x"', '"\\ud83d x"')
    assert read(raw, MessagePayload).content == "\N{REPLACEMENT CHARACTER} x"


@pytest.mark.parametrize("raw", ["", "nonsense", "[]", "{}", '{"id": 5}', "[" * 100_000])
def test_what_is_no_message_is_unreadable(raw: str) -> None:
    with pytest.raises(Unreadable):
        read(raw, MessagePayload)


SIGNS = (
    *("<@1>", "<@&7>", "<#8>", "<:pog:5>", "<t:1:R>", "||", "**", "_", "`", "```", ">", "\n", "@everyone"),
    *("<a", "[x](https://y)", "\x00", "\u202e", "§k", "x "),
)
ANY_TEXT = st.text(st.characters(), max_size=60) | st.lists(st.sampled_from(SIGNS), max_size=30).map("".join)


@settings(max_examples=150)
@given(content=ANY_TEXT, name=ANY_TEXT, answered=ANY_TEXT)
def test_any_content_becomes_chat_and_nothing_else(content: str, name: str, answered: str) -> None:
    """Whatever a member types, the result is a line of chat that the journal can keep and give back."""
    fields = payload(
        content=content,
        author={"id": "1", "username": "u", "global_name": name},
        referenced_message={"id": "2", "author": {"id": "3", "username": name}, "content": answered},
        attachments=[{"filename": name, "url": content}],
        edited_timestamp="2026-05-01T12:00:00+00:00",
    )
    found = read(json.dumps(fields), MessagePayload)
    event = inbound().said(found)
    assert isinstance(event, ChatSaid)
    edited = inbound().edited(found)
    assert isinstance(edited, ChatEdited)
    assert (edited.text, edited.speaker) == (event.text, event.speaker)
    kinds: Any = ChatSaid | ChatEdited
    for one in (event, edited):
        kept: Event = msgspec.json.decode(msgspec.json.encode(one), type=kinds)
        assert kept == one


@settings(max_examples=150)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5))
def test_no_value_in_any_field_breaks_reading(value: object) -> None:
    """A payload that is not as documented is refused with one error, or read."""
    for name in ("id", "content", "author", "attachments", "poll", "mentions", "type", "referenced_message"):
        try:
            found = read(json.dumps(payload(**{name: value})), MessagePayload)
        except Unreadable:
            continue
        assert isinstance(found, MessagePayload)
