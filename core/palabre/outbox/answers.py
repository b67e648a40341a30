"""Answers kept for calls with an Idempotency-Key, so that a repeat has one effect."""

import hashlib

from msgspec import Struct
from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from palabre.base.errors import Conflict, FieldProblem, Invalid
from palabre.base.ids import new_id
from palabre.db.door import Database, Tx
from palabre.outbox.tables import idempotency_keys


class Answer(Struct, frozen=True, kw_only=True):
    """What was answered the first time."""

    status: int
    body: str


def request_hash(method: str, path: str, body: bytes) -> bytes:
    """Return what tells two requests apart."""
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


async def begin(tx: Tx, key: str, hashed: bytes) -> Answer | None:
    """Take the key in this transaction, or return the answer given before.

    The key is taken and the effect done in one transaction: a crash leaves neither.

    Raises:
        Conflict: The first call with this key is still running.
        Invalid: The key was used for another request.
    """
    taken = await tx.execute(
        insert(idempotency_keys)
        .values(
            agency_id=tx.scope.agency_id,
            client_id=tx.scope.client_id,
            id=new_id(),
            key=key,
            request_hash=hashed,
        )
        .on_conflict_do_nothing()
    )
    if taken.rowcount:
        return None
    row = await tx.one(
        idempotency_keys.select().where(tx.here(idempotency_keys), idempotency_keys.c.key == key)
    )
    if row.request_hash != hashed:
        raise Invalid(
            FieldProblem(field="Idempotency-Key", code="key_reused"), code="idempotency_key_reused"
        )
    if row.status is None:
        raise Conflict("idempotency_in_flight")
    return Answer(status=row.status, body=row.answer or "")


async def keep(tx: Tx, key: str, answer: Answer) -> None:
    """Store the answer; the caller has removed every secret shown once."""
    await tx.execute(
        update(idempotency_keys)
        .where(tx.here(idempotency_keys), idempotency_keys.c.key == key)
        .values(status=answer.status, answer=answer.body)
    )


async def forget(tx: Tx, key: str) -> None:
    """Give a key back whose call came to nothing: a repeat is a first call again."""
    await tx.execute(
        delete(idempotency_keys).where(
            tx.here(idempotency_keys),
            idempotency_keys.c.key == key,
            idempotency_keys.c.status.is_(None),
        )
    )


async def forget_expired(database: Database) -> int:
    """Remove answers older than a day and end unfinished connect attempts; return how many."""
    async with database.unscoped() as tx:
        return int(await tx.scalar(text("SELECT forget_expired()")) or 0)
