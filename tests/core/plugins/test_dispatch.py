"""What calling an adapter guarantees, whatever the adapter does."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import pytest
from msgspec import Struct
from structlog.testing import capture_logs

from palabre.base.guards import transaction_open
from palabre.plugins.dispatch import TransactionOpenError, consult, dispatch, stream
from palabre.plugins.registry import Registry
from palabre.plugins.slots import LocalSlots
from palabre.sdk import (
    AuthProvider,
    Capability,
    LeadSource,
    MediaRef,
    MetricsSource,
    Publisher,
    Secret,
    WebhookHandler,
)
from palabre.sdk.connect import AccountHealth, TokenGrant
from palabre.sdk.errors import (
    NotEnabled,
    PluginBug,
    PluginError,
    RateLimited,
    Transient,
    UnknownOutcome,
    Unsupported,
)
from palabre.sdk.leads import LeadPage
from palabre.sdk.measure import AccountMetrics
from palabre.sdk.publish import KindSpec, Pending, PostRequest, Published
from palabre.sdk.webhooks import RouteKey

POST = PostRequest(publication_id="p1", kind="text", text="Hello")


class Board(Publisher):
    """Does in every method what ``act`` says."""

    key = "board"
    platform = "board"
    capabilities = frozenset({Capability.PUBLISH_TEXT, Capability.PUBLISH_DELETE})
    account_kinds = frozenset({"page"})

    def __init__(self, act: Any) -> None:
        self.act = act
        self.calls = 0

    def kinds(self, account_kind: Any) -> Any:
        return self.act(account_kind)

    async def _do(self, ctx: Any) -> Any:
        self.calls += 1
        result = self.act(ctx)
        return await result if hasattr(result, "__await__") else result

    async def submit(self, ctx: Any, post: Any) -> Any:
        return await self._do(ctx)

    async def check(self, ctx: Any, handle: Any) -> Any:
        return await self._do(ctx)

    async def delete(self, ctx: Any, remote_id: str) -> None:
        await self._do(ctx)


def fails(error: BaseException) -> Any:
    """Return an act that raises."""

    def act(ctx: Any) -> Any:
        raise error

    return act


async def forever(ctx: Any) -> None:
    await asyncio.sleep(60)


def returns(value: Any) -> Any:
    """Return an act that returns ``value``."""
    return lambda ctx: value


class TestBeforeTheCall:
    async def test_plugin_not_enabled(self, bench_of: Any) -> None:
        board = Board(returns(Published(remote_id="1")))
        bench = bench_of(publisher=[board])
        off = bench.registry.for_client(frozenset())
        with pytest.raises(NotEnabled):
            await dispatch(off, "publisher", "board", "submit", await bench.context(), post=POST)
        assert board.calls == 0

    async def test_no_such_adapter(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(returns(None))])
        with pytest.raises(Unsupported):
            await dispatch(bench.view, "metrics", "board", "account", await bench.context())

    async def test_kind_of_post_not_offered(self, bench_of: Any) -> None:
        board = Board(returns(Published(remote_id="1")))
        bench = bench_of(publisher=[board])
        video = PostRequest(publication_id="p1", kind="video")
        with pytest.raises(Unsupported, match=r"does not offer publish\.video"):
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=video
            )
        assert board.calls == 0

    async def test_capability_not_offered(self, bench_of: Any) -> None:
        class Counters(MetricsSource):
            key = platform = "board"
            capabilities = frozenset({Capability.METRICS_POST})
            metrics: ClassVar[Any] = frozenset()

            async def posts(self, ctx: Any, ids: Any, window: Any) -> Any: ...

            async def account(self, ctx: Any, window: Any) -> Any:
                return AccountMetrics(collected_at=window)

        bench = bench_of(metrics=[Counters()])
        with pytest.raises(Unsupported, match=r"does not offer metrics\.account"):
            await dispatch(
                bench.view, "metrics", "board", "account", await bench.context(), window=None
            )

    async def test_transaction_open(self, bench_of: Any) -> None:
        board = Board(returns(Published(remote_id="1")))
        bench = bench_of(publisher=[board])
        ctx = await bench.context()
        token = transaction_open.set(True)
        try:
            with pytest.raises(TransactionOpenError, match=r"publisher\.submit"):
                await dispatch(bench.view, "publisher", "board", "submit", ctx, post=POST)
        finally:
            transaction_open.reset(token)
        assert board.calls == 0

    async def test_only_the_refresh_may_run_inside_a_transaction(self, bench_of: Any) -> None:
        grant = TokenGrant(access_token=Secret("old-token"))
        bench = bench_of(auth=[Auth()])
        ctx = await bench.context(account=False)
        token = transaction_open.set(True)
        try:
            fresh = await dispatch(
                bench.view, "auth", "board", "refresh", ctx, inside_transaction=True, grant=grant
            )
            with pytest.raises(ValueError, match=r"auth\.check may not run inside"):
                await dispatch(bench.view, "auth", "board", "check", ctx, inside_transaction=True)
        finally:
            transaction_open.reset(token)
        assert fresh.access_token.reveal() == "new-token"

    async def test_unknown_operation(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(returns(None))])
        with pytest.raises(
            ValueError, match=r"publisher\.act is not an operation of the mode call"
        ):
            await dispatch(bench.view, "publisher", "board", "act", await bench.context())

    async def test_after_the_deadline_nothing_leaves(self, bench_of: Any) -> None:
        board = Board(returns(Published(remote_id="1")))
        bench = bench_of(publisher=[board])
        ctx = await bench.context(seconds=5)
        bench.platform.clock.advance(seconds=6)
        with pytest.raises(Transient):
            await dispatch(bench.view, "publisher", "board", "submit", ctx, post=POST)
        assert board.calls == 0


class Auth(AuthProvider):
    """Refreshes to a known token."""

    key = platform = "board"
    flow = "oauth2"

    async def start(self, ctx: Any, req: Any) -> Any: ...

    async def complete(self, ctx: Any, cb: Any) -> Any: ...

    async def accounts(self, ctx: Any, grant: Any) -> Any:
        raise ValueError(f"no accounts for {grant.access_token.reveal()}")

    async def refresh(self, ctx: Any, grant: Any) -> TokenGrant:
        return TokenGrant(access_token=Secret("new-token"))

    async def check(self, ctx: Any) -> AccountHealth:
        return AccountHealth(ok=True)


class TestResult:
    async def test_right_type_comes_back(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(returns(Published(remote_id="1")))])
        result = await dispatch(
            bench.view, "publisher", "board", "submit", await bench.context(), post=POST
        )
        assert result == Published(remote_id="1")

    @pytest.mark.parametrize(
        ("value", "named"),
        [(None, "NoneType"), ({"remote_id": "1"}, "dict"), ([Published(remote_id="1")], "list")],
    )
    async def test_wrong_type(self, bench_of: Any, value: Any, named: str) -> None:
        bench = bench_of(publisher=[Board(returns(value))])
        with pytest.raises(PluginBug, match=f"board 1.2.3 publisher.submit returned {named}"):
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )

    async def test_subclass_is_a_wrong_type(self, bench_of: Any) -> None:
        class Extended(Published, frozen=True, kw_only=True, tag="published"):
            secret: str = ""

        bench = bench_of(publisher=[Board(returns(Extended(remote_id="1", secret="s")))])
        with pytest.raises(PluginBug, match="returned Extended"):
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )

    async def test_items_of_a_list_are_checked(self, bench_of: Any) -> None:
        class Counters(MetricsSource):
            key = platform = "board"
            capabilities = frozenset({Capability.METRICS_POST})
            metrics: ClassVar[Any] = frozenset()

            async def posts(self, ctx: Any, ids: Any, window: Any) -> Any:
                return [{"remote_id": "1"}]

            async def account(self, ctx: Any, window: Any) -> Any: ...

        bench = bench_of(metrics=[Counters()])
        with pytest.raises(PluginBug, match="returned list of dict"):
            await dispatch(
                bench.view, "metrics", "board", "posts", await bench.context(), ids=[], window=None
            )


class TestTime:
    async def test_timeout_of_a_read_is_transient(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(forever)])
        with pytest.raises(Transient):
            await dispatch(
                bench.view, "publisher", "board", "check", await bench.context(0.05), handle=None
            )

    @pytest.mark.parametrize(
        ("op", "arguments"), [("submit", {"post": POST}), ("delete", {"remote_id": "1"})]
    )
    async def test_timeout_of_a_change_is_unknown(
        self, bench_of: Any, op: str, arguments: dict[str, Any]
    ) -> None:
        bench = bench_of(publisher=[Board(forever)])
        ctx = await bench.context(0.05)
        with pytest.raises(UnknownOutcome):
            await dispatch(bench.view, "publisher", "board", op, ctx, **arguments)

    async def test_timeout_the_plugin_raised_itself_is_unknown_too(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(fails(TimeoutError()))])
        with pytest.raises(UnknownOutcome):
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )

    async def test_waiting_in_vain_for_a_place_is_transient(
        self, bench_of: Any, loaded_plugin: Any, plugin_status: Any
    ) -> None:
        board = Board(forever)
        bench = bench_of(publisher=[board])
        one = loaded_plugin("board", max_concurrency=1, publisher=[board])
        view = Registry([one], [plugin_status("board")], LocalSlots()).for_client(
            frozenset({"board"})
        )
        first = asyncio.create_task(
            dispatch(view, "publisher", "board", "submit", await bench.context(), post=POST)
        )
        await asyncio.sleep(0.01)
        with pytest.raises(Transient, match="found no free place"):
            await dispatch(
                view, "publisher", "board", "submit", await bench.context(0.05), post=POST
            )
        assert board.calls == 1
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first


class TestPlaces:
    async def test_calls_at_once_per_account_are_bounded(self) -> None:
        slots, running, most = LocalSlots(), 0, 0

        async def work() -> None:
            nonlocal running, most
            async with slots.hold("board", "a1", 2):
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.01)
                running -= 1

        await asyncio.gather(*(work() for _ in range(7)))
        assert most == 2

    async def test_accounts_do_not_wait_for_each_other(self) -> None:
        slots = LocalSlots()
        async with (
            asyncio.timeout(1),
            slots.hold("board", "a1", 1),
            slots.hold("board", "a2", 1),
        ):
            assert len(slots._places) == 2

    async def test_nothing_is_kept(self) -> None:
        slots = LocalSlots()
        for n in range(3):
            async with slots.hold("board", str(n), 1):
                pass
        assert slots._places == {}

    async def test_refresh_inside_a_call_does_not_wait_for_that_call(
        self, bench_of: Any, loaded_plugin: Any, plugin_status: Any
    ) -> None:
        async def act(ctx: Any) -> Published:
            grant = TokenGrant(access_token=Secret("old-token"))
            fresh = await dispatch(view, "auth", "board", "refresh", ctx, grant=grant)
            return Published(remote_id=fresh.access_token.reveal())

        one = loaded_plugin("board", max_concurrency=1, publisher=[Board(act)], auth=[Auth()])
        registry = Registry([one], [plugin_status("board")], LocalSlots())
        view = registry.for_client(frozenset({"board"}))
        ctx = await bench_of().context(1)
        result = await dispatch(view, "publisher", "board", "submit", ctx, post=POST)
        assert result.remote_id == "new-token"

    async def test_failure_of_the_counter_is_not_blamed_on_the_plugin(
        self, bench_of: Any, loaded_plugin: Any, plugin_status: Any
    ) -> None:
        class Away(LocalSlots):
            def hold(self, adapter: str, account_id: str, limit: int) -> Any:
                raise ConnectionError("the counter is away")

        board = Board(returns(Published(remote_id="1")))
        one = loaded_plugin("board", publisher=[board])
        view = Registry([one], [plugin_status("board")], Away()).for_client(frozenset({"board"}))
        with pytest.raises(ConnectionError):
            await dispatch(
                view, "publisher", "board", "submit", await bench_of().context(), post=POST
            )
        assert board.calls == 0


class TestErrors:
    async def test_error_of_the_taxonomy_passes(self, bench_of: Any) -> None:
        error = RateLimited("slow down", retry_after_s=7)
        bench = bench_of(publisher=[Board(fails(error))])
        with pytest.raises(RateLimited) as caught:
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )
        assert caught.value is error

    @pytest.mark.parametrize(
        "error", [KeyError("id"), SystemExit(1), PluginError("base"), StopAsyncIteration()]
    )
    async def test_any_other_exception_is_a_bug_with_plugin_and_version(
        self, bench_of: Any, error: BaseException
    ) -> None:
        bench = bench_of(publisher=[Board(fails(error))])
        with pytest.raises(PluginBug, match=r"^board 1\.2\.3 publisher\.submit raised "):
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )

    async def test_secrets_of_the_call_are_taken_out(self, bench_of: Any) -> None:
        async def leak(ctx: Any) -> None:
            token = await ctx.token()
            raise ValueError(f"https://x/?t={token.secret.reveal()}&s={ctx.settings.key.reveal()}")

        class App(Struct, frozen=True, kw_only=True):
            key: Secret

        bench = bench_of(publisher=[Board(leak)])
        bench.platform.settings_value = App(key=Secret("app/secret"))
        with pytest.raises(PluginBug) as caught:
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )
        assert "https://x/?t=***&s=***" in str(caught.value)
        assert caught.value.__suppress_context__

    async def test_secrets_are_taken_out_of_errors_of_the_taxonomy(self, bench_of: Any) -> None:
        async def leak(ctx: Any) -> None:
            raise RateLimited(f"refused {(await ctx.token()).secret.reveal()}")

        bench = bench_of(publisher=[Board(leak)])
        with pytest.raises(RateLimited) as caught:
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )
        assert caught.value.internal == str(caught.value) == "refused ***"

    async def test_secrets_among_the_arguments_are_taken_out(self, bench_of: Any) -> None:
        bench = bench_of(auth=[Auth()])
        grant = TokenGrant(access_token=Secret("grant-token"))
        with pytest.raises(PluginBug) as caught:
            await dispatch(
                bench.view, "auth", "board", "accounts", await bench.context(), grant=grant
            )
        assert "grant-token" not in str(caught.value)


class TestCancellation:
    async def test_passes_through(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(forever)])
        ctx = await bench.context()
        task = asyncio.create_task(
            dispatch(bench.view, "publisher", "board", "submit", ctx, post=POST)
        )
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert bench.registry.slots._places == {}

    async def test_passes_through_a_plugin_that_turns_it_into_an_error(self, bench_of: Any) -> None:
        async def stubborn(ctx: Any) -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise ValueError("not now") from None

        bench = bench_of(publisher=[Board(stubborn)])
        ctx = await bench.context()
        task = asyncio.create_task(
            dispatch(bench.view, "publisher", "board", "submit", ctx, post=POST)
        )
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


class TestLog:
    async def test_one_line_per_call_without_secrets(self, bench_of: Any) -> None:
        async def work(ctx: Any) -> Published:
            token = (await ctx.token()).secret.reveal()
            ctx.log.info("asking", url=f"https://x/?t={token}", token=token)
            return Published(remote_id="1")

        bench = bench_of(publisher=[Board(work)])
        with capture_logs() as lines:
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )
        asked, called = lines
        assert (asked["url"], asked["token"]) == ("https://x/?t=***", "***")
        assert called.pop("ms") >= 0
        assert called == {
            "event": "plugin_call",
            "log_level": "info",
            "plugin": "board",
            "version": "1.2.3",
            "adapter": "board",
            "op": "publisher.submit",
            "client": str(bench.subject.client_id),
            "account": "a1",
            "outcome": "Published",
        }

    async def test_failure_is_told_by_its_code(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(fails(KeyError("id")))])
        with capture_logs() as lines, pytest.raises(PluginBug):
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(), post=POST
            )
        assert [(line["log_level"], line["outcome"]) for line in lines] == [
            ("warning", "plugin_bug")
        ]


class TestBlocking:
    async def test_runs_in_a_thread_and_reaches_its_context(self, bench_of: Any) -> None:
        home = threading.get_ident()

        class Slow(Board):
            blocking = True

        async def act(ctx: Any) -> Published:
            assert threading.get_ident() != home
            token = (await ctx.token()).secret.reveal()
            await ctx.state.put("cursor", "7")
            picture = await ctx.media(MediaRef(id="m", content_type="image/png", size=4))
            pieces = [piece async for piece in picture.chunks()]
            text = b"".join(pieces).decode() + (await picture.read()).decode()
            return Published(remote_id=f"{token}:{await ctx.state.get('cursor')}:{text}")

        bench = bench_of(publisher=[Slow(act)])
        result = await dispatch(
            bench.view, "publisher", "board", "submit", await bench.context(), post=POST
        )
        assert result.remote_id == "token-of-a1:7:abcdabcd"

    async def test_does_not_hold_the_loop_and_times_out(self, bench_of: Any) -> None:
        class Slow(Board):
            blocking = True

        release = threading.Event()
        bench = bench_of(publisher=[Slow(lambda ctx: release.wait(5))])
        try:
            with pytest.raises(UnknownOutcome):
                await dispatch(
                    bench.view, "publisher", "board", "submit", await bench.context(0.1), post=POST
                )
        finally:
            release.set()

    async def test_timeout_reaches_what_it_awaits(self, bench_of: Any) -> None:
        class Slow(Board):
            blocking = True

        stopped = threading.Event()

        async def act(ctx: Any) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                stopped.set()

        bench = bench_of(publisher=[Slow(act)])
        with pytest.raises(UnknownOutcome):
            await dispatch(
                bench.view, "publisher", "board", "submit", await bench.context(0.1), post=POST
            )
        assert await asyncio.to_thread(stopped.wait, 2)


class TestConsult:
    def test_pure_answer(self, bench_of: Any) -> None:
        kinds = (KindSpec(kind="text", after_unknown="E", settle_s=0),)
        bench = bench_of(publisher=[Board(returns(kinds))])
        assert consult(bench.view, "publisher", "board", "kinds", account_kind="page") == kinds

    def test_wrong_type(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(returns([]))])
        with pytest.raises(PluginBug, match=r"publisher\.kinds returned list"):
            consult(bench.view, "publisher", "board", "kinds", account_kind="page")

    def test_exception_is_a_bug(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(fails(ZeroDivisionError()))])
        with pytest.raises(PluginBug, match="ZeroDivisionError"):
            consult(bench.view, "publisher", "board", "kinds", account_kind="page")

    def test_refusal_of_the_taxonomy_passes(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(returns(()))])
        with pytest.raises(Unsupported, match="does not publish video"):
            consult(bench.view, "publisher", "board", "spec", kind="video", account_kind="page")

    def test_operation_with_input_and_output_is_not_pure(self, bench_of: Any) -> None:
        bench = bench_of(publisher=[Board(returns(None))])
        with pytest.raises(ValueError, match="not an operation of the mode pure"):
            consult(bench.view, "publisher", "board", "submit", post=POST)

    def test_webhook_before_a_client_is_known(self, bench_of: Any) -> None:
        class Hook(WebhookHandler):
            key = platform = "board"

            def verify(self, req: Any, secret: bytes) -> None: ...

            def route(self, req: Any) -> list[RouteKey]:
                return [RouteKey(platform="board", remote_id="7")]

            def parse(self, req: Any) -> Any: ...

        view = bench_of(webhooks=[Hook()]).registry.unscoped()
        assert consult(view, "webhooks", "board", "route", req=None)[0].remote_id == "7"


class Pages(LeadSource):
    """Yields what it is given; a callable is called, then yielded."""

    key = platform = "board"

    def __init__(self, *items: Any) -> None:
        self.items = items
        self.closed = False

    async def pull(self, ctx: Any, cursor: str | None) -> AsyncIterator[Any]:
        try:
            for item in self.items:
                yield await item(ctx) if callable(item) else item
        finally:
            self.closed = True


class TestStream:
    async def test_items_arrive_in_order(self, bench_of: Any) -> None:
        pages = [LeadPage(leads=(), cursor="1"), LeadPage(leads=(), cursor=None)]
        bench = bench_of(leads=[Pages(*pages)])
        ctx = await bench.context()
        found = [
            page async for page in stream(bench.view, "leads", "board", "pull", ctx, cursor="")
        ]
        assert found == pages

    async def test_item_of_the_wrong_type(self, bench_of: Any) -> None:
        source = Pages(LeadPage(leads=()), {"leads": []})
        bench = bench_of(leads=[source])
        ctx = await bench.context()
        items = stream(bench.view, "leads", "board", "pull", ctx, cursor=None)
        assert await anext(items) == LeadPage(leads=())
        with pytest.raises(PluginBug, match="returned dict"):
            await anext(items)
        assert source.closed

    async def test_item_that_is_late(self, bench_of: Any) -> None:
        bench = bench_of(leads=[Pages(forever)])
        ctx = await bench.context(0.05)
        with pytest.raises(Transient):
            async for _ in stream(bench.view, "leads", "board", "pull", ctx, cursor=None):
                pass

    async def test_exception_is_a_bug(self, bench_of: Any) -> None:
        bench = bench_of(leads=[Pages(fails(KeyError("x")))])
        ctx = await bench.context()
        with pytest.raises(PluginBug, match=r"leads\.pull raised KeyError"):
            async for _ in stream(bench.view, "leads", "board", "pull", ctx, cursor=None):
                pass

    async def test_leaving_early_closes_the_source_and_frees_the_place(self, bench_of: Any) -> None:
        source = Pages(*(LeadPage(leads=()) for _ in range(3)))
        bench = bench_of(leads=[source])
        ctx = await bench.context()
        items = stream(bench.view, "leads", "board", "pull", ctx, cursor=None)
        await anext(items)
        await items.aclose()  # type: ignore[attr-defined]
        assert source.closed
        assert bench.registry.slots._places == {}

    async def test_transaction_open(self, bench_of: Any) -> None:
        bench = bench_of(leads=[Pages()])
        ctx = await bench.context()
        token = transaction_open.set(True)
        try:
            with pytest.raises(TransactionOpenError):
                async for _ in stream(bench.view, "leads", "board", "pull", ctx, cursor=None):
                    pass
        finally:
            transaction_open.reset(token)

    async def test_result_that_is_no_stream(self, bench_of: Any) -> None:
        class Wrong(LeadSource):
            key = platform = "board"

            def pull(self, ctx: Any, cursor: str | None) -> Any:
                return [LeadPage(leads=())]

        bench = bench_of(leads=[Wrong()])
        ctx = await bench.context()
        with pytest.raises(PluginBug, match="returned list of LeadPage"):
            async for _ in stream(bench.view, "leads", "board", "pull", ctx, cursor=None):
                pass


def test_pending_is_a_result_of_publishing(bench_of: Any) -> None:
    from palabre.plugins.families import FAMILIES
    from palabre.sdk.publish import Handle

    assert FAMILIES["publisher"].ops["submit"].fits(Pending(handle=Handle(value="h")))
