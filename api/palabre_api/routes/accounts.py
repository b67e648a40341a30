"""Connected accounts: which ones, whether they work, letting them go."""

from uuid import UUID

from litestar import delete, get, post
from litestar.params import FromPath

from palabre.base.pages import Page
from palabre.domains.accounts import service
from palabre.domains.accounts.service import Account
from palabre_api.deps import GivenRuntime, GivenScope, GivenTx, action

_PATH = "/v1/clients/{client_id:uuid}/accounts"


@get(_PATH, operation_id="listAccounts", opt=action("accounts.read"))
async def list_accounts(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
) -> Page[Account]:
    """Return every account, what needs somebody first."""
    return Page(items=await service.show_accounts(runtime, tx))


@get(_PATH + "/{account_id:uuid}", operation_id="getAccount", opt=action("accounts.read"))
async def read(
    runtime: GivenRuntime,
    tx: GivenTx,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    account_id: FromPath[UUID],
) -> Account:
    """Return one account."""
    return await service.show_account(runtime, tx, account_id)


@post(
    _PATH + "/{account_id:uuid}/check",
    operation_id="checkAccount",
    opt=action("accounts.check"),
    status_code=200,
)
async def check(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    account_id: FromPath[UUID],
) -> Account:
    """Ask the platform now whether the account works."""
    await service.check(runtime, caller_scope, account_id)
    async with runtime.database.transaction(caller_scope) as tx:
        return await service.show_account(runtime, tx, account_id)


@delete(
    _PATH + "/{account_id:uuid}",
    operation_id="disconnectAccount",
    opt=action("accounts.disconnect"),
)
async def disconnect(
    runtime: GivenRuntime,
    caller_scope: GivenScope,
    client_id: FromPath[UUID],  # noqa: ARG001  # in the scope
    account_id: FromPath[UUID],
) -> None:
    """Stop using the account: its publications are held, its history stays."""
    await service.disconnect(runtime, caller_scope, account_id)


handlers = [list_accounts, read, check, disconnect]
