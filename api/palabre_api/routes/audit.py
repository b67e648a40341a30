"""The audit chains: of each client, and of the agency itself."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream
from msgspec import Struct

from palabre.audit import read
from palabre.audit.export import MEDIA_TYPE, export
from palabre.audit.read import Before, ChainName
from palabre.base.errors import FieldProblem, Invalid
from palabre.base.pages import Page
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.runtime import Runtime
from palabre_api.deps import GivenRuntime, GivenScope, GivenTx, action

Limit = Annotated[int, QueryParameter(ge=1, le=200)]
Cursor = Annotated[str | None, QueryParameter(max_length=40)]


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
    """One link of a chain. ``hash`` covers the entry and the hash before it in its chain.

    ``chain``: the agency's or the client's. A client with its own database has a second one,
    ``control``, of changes to what is kept outside of that database.
    """

    chain: ChainName
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
    cursor: Cursor = None,
) -> Page[AuditEntry]:
    """Return who did what for this client, newest first."""
    return await _page(tx, client_id, limit, cursor)


@get("/v1/audit", operation_id="listAgencyAudit", opt=action("agency_audit.read"))
async def list_agency_audit(
    tx: GivenTx, limit: Limit = 50, cursor: Cursor = None
) -> Page[AuditEntry]:
    """Return who did what for the agency itself, newest first."""
    return await _page(tx, None, limit, cursor)


@get(
    "/v1/clients/{client_id:uuid}/audit/export",
    operation_id="exportAudit",
    opt=action("audit.read"),
    media_type=MEDIA_TYPE,
)
async def export_audit(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],
    chain: FromQuery[Literal["client", "control"]] = "client",
) -> Stream:
    """Return one of the client's chains as JSON Lines, to be verified without us.

    Only a client with its own database has a chain ``control`` apart from the other.
    """
    return await _export(runtime, caller_scope, client_id, control=chain == "control")


@get(
    "/v1/audit/export",
    operation_id="exportAgencyAudit",
    opt=action("agency_audit.read"),
    media_type=MEDIA_TYPE,
)
async def export_agency_audit(runtime: GivenRuntime, caller_scope: GivenScope) -> Stream:
    """Return the agency's own chain as JSON Lines, to be verified without us."""
    return await _export(runtime, caller_scope, None)


async def _page(tx: Tx, client_id: UUID | None, limit: int, cursor: str | None) -> Page[AuditEntry]:
    before = _before(cursor)
    rows = await read.merged(tx, client_id=client_id, before=before, limit=limit + 1)
    shown = rows[:limit]
    more = _cursor(before, shown) if len(rows) > limit else None
    return Page(items=[_show(*one) for one in shown], next_cursor=more)


async def _export(
    runtime: Runtime, scope: Scope, client_id: UUID | None, *, control: bool = False
) -> Stream:
    """Answer once the first part is read, so that an error still has its own status."""
    parts = export(
        runtime.database, scope, client_id=client_id, control=control, now=runtime.clock.now()
    )
    first = await anext(parts)

    async def body() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    name = f"audit-{client_id or scope.agency_id}.jsonl"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Stream(body(), media_type=MEDIA_TYPE, headers=headers)


def _cursor(before: Before, shown: list[tuple[ChainName, Any]]) -> str:
    """Name the last number shown of the chain, and of the second one where there is one."""
    n = min((row.n for chain, row in shown if chain != "control"), default=before.n)
    control = min((row.n for chain, row in shown if chain == "control"), default=before.control)
    first = "" if n is None else str(n)
    return first if control is None else f"{first}-{control}"


def _before(cursor: str | None) -> Before:
    if cursor is None:
        return Before()
    first, dash, second = cursor.partition("-")
    n = None if dash and not first else _number(first)
    return Before(n=n, control=_number(second) if dash else None)


def _number(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:  # noqa: PLR2004  # a bigint
        raise Invalid(FieldProblem(field="cursor", code="not_valid"))
    return int(cursor)


def _show(chain: ChainName, row: Any) -> AuditEntry:
    return AuditEntry(
        chain=chain,
        n=row.n,
        at=row.at,
        actor=AuditActor(kind=row.actor_kind, id=row.actor_id, name=row.actor_name or ""),
        action=row.action,
        target=AuditTarget(kind=row.target_kind, id=row.target_id),
        details=row.details,
        hash=row.hash.hex(),
    )


handlers = [list_audit, list_agency_audit, export_audit, export_agency_audit]
