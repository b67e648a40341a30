"""What handlers say of themselves (``action``, ``public``) and what they are given by name."""

from collections.abc import AsyncIterator
from typing import Any, Literal

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from palabre.base.errors import NotSignedIn
from palabre.db.door import Tx
from palabre.db.scope import Scope
from palabre.domains.identity.access import Principal
from palabre.domains.identity.actions import ACTIONS
from palabre.domains.runtime import Runtime
from palabre_api import idempotency
from palabre_api.call import current

Body = Literal["json", "multipart", "form", "none"]
GivenRuntime = NamedDependency[Runtime]
GivenPrincipal = NamedDependency[Principal]
GivenScope = NamedDependency[Scope]
GivenTx = NamedDependency[Tx]
"""Types of the parameters ``runtime``, ``principal``, ``caller_scope`` and ``tx`` of handlers."""


def action(
    name: str, *, body: Body = "json", key_required: bool = False, control: bool = False
) -> dict[str, Any]:
    """Return the ``opt`` of a route for signed-in people.

    Args:
        name: Entry of ``palabre.domains.identity.actions.ACTIONS``.
        body: Kind of body the route takes; any other content type is refused.
        key_required: Whether calls need an ``Idempotency-Key``.
        control: Whether ``tx`` is for control tables, which live in the pool database only.
    """
    if name not in ACTIONS:
        raise ValueError(f"{name} is not in the table of actions")
    return {"action": name, "body": body, "key_required": key_required, "control": control}


def public(why: str, *, body: Body = "json") -> dict[str, Any]:
    """Return the ``opt`` of a route anybody may call, with the reason for it."""
    return {"public": why, "body": body}


def provide_runtime(state: State) -> Runtime:
    """Return the process's runtime."""
    runtime: Runtime = state.runtime
    return runtime


def provide_principal() -> Principal:
    """Return who is signed in.

    Raises:
        NotSignedIn: The route is public.
    """
    principal = current.get().principal
    if principal is None:
        raise NotSignedIn("not_signed_in")
    return principal


def provide_scope() -> Scope:
    """Return the rows this call may see: the route's client, or what the caller may see.

    Raises:
        NotSignedIn: The route is public.
    """
    scope = current.get().scope
    if scope is None:
        raise NotSignedIn("not_signed_in")
    return scope


async def provide_tx(
    request: Request[Any, Any, Any], runtime: GivenRuntime, caller_scope: GivenScope
) -> AsyncIterator[Tx]:
    """Open the one transaction of the call; it commits before the answer is sent."""
    key = idempotency.key_of(request)
    control = request.route_handler.opt.get("control", False)
    opens = runtime.database.control if control else runtime.database.transaction
    async with opens(caller_scope) as tx:
        if key:
            await idempotency.take(tx, request, key)
        yield tx


DEPENDENCIES = {
    "runtime": Provide(provide_runtime, sync_to_thread=False),
    "principal": Provide(provide_principal, sync_to_thread=False),
    "caller_scope": Provide(provide_scope, sync_to_thread=False),
    "tx": Provide(provide_tx),
}
