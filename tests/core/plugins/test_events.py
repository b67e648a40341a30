"""Telling plugins what happened: enabled ones only, each on its own, none for long."""

import asyncio
import time
from typing import Any

import pluggy
import pytest
from structlog.testing import capture_logs

from palabre.plugins.events import FAILURES_TO_OPEN, REST_S, Delivery, EventDispatcher
from palabre.plugins.registry import ClientView, Listener, Registry
from palabre.plugins.slots import LocalSlots
from palabre.sdk import hookimpl
from palabre.sdk.events import Event, PieceChanged
from palabre.sdk.hookspecs import PROJECT, Hooks


def listener(plugin: str, function: Any) -> Listener:
    """Register ``function`` as the plugin's listener, as the loader does."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    holder = type("Plugin", (), {"palabre_on_event": staticmethod(hookimpl(function))})
    manager.register(holder, name=plugin)
    (impl,) = manager.hook.palabre_on_event.get_hookimpls()
    return Listener(plugin=plugin, version="1.2.3", impl=impl)


@pytest.fixture
def view_of(loaded_plugin: Any, plugin_status: Any) -> Any:
    """Return the maker of a view in which the given plugins listen, all enabled unless named."""

    def make(*, enabled: Any = None, **functions: Any) -> ClientView:
        some = [
            loaded_plugin(name, listeners=[listener(name, function)])
            for name, function in functions.items()
        ]
        registry = Registry(some, [plugin_status(name) for name in functions], LocalSlots())
        return registry.for_client(frozenset(functions if enabled is None else enabled))

    return make


@pytest.fixture
def event(now: Any) -> Event:
    """Return an event of some client."""
    return PieceChanged(
        event_id="e1", agency_id="a", client_id="c", at=now, piece_id="p", state="draft"
    )


async def test_async_and_plain_listeners_hear(view_of: Any, event: Event) -> None:
    heard = []

    async def palabre_on_event(event: Event) -> None:
        heard.append(("async", event.event_id))

    def plain(event: Event) -> None:
        heard.append(("plain", event.event_id))

    delivery = await EventDispatcher().deliver(view_of(one=palabre_on_event, two=plain), event)
    assert heard == [("async", "e1"), ("plain", "e1")]
    assert delivery == Delivery(heard=("one", "two"))


async def test_plugin_that_is_off_hears_nothing(view_of: Any, event: Event) -> None:
    heard = []
    view = view_of(enabled=["two"], one=lambda event: heard.append(1), two=lambda event: None)
    assert await EventDispatcher().deliver(view, event) == Delivery(heard=("two",))
    assert heard == []


async def test_listener_without_the_argument(view_of: Any, event: Event) -> None:
    calls = []
    view = view_of(one=lambda: calls.append(1))
    assert (await EventDispatcher().deliver(view, event)).heard == ("one",)
    assert calls == [1]


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1)])
async def test_exception_stops_nobody_else(
    view_of: Any, event: Event, error: BaseException
) -> None:
    def fail(event: Event) -> None:
        raise error

    view = view_of(one=fail, two=lambda event: None)
    with capture_logs() as lines:
        delivery = await EventDispatcher().deliver(view, event)
    assert delivery == Delivery(heard=("two",), failed=("one",))
    (line,) = lines
    assert (line["plugin"], line["version"], line["failures"]) == ("one", "1.2.3", 1)
    assert type(error).__name__ in line["reason"]


async def test_async_listener_that_is_slow_is_left(view_of: Any, event: Event) -> None:
    async def slow(event: Event) -> None:
        await asyncio.sleep(60)

    dispatcher = EventDispatcher(box_s=0.05)
    assert (await dispatcher.deliver(view_of(one=slow), event)).failed == ("one",)


async def test_plain_listener_that_blocks_does_not_hold_the_loop(
    view_of: Any, event: Event
) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    dispatcher = EventDispatcher(box_s=0.1)
    view = view_of(one=lambda event: time.sleep(0.3))
    assert (await dispatcher.deliver(view, event)).failed == ("one",)
    ticking.cancel()
    assert ticks >= 3


async def test_cancellation_passes(view_of: Any, event: Event) -> None:
    async def slow(event: Event) -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(EventDispatcher().deliver(view_of(one=slow), event))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class TestCircuit:
    async def test_five_failures_in_a_row_open_it_for_that_listener_only(
        self, view_of: Any, event: Event
    ) -> None:
        calls = []

        def fail(event: Event) -> None:
            calls.append(1)
            raise ValueError

        view = view_of(one=fail, two=lambda event: None)
        dispatcher = EventDispatcher(monotonic=lambda: 100.0)
        for _ in range(FAILURES_TO_OPEN):
            assert (await dispatcher.deliver(view, event)).failed == ("one",)
        assert await dispatcher.deliver(view, event) == Delivery(heard=("two",), skipped=("one",))
        assert len(calls) == FAILURES_TO_OPEN

    async def test_one_success_starts_the_count_again(self, view_of: Any, event: Event) -> None:
        results = iter([False] * 4 + [True] + [False] * 4)

        def sometimes(event: Event) -> None:
            if not next(results):
                raise ValueError

        view = view_of(one=sometimes)
        dispatcher = EventDispatcher()
        deliveries = [await dispatcher.deliver(view, event) for _ in range(9)]
        assert all(delivery.skipped == () for delivery in deliveries)

    async def test_after_its_rest_it_is_tried_once(self, view_of: Any, event: Event) -> None:
        clock = [100.0]

        def fail(event: Event) -> None:
            raise ValueError

        view = view_of(one=fail)
        dispatcher = EventDispatcher(monotonic=lambda: clock[0])
        for _ in range(FAILURES_TO_OPEN):
            await dispatcher.deliver(view, event)
        clock[0] += REST_S
        assert (await dispatcher.deliver(view, event)).failed == ("one",)
        assert (await dispatcher.deliver(view, event)).skipped == ("one",)
