"""Run an adapter that blocks in a thread with a loop of its own, its context staying at home.

Whatever the adapter awaits of its context (HTTP, token, media, state) runs on the loop that made
the call, where connections and sessions live.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any, cast

from palabre.sdk import Adapter
from palabre.sdk.context import CallContext

_PLAIN = (str, bytes, int, float, bool, type(None))


async def run_in_thread(adapter: Adapter, op: str, ctx: CallContext, kwargs: dict[str, Any]) -> Any:
    """Await one operation in a thread.

    A cancellation reaches the adapter at its next ``await``; a thread that blocks runs on alone,
    which is why a mutating call that timed out is of unknown outcome.
    """
    home = asyncio.get_running_loop()
    away: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def work() -> Any:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # inside asyncio.run there is one
        away.append((asyncio.get_running_loop(), task))
        return await getattr(adapter, op)(cast("CallContext", _Bridge(ctx, home)), **kwargs)

    try:
        return await asyncio.to_thread(lambda: asyncio.run(work()))
    except asyncio.CancelledError:
        for loop, task in away:
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
        raise


class _Bridge:
    """Stand for an object of the home loop: its coroutines run there, its values come over."""

    def __init__(self, target: Any, home: asyncio.AbstractEventLoop) -> None:
        self._target = target
        self._home = home

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if inspect.iscoroutinefunction(value):
            return self._awaiting(value)
        if inspect.isasyncgenfunction(value):
            return self._iterating(value)
        return value if callable(value) else self._carry(value)

    def _awaiting(self, method: Any) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            return self._carry(await self._at_home(method(*args, **kwargs)))

        return call

    def _iterating(self, method: Any) -> Any:
        async def items(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            source = method(*args, **kwargs)
            while True:
                try:
                    yield await self._at_home(anext(source))
                except StopAsyncIteration:
                    return

        return items

    async def _at_home(self, awaitable: Any) -> Any:
        async def run() -> Any:
            return await awaitable

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(run(), self._home))

    def _carry(self, value: Any) -> Any:
        """Hand plain values over; wrap objects that have something to await."""
        if isinstance(value, _PLAIN) or not _awaits(value):
            return value
        return _Bridge(value, self._home)


def _awaits(value: Any) -> bool:
    return any(
        inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member)
        for name, member in inspect.getmembers_static(type(value))
        if not name.startswith("_")
    )
