"""Whose number a name stands for: players change names, and can take each other's."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.store.statistics.accounts import (
    Naming,
    account_of_uuid,
    add_account,
    add_naming,
    is_anonymous,
    name_account,
    namings,
)

_MOST: Final = 20_000  # names kept in memory


class Whom:
    """Finds players by name and UUID as of a moment, and learns from every fact that tells both."""

    def __init__(self) -> None:
        self._namings: dict[str, list[Naming]] = {}  # by name in small letters
        self._uuids: dict[str, int] = {}

    def forget(self) -> None:
        """Ask the store anew, as what was learned may not have been kept."""
        self._namings.clear()
        self._uuids.clear()

    async def find(self, tx: AsyncConnection, name: str, uuid: str | None, at_ms: int) -> int:
        """Return the number of a player, giving them one if they have none."""
        key = name.lower()
        known = await self._known(tx, key)
        then = _at(known, at_ms)
        if uuid is None:
            return then.account if then is not None else await self._add(tx, name, None, at_ms)
        account = await self._of_uuid(tx, name, uuid, then, at_ms)
        if then is None or then.account != account or then.since_ms > at_ms:
            await self._learn(tx, key, Naming(at_ms, account))
            await name_account(tx, account, name, at_ms)
        return account

    async def _of_uuid(
        self, tx: AsyncConnection, name: str, uuid: str, then: Naming | None, at_ms: int
    ) -> int:
        account = self._uuids.get(uuid) or await account_of_uuid(tx, uuid)
        if account is None and then is not None and await is_anonymous(tx, then.account):
            account = then.account  # until now only the name was known
            await name_account(tx, account, name, at_ms, uuid=uuid)
        if account is None:
            account = await self._add(tx, name, uuid, at_ms)
        if len(self._uuids) >= _MOST:
            self._uuids.clear()
        self._uuids[uuid] = account
        return account

    async def _add(self, tx: AsyncConnection, name: str, uuid: str | None, at_ms: int) -> int:
        account = await add_account(tx, name, uuid, at_ms)
        await self._learn(tx, name.lower(), Naming(at_ms, account))
        return account

    async def _learn(self, tx: AsyncConnection, key: str, naming: Naming) -> None:
        await add_naming(tx, key, naming)
        self._namings[key] = await namings(tx, key)

    async def _known(self, tx: AsyncConnection, key: str) -> list[Naming]:
        if key not in self._namings:
            if len(self._namings) >= _MOST:
                self._namings.clear()
            self._namings[key] = await namings(tx, key)
        return self._namings[key]


def _at(known: list[Naming], at_ms: int) -> Naming | None:
    """Return whose a name was at a moment; before anybody is known to have had it, the first who had."""
    then = next((naming for naming in reversed(known) if naming.since_ms <= at_ms), None)
    return then or (known[0] if known else None)
