"""Which branding is in force: the client's own, over the agency's, over ours."""

from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Row, select, text

from palabre.base.words import say
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.branding import logos
from palabre.domains.branding.colours import Roles
from palabre.domains.branding.hosts import same_host
from palabre.domains.branding.tables import branding
from palabre.domains.branding.views import Branding, Level, Look, Note, PublicBranding
from palabre.domains.runtime import Runtime
from palabre.net.addresses import normalise_host

PRODUCT: Final = "Palabre"
COLUMNS: Final = tuple(column for column in branding.c if column.name != "logo")
_LOOKUP: Final = text("SELECT agency_id, client_id FROM lookup_domain(:host)")


class Owner(Struct, frozen=True, kw_only=True):
    """Whose branding: an agency's, or a client's. Its row has the owner's own id."""

    agency_id: UUID
    client_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """Id of the agency or client."""
        return self.client_id or self.agency_id

    @property
    def scope(self) -> Scope:
        """The smallest scope that shows the owner's row."""
        if self.client_id is None:
            return Scope.of_agency(self.agency_id)
        return Scope.of_client(self.agency_id, self.client_id)


async def read_row(tx: Tx, owner_id: UUID) -> Row[Any] | None:
    """Return what an agency or client of the scope gave itself, without the logo's bytes."""
    mine = (branding.c.agency_id == tx.scope.agency_id) & (branding.c.id == owner_id)
    return await tx.first(select(*COLUMNS).where(mine))


async def show(runtime: Runtime, owner: Owner, locale: str) -> Branding:
    """Return what the owner gave itself and what is in force for it."""
    async with runtime.database.transaction(Scope.of_agency(owner.agency_id)) as tx:
        own = await read_row(tx, owner.id)
        in_force = await _look(runtime, tx, owner)
    return Branding(
        colour=own.colour if own else None,
        sender_name=own.sender_name if own else None,
        logo_url=logos.address(runtime.settings, own),
        effective=in_force,
        notes=notes(in_force.roles, locale),
        updated_at=own.updated_at if own else None,
    )


async def look(runtime: Runtime, owner: Owner) -> Look:
    """Return what is in force for an agency or client.

    The agency's row is read in a transaction of its own: a client's scope does not show it.
    """
    async with runtime.database.transaction(Scope.of_agency(owner.agency_id)) as tx:
        return await _look(runtime, tx, owner)


async def for_host(runtime: Runtime, host: str) -> PublicBranding:
    """Return what the sign-in page of a host shows; ours for hosts nobody proved."""
    owner = await owner_of(runtime, host)
    if owner is None:
        return PublicBranding(name=PRODUCT, logo_url=None, roles=None)
    shown = await look(runtime, owner)
    return PublicBranding(name=shown.name, logo_url=shown.logo_url, roles=shown.roles)


async def owner_of(runtime: Runtime, host: str) -> Owner | None:
    """Return whose verified domain a host (with or without port) is."""
    try:
        name = normalise_host(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return None
    if same_host(runtime.settings, name):
        return None
    async with runtime.database.unscoped() as tx:
        found = await tx.first(_LOOKUP, {"host": name})
    return Owner(agency_id=found.agency_id, client_id=found.client_id) if found else None


def notes(roles: Roles | None, locale: str) -> list[Note]:
    """Say where a colour is used as it is, and what it becomes where it could not be read."""
    if roles is None:
        return []
    changed = {
        "brand.fixed": roles.light.accent,
        "brand.fixed_links": roles.light.accent_text,
        "brand.fixed_dark": roles.dark.accent,
        "brand.fixed_links_dark": roles.dark.accent_text,
    }
    said = [("brand.kept", {"a": roles.brand})]
    said += [
        (code, {"a": roles.brand, "b": to}) for code, to in changed.items() if to != roles.brand
    ]
    return [Note(code=code, message=say(locale, code, values)) for code, values in said]


async def _look(runtime: Runtime, tx: Tx, owner: Owner) -> Look:
    """Merge field by field, in the scope of the whole agency."""
    name = agency = await agencies.agency_name(tx)
    levels: list[tuple[Level, Row[Any] | None]] = [("agency", await read_row(tx, owner.agency_id))]
    if owner.client_id:
        name = (await agencies.read_client(tx, owner.client_id)).name
        levels.insert(0, ("client", await read_row(tx, owner.client_id)))
    colour_from, roles = _first(levels, "roles")
    logo_from, logo_row = _first(levels, "logo_sha256", whole=True)
    sender_from, sender = _first(levels, "sender_name")
    return Look(
        name=name,
        sender_name=sender or agency,
        logo_url=logos.address(runtime.settings, logo_row),
        roles=msgspec.convert(roles, Roles) if roles else None,
        colour_from=colour_from,
        logo_from=logo_from,
        sender_name_from=sender_from,
    )


def _first(
    levels: list[tuple[Level, Row[Any] | None]], column: str, *, whole: bool = False
) -> tuple[Level, Any]:
    for level, row in levels:
        if row is not None and getattr(row, column) is not None:
            return level, row if whole else getattr(row, column)
    return "default", None
