"""Bodies that make or change a message, checked as Discord checks them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from bridge.simulator.discord.clock import Clock, Snowflake
from bridge.simulator.discord.embeds import check_embeds, check_link
from bridge.simulator.discord.errors import ApiError, FormErrors
from bridge.simulator.discord.mentions import check_allowed_mentions
from bridge.simulator.discord.shapes import SHAPES, MessageBody
from bridge.simulator.discord.values import COMPONENTS_V2, JsonObject

MOST_CONTENT: Final = 2000
_MOST_NONCE: Final = 25
_MOST_NAME: Final = 80
_MOST_FILE_BYTES: Final = 10 * 1024 * 1024
_MOST_STICKERS: Final = 3
_SETTABLE_FLAGS: Final = (1 << 2) | (1 << 6) | (1 << 12) | COMPONENTS_V2


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a multipart body."""

    filename: str
    content_type: str
    data: bytes


class NameRules(msgspec.Struct, frozen=True, kw_only=True):
    """Names that Discord refuses for a webhook, in lower case."""

    containing: frozenset[str] = frozenset({"clyde", "discord"})
    exactly: frozenset[str] = frozenset({"everyone", "here"})

    def check(self, name: str, path: str, errors: FormErrors) -> None:
        """Note why a webhook may not carry this name."""
        trimmed = name.strip()
        if not 1 <= len(trimmed) <= _MOST_NAME:
            errors.bad_length(path, 1, _MOST_NAME)
        for word in sorted(self.containing):
            if word in trimmed.lower():
                errors.add(path, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')
        if trimmed.lower() in self.exactly:
            errors.add(path, "USERNAME_INVALID", f'Username cannot be "{trimmed.lower()}"')


class MessageForm(msgspec.Struct, frozen=True, kw_only=True):
    """A checked body; *given* names the fields that were in it."""

    given: frozenset[str]
    content: str = ""
    embeds: tuple[JsonObject, ...] = ()
    components: tuple[JsonObject, ...] = ()
    allowed: JsonObject | None = None
    nonce: str | None = None
    enforce_nonce: bool = False
    reply_to: Snowflake | None = None
    reply_must_exist: bool = True
    stickers: tuple[Snowflake, ...] = ()
    poll: JsonObject | None = None
    flags: int = 0
    tts: bool = False
    username: str | None = None
    avatar_url: str | None = None
    kept_attachments: frozenset[Snowflake] | None = None  # an edit keeps only these; None keeps all

    @property
    def empty(self) -> bool:
        """Whether nothing in the form would be seen."""
        return not (self.content or self.embeds or self.components or self.stickers or self.poll)


def unknown_fields(body: JsonObject) -> set[str]:
    """Return the fields of a message body that the simulator does not know."""
    return body.keys() - SHAPES.keys()


def read_form(body: JsonObject, uploads: list[Upload], names: NameRules) -> MessageForm:
    """Return a checked body.

    Raises:
        ApiError: 50035 with every problem; 40005 for a file that is too large.
    """
    errors = FormErrors()
    _check_shapes(body, errors)
    errors.check()  # the checks below rely on the shapes
    _check_texts(body, names, errors)
    check_embeds(body.get("embeds") or [], errors)
    if (allowed := body.get("allowed_mentions")) is not None:
        check_allowed_mentions(allowed, errors)
    _check_poll(body.get("poll"), errors)
    errors.check()
    if any(len(upload.data) > _MOST_FILE_BYTES for upload in uploads):
        raise ApiError(413, 40005, "Request entity too large")
    return _form(body)


def _check_shapes(body: JsonObject, errors: FormErrors) -> None:
    try:
        msgspec.convert(body, MessageBody)
    except msgspec.ValidationError:
        _find_bad_shapes(body, errors)


def _find_bad_shapes(body: JsonObject, errors: FormErrors) -> None:
    for name, shape in SHAPES.items():
        if name in body:
            try:
                msgspec.convert(body[name], shape)
            except msgspec.ValidationError as exc:
                errors.add(name, "BASE_TYPE_INVALID", str(exc))


def _check_texts(body: JsonObject, names: NameRules, errors: FormErrors) -> None:
    if len((body.get("content") or "").strip()) > MOST_CONTENT:
        errors.too_long("content", MOST_CONTENT)
    if len(str(body.get("nonce") or "")) > _MOST_NONCE:
        errors.too_long("nonce", _MOST_NONCE)
    if (username := body.get("username")) is not None:
        names.check(username, "username", errors)
    if link := body.get("avatar_url"):
        check_link(link, "avatar_url", errors)
    if len(body.get("sticker_ids") or ()) > _MOST_STICKERS:
        errors.bad_length("sticker_ids", 0, _MOST_STICKERS)
    if int(body.get("flags") or 0) & COMPONENTS_V2 and any(
        body.get(one) for one in ("content", "embeds", "poll")
    ):
        errors.add("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with Components V2")


def _check_poll(poll: JsonObject | None, errors: FormErrors) -> None:
    if poll is None:
        return
    if not 1 <= len(poll.get("question", {}).get("text") or "") <= 300:
        errors.bad_length("poll.question.text", 1, 300)
    answers = poll.get("answers") or []
    if not 1 <= len(answers) <= 10:
        errors.bad_length("poll.answers", 1, 10)
    for index, answer in enumerate(answers):
        if not 1 <= len(answer.get("poll_media", {}).get("text") or "") <= 55:
            errors.bad_length(f"poll.answers.{index}.poll_media.text", 1, 55)


def _form(body: JsonObject) -> MessageForm:
    reference = body.get("message_reference") or {}
    nonce = body.get("nonce")
    kept = body.get("attachments")
    return MessageForm(
        given=frozenset(body),
        content=(body.get("content") or "").strip(),  # Discord trims what it stores
        embeds=tuple(embed | {"type": embed.get("type", "rich")} for embed in body.get("embeds") or ()),
        components=tuple(body.get("components") or ()),
        allowed=body.get("allowed_mentions"),
        nonce=None if nonce is None else str(nonce),
        enforce_nonce=bool(body.get("enforce_nonce")),
        reply_to=Snowflake(str(reference["message_id"])) if reference.get("message_id") else None,
        reply_must_exist=bool(reference.get("fail_if_not_exists", True)),
        stickers=tuple(Snowflake(str(one)) for one in body.get("sticker_ids") or ()),
        poll=body.get("poll"),
        flags=int(body.get("flags") or 0) & _SETTABLE_FLAGS,
        tts=bool(body.get("tts")),
        username=_trimmed(body.get("username")),
        avatar_url=body.get("avatar_url") or None,
        kept_attachments=None
        if kept is None
        else frozenset(Snowflake(str(one["id"])) for one in kept if "id" in one),
    )


def _trimmed(text: str | None) -> str | None:
    return None if text is None else text.strip()


def poll_of(poll: JsonObject, clock: Clock) -> JsonObject:
    """Return a poll as messages carry it, from the form in which it is asked for."""
    ends = clock.now() + timedelta(hours=float(poll.get("duration", 24)))
    return {
        "question": poll["question"],
        "answers": [
            {"answer_id": number, "poll_media": answer["poll_media"]}
            for number, answer in enumerate(poll["answers"], start=1)
        ],
        "expiry": ends.isoformat(),
        "allow_multiselect": bool(poll.get("allow_multiselect")),
        "layout_type": int(poll.get("layout_type", 1)),
        "results": {"is_finalized": False, "answer_counts": []},
    }
