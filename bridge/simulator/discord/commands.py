"""The application's slash commands: registering them over REST, and what a use of one looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bridge.simulator.discord.clock import Snowflake
from bridge.simulator.discord.errors import ApiError, FormErrors, missing_access, unknown
from bridge.simulator.discord.interactions import CommandUse, Interactions
from bridge.simulator.discord.payloads import (
    channel_payload,
    member_payload,
    permissions_text,
    role_payload,
    user_payload,
)
from bridge.simulator.discord.routing import Call, Reply, Route
from bridge.simulator.discord.values import JsonObject
from bridge.simulator.discord.world import World

_NAME: Final = re.compile(r"[-_'\w]{1,32}")
_MOST: Final = 100  # slash commands per scope
_SUBCOMMANDS: Final = {1, 2}
_RESOLVED: Final = {6, 7, 8}  # member, channel, role
_TYPES: Final[dict[int, type | tuple[type, ...]]] = {3: str, 4: int, 5: bool, 10: (int, float)}


def _scope(call: Call) -> dict[Snowflake, JsonObject]:
    core = call.core
    if call.id("application") != core.world.bot:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    guild = call.params.get("guild")
    if guild is not None and guild != core.world.guild:
        raise missing_access()
    return core.commands.scope(None if guild is None else Snowflake(guild))


def _list(call: Call) -> Reply:
    commands = list(_scope(call).values())
    if not call.switch("with_localizations"):
        hidden = {"name_localizations", "description_localizations"}
        commands = [{k: v for k, v in one.items() if k not in hidden} for one in commands]
    return Reply(200, commands)


def _replace(call: Call) -> Reply:
    scope = _scope(call)
    wanted = call.body
    if not isinstance(wanted, list):
        raise ApiError(400, 50035, "Invalid Form Body")
    errors = FormErrors()
    for index, command in enumerate(wanted):
        _check(command, f"{index}", errors)
    if sum(1 for one in wanted if one.get("type", 1) == 1) > _MOST:
        errors.add("_", "APPLICATION_COMMANDS_LIMIT", f"at most {_MOST} slash commands")
    errors.check()
    before = {(one["name"], one["type"]): one for one in scope.values()}
    made = [_register(call, command, before.get(_key(command))) for command in wanted]
    scope.clear()
    scope |= {Snowflake(one["id"]): one for one in made}
    call.core.world.hub.wake()
    return Reply(200, made)


def _key(command: JsonObject) -> tuple[str, int]:
    return command["name"], command.get("type", 1)


def _create(call: Call) -> Reply:
    scope = _scope(call)
    command = call.object()
    errors = FormErrors()
    _check(command, "", errors)
    errors.check()
    known = next((one for one in scope.values() if (one["name"], one["type"]) == _key(command)), None)
    made = _register(call, command, known)
    scope[Snowflake(made["id"])] = made
    return Reply(200 if known else 201, made)


def _register(call: Call, command: JsonObject, known: JsonObject | None) -> JsonObject:
    """Return a command as Discord stores it; new ones count towards the daily limit."""
    core = call.core
    if known is None and not core.buckets.fits(
        core.rates.commands_created, "commands", call.params.get("guild", "")
    ):
        raise ApiError(400, 30034, "Max number of daily application command creates has been reached (200)")
    stored = {
        "type": 1,
        "options": [],
        "default_member_permissions": None,
        "nsfw": False,
        "name_localizations": None,
        "description_localizations": None,
    }
    given = {key: value for key, value in command.items() if key != "id"}
    identity = {
        "id": known["id"] if known else core.world.ids.next(),
        "application_id": core.world.bot,
        "version": core.world.ids.next(),
    }
    guild = {"guild_id": core.world.guild} if "guild" in call.params else {}
    return stored | given | identity | guild


def _check(command: JsonObject, path: str, errors: FormErrors) -> None:
    """Note what is wrong with a command, its options and its translations."""
    where = f"{path}." if path else ""
    slash = command.get("type", 1) == 1
    for key, name in {"name": command.get("name", ""), **_translations(command, "name")}.items():
        if slash and (not _NAME.fullmatch(name) or name != name.lower()):
            errors.add(
                f"{where}{key}", "APPLICATION_COMMAND_INVALID_NAME", f"Command name is invalid: {name}"
            )
    texts = {"description": command.get("description", ""), **_translations(command, "description")}
    for key, text in texts.items():
        if slash and not 1 <= len(text) <= 100:
            errors.bad_length(f"{where}{key}", 1, 100)
    _check_options(command.get("options") or [], f"{where}options", errors)


def _translations(command: JsonObject, key: str) -> dict[str, str]:
    translated = command.get(f"{key}_localizations") or {}
    return {f"{key}_localizations.{language}": text for language, text in translated.items()}


def _check_options(options: list[JsonObject], path: str, errors: FormErrors) -> None:
    if len(options) > 25:
        errors.bad_length(path, 0, 25)
    seen_optional = False
    for index, option in enumerate(options):
        _check(option | {"type": 1}, f"{path}.{index}", errors)
        if len(option.get("choices") or ()) > 25:
            errors.bad_length(f"{path}.{index}.choices", 0, 25)
        if option.get("required") and seen_optional:
            errors.add(
                f"{path}.{index}",
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        seen_optional |= not option.get("required", False)


def _get(call: Call) -> Reply:
    found = _scope(call).get(call.id("command"))
    if found is None:
        raise unknown(10063)
    return Reply(200, found)


def _delete(call: Call) -> Reply:
    if _scope(call).pop(call.id("command"), None) is None:
        raise unknown(10063)
    return Reply(204)


def command_routes(interactions: Interactions) -> list[Route]:
    """Return the routes of commands and of first answers."""
    routes = [
        Route(
            method="POST",
            path="/interactions/{interaction}/{token}/callback",
            handler=interactions.callback,
            authorized=False,
            overall=False,
        )
    ]
    for base in ("/applications/{application}", "/applications/{application}/guilds/{guild}"):
        routes += [
            Route(method="GET", path=f"{base}/commands", handler=_list),
            Route(method="PUT", path=f"{base}/commands", handler=_replace),
            Route(method="POST", path=f"{base}/commands", handler=_create),
            Route(method="GET", path=f"{base}/commands/{{command}}", handler=_get),
            Route(method="DELETE", path=f"{base}/commands/{{command}}", handler=_delete),
        ]
    return routes


def interaction_payload(
    world: World,
    use: CommandUse,
    command: JsonObject,
    options: Mapping[str, object],
    *,
    locale: str,
    focused: str | None = None,
) -> JsonObject:
    """Return the event that tells the application of a use; *focused* makes it an autocompletion.

    Raises:
        ValueError: The options do not fit the command as it is registered.
    """
    data: JsonObject = {"id": command["id"], "name": command["name"], "type": 1}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    resolved: JsonObject = {}
    path = use.name.split(" ")[1:]
    data["options"] = _Filling(world, options, resolved, focused).nested(command, path)
    if resolved:
        data["resolved"] = resolved
    return {
        "id": use.id,
        "application_id": world.bot,
        "type": 2 if focused is None else 4,
        "data": data,
        "guild_id": world.guild,
        "guild": {"id": world.guild, "locale": "en-US", "features": []},
        "channel_id": use.channel.id,
        "channel": channel_payload(world, use.channel)
        | {"permissions": permissions_text(world.role_permissions(use.member))},
        "member": member_payload(use.member)
        | {"permissions": permissions_text(world.role_permissions(use.member))},
        "token": use.token,
        "version": 1,
        "app_permissions": permissions_text(world.bot_permissions(use.channel)),
        "locale": locale,
        "guild_locale": "en-US",
        "entitlements": [],
        "authorizing_integration_owners": {"0": world.guild},
        "context": 0,
        "attachment_size_limit": 10 * 1024 * 1024,
    }


class _Filling:
    """Fills a command's options with what a member gives."""

    def __init__(
        self, world: World, options: Mapping[str, object], resolved: JsonObject, focused: str | None
    ) -> None:
        self._world = world
        self._given = options
        self._resolved = resolved
        self._focused = focused

    def nested(self, command: JsonObject, path: list[str]) -> list[JsonObject]:
        """Return the options, inside the subcommands that *path* names."""
        known = {one["name"]: one for one in command.get("options") or ()}
        if path:
            part = known.get(path[0])
            if part is None or part["type"] not in _SUBCOMMANDS:
                raise ValueError(f"/{command['name']} has no subcommand {path[0]!r}; it has {sorted(known)}")
            return [{"name": path[0], "type": part["type"], "options": self.nested(part, path[1:])}]
        if strange := set(self._given) - set(known):
            raise ValueError(f"/{command['name']} has no options {sorted(strange)}; it has {sorted(known)}")
        missing = [name for name, one in known.items() if one.get("required") and name not in self._given]
        if missing and self._focused is None:
            raise ValueError(f"/{command['name']} needs {missing}")
        return [self._option(known[name], value) for name, value in self._given.items()]

    def _option(self, spec: JsonObject, value: object) -> JsonObject:
        option: JsonObject = {"name": spec["name"], "type": spec["type"], "value": value}
        if spec["name"] == self._focused:
            return option | {"focused": True}
        expected = _TYPES.get(spec["type"])
        if expected is not None and not isinstance(value, expected):
            raise ValueError(f"option {spec['name']} takes {expected}, not {value!r}")
        choices = [one["value"] for one in spec.get("choices") or ()]
        if choices and value not in choices:
            raise ValueError(f"option {spec['name']} takes one of {choices}, not {value!r}")
        if spec["type"] in _RESOLVED:
            _resolve(self._world, spec["type"], Snowflake(str(value)), self._resolved)
        return option


def _resolve(world: World, kind: int, value: Snowflake, resolved: JsonObject) -> None:
    if kind == 6:
        member = world.members[value]
        resolved.setdefault("users", {})[value] = user_payload(member)
        resolved.setdefault("members", {})[value] = member_payload(member, with_user=False) | {
            "permissions": permissions_text(world.role_permissions(member))
        }
    elif kind == 7:
        resolved.setdefault("channels", {})[value] = channel_payload(world, world.channels[value]) | {
            "permissions": "0"
        }
    else:
        resolved.setdefault("roles", {})[value] = role_payload(world.roles[value])
