"""Agencies, clients and brands."""

import re
import unicodedata
from functools import cache
from typing import Any, Final
from uuid import UUID
from zoneinfo import available_timezones

from msgspec import structs
from sqlalchemy import Row, func, select, update
from sqlalchemy.exc import IntegrityError

from palabre.audit.record import record
from palabre.base.errors import Conflict, FieldProblem, Invalid
from palabre.base.ids import new_id
from palabre.db import silos
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.agencies.tables import agencies, brands, client_anchor, clients
from palabre.domains.agencies.views import Brand, Client, Isolation
from palabre.domains.bell import publish
from palabre.domains.runtime import Runtime

SILOS: Final = "silos"
"""Topic of the rings when a client got a database of its own."""
_MOST_KNOWN: Final = 50_000
_known: set[tuple[UUID, UUID]] = set()
"""Clients this process has seen: a client never leaves its agency, so they stay known."""
_COLOURS: Final = (
    "#8C4A2F",
    "#2F5D8C",
    "#3E6B3A",
    "#7A3E74",
    "#9A6B15",
    "#2E6F6B",
    "#A33B4C",
    "#55566E",
)
"""Told apart by people who see colours differently; white text is readable on each."""
_LONGEST_SLUG: Final = 60
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


async def is_known(runtime: Runtime, agency_id: UUID, client_id: UUID) -> bool:
    """Tell whether the agency has this client."""
    if (agency_id, client_id) in _known:
        return True
    async with runtime.database.control(Scope.of_client(agency_id, client_id)) as tx:
        found = await tx.scalar(select(clients.c.id).where(clients.c.id == client_id))
    if found is not None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known.add((agency_id, client_id))
    return found is not None


async def create_agency(tx: Tx, name: str, locale: str, time_zone: str) -> None:
    """Store the agency of the scope."""
    await tx.execute(
        agencies.insert().values(
            id=tx.scope.agency_id, name=name.strip(), locale=locale, time_zone=time_zone
        )
    )


async def read_agency(runtime: Runtime, agency_id: UUID) -> Row[Any]:
    """Return an agency's row.

    Raises:
        NotFound: There is none.
    """
    async with runtime.database.transaction(Scope.of_agency(agency_id)) as tx:
        return await tx.one(select(agencies).where(agencies.c.id == agency_id))


async def agency_name(tx: Tx) -> str:
    """Return the name of the scope's agency; only the scope of a whole agency shows it."""
    row = await tx.one(select(agencies.c.name).where(agencies.c.id == tx.scope.agency_id))
    return str(row.name)


async def own_name(tx: Tx) -> str:
    """Return the name of the scope's agency."""
    row = await tx.one(select(agencies.c.name).where(agencies.c.id == tx.scope.agency_id))
    return str(row.name)


async def list_clients(tx: Tx) -> list[Row[Any]]:
    """Return the clients of the scope by name."""
    return await tx.all(
        select(clients).where(_visible(tx)).order_by(func.lower(clients.c.name), clients.c.id)
    )


async def read_client(tx: Tx, client_id: UUID) -> Client:
    """Return one client.

    Raises:
        NotFound: The scope does not show it.
    """
    row = await tx.one(select(clients).where(_visible(tx), clients.c.id == client_id))
    return show_client(row)


async def create_client(
    tx: Tx,
    name: str,
    time_zone: str,
    locale: str,
    slug: str | None = None,
    *,
    isolation: Isolation = "pooled",
) -> Client:
    """Create a client of the agency; without a slug one is made of its name.

    Args:
        tx: With the scope of the agency.
        name: Of the client.
        time_zone: IANA name.
        locale: Of the client's people.
        slug: Its part in addresses.
        isolation: ``dedicated``: the client gets a database of its own, for good.

    Raises:
        Invalid: The time zone is unknown, the slug is not one or is taken.
        Conflict: No spare database is ready (``no_silo_ready``).
    """
    check_time_zone(time_zone)
    if slug is not None and not _SLUG.fullmatch(slug):
        raise Invalid(FieldProblem(field="slug", code="slug_not_valid"))
    client_id = new_id()
    taken = await _slugs(tx)
    if slug is not None and slug in taken:
        raise Invalid(FieldProblem(field="slug", code="slug_taken"))
    await _insert_client(
        tx,
        id=client_id,
        name=name.strip(),
        slug=slug or _free(slugify(name), taken),
        time_zone=time_zone,
        locale=locale,
        colour=_COLOURS[len(taken) % len(_COLOURS)],
        isolation=isolation,
    )
    if isolation == "dedicated" and not await silos.assign(tx, client_id):
        raise Conflict("no_silo_ready")
    record(tx, "clients.create", "client", client_id, client_id=client_id)
    return await read_client(tx, client_id)


def tell_silos(runtime: Runtime, tx: Tx) -> None:
    """Let every process know of a new dedicated client once ``tx`` is durable."""

    async def tell() -> None:
        runtime.database.forget()
        await publish(runtime.redis, SILOS, "")

    tx.after_commit(tell)


async def edit_client(tx: Tx, client_id: UUID, **changes: str) -> Client:
    """Change a client's name, slug, time zone, language or colour.

    Raises:
        Invalid: The time zone is unknown, the slug is not one or is taken.
    """
    if "time_zone" in changes:
        check_time_zone(changes["time_zone"])
    if "slug" in changes and not _SLUG.fullmatch(changes["slug"]):
        raise Invalid(FieldProblem(field="slug", code="slug_not_valid"))
    if changes:
        try:
            await tx.execute(
                update(clients)
                .where(clients.c.agency_id == tx.scope.agency_id, clients.c.id == client_id)
                .values(**changes)
            )
        except IntegrityError as error:
            raise Invalid(FieldProblem(field="slug", code="slug_taken")) from error
        record(tx, "clients.edit", "client", client_id, fields=sorted(changes))
    return await read_client(tx, client_id)


async def list_brands(tx: Tx) -> list[Brand]:
    """Return the brands of the client by name."""
    rows = await tx.all(
        select(brands).where(tx.here(brands)).order_by(func.lower(brands.c.name), brands.c.id)
    )
    return [_show_brand(row) for row in rows]


async def create_brand(tx: Tx, name: str, voice: str) -> Brand:
    """Create a brand of the client."""
    brand_id = await tx.insert(brands, name=name.strip(), voice=voice)
    record(tx, "brands.edit", "brand", brand_id)
    return await read_brand(tx, brand_id)


async def read_brand(tx: Tx, brand_id: UUID) -> Brand:
    """Return one brand.

    Raises:
        NotFound: The client has no such brand.
    """
    return _show_brand(await tx.one(select(brands).where(tx.here(brands), brands.c.id == brand_id)))


def show_client(row: Row[Any]) -> Client:
    """Return a client's row as it goes out."""
    return Client(**{name: getattr(row, name) for name in _fields(Client)})


def check_time_zone(name: str) -> None:
    """Refuse a name that is not of a time zone.

    Raises:
        Invalid: It is unknown.
    """
    if name not in _time_zones():
        params: dict[str, str | int | float] = {"time_zone": name}
        raise Invalid(FieldProblem(field="time_zone", code="time_zone_unknown", params=params))


def slugify(name: str) -> str:
    """Return a name as a part of an address: ``Café Ndar & Fils`` becomes ``cafe-ndar-fils``."""
    spelled = name.casefold().replace("œ", "oe").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-") or "client"


async def _insert_client(tx: Tx, **values: Any) -> None:
    try:
        await tx.insert(clients, **values)
    except IntegrityError as error:  # somebody took the slug a moment ago
        raise Invalid(FieldProblem(field="slug", code="slug_taken")) from error
    await tx.execute(
        client_anchor.insert().values(agency_id=tx.scope.agency_id, client_id=values["id"])
    )


async def _slugs(tx: Tx) -> set[str]:
    rows = await tx.all(select(clients.c.slug).where(clients.c.agency_id == tx.scope.agency_id))
    return {row.slug for row in rows}


def _visible(tx: Tx) -> Any:
    """A client's own id is what the scope lists, so ``Tx.here`` does not name it."""
    agency = clients.c.agency_id == tx.scope.agency_id
    if tx.scope.all_clients:
        return agency
    return agency & clients.c.id.in_(tx.scope.client_ids)


def _free(slug: str, taken: set[str]) -> str:
    if slug not in taken:
        return slug
    n = 2
    while f"{slug}-{n}" in taken:
        n += 1
    return f"{slug}-{n}"


def _show_brand(row: Row[Any]) -> Brand:
    return Brand(**{name: getattr(row, name) for name in _fields(Brand)})


def _fields(kind: type[Any]) -> list[str]:
    return [field.name for field in structs.fields(kind)]


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
