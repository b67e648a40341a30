"""White-label: colour, logo, sender name and domains of the agency and of its clients."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import FromPath, JSONBody, MultipartBody, QueryParameter
from msgspec import Meta, Struct

from palabre.base.pages import Page
from palabre.db.scope import Scope
from palabre.domains.branding import domains, logos, service
from palabre.domains.branding.service import Owner
from palabre.domains.branding.views import Branding, Domain, PublicBranding
from palabre.domains.runtime import Runtime
from palabre_api.deps import GivenPrincipal, GivenRuntime, GivenScope, GivenTx, action, public

_CLIENT = "/v1/clients/{client_id:uuid}"
_ENVELOPE = 64 * 1024
"""Bytes of a multipart body around its file."""
_FRESH = "public, max-age=60"


class BrandingChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Colour as ``#RRGGBB`` and sender name of mail; null takes the level above."""

    colour: Annotated[str, Meta(max_length=40)] | None = None
    sender_name: Annotated[str, Meta(max_length=200)] | None = None


class LogoUpload(Struct, kw_only=True, forbid_unknown_fields=True):
    """A PNG, WebP or JPEG up to 1 MB and 2,000 pixels wide or high."""

    file: UploadFile


class NewDomain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A host under which people of the agency or client reach this product."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]


@get("/v1/branding", operation_id="getBranding", opt=action("branding.read"))
async def read(
    runtime: GivenRuntime, principal: GivenPrincipal, caller_scope: GivenScope
) -> Branding:
    """Return the branding of the agency: every member sees it around their screens."""
    return await service.show(runtime, Owner(agency_id=principal.agency_id), caller_scope.locale)


@put("/v1/branding", operation_id="editBranding", opt=action("branding.edit"))
async def edit(
    runtime: GivenRuntime, caller_scope: GivenScope, data: JSONBody[BrandingChange]
) -> Branding:
    """Set colour and sender name of the agency."""
    return await _edit(runtime, caller_scope, data)


@post(
    "/v1/branding/logo",
    operation_id="uploadLogo",
    opt=action("branding.edit", body="multipart"),
    status_code=200,
    request_max_body_size=logos.MAX_BYTES + _ENVELOPE,
)
async def upload_logo(
    runtime: GivenRuntime, caller_scope: GivenScope, data: MultipartBody[LogoUpload]
) -> Branding:
    """Take a logo for the agency; it is drawn anew from its pixels."""
    return await _give_logo(runtime, caller_scope, data)


@delete("/v1/branding/logo", operation_id="deleteLogo", opt=action("branding.edit"))
async def delete_logo(tx: GivenTx) -> None:
    """Remove the logo of the agency."""
    await service.remove_logo(tx)


@get(
    f"{_CLIENT}/branding",
    operation_id="getClientBranding",
    opt=action("client_branding.read", control=True),
)
async def read_of_client(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
) -> Branding:
    """Return the branding of the client: its own, and what it takes from the agency."""
    return await service.show(runtime, service.owner_in(caller_scope), caller_scope.locale)


@put(
    f"{_CLIENT}/branding",
    operation_id="editClientBranding",
    opt=action("client_branding.edit", control=True),
)
async def edit_of_client(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    data: JSONBody[BrandingChange],
) -> Branding:
    """Set colour and sender name of the client."""
    return await _edit(runtime, caller_scope, data)


@post(
    f"{_CLIENT}/branding/logo",
    operation_id="uploadClientLogo",
    opt=action("client_branding.edit", control=True, body="multipart"),
    status_code=200,
    request_max_body_size=logos.MAX_BYTES + _ENVELOPE,
)
async def upload_logo_of_client(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    data: MultipartBody[LogoUpload],
) -> Branding:
    """Take a logo for the client; it is drawn anew from its pixels."""
    return await _give_logo(runtime, caller_scope, data)


@delete(
    f"{_CLIENT}/branding/logo",
    operation_id="deleteClientLogo",
    opt=action("client_branding.edit", control=True),
)
async def delete_logo_of_client(
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
) -> None:
    """Remove the logo of the client; the agency's shows again."""
    await service.remove_logo(tx)


@get("/v1/domains", operation_id="listDomains", opt=action("domains.read"))
async def list_domains(tx: GivenTx) -> Page[Domain]:
    """Return the agency's own domains, by host."""
    return Page(items=await domains.listed(tx))


@post("/v1/domains", operation_id="addDomain", opt=action("domains.edit"), status_code=201)
async def add_domain(runtime: GivenRuntime, tx: GivenTx, data: JSONBody[NewDomain]) -> Domain:
    """Add a domain of the agency, to be proven next."""
    return await domains.add(runtime, tx, data.host)


@post(
    "/v1/domains/{domain_id:uuid}/verify",
    operation_id="verifyDomain",
    opt=action("domains.edit", body="none"),
    status_code=200,
)
async def verify_domain(
    runtime: GivenRuntime, caller_scope: GivenScope, domain_id: FromPath[UUID]
) -> Domain:
    """Look for the token at the host; once found, its sign-in page shows the agency's branding."""
    return await domains.verify(runtime, caller_scope, domain_id)


@delete("/v1/domains/{domain_id:uuid}", operation_id="deleteDomain", opt=action("domains.edit"))
async def delete_domain(tx: GivenTx, domain_id: FromPath[UUID]) -> None:
    """Remove a domain of the agency."""
    await domains.remove(tx, domain_id)


@get(
    f"{_CLIENT}/domains",
    operation_id="listClientDomains",
    opt=action("client_domains.read", control=True),
)
async def list_domains_of_client(
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
) -> Page[Domain]:
    """Return the domains of the client, by host."""
    return Page(items=await domains.listed(tx))


@post(
    f"{_CLIENT}/domains",
    operation_id="addClientDomain",
    opt=action("client_domains.edit", control=True),
    status_code=201,
)
async def add_domain_of_client(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    data: JSONBody[NewDomain],
) -> Domain:
    """Add a domain of the client, to be proven next."""
    return await domains.add(runtime, tx, data.host)


@post(
    f"{_CLIENT}/domains/{{domain_id:uuid}}/verify",
    operation_id="verifyClientDomain",
    opt=action("client_domains.edit", control=True, body="none"),
    status_code=200,
)
async def verify_domain_of_client(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    domain_id: FromPath[UUID],
) -> Domain:
    """Look for the token at the host; once found, its sign-in page shows the client's branding."""
    return await domains.verify(runtime, caller_scope, domain_id)


@delete(
    f"{_CLIENT}/domains/{{domain_id:uuid}}",
    operation_id="deleteClientDomain",
    opt=action("client_domains.edit", control=True),
)
async def delete_domain_of_client(
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    domain_id: FromPath[UUID],
) -> None:
    """Remove a domain of the client."""
    await domains.remove(tx, domain_id)


@get(
    "/v1/public/branding",
    operation_id="getPublicBranding",
    opt=public("the sign-in page shows it before anybody is known"),
)
async def read_public(
    runtime: GivenRuntime, host: Annotated[str, QueryParameter(max_length=300)]
) -> Response[PublicBranding]:
    """Return name, logo and colours for the sign-in page of a host; ours for unknown hosts."""
    shown = await service.for_host(runtime, host)
    return Response(shown, headers={"Cache-Control": _FRESH})


@get(
    f"{logos.PREFIX}/{{token:str}}",
    operation_id="getLogo",
    opt=public("logos stand on public pages and in mails; the address is signed"),
    include_in_schema=False,
)
async def logo(
    request: Request[Any, Any, Any], runtime: GivenRuntime, token: FromPath[str]
) -> Response[bytes]:
    """Return a logo; its address changes with it, so it may be kept for ever.

    Raises:
        NotFound: The address is not ours, or the logo has changed.
    """
    found = await logos.read(runtime, token)
    headers = {
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "content-disposition": "inline",
        "cross-origin-resource-policy": "cross-origin",
        "cache-control": "public, max-age=31536000, immutable",
        "etag": f'"{found.sha256}"',
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(b"", status_code=304, headers=headers, media_type=found.content_type)
    return Response(found.content, headers=headers, media_type=found.content_type)


async def _edit(runtime: Runtime, scope: Scope, data: BrandingChange) -> Branding:
    async with runtime.database.control(scope) as tx:
        await service.edit(tx, data.colour, data.sender_name)
    return await service.show(runtime, service.owner_in(scope), scope.locale)


async def _give_logo(runtime: Runtime, scope: Scope, data: LogoUpload) -> Branding:
    await service.give_logo(runtime, scope, data.file.file, data.file.filename)
    return await service.show(runtime, service.owner_in(scope), scope.locale)


handlers = [
    read,
    edit,
    upload_logo,
    delete_logo,
    read_of_client,
    edit_of_client,
    upload_logo_of_client,
    delete_logo_of_client,
    list_domains,
    add_domain,
    verify_domain,
    delete_domain,
    list_domains_of_client,
    add_domain_of_client,
    verify_domain_of_client,
    delete_domain_of_client,
    read_public,
    logo,
]
