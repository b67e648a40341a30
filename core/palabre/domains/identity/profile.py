"""The signed-in person's own profile."""

from typing import Any

from sqlalchemy import Row, update

from palabre.audit.record import record
from palabre.db.scope import Actor, Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.bell import publish
from palabre.domains.identity.access import Principal
from palabre.domains.identity.people import as_user, members_of
from palabre.domains.identity.tables import users
from palabre.domains.identity.views import AgencyRef, Me, MyAgency, MyClient
from palabre.domains.runtime import Runtime


async def me(runtime: Runtime, principal: Principal) -> Me:
    """Return the signed-in person, their agencies and the clients they may see."""
    async with runtime.database.unscoped() as tx:
        ids = sorted({m.agency_id for m in await members_of(tx, principal.user_id)})
    rows = {agency_id: await agencies.read_agency(runtime, agency_id) for agency_id in ids}
    own = rows[principal.agency_id]
    async with runtime.database.control(visible(principal)) as tx:
        clients = await agencies.list_clients(tx)
    return Me(
        id=principal.user_id,
        name=principal.name,
        email=principal.email,
        locale=principal.locale,
        email_verified=principal.verified,
        agency=MyAgency(id=own.id, name=own.name, time_zone=own.time_zone, locale=own.locale),
        agencies=[AgencyRef(id=row.id, name=row.name) for row in rows.values()],
        agency_role=principal.agency_role,
        clients=[_my_client(principal, client) for client in clients],
    )


async def edit_me(runtime: Runtime, principal: Principal, caller: Actor, **changes: str) -> None:
    """Change the person's name or language."""
    async with runtime.database.transaction(
        Scope.of_agency(principal.agency_id, as_user(caller, principal.user_id, principal.name))
    ) as tx:
        await tx.execute(update(users).where(users.c.id == principal.user_id).values(**changes))
        record(tx, "me.edit", "user", principal.user_id, fields=sorted(changes))
    await publish(runtime.redis, "user", str(principal.user_id))


def visible(principal: Principal) -> Scope:
    """Return the scope of everything the person may see in this agency."""
    actor = Actor(kind="user", id=principal.user_id, name=principal.name)
    if principal.agency_role is not None:
        return Scope.of_agency(principal.agency_id, actor, principal.locale)
    return Scope(
        agency_id=principal.agency_id,
        client_ids=tuple(principal.clients),
        actor=actor,
        locale=principal.locale,
    )


def _my_client(principal: Principal, client: Row[Any]) -> MyClient:
    role = principal.role_on(client.id)
    assert role is not None  # noqa: S101  # the scope shows no other clients
    return MyClient(
        id=client.id,
        name=client.name,
        slug=client.slug,
        time_zone=client.time_zone,
        role=role,
        colour=client.colour,
    )
