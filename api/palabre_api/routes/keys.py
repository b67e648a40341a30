"""API keys of a client, and what a publishable key says of itself."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from palabre.base.errors import NotAllowed, NotSignedIn
from palabre.base.pages import Page
from palabre.domains.identity.limits import PUBLIC_KEY, UNKNOWN_KEY, Limiter
from palabre.domains.keys import service
from palabre.domains.keys.access import Keys
from palabre.domains.keys.service import NewKey
from palabre.domains.keys.text import Kind
from palabre.domains.keys.views import ApiKey, PublicKey
from palabre_api.call import current
from palabre_api.deps import GivenRuntime, GivenTx, action, public

_PATH = "/v1/clients/{client_id:uuid}/api-keys"
_ONE = _PATH + "/{key_id:uuid}"
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class KeyWish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to make.

    ``scopes``: actions a secret key may do. ``origins``: sites that may use a publishable one.
    ``addresses``: networks a secret key works from, any when empty.
    """

    name: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]
    kind: Kind = "secret"
    scopes: Annotated[list[Text], Meta(max_length=50)] = []
    origins: Annotated[list[Text], Meta(max_length=50)] = []
    addresses: Annotated[list[Text], Meta(max_length=50)] = []
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class MadeKey(Struct, frozen=True, kw_only=True):
    """A new key. ``secret``: its whole text, shown this once and not stored."""

    key: ApiKey
    secret: str | None


@get(_PATH, operation_id="listKeys", opt=action("keys.read", control=True))
async def list_keys(
    tx: GivenTx,
    runtime: GivenRuntime,
    client_id: FromPath[UUID],  # noqa: ARG001
) -> Page[ApiKey]:
    """Return the keys of the client, active ones first, then the newest."""
    return Page(items=await service.list_keys(tx, runtime))


@post(_PATH, operation_id="createKey", opt=action("keys.edit", control=True), status_code=201)
async def create_key(
    tx: GivenTx,
    runtime: GivenRuntime,
    client_id: FromPath[UUID],  # noqa: ARG001
    data: JSONBody[KeyWish],
) -> MadeKey:
    """Make a key. A repeat with the same Idempotency-Key does not show the secret again."""
    new = NewKey(
        kind=data.kind,
        name=data.name,
        scopes=data.scopes,
        origins=data.origins,
        addresses=data.addresses,
        expires_at=data.expires_at,
    )
    key, spelled = await service.create(tx, runtime, new)
    current.get().hides = "secret"
    return MadeKey(key=key, secret=spelled)


@get(_ONE, operation_id="getKey", opt=action("keys.read", control=True))
async def read_key(
    tx: GivenTx,
    runtime: GivenRuntime,
    client_id: FromPath[UUID],  # noqa: ARG001
    key_id: FromPath[UUID],
) -> ApiKey:
    """Return one key."""
    return await service.read(tx, runtime, key_id)


@delete(_ONE, operation_id="revokeKey", opt=action("keys.edit", control=True))
async def revoke_key(
    request: Request[Any, Any, Any],
    tx: GivenTx,
    runtime: GivenRuntime,
    client_id: FromPath[UUID],  # noqa: ARG001
    key_id: FromPath[UUID],
) -> None:
    """Let a key work no more; it acts within 60 s."""
    await service.revoke(tx, runtime, key_id)
    keys: Keys = request.app.state.api_keys

    async def forget() -> None:
        keys.forget(key_id)

    tx.after_commit(forget)


@get(
    "/v1/public/key",
    operation_id="getPublicKey",
    opt=public("a publishable key stands in the source of pages"),
)
async def read_public_key(
    request: Request[Any, Any, Any],
    runtime: GivenRuntime,
    key: Annotated[str, QueryParameter(max_length=200)],
) -> Response[PublicKey]:
    """Return whom a publishable key names; pages of its own sites may read the answer.

    The key stands in the query because it is no secret, and so that no preflight is needed.
    """
    call, now = current.get(), runtime.clock.now()
    keys: Keys = request.app.state.api_keys
    limiter: Limiter = request.app.state.limiter
    try:
        holder = await keys.publishable(key, call.ip, now)
    except NotSignedIn:
        await limiter.take(UNKNOWN_KEY, now, f"ip {call.ip}")
        raise
    call.standing = await limiter.take(PUBLIC_KEY, now, f"key {holder.key_id} ip {call.ip}")
    origin = request.headers.get("origin")
    if origin is not None and origin not in holder.origins:
        raise NotAllowed("origin_not_listed", headers={"Vary": "Origin"})
    headers = {"Vary": "Origin"}
    if origin is not None:
        headers["Access-Control-Allow-Origin"] = origin
    body = PublicKey(name=holder.name, client_id=holder.client_id, origins=list(holder.origins))
    return Response(body, headers=headers)


handlers = [list_keys, create_key, read_key, revoke_key, read_public_key]
