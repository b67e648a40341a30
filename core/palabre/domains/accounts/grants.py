"""Grants in the database: sealed on the way in, opened on the way out, never lessened."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from palabre.base.ids import new_id
from palabre.db.door import Tx
from palabre.domains.accounts.tables import grants
from palabre.sdk.connect import TokenGrant
from palabre.sdk.values import Secret
from palabre.vault.vault import Vault


async def keep(tx: Tx, vault: Vault, plugin: str, grant: TokenGrant, subject_id: str) -> UUID:
    """Store a consent, or renew the one the same person gave before; return its id."""
    known = await tx.first(
        select(grants)
        .where(tx.here(grants), grants.c.plugin == plugin, grants.c.subject_id == subject_id)
        .with_for_update()
    )
    if known is not None:
        await renew(tx, vault, known, grant)
        return UUID(str(known.id))
    row_id = new_id()
    values = await _values(tx, vault, row_id, grant)
    await tx.insert(grants, id=row_id, plugin=plugin, subject_id=subject_id, **values)
    return row_id


async def renew(tx: Tx, vault: Vault, row: Row[Any], grant: TokenGrant) -> None:
    """Replace the tokens of a locked row. A missing refresh token never replaces one we have."""
    values = await _values(tx, vault, row.id, grant)
    if not grant.refresh_token:
        del values["refresh_token"]
        values["refresh_expires_at"] = grant.refresh_expires_at or row.refresh_expires_at
    if not grant.scopes:
        values["scopes"] = row.scopes
    values["subject_name"] = grant.subject_name or row.subject_name
    await _update(tx, row.id, version=row.version + 1, **values)


async def reopen(tx: Tx, vault: Vault, row: Row[Any]) -> TokenGrant:
    """Return the grant of a row with its tokens in plain."""
    refresh = None
    if row.refresh_token:
        refresh = await vault.open(tx, "grants", "refresh_token", row.id, row.refresh_token)
    return TokenGrant(
        access_token=await vault.open(tx, "grants", "access_token", row.id, row.access_token),
        refresh_token=refresh,
        expires_at=row.expires_at,
        refresh_expires_at=row.refresh_expires_at,
        data_access_expires_at=row.data_access_expires_at,
        scopes=tuple(row.scopes),
        subject_id=row.subject_id,
        subject_name=row.subject_name,
    )


async def empty(tx: Tx, vault: Vault, grant_id: UUID) -> None:
    """Forget the tokens of a grant nobody here uses any more; the row stays for the history."""
    nothing = await vault.seal(tx, "grants", "access_token", grant_id, Secret(""))
    await _update(tx, grant_id, access_token=nothing, refresh_token=None)


def ends_at(row: Row[Any], *, refreshes: bool) -> datetime | None:
    """Return when the consent ends although we do our part; None when that is not known."""
    own = row.refresh_expires_at if refreshes else row.expires_at
    ends = [moment for moment in (own, row.data_access_expires_at) if moment is not None]
    return min(ends, default=None)


async def _update(tx: Tx, grant_id: UUID, **values: Any) -> None:
    await tx.execute(
        update(grants).where(tx.here(grants), grants.c.id == grant_id).values(**values)
    )


async def _values(tx: Tx, vault: Vault, row_id: UUID, grant: TokenGrant) -> dict[str, Any]:
    refresh = None
    if grant.refresh_token:
        refresh = await vault.seal(tx, "grants", "refresh_token", row_id, grant.refresh_token)
    return {
        "subject_name": grant.subject_name,
        "access_token": await vault.seal(tx, "grants", "access_token", row_id, grant.access_token),
        "refresh_token": refresh,
        "expires_at": grant.expires_at,
        "refresh_expires_at": grant.refresh_expires_at,
        "data_access_expires_at": grant.data_access_expires_at,
        "scopes": list(grant.scopes),
    }
