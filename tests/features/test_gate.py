"""Who may use a slash command: walked for every command and every bundle, against the one table."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.config.access import Bundle, Permission, permissions_of
from bridge.config.permissions import PERMISSIONS, Rule, Rules, Who
from bridge.config.settings import BridgeSettings, Language
from bridge.discord import Caller, CommandCall
from bridge.events import ChannelId
from bridge.features.gate import Gate

ROLES = {bundle: f"{number:018}" for number, bundle in enumerate(Bundle, 1)}
COMMANDS = [name for name in PERMISSIONS if name.startswith("/")]


def settings(**more: Any) -> BridgeSettings:  # noqa: ANN401 - any settings
    roles = {role: bundle.value for bundle, role in ROLES.items()}
    base = {"servers": {"survival": {"status": {}}}, "staff": {"roles": roles}}
    return BridgeSettings.model_validate(base | more)


def call(command: str, *roles: str, administrator: bool = False) -> CommandCall:
    return CommandCall(
        command=command.removeprefix("/"),
        channel=ChannelId("1"),
        caller=Caller(id="1", name="Mira", roles=frozenset(roles), administrator=administrator),
        language=Language.EN,
    )


@pytest.mark.parametrize("bundle", Bundle)
@pytest.mark.parametrize("command", COMMANDS)
def test_each_bundle_may_use_what_the_table_says(command: str, bundle: Bundle) -> None:
    needed = PERMISSIONS[command].who
    allowed = not isinstance(needed, Permission) or needed in permissions_of(bundle)
    assert (Gate(settings(), Rules())(call(command, ROLES[bundle])) is None) is allowed


def test_administrators_of_the_guild_and_roles_that_may_speak_are_let_in() -> None:
    speaking = "9" * 18
    discord = {"token": "x", "guild": "1" * 18, "channels": {"main": "2" * 18}, "say-roles": [speaking]}
    gate = Gate(settings(discord=discord), Rules())
    assert gate(call("/say", administrator=True)) is None
    assert gate(call("/say", speaking)) is None
    refused = gate(call("/say", "8" * 18))
    assert refused is not None
    assert refused.content == "This command is for people who run the community."


def test_changed_settings_count_at_once() -> None:
    gate = Gate(settings(), Rules())
    assert gate(call("/say", ROLES[Bundle.MODERATOR])) is None
    gate.settings = settings(staff={"roles": {}})
    assert gate(call("/say", ROLES[Bundle.MODERATOR])) is not None


def test_a_packages_command_is_used_by_the_packages_rule_and_without_one_by_nobody() -> None:
    rules = Rules()
    gate = Gate(settings(), rules)
    assert gate(call("/newcomers", administrator=True)) is not None
    rules.add("/newcomers", Rule(Who.EVERYONE, "tells what the page tells"))
    assert gate(call("/newcomers")) is None
    with pytest.raises(ValueError, match="already"):
        rules.add("/say", Rule(Who.EVERYONE, "or so it would like"))
