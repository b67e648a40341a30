"""Seals and opens secrets of a client or an agency, each bound to its table, column and row."""

import os
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.sdk.values import Secret
from palabre.vault import envelope
from palabre.vault.master import MasterKeys
from palabre.vault.tables import data_keys

_KEY_BYTES = 32


class Vault:
    """The installation's vault. Unwrapped data keys are kept in memory only."""

    def __init__(self, master: MasterKeys) -> None:
        self._master = master
        self._keys: dict[tuple[UUID, UUID | None, str], bytes] = {}

    async def seal(self, tx: Tx, table: str, column: str, row_id: UUID, secret: Secret) -> str:
        """Return ``secret`` sealed for that place, under the data key of the scope.

        The scope of one client uses the client's key, the scope of an agency the agency's.
        """
        kid, key = await self._active(tx)
        return envelope.seal(key, kid, self._place(tx, table, column, row_id), _plain(secret))

    async def open(self, tx: Tx, table: str, column: str, row_id: UUID, sealed: str) -> Secret:
        """Return the secret sealed for that place.

        Raises:
            SealBroken: It was altered, moved from another place, or its key is gone.
        """
        key = await self._key(tx, envelope.kid_of(sealed))
        place = self._place(tx, table, column, row_id)
        return Secret(envelope.unseal(key, place, sealed).decode())

    async def _active(self, tx: Tx) -> tuple[str, bytes]:
        row = await self._find(tx) or await self._make(tx)
        return row.kid, self._unwrap(tx, row)

    async def _key(self, tx: Tx, kid: str) -> bytes:
        known = self._keys.get((tx.scope.agency_id, _client(tx), kid))
        if known is not None:
            return known
        row = await self._find(tx, kid)
        if row is None:
            raise envelope.SealBroken("The data key of this text does not belong to this client.")
        return self._unwrap(tx, row)

    async def _find(self, tx: Tx, kid: str | None = None) -> Row[tuple[str, str]] | None:
        client = _client(tx)
        query = select(data_keys.c.kid, data_keys.c.wrapped).where(
            data_keys.c.agency_id == tx.scope.agency_id,
            data_keys.c.client_id == client if client else data_keys.c.client_id.is_(None),
            data_keys.c.kid == kid if kid else data_keys.c.state == "active",
        )
        return await tx.first(query)

    async def _make(self, tx: Tx) -> Row[tuple[str, str]]:
        """Make the scope's first data key; of two at once, one wins and both use it."""
        row_id, client = new_id(), _client(tx)
        kid = row_id.hex
        wrapped = self._master.wrap(_key_place(tx, kid), os.urandom(_KEY_BYTES))
        await tx.execute(
            insert(data_keys)
            .values(
                agency_id=tx.scope.agency_id,
                client_id=client,
                id=row_id,
                kid=kid,
                master_kid=self._master.current,
                wrapped=wrapped,
            )
            .on_conflict_do_nothing()
        )
        row = await self._find(tx)
        if row is None:
            raise RuntimeError("no data key after making one")
        return row

    def _unwrap(self, tx: Tx, row: Row[tuple[str, str]]) -> bytes:
        name = (tx.scope.agency_id, _client(tx), row.kid)
        if name not in self._keys:
            self._keys[name] = self._master.unwrap(_key_place(tx, row.kid), row.wrapped)
        return self._keys[name]

    def _place(self, tx: Tx, table: str, column: str, row_id: UUID) -> str:
        return f"{table}|{column}|{tx.scope.agency_id}|{_client(tx) or '-'}|{row_id}"


def _client(tx: Tx) -> UUID | None:
    return None if tx.scope.all_clients else tx.scope.client_id


def _key_place(tx: Tx, kid: str) -> str:
    return f"data_keys|wrapped|{tx.scope.agency_id}|{_client(tx) or '-'}|{kid}"


def _plain(secret: Secret) -> bytes:
    return secret.reveal().encode()
