"""``Idempotency-Key``: effect and answer in one transaction, a repeat gets the first answer.

Works for every POST below a client; a route may require the key. Handlers that call a platform
between transactions of their own have key and answer stored around them.
"""

from typing import Any, Final

from litestar import Request, Response
from litestar.serialization import encode_json
from msgspec import to_builtins
from sqlalchemy import text

from palabre.base.errors import Conflict, FieldProblem, Invalid
from palabre.db.door import Tx
from palabre.domains.runtime import Runtime
from palabre.outbox import answers
from palabre.outbox.answers import Answer
from palabre_api.call import Call, current

HEADER: Final = "Idempotency-Key"
_LONGEST: Final = 200
_FIRST_ERROR: Final = 400
_LOCK: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
"""Held until the call's transaction ends, so that a repeat does not wait for it."""


class Replay(Exception):
    """This request was answered before: that answer goes out again."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__("answered before")


def key_of(request: Request[Any, Any, Any]) -> str | None:
    """Return the call's key, None where keys do not count.

    Raises:
        Invalid: The route requires a key, or the key is too long.
    """
    if request.method != "POST" or "client_id" not in request.path_params:
        return None
    key = request.headers.get(HEADER, "").strip()
    if not key and not request.route_handler.opt.get("key_required"):
        return None
    if not key:
        raise Invalid(FieldProblem(field=HEADER, code="required"), code="idempotency_key_required")
    if len(key) > _LONGEST:
        raise Invalid(FieldProblem(field=HEADER, code="too_long", params={"max": _LONGEST}))
    return key


async def take(tx: Tx, request: Request[Any, Any, Any], key: str) -> None:
    """Take the key in the call's transaction and keep its answer when it is about to commit.

    Raises:
        Replay: It was answered before.
        Conflict: The first call is still running.
    """
    await _begin(tx, request, key)

    async def keep(tx: Tx) -> None:
        if current.get().answer is not None:
            await answers.keep(tx, key, current.get().answer)

    tx.before_commit(keep)


async def before(request: Request[Any, Any, Any]) -> None:
    """Take the key for a handler without the call's transaction; Litestar calls this first.

    Such handlers open transactions of their own around what they ask of a platform, so key and
    answer are stored before and after. Errors as ``take``.
    """
    if "tx" in request.route_handler.parsed_fn_signature.parameters:
        return
    call = current.get(None)
    key = key_of(request)
    if call is None or call.scope is None or key is None:
        return
    runtime: Runtime = request.app.state.runtime
    async with runtime.database.transaction(call.scope) as tx:
        await _begin(tx, request, key)
    call.taken = key


async def capture(response: Response[Any]) -> Response[Any]:
    """Note the answer of the running call; Litestar calls this before the transaction ends."""
    call = current.get(None)
    if call is not None and call.method == "POST":
        content = response.content
        if call.hides:
            content = {**to_builtins(content), call.hides: None}
        body = content if isinstance(content, str) else encode_json(content).decode()
        call.answer = Answer(status=response.status_code or 200, body=body)
    return response


async def settle(runtime: Runtime, call: Call, status: int) -> None:
    """Keep the answer of a call that took its key in ``before``, or give the key back."""
    key, call.taken = call.taken, None
    if key is None or call.scope is None:
        return
    async with runtime.database.transaction(call.scope) as tx:
        if call.answer is not None and status < _FIRST_ERROR:
            await answers.keep(tx, key, call.answer)
        else:
            await answers.forget(tx, key)


async def _begin(tx: Tx, request: Request[Any, Any, Any], key: str) -> None:
    if not await tx.scalar(_LOCK, {"key": f"{tx.scope.agency_id} {tx.scope.client_id} {key}"}):
        raise Conflict("idempotency_in_flight", headers={"Retry-After": "1"})
    known = await answers.begin(tx, key, await _hash(request))
    if known is not None:
        raise Replay(known)


async def _hash(request: Request[Any, Any, Any]) -> bytes:
    """Of an upload only the length: its boundary differs with every try."""
    if request.route_handler.opt.get("body") == "multipart":
        body = request.headers.get("content-length", "").encode()
    else:
        body = await request.body()
    return answers.request_hash(request.method, request.url.path, body)
