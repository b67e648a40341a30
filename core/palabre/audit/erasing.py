"""Erases what the chain knows about a person; the chain itself stays whole."""

from uuid import UUID

from sqlalchemy import delete, select

from palabre.audit.tables import audit_entries, audit_personal
from palabre.db.door import Tx


async def erase_person(tx: Tx, user_id: UUID) -> int:
    """Delete name, address and browser of everything the person did, and return how many entries.

    The entries keep the digest of what was deleted, whose random salt is gone with it, and the
    person's id, which leads nowhere once the account is gone.

    Args:
        tx: Of the agency; in the scope of one client only that client's entries are reached.
        user_id: Whose traces.
    """
    theirs = select(audit_entries.c.id).where(
        tx.here(audit_entries),
        audit_entries.c.actor_kind == "user",
        audit_entries.c.actor_id == user_id,
    )
    gone = await tx.execute(
        delete(audit_personal).where(tx.here(audit_personal), audit_personal.c.id.in_(theirs))
    )
    return gone.rowcount
