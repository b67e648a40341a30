"""The audit chain of a client."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from palabre.audit import read
from palabre.base.errors import FieldProblem, Invalid
from palabre.base.pages import Page
from palabre_api.deps import GivenTx, action


class AuditActor(Struct, frozen=True, kw_only=True):
    """Who did it; the name is gone once the person's data was erased."""

    kind: str
    id: UUID | None
    name: str


class AuditTarget(Struct, frozen=True, kw_only=True):
    """What it was done to."""

    kind: str
    id: UUID | None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One link of the chain. ``hash`` covers the entry and the hash before it."""

    n: int
    at: datetime
    actor: AuditActor
    action: str
    target: AuditTarget
    details: dict[str, Any]
    hash: str


@get(
    "/v1/clients/{client_id:uuid}/audit",
    operation_id="listAudit",
    opt=action("audit.read"),
)
async def list_audit(
    tx: GivenTx,
    client_id: FromPath[UUID],
    limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, QueryParameter(max_length=20)] = None,
) -> Page[AuditEntry]:
    """Return who did what for this client, newest first."""
    before = _number(cursor)
    rows = await read.entries(tx, client_id=client_id, before=before, limit=limit + 1)
    shown = rows[:limit]
    more = str(shown[-1].n) if len(rows) > limit else None
    return Page(items=[_show(row) for row in shown], next_cursor=more)


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:  # noqa: PLR2004  # a bigint
        raise Invalid(FieldProblem(field="cursor", code="not_valid"))
    return int(cursor)


def _show(row: Any) -> AuditEntry:
    return AuditEntry(
        n=row.n,
        at=row.at,
        actor=AuditActor(kind=row.actor_kind, id=row.actor_id, name=row.actor_name or ""),
        action=row.action,
        target=AuditTarget(kind=row.target_kind, id=row.target_id),
        details=row.details,
        hash=row.hash.hex(),
    )


handlers = [list_audit]
