"""The only caller of adapters: enabled, able, in turn, in time, of the right type, errors known.

``dispatch`` awaits one operation, ``consult`` asks a pure one, ``stream`` yields items.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, nullcontext
from typing import Any, Final

import structlog
from msgspec import Struct

from palabre.base.guards import transaction_open
from palabre.plugins.failures import normalise, wrong_type
from palabre.plugins.families import FAMILIES, FamilyName, Op
from palabre.plugins.registry import ClientView
from palabre.plugins.threads import run_in_thread
from palabre.sdk import Adapter, Capability
from palabre.sdk.context import CallContext
from palabre.sdk.errors import PluginError, Transient, Unsupported
from palabre.sdk.publish import PostKind, PostRequest

_log = structlog.get_logger(__name__)
_INSIDE_TRANSACTION: Final = ("auth", "refresh")
_NO_PLACE: Final[AbstractAsyncContextManager[None]] = nullcontext()
_KIND_CAPABILITY: Final[dict[PostKind, Capability]] = {
    "text": Capability.PUBLISH_TEXT,
    "link": Capability.PUBLISH_LINK,
    "article": Capability.PUBLISH_LINK,
    "image": Capability.PUBLISH_IMAGE,
    "carousel": Capability.PUBLISH_CAROUSEL,
    "video": Capability.PUBLISH_VIDEO,
    "reel": Capability.PUBLISH_VIDEO,
    "story": Capability.PUBLISH_STORY,
}


class Call(Struct, frozen=True, kw_only=True):
    """One call about to be made: who is called, for what, and what is known of the operation."""

    plugin: str
    version: str
    adapter: Adapter
    family: FamilyName
    op: str
    spec: Op
    max_concurrency: int

    @property
    def label(self) -> str:
        """Name plugin, version and operation, for errors and logs."""
        return f"{self.plugin} {self.version} {self.family}.{self.op}"


class TransactionOpenError(Exception):
    """A platform was about to be called inside a database transaction: a mistake of core."""


async def dispatch(
    view: ClientView,
    family: FamilyName,
    key: str,
    op: str,
    ctx: CallContext,
    *,
    inside_transaction: bool = False,
    **kwargs: Any,
) -> Any:
    """Await one operation of an adapter.

    Args:
        view: The client's adapters, from a fresh look at what is enabled.
        family: Family of the adapter.
        key: Key of the adapter.
        op: Name of the method.
        ctx: Context of the call; its deadline bounds waiting and working.
        inside_transaction: For the refresh of a grant under its row lock, and nothing else.
        kwargs: The method's arguments by name.

    Raises:
        PluginError: From the closed taxonomy. A timeout is ``Transient`` when nothing left or the
            operation only reads, ``UnknownOutcome`` otherwise; any other exception of the plugin
            is ``PluginBug``.
        TransactionOpenError: This task holds a database transaction.
    """
    if not inside_transaction:
        _assert_no_transaction(family, op)
    elif (family, op) != _INSIDE_TRANSACTION:
        raise ValueError(f"{family}.{op} may not run inside a transaction")
    call = _prepare(view, family, key, op, kwargs, mode="call")
    started = time.perf_counter()
    try:
        result = await _in_turn(view, call, ctx, kwargs)
    except PluginError as error:
        _note(call, ctx, error.code, started)
        raise
    except asyncio.CancelledError:
        _note(call, ctx, "cancelled", started)
        raise
    _note(call, ctx, type(result).__name__, started)
    return result


def consult(view: ClientView, family: FamilyName, key: str, op: str, **kwargs: Any) -> Any:
    """Ask a pure operation (limits, validation, a webhook's meaning): no context, no I/O.

    Raises:
        PluginError: As ``dispatch``.
    """
    call = _prepare(view, family, key, op, kwargs, mode="pure")
    try:
        result = getattr(call.adapter, op)(**kwargs)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # translated
        raise normalise(error, call.label, mutating=False, secrets=(kwargs,)) from None
    return _checked(call, result)


async def stream(
    view: ClientView, family: FamilyName, key: str, op: str, ctx: CallContext, **kwargs: Any
) -> AsyncIterator[Any]:
    """Yield what a streaming operation yields; each item is checked and must come in time.

    Raises:
        PluginError: As ``dispatch``; streams only read.
        TransactionOpenError: This task holds a database transaction.
    """
    _assert_no_transaction(family, op)
    call = _prepare(view, family, key, op, kwargs, mode="stream")
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(_time_left(call, ctx)):
                await stack.enter_async_context(_place(view, call, ctx))
        except TimeoutError as error:
            raise _never_left(error, call) from None
        async for item in await stack.enter_async_context(aclosing(_items(call, ctx, kwargs))):
            yield item


def _assert_no_transaction(family: str, op: str) -> None:
    if transaction_open.get():
        raise TransactionOpenError(f"{family}.{op} was called with a transaction open")


def _prepare(
    view: ClientView, family: FamilyName, key: str, op: str, kwargs: dict[str, Any], *, mode: str
) -> Call:
    """Find the adapter and refuse what is not enabled or not offered."""
    spec = FAMILIES[family].ops.get(op)
    if spec is None or spec.mode != mode:
        raise ValueError(f"{family}.{op} is not an operation of the mode {mode}")
    adapter = view.adapter(family, key)
    capability = _capability(spec, op, kwargs)
    if capability is not None and capability not in adapter.capabilities:
        raise Unsupported(f"{key} does not offer {capability}")
    plugin = key.partition(".")[0]
    loaded = view.registry.plugins[plugin]
    return Call(
        plugin=plugin,
        version=loaded.status.version,
        adapter=adapter,
        family=family,
        op=op,
        spec=spec,
        max_concurrency=loaded.manifest.max_concurrency,
    )


def _capability(spec: Op, op: str, kwargs: dict[str, Any]) -> Capability | None:
    post = kwargs.get("post")
    if op == "submit" and isinstance(post, PostRequest):
        return _KIND_CAPABILITY[post.kind]
    return spec.capability


async def _in_turn(view: ClientView, call: Call, ctx: CallContext, kwargs: dict[str, Any]) -> Any:
    """Wait for the account's turn, await the method, all before the deadline."""
    cancellations, called = _cancellations(), False
    try:
        async with asyncio.timeout(_time_left(call, ctx)), _place(view, call, ctx):
            called = True
            if call.adapter.blocking:
                result = await run_in_thread(call.adapter, call.op, ctx, kwargs)
            else:
                result = await getattr(call.adapter, call.op)(ctx, **kwargs)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # translated
        if not called:
            raise _never_left(error, call) from None
        raise _translate(error, call, ctx, kwargs, cancellations) from None
    return _checked(call, result)


async def _items(call: Call, ctx: CallContext, kwargs: dict[str, Any]) -> AsyncGenerator[Any]:
    """Yield from the adapter, each item within what is left of the time."""
    cancellations = _cancellations()
    try:
        source = _source(call, getattr(call.adapter, call.op)(ctx, **kwargs))
        async with aclosing(source) if isinstance(source, AsyncGenerator) else nullcontext():
            while True:
                try:
                    async with asyncio.timeout(_time_left(call, ctx)):
                        item = await anext(source)
                except StopAsyncIteration:
                    return
                yield _checked(call, item)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # translated
        raise _translate(error, call, ctx, kwargs, cancellations) from None


def _source(call: Call, returned: Any) -> AsyncIterator[Any]:
    if not isinstance(returned, AsyncIterator):
        raise wrong_type(call.label, returned)
    return returned


def _translate(
    error: BaseException,
    call: Call,
    ctx: CallContext,
    kwargs: dict[str, Any],
    cancellations: int,
) -> BaseException:
    """Return the error of the taxonomy, or our own cancellation if the plugin hid it."""
    if _cancellations() > cancellations:
        return asyncio.CancelledError()
    secrets = (kwargs, ctx.settings, getattr(ctx, "handed_out", ()))
    return normalise(error, call.label, mutating=call.spec.mutating, secrets=secrets)


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _place(view: ClientView, call: Call, ctx: CallContext) -> AbstractAsyncContextManager[None]:
    """Return the account's place; a call without an account needs none.

    Nor does a refresh: it happens inside another call of the same account, which would wait for
    itself.
    """
    if ctx.account is None or (call.family, call.op) == _INSIDE_TRANSACTION:
        return _NO_PLACE
    return view.registry.slots.hold(call.adapter.key, ctx.account.id, call.max_concurrency)


def _never_left(error: BaseException, call: Call) -> BaseException:
    """Return what failing before the call means: nothing happened at the platform."""
    if isinstance(error, TimeoutError):
        return Transient(f"{call.label} found no free place in time")
    return error


def _time_left(call: Call, ctx: CallContext) -> float:
    """Return the seconds until the deadline; after it nothing may leave."""
    seconds = (ctx.deadline - ctx.clock.now()).total_seconds()
    if seconds <= 0:
        raise Transient(f"{call.label} was called after its deadline")
    return seconds


def _checked(call: Call, result: Any) -> Any:
    if not call.spec.fits(result):
        raise wrong_type(call.label, result)
    return result


def _note(call: Call, ctx: CallContext, outcome: str, started: float) -> None:
    """Write the one line per call: who, for whom, what came of it, how long."""
    say = _log.warning if outcome == "plugin_bug" else _log.info
    say(
        "plugin_call",
        plugin=call.plugin,
        version=call.version,
        adapter=call.adapter.key,
        op=f"{call.family}.{call.op}",
        client=ctx.client_id,
        account=ctx.account.id if ctx.account else None,
        outcome=outcome,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )
