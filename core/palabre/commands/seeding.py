"""The demo agency, and one-time sign-in links."""

import secrets
from typing import Final
from uuid import UUID

from sqlalchemy import text

from palabre.audit.record import record
from palabre.base.ids import new_id
from palabre.base.settings import Settings, SettingsError
from palabre.db.door import Tx
from palabre.db.scope import SYSTEM, Scope
from palabre.domains.agencies import service as agencies
from palabre.domains.enabling import service as enabling
from palabre.domains.identity import passwords
from palabre.domains.identity import service as identity
from palabre.domains.runtime import Runtime
from palabre.start import open_runtime

AGENCY: Final = "Agence Baobab"
OWNER: Final = "awa@baobab.example"
OWNER_NAME: Final = "Awa Diop"
ZONE: Final = "Africa/Dakar"
CLIENTS: Final = {
    "Maison Teranga": ("Maison Teranga", "Warm, precise, proud of its craft."),
    "Chez Fatou": ("Chez Fatou", "Generous and funny; every dish has a story."),
    "Dakar Immo": ("Dakar Immo", "Clear figures, no superlatives."),
}
"""Clients with the name and voice of their brand."""
CONNECTING: Final = 2
"""How many of them have the installed platforms turned on."""


async def seed(settings: Settings, *, if_empty: bool) -> str:
    """Make the demo agency and say what was made."""
    async with open_runtime(settings, role="command") as runtime:
        async with runtime.database.unscoped() as tx:
            known = await tx.scalar(text("SELECT 1 FROM users LIMIT 1"))
        if known and if_empty:
            return "There is an agency already: nothing was made."
        if await _find(runtime, OWNER) is not None:
            raise SettingsError(f"{OWNER} exists already.")
        scope = Scope.of_agency(new_id(), SYSTEM, "fr")
        hashed = await passwords.hashed(secrets.token_urlsafe(24))
        async with runtime.database.transaction(scope) as tx:
            await agencies.create_agency(tx, AGENCY, "fr", ZONE)
            await _owner(tx, hashed)
            clients = [(await agencies.create_client(tx, name, ZONE, "fr")).id for name in CLIENTS]
        for client_id, brand in zip(clients, CLIENTS.values(), strict=True):
            async with runtime.database.transaction(
                Scope.of_client(scope.agency_id, client_id, SYSTEM, "fr")
            ) as tx:
                await agencies.create_brand(tx, *brand)
        for client_id in clients[:CONNECTING]:
            await _turn_on(runtime, Scope.of_client(scope.agency_id, client_id, SYSTEM, "fr"))
    return f"{AGENCY} with {', '.join(CLIENTS)}; its owner is {OWNER}."


async def sign_in_link(settings: Settings, email: str) -> str:
    """Return an address that signs ``email`` in once.

    Raises:
        SettingsError: Nobody has this address.
    """
    async with open_runtime(settings, role="command") as runtime:
        found = await _find(runtime, email)
        if found is None:
            raise SettingsError(f"Nobody has the address {email}.")
        user_id, agency_id = found
        async with runtime.database.transaction(Scope.of_agency(agency_id)) as tx:
            secret = await identity.create_link(tx, runtime, user_id, "sign_in")
    return f"{settings.public_url}/sign-in#link={secret}"


async def _owner(tx: Tx, hashed: str) -> None:
    """Store the owner; the password is nobody's, they sign in by link."""
    user_id = new_id()
    await identity.add_user(tx, user_id, OWNER, OWNER_NAME, hashed, "en")
    await identity.add_member(tx, user_id, "owner")
    record(tx, "agency.registered", "agency", tx.scope.agency_id)


async def _turn_on(runtime: Runtime, scope: Scope) -> None:
    """Turn every platform on that has settings, so that accounts can be connected at once."""
    for plugin in await enabling.client_plugins_of(runtime, scope):
        always = plugin.plugin.key in runtime.registry.always_on
        if plugin.plugin.state == "active" and plugin.configured and not always:
            await enabling.change(runtime, scope, plugin.plugin.key, enabled=True)


async def _find(runtime: Runtime, email: str) -> tuple[UUID, UUID] | None:
    async with runtime.database.unscoped() as tx:
        query = text(
            "SELECT u.id, m.agency_id FROM users u, lookup_memberships(u.id) m"
            " WHERE u.email = :email ORDER BY m.agency_id LIMIT 1"
        )
        row = await tx.first(query, {"email": email.strip().lower()})
    return None if row is None else (row.id, row.agency_id)
