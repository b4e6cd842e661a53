"""Decides who may use a slash command, by the permission table. Shared by features."""

from __future__ import annotations

from bridge.config.access import Permission, bundle_of, permissions_of
from bridge.config.permissions import Rules
from bridge.config.settings import BridgeSettings
from bridge.discord import Answer, Caller, CommandCall
from bridge.features.answers import answer


class Gate:
    """Lets members use commands by their roles; ``settings`` may be changed while the bridge runs."""

    def __init__(self, settings: BridgeSettings, rules: Rules) -> None:
        self.settings, self._rules = settings, rules

    def __call__(self, call: CommandCall) -> Answer | None:
        """Return what to answer instead of running a command; None lets it run."""
        if self._rules.may_use(f"/{call.command}", held_by(self.settings, call.caller)):
            return None
        return answer(call, "command.no-permission")


def held_by(settings: BridgeSettings, caller: Caller) -> frozenset[Permission]:
    """Return what a member may do; a role of ``discord.say-roles`` lets them speak in the game, too."""
    held = permissions_of(bundle_of(settings.staff, caller.roles, administrator=caller.administrator))
    discord = settings.discord
    if discord is not None and discord.say_roles & caller.roles:
        held |= {Permission.GAME_SAY}
    return held
