"""Domains people bring: added, proven, removed."""

import secrets
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from palabre.audit.record import record
from palabre.base.errors import Conflict, FieldProblem, Invalid
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.branding.hosts import checked_host
from palabre.domains.branding.proofs import FileProver, Prover, proof_url
from palabre.domains.branding.tables import custom_domains
from palabre.domains.branding.views import Domain
from palabre.domains.runtime import Runtime

MOST: Final = 20
"""Domains of one agency or client."""


async def listed(tx: Tx) -> list[Domain]:
    """Return the domains of the client of the scope, or the agency's own, by host."""
    rows = await tx.all(
        select(custom_domains).where(_mine(tx)).order_by(custom_domains.c.host, custom_domains.c.id)
    )
    return [_show(row) for row in rows]


async def add(runtime: Runtime, tx: Tx, host: str) -> Domain:
    """Note that a host is to be proven.

    Raises:
        Invalid: It is no host people can bring, is listed already, or is one too many.
    """
    name = checked_host(runtime.settings, host)
    known = {domain.host for domain in await listed(tx)}
    if name in known or len(known) >= MOST:
        code = "domain_listed" if name in known else "domain_too_many"
        raise Invalid(FieldProblem(field="host", code=code, params={"max": MOST}))
    domain_id = await tx.insert(
        custom_domains,
        client_id=_client(tx),
        host=name,
        token=f"palabre-{secrets.token_hex(20)}",
        created_by=tx.scope.actor.id,
    )
    record(tx, _action(tx), "domain", domain_id, change="add", host=name)
    return _show(await _one(tx, domain_id))


async def verify(
    runtime: Runtime, scope: Scope, domain_id: UUID, prover: Prover | None = None
) -> Domain:
    """Look for the token at the host; asking again for a verified host changes nothing.

    Args:
        runtime: Of the process.
        scope: Of the client, or of the agency for its own domains.
        domain_id: Which domain.
        prover: Looks at the host; by our own egress client when left out.

    Raises:
        NotFound: The scope has no such domain.
        Conflict: The token is not there, or somebody else proved the host before.
    """
    async with runtime.database.control(scope) as tx:
        row = await _one(tx, domain_id)
    if row.state == "verified":
        return _show(row)
    found = await (prover or FileProver(runtime.egress)).look(row.host, row.token)
    if found != "proven":
        raise Conflict(f"domain_{found}", host=row.host, url=proof_url(row.host))
    async with runtime.database.control(scope) as tx:
        return await _verified(runtime, tx, domain_id)


async def remove(tx: Tx, domain_id: UUID) -> None:
    """Forget a domain; its sign-in page shows our own branding again.

    Raises:
        NotFound: The scope has no such domain.
    """
    row = await _one(tx, domain_id)
    await tx.execute(delete(custom_domains).where(_mine(tx), custom_domains.c.id == domain_id))
    record(tx, _action(tx), "domain", domain_id, change="remove", host=row.host)


async def _verified(runtime: Runtime, tx: Tx, domain_id: UUID) -> Domain:
    row = await _one(tx, domain_id)
    mine = _mine(tx) & (custom_domains.c.id == domain_id)
    try:
        await tx.execute(
            update(custom_domains)
            .where(mine)
            .values(state="verified", verified_at=runtime.clock.now())
        )
    except IntegrityError as error:
        raise Conflict("domain_taken", host=row.host) from error
    record(tx, _action(tx), "domain", domain_id, change="verify", host=row.host)
    return _show(await _one(tx, domain_id))


async def _one(tx: Tx, domain_id: UUID) -> Row[Any]:
    return await tx.one(select(custom_domains).where(_mine(tx), custom_domains.c.id == domain_id))


def _client(tx: Tx) -> UUID | None:
    return None if tx.scope.all_clients else tx.scope.client_id


def _mine(tx: Tx) -> ColumnElement[bool]:
    """The agency's own rows in its scope, else those of the one client."""
    here: ColumnElement[bool] = custom_domains.c.agency_id == tx.scope.agency_id
    return here & custom_domains.c.client_id.is_not_distinct_from(_client(tx))


def _action(tx: Tx) -> str:
    return "domains.edit" if tx.scope.all_clients else "client_domains.edit"


def _show(row: Row[Any]) -> Domain:
    return Domain(
        id=row.id,
        host=row.host,
        state=row.state,
        token=row.token,
        proof_url=proof_url(row.host),
        verified_at=row.verified_at,
        created_at=row.created_at,
    )
