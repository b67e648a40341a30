"""Clients of the agency and their brands."""

from typing import Annotated
from uuid import UUID

from litestar import get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from palabre.base.errors import NotAllowed
from palabre.base.pages import Page
from palabre.base.words import Locale
from palabre.domains.agencies import service
from palabre.domains.agencies.views import Brand, Client, Isolation
from palabre_api.changes import given
from palabre_api.deps import GivenPrincipal, GivenRuntime, GivenTx, action

Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
Slug = Annotated[str, Meta(min_length=1, max_length=60)]
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]


class NewClient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client to create. Without ``slug`` one is made of the name.

    ``isolation``: ``dedicated`` gives the client a database of its own, for good.
    """

    name: Name
    time_zone: str
    locale: Locale = "en"
    slug: Slug | None = None
    isolation: Isolation = "pooled"


class ClientChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a client."""

    name: Name | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    locale: Locale | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET


class NewBrand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A brand to create. ``voice``: how it speaks."""

    name: Name
    voice: Annotated[str, Meta(max_length=4000)] = ""


@get("/v1/clients", operation_id="listClients", opt=action("clients.list", control=True))
async def list_clients(tx: GivenTx) -> Page[Client]:
    """Return the clients the caller may see, by name."""
    return Page(items=[service.show_client(row) for row in await service.list_clients(tx)])


@post("/v1/clients", operation_id="createClient", opt=action("clients.create"), status_code=201)
async def create_client(
    runtime: GivenRuntime, tx: GivenTx, principal: GivenPrincipal, data: JSONBody[NewClient]
) -> Client:
    """Create a client of the agency; a second one only by who confirmed their address."""
    if not principal.verified and await service.list_clients(tx):
        raise NotAllowed("email_not_verified")
    made = await service.create_client(
        tx, data.name, data.time_zone, data.locale, data.slug, isolation=data.isolation
    )
    if data.isolation == "dedicated":
        service.tell_silos(runtime, tx)
    return made


@get(
    "/v1/clients/{client_id:uuid}",
    operation_id="getClient",
    opt=action("clients.read", control=True),
)
async def read_client(tx: GivenTx, client_id: FromPath[UUID]) -> Client:
    """Return one client."""
    return await service.read_client(tx, client_id)


@patch(
    "/v1/clients/{client_id:uuid}",
    operation_id="editClient",
    opt=action("clients.edit", control=True),
)
async def edit_client(
    tx: GivenTx, client_id: FromPath[UUID], data: JSONBody[ClientChange]
) -> Client:
    """Change a client."""
    return await service.edit_client(tx, client_id, **given(data))


@get("/v1/clients/{client_id:uuid}/brands", operation_id="listBrands", opt=action("brands.read"))
async def list_brands(tx: GivenTx, client_id: FromPath[UUID]) -> Page[Brand]:  # noqa: ARG001
    """Return the brands of the client, by name."""
    return Page(items=await service.list_brands(tx))


@post(
    "/v1/clients/{client_id:uuid}/brands",
    operation_id="createBrand",
    opt=action("brands.edit"),
    status_code=201,
)
async def create_brand(tx: GivenTx, client_id: FromPath[UUID], data: JSONBody[NewBrand]) -> Brand:  # noqa: ARG001
    """Create a brand of the client."""
    return await service.create_brand(tx, data.name, data.voice)


handlers = [list_clients, create_client, read_client, edit_client, list_brands, create_brand]
