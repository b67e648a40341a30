"""``Idempotency-Key``: effect and answer in one transaction, a repeat gets the first answer.

Works for every POST below a client that uses the ``tx`` dependency; a route may require the key.
"""

from typing import Any, Final

from litestar import Request, Response
from litestar.serialization import encode_json
from sqlalchemy import text

from palabre.base.errors import Conflict, FieldProblem, Invalid
from palabre.db.door import Tx
from palabre.outbox import answers
from palabre.outbox.answers import Answer
from palabre_api.call import current

HEADER: Final = "Idempotency-Key"
_LONGEST: Final = 200
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


async def take(tx: Tx, request: Request[Any, Any, Any], key: str, body: bytes) -> None:
    """Take the key in the call's transaction and keep its answer when it is about to commit.

    Raises:
        Replay: It was answered before.
        Conflict: The first call is still running.
    """
    if not await tx.scalar(_LOCK, {"key": f"{tx.scope.agency_id} {tx.scope.client_id} {key}"}):
        raise Conflict("idempotency_in_flight", headers={"Retry-After": "1"})
    hashed = answers.request_hash(request.method, request.url.path, body)
    known = await answers.begin(tx, key, hashed)
    if known is not None:
        raise Replay(known)

    async def keep(tx: Tx) -> None:
        if current.get().answer is not None:
            await answers.keep(tx, key, current.get().answer)

    tx.before_commit(keep)


async def capture(response: Response[Any]) -> Response[Any]:
    """Note the answer of the running call; Litestar calls this before the transaction ends."""
    call = current.get(None)
    if call is not None and call.method == "POST":
        content = response.content
        body = content if isinstance(content, str) else encode_json(content).decode()
        call.answer = Answer(status=response.status_code or 200, body=body)
    return response
