"""Connect attempts: begun by the dashboard, finished in the connect window, followed here."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from palabre.domains.accounts import service
from palabre.domains.accounts.service import Attempt
from palabre.domains.runtime import Runtime
from palabre_api.deps import GivenRuntime, GivenScope, GivenTx, action

_PATH = "/v1/clients/{client_id:uuid}/connections/attempts"


class NewAttempt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to connect. ``account_id``: the account to reconnect."""

    adapter: Annotated[str, Meta(min_length=1, max_length=65)]
    account_id: UUID | None = None


class Chosen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the choices to connect."""

    remote_ids: Annotated[list[Annotated[str, Meta(max_length=300)]], Meta(max_length=200)]


@post(_PATH, operation_id="startConnecting", opt=action("accounts.connect"), status_code=201)
async def begin(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    data: JSONBody[NewAttempt],
) -> Attempt:
    """Begin; open ``url`` in a window."""
    origin = _origin(runtime)
    attempt_id = await service.begin(runtime, caller_scope, data.adapter, data.account_id, origin)
    async with runtime.database.transaction(caller_scope) as tx:
        return await service.show_attempt(runtime, tx, attempt_id)


@get(_PATH + "/{attempt_id:uuid}", operation_id="getAttempt", opt=action("accounts.connect"))
async def read(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    attempt_id: FromPath[UUID],
) -> Attempt:
    """Return how far the attempt is."""
    return await service.show_attempt(runtime, tx, attempt_id)


@delete(
    _PATH + "/{attempt_id:uuid}",
    operation_id="cancelAttempt",
    opt=action("accounts.connect", control=True),
)
async def cancel(
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    attempt_id: FromPath[UUID],
) -> None:
    """Give the attempt up; one that ended stays as it ended."""
    await service.cancel(tx, attempt_id)


@post(
    _PATH + "/{attempt_id:uuid}/choose",
    operation_id="chooseAccounts",
    opt=action("accounts.connect"),
    status_code=200,
)
async def choose(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    attempt_id: FromPath[UUID],
    data: JSONBody[Chosen],
) -> Attempt:
    """Connect the chosen accounts, where the window was closed before choosing."""
    await service.choose(runtime, caller_scope, attempt_id, data.remote_ids)
    async with runtime.database.transaction(caller_scope) as tx:
        return await service.show_attempt(runtime, tx, attempt_id)


def _origin(runtime: Runtime) -> str:
    """Return the origin of the dashboard: the only page the connect window talks to."""
    scheme, _, rest = runtime.settings.public_url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


handlers = [begin, read, cancel, choose]
