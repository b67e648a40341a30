"""White-label: what an agency or client gives itself, and what is in force."""

import re
from typing import IO, Any, Final

import msgspec
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from palabre.audit.record import record
from palabre.base.errors import FieldProblem, Invalid
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.branding import domains, logos, looks
from palabre.domains.branding.colours import Roles, derive
from palabre.domains.branding.looks import Owner, for_host, look, notes, owner_of, show
from palabre.domains.branding.tables import branding
from palabre.domains.runtime import Runtime

_SENDER: Final = re.compile(r'[^\x00-\x1f\x7f<>@"]{1,80}')
"""Nothing that could end a mail header or look like an address of somebody else."""

__all__ = [
    "Owner",
    "Roles",
    "domains",
    "edit",
    "for_host",
    "give_logo",
    "logos",
    "look",
    "notes",
    "owner_of",
    "remove_logo",
    "sender_name",
    "show",
]


def owner_in(scope: Scope) -> Owner:
    """Return whose branding a scope edits: its one client's, or the agency's."""
    client_id = None if scope.all_clients else scope.client_id
    return Owner(agency_id=scope.agency_id, client_id=client_id)


async def edit(tx: Tx, colour: str | None, sender_name: str | None) -> None:
    """Set colour and sender name of the agency or client of the scope; None inherits.

    Raises:
        Invalid: The colour is not ``#RRGGBB``, or the name cannot stand in a mail.
    """
    name = sender_name.strip() if sender_name is not None else None
    if name is not None and not _SENDER.fullmatch(name):
        raise Invalid(FieldProblem(field="sender_name", code="sender_name_not_valid"))
    roles = derive(colour) if colour is not None else None
    await _store(
        tx,
        colour=roles.brand if roles else None,
        roles=msgspec.to_builtins(roles) if roles else None,
        sender_name=name,
    )
    _note(tx, colour=roles.brand if roles else None)


async def give_logo(runtime: Runtime, scope: Scope, source: IO[bytes], filename: str) -> None:
    """Take a logo for the agency or client of the scope.

    Raises:
        TooLarge: It has more than 1 MB.
        Invalid: It is no picture we take.
    """
    logo = await logos.take(source, filename)
    async with runtime.database.control(scope) as tx:
        await _store(tx, logo=logo.content, logo_type=logo.content_type, logo_sha256=logo.sha256)
        _note(tx, logo=logo.sha256)


async def remove_logo(tx: Tx) -> None:
    """Remove the logo of the agency or client of the scope; the level above shows again."""
    row = await looks.read_row(tx, owner_in(tx.scope).id)
    if row is None or row.logo_sha256 is None:
        return
    await _store(tx, logo=None, logo_type=None, logo_sha256=None)
    _note(tx, logo=None)


async def sender_name(runtime: Runtime, owner: Owner) -> str:
    """Return the name mail of an agency or client is sent under: the agency's when none is set.

    Call it before a transaction is opened: it opens one of its own, as a client's scope does not
    show what the agency gave itself.
    """
    return (await looks.look(runtime, owner)).sender_name


async def _store(tx: Tx, **values: Any) -> None:
    owner = owner_in(tx.scope)
    changes = {**values, "updated_by": tx.scope.actor.id}
    key = {"agency_id": owner.agency_id, "client_id": owner.client_id, "id": owner.id}
    await tx.execute(
        insert(branding)
        .values(**key, **changes)
        .on_conflict_do_update(
            index_elements=["agency_id", "id"],
            set_={**changes, "updated_at": func.now()},
        )
    )


def _note(tx: Tx, **details: str | None) -> None:
    owner = owner_in(tx.scope)
    action = "branding.edit" if owner.client_id is None else "client_branding.edit"
    record(tx, action, "branding", owner.id, client_id=owner.client_id, **details)
