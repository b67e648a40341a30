"""Tell enabled plugins what happened, one listener after the other; none can stop another."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Final

import structlog
from msgspec import Struct

from palabre.plugins.failures import normalise
from palabre.plugins.registry import ClientView, Listener
from palabre.sdk.events import Event

_log = structlog.get_logger(__name__)
BOX_S: Final = 2.0
"""Seconds a listener may take."""
FAILURES_TO_OPEN: Final = 5
"""Failures in a row after which a listener is left alone."""
REST_S: Final = 60.0
"""Seconds a listener is left alone before it is tried once more."""


class Delivery(Struct, frozen=True, kw_only=True):
    """What came of one event: the plugins that heard it, failed, or were left alone."""

    heard: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class EventDispatcher:
    """Delivers events and remembers, in this process, which listeners keep failing."""

    def __init__(
        self, *, box_s: float = BOX_S, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._box_s = box_s
        self._monotonic = monotonic
        self._failures: dict[str, int] = {}
        self._rests_until: dict[str, float] = {}

    async def deliver(self, view: ClientView, event: Event) -> Delivery:
        """Call every listener of the plugins enabled for the event's client, in turn."""
        results: dict[str, list[str]] = {"heard": [], "failed": [], "skipped": []}
        for listener in view.registry.listeners:
            if view.is_enabled(listener.plugin):
                results[await self._tell(listener, event)].append(listener.plugin)
        return Delivery(**{name: tuple(plugins) for name, plugins in results.items()})

    async def _tell(self, listener: Listener, event: Event) -> str:
        if self._monotonic() < self._rests_until.get(listener.plugin, 0.0):
            return "skipped"
        try:
            async with asyncio.timeout(self._box_s):
                await _call(listener, event)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # logged and counted
            self._count_failure(listener, event, error)
            return "failed"
        self._failures.pop(listener.plugin, None)
        return "heard"

    def _count_failure(self, listener: Listener, event: Event, error: BaseException) -> None:
        failures = self._failures.get(listener.plugin, 0) + 1
        self._failures[listener.plugin] = failures
        if failures >= FAILURES_TO_OPEN:
            self._rests_until[listener.plugin] = self._monotonic() + REST_S
        label = f"{listener.plugin} {listener.version} palabre_on_event"
        _log.warning(
            "plugin_event_failed",
            plugin=listener.plugin,
            version=listener.version,
            client=event.client_id,
            event_id=event.event_id,
            reason=normalise(error, label, mutating=False, secrets=()).internal,
            failures=failures,
            rests=failures >= FAILURES_TO_OPEN,
        )


async def _call(listener: Listener, event: Event) -> None:
    """Await an async listener here; a plain one gets a thread, so that it cannot hold the loop."""
    function = listener.impl.function
    arguments = (event,) if "event" in listener.impl.argnames else ()
    if inspect.iscoroutinefunction(function):
        await function(*arguments)
        return
    result = await asyncio.to_thread(function, *arguments)
    if inspect.isawaitable(result):
        await result
