"""Members use slash commands; the application answers them over REST."""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.compose import author_of, post, revise
from bridge.simulator.discord.core import Core
from bridge.simulator.discord.errors import ApiError, NotSimulated, unknown
from bridge.simulator.discord.forms import MessageForm, Upload, read_form
from bridge.simulator.discord.payloads import message_payload
from bridge.simulator.discord.routing import Call, Handler, Reply
from bridge.simulator.discord.values import (
    EPHEMERAL,
    LOADING,
    Channel,
    CommandCall,
    JsonObject,
    Member,
    Message,
)

FIRST_ANSWER_S: Final = 3.0  # documented: afterwards the interaction is gone
TOKEN_S: Final = 15 * 60.0  # documented: how long follow-ups may come

_MESSAGE, _DEFERRED, _CHOICES, _MODAL = 4, 5, 8, 9


class CommandUse:
    """One use of a slash command by a member, with what the application has answered so far."""

    def __init__(
        self, *, id_: Snowflake, token: str, name: str, member: Member, channel: Channel, began_s: float
    ) -> None:
        self.id = id_
        self.token = token
        self.name = name
        self.member = member
        self.channel = channel
        self.began_s = began_s
        self.acknowledged_s: float | None = None  # after how many seconds the first answer came
        self.deferred = False
        self.ephemeral = False  # as the first answer said
        self.original: Message | None = None
        self.follow_ups: list[Message] = []
        self.choices: list[JsonObject] | None = None  # what an autocompletion offered
        self.modal: JsonObject | None = None

    @property
    def responses(self) -> list[Message]:
        """The messages that the member sees, in order, without the placeholder of a deferred answer."""
        shown = [] if self.original is None or self.original.flags & LOADING else [self.original]
        return shown + self.follow_ups

    @property
    def answered(self) -> bool:
        """Whether the member sees something other than a placeholder."""
        return bool(self.responses) or self.choices is not None or self.modal is not None

    @property
    def text(self) -> str:
        """The content of the first response; empty before there is one."""
        return self.responses[0].content if self.responses else ""


class Interactions:
    """Knows the uses of commands by their tokens and answers the requests about them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._uses: dict[str, CommandUse] = {}

    def add(self, use: CommandUse) -> None:
        """Expect answers to a use."""
        self._uses[use.token] = use
        now = self._core.clock.steady()
        for token in [one.token for one in self._uses.values() if now - one.began_s > TOKEN_S]:
            del self._uses[token]

    def or_webhook(self, mine: Handler, other: Handler) -> Handler:
        """Return a handler that takes the application's own id for *mine*, and webhooks for *other*."""

        def choose(call: Call) -> Reply:
            return mine(call) if call.params["webhook"] == self._core.world.bot else other(call)

        return choose

    def callback(self, call: Call) -> Reply:
        """Answer ``POST /interactions/{interaction}/{token}/callback``.

        Raises:
            ApiError: 10062 unknown or too late; 40060 answered before; what is wrong with the message.
        """
        use = self._uses.get(call.params["token"])
        if use is None or use.id != call.id("interaction"):
            raise unknown(10062)
        waited_s = self._core.clock.steady() - use.began_s
        if waited_s > FIRST_ANSWER_S:
            raise unknown(10062)
        if use.acknowledged_s is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        body = call.object("type", "data")
        self._first_answer(use, call, int(body.get("type", 0)), body.get("data") or {})
        use.acknowledged_s = waited_s
        self._core.world.hub.wake()
        return self._callback_reply(use, int(body["type"])) if call.switch("with_response") else Reply(204)

    def _first_answer(self, use: CommandUse, call: Call, kind: int, data: JsonObject) -> None:
        use.ephemeral = bool(int(data.get("flags") or 0) & EPHEMERAL)
        if kind == _MESSAGE:
            form = self._form(data, call.uploads)
            use.original = self._post(use, form, call.uploads, ephemeral=use.ephemeral)
        elif kind == _DEFERRED:
            use.deferred = True
            nothing = MessageForm(given=frozenset())
            use.original = self._post(use, nothing, [], ephemeral=use.ephemeral, loading=True)
        elif kind == _CHOICES:
            use.choices = list(data.get("choices") or ())
        elif kind == _MODAL:
            use.modal = data
        else:
            self._core.note(NotSimulated(f"interaction callback of type {kind}"))

    def _form(self, data: JsonObject, uploads: list[Upload]) -> MessageForm:
        return read_form(data, uploads, self._core.names)

    def _post(
        self,
        use: CommandUse,
        form: MessageForm,
        uploads: list[Upload],
        *,
        ephemeral: bool,
        loading: bool = False,
    ) -> Message:
        core = self._core
        return post(
            core,
            use.channel,
            form,
            uploads,
            author=author_of(core.world.members[core.world.bot]),
            application=core.world.bot,
            call=CommandCall(id=use.id, name=use.name, member=use.member.id),
            flags=(EPHEMERAL if ephemeral else 0) | (LOADING if loading else 0),
        )

    def _callback_reply(self, use: CommandUse, kind: int) -> Reply:
        answer: JsonObject = {"id": use.id, "type": 2, "channel_id": use.channel.id}
        resource: JsonObject = {"type": kind}
        if use.original is not None:
            answer["response_message_id"] = use.original.id
            answer["response_message_loading"] = use.deferred
            answer["response_message_ephemeral"] = use.ephemeral
            resource["message"] = message_payload(self._core.world, use.original)
        return Reply(200, {"interaction": answer, "resource": resource})

    def _held(self, call: Call) -> CommandUse:
        use = self._uses.get(call.params["token"])
        if use is None or self._core.clock.steady() - use.began_s > TOKEN_S:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return use

    def follow_up(self, call: Call) -> Reply:
        """Add a message to the answer; the first one after a deferral takes the placeholder's place."""
        use = self._held(call)
        if use.acknowledged_s is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        form = call.form()
        if use.original is not None and use.original.flags & LOADING:
            return Reply(200, self._fill(use, form, call.uploads))
        message = self._post(use, form, call.uploads, ephemeral=bool(form.flags & EPHEMERAL))
        use.follow_ups.append(message)
        self._core.world.hub.wake()
        return Reply(200, message_payload(self._core.world, message))

    def get(self, call: Call) -> Reply:
        """Return a message of the answer."""
        return Reply(200, message_payload(self._core.world, self._find(call)[1]))

    def edit(self, call: Call) -> Reply:
        """Change a message of the answer; this is how a deferred answer is filled in."""
        use, message = self._find(call)
        form = call.form()
        if message is use.original:
            return Reply(200, self._fill(use, form, call.uploads))
        changed = revise(self._core, message, form, call.uploads)
        use.follow_ups[use.follow_ups.index(message)] = changed
        return Reply(200, message_payload(self._core.world, changed))

    def _fill(self, use: CommandUse, form: MessageForm, uploads: list[Upload]) -> JsonObject:
        original = use.original
        if original is None:
            raise unknown(10008)
        if original.flags & LOADING:
            original = msgspec.structs.replace(original, flags=original.flags & ~LOADING)
        use.original = revise(self._core, original, form, uploads)
        self._core.world.hub.wake()
        return message_payload(self._core.world, use.original)

    def delete(self, call: Call) -> Reply:
        """Remove a message of the answer."""
        use, message = self._find(call)
        if message is use.original:
            use.original = None
        else:
            use.follow_ups.remove(message)
        self._core.world.remove_messages(use.channel.id, [message.id])
        return Reply(204)

    def _find(self, call: Call) -> tuple[CommandUse, Message]:
        use = self._held(call)
        wanted = call.params.get("message")
        messages = [use.original, *use.follow_ups]
        for message in messages:
            if message is not None and wanted in {None, message.id}:
                return use, message
        raise unknown(10008)
