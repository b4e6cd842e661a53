"""Where Discord keeps people's pictures."""

from __future__ import annotations

from typing import Final

from bridge.discord.wire import MemberPayload, UserPayload

CDN: Final = "https://cdn.discordapp.com"


def avatar_url(user: UserPayload, member: MemberPayload | None, guild: str) -> str | None:
    """Return the picture that the guild sees, the account's own, or a plain one; None for no account."""
    if member is not None and member.avatar is not None:
        return f"{CDN}/guilds/{guild}/users/{user.id}/avatars/{member.avatar}.png?size=128"
    if user.avatar is not None:
        return f"{CDN}/avatars/{user.id}/{user.avatar}.png?size=128"
    if not user.id.isdecimal():
        return None
    return f"{CDN}/embed/avatars/{(int(user.id) >> 22) % 6}.png"
