"""Appends to the audit chain, in the transaction of the action itself."""

import os
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from palabre.audit.formats import personal_digest
from palabre.audit.tables import audit_entries, audit_personal
from palabre.base.ids import new_id
from palabre.db.door import Tx

_NOTE = "audit"


class _Entry(Struct, frozen=True):
    action: str
    target_kind: str
    target_id: UUID | None
    client_id: UUID | None
    details: dict[str, Any]


def record(
    tx: Tx,
    action: str,
    target_kind: str,
    target_id: UUID | None,
    *,
    client_id: UUID | None = None,
    **details: Any,
) -> None:
    """Note that the actor of the scope did ``action``; written just before COMMIT.

    Args:
        tx: The transaction of the action.
        action: Name from the table of actions, or of an outside effect.
        target_kind: What it was done to, such as ``client``.
        target_id: Which one.
        client_id: The client concerned; None takes the scope's single client, and in the scope
            of a whole agency writes to the agency's own chain.
        details: Facts without secrets and without personal data.
    """
    if client_id is None and not tx.scope.all_clients:
        client_id = tx.scope.client_id
    if _NOTE not in tx.notes:
        tx.notes[_NOTE] = []
        tx.before_commit(_write)
    tx.notes[_NOTE].append(_Entry(action, target_kind, target_id, client_id, details))


async def _write(tx: Tx) -> None:
    for entry in tx.notes[_NOTE]:
        await _append(tx, entry)


async def _append(tx: Tx, entry: _Entry) -> None:
    actor = tx.scope.actor
    entry_id, salt = new_id(), os.urandom(16)
    agent = actor.user_agent[:300]
    await tx.insert(
        audit_personal,
        id=entry_id,
        client_id=entry.client_id,
        salt=salt,
        actor_name=actor.name,
        ip=actor.ip,
        user_agent=agent,
    )
    await tx.insert(
        audit_entries,
        id=entry_id,
        client_id=entry.client_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        action=entry.action,
        target_kind=entry.target_kind,
        target_id=entry.target_id,
        details=msgspec.to_builtins(entry.details),
        personal_digest=personal_digest(salt, actor.name, actor.ip, agent),
    )
