"""Sign-in as a feature: its pages, and what a session's member may do by now."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bridge.config.access import Bundle, bundle_of
from bridge.config.settings import BridgeSettings
from bridge.discord import DiscordError
from bridge.features.contract import Parts
from bridge.features.sign_in.owner import OwnerPages
from bridge.features.sign_in.pages import MemberPages
from bridge.locales import Catalogue
from bridge.website.sessions import Unchecked


class SignIn:
    """Lets people in, and looks again whether they may stay."""

    name = "sign-in"

    def __init__(self, parts: Parts) -> None:
        self._parts, self._settings = parts, parts.settings
        self._members: MemberPages | None = None
        if (site := parts.site) is not None:
            site.add_templates(Path(__file__).parent / "templates")
            self._members = MemberPages(parts, site)
            OwnerPages(parts, site)
            site.sessions.recheck = self.recheck

    def reload(self, settings: BridgeSettings, catalogue: Catalogue) -> None:  # noqa: ARG002 - pages ask the site for words
        """Let people in as the settings now say."""
        self._settings = settings
        if self._members is not None:
            self._members.configure(settings)

    async def prepare(self) -> None:
        """Need nothing."""

    async def run(self) -> None:
        """Wait: pages are made when somebody asks for them."""
        await asyncio.Event().wait()

    async def recheck(self, member: str) -> Bundle | None:
        """Return what a member may do by now; None for somebody who is not in the guild any more.

        Raises:
            Unchecked: Discord cannot be asked now.
        """
        if self._parts.discord is None:
            return None
        try:
            found = await self._parts.discord.member(member)
        except DiscordError as exc:
            raise Unchecked(str(exc)) from exc
        if found is None:
            return None
        return bundle_of(self._settings.staff, found.roles, administrator=found.administrator)
