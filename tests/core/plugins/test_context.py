"""What an adapter is given for one call."""

from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from palabre.net.plugin_http import http_for
from palabre.plugins.context import ContextMaker, HttpFactory
from palabre.plugins.redaction import redact, secrets_in
from palabre.sdk import MediaRef, Publisher, Secret
from palabre.sdk.connect import AccessToken
from palabre.sdk.context import CallContext
from palabre.sdk.errors import NotEnabled


class Board(Publisher):
    """A publisher nobody calls here."""

    key = platform = "board"
    account_kinds = frozenset({"page"})

    def kinds(self, account_kind: Any) -> Any: ...

    async def submit(self, ctx: Any, post: Any) -> Any: ...


@pytest.fixture
def bench(bench_of: Any) -> Any:
    """Return a process with one plugin."""
    return bench_of(publisher=[Board()])


async def test_fulfils_the_contract(bench: Any) -> None:
    ctx: CallContext = await bench.context()
    assert isinstance(ctx, CallContext)
    assert ctx.client_id == str(bench.subject.client_id)


async def test_deadline_is_seconds_from_now(bench: Any) -> None:
    ctx = await bench.context(seconds=30)
    left = ctx.deadline - bench.platform.clock.now()
    assert timedelta(seconds=29) < left <= timedelta(seconds=30)


async def test_http_reaches_the_hosts_of_manifest_and_account(bench: Any) -> None:
    bench.account = msgspec.structs.replace(bench.account, extra={"host": "social.example"})
    await bench.context()
    assert bench.platform.asked_hosts == [
        ("board", ("api.board.example", "account"), ("social.example",))
    ]


def test_the_egress_fits_the_factory() -> None:
    factory: HttpFactory = partial(http_for, None)  # type: ignore[arg-type]  # not called
    assert callable(factory)


async def test_state_is_kept_per_plugin_and_subject(bench: Any) -> None:
    ctx = await bench.context()
    await ctx.state.put("cursor", "42")
    assert await ctx.state.get("cursor") == "42"
    assert bench.platform.texts == {(bench.subject.id, "board", "cursor"): "42"}


async def test_state_holds_small_texts_only(bench: Any) -> None:
    ctx = await bench.context()
    await ctx.state.put("cursor", "x" * 8000)
    with pytest.raises(ValueError, match="8,000"):
        await ctx.state.put("cursor", "x" * 8001)


async def test_token_of_the_account(bench: Any) -> None:
    ctx = await bench.context()
    assert (await ctx.token()).secret.reveal() == "token-of-a1"


async def test_call_without_an_account_has_no_token(bench: Any) -> None:
    ctx = await bench.context(account=False)
    with pytest.raises(RuntimeError, match="no account"):
        await ctx.token()


async def test_media_of_the_client(bench: Any) -> None:
    ctx = await bench.context()
    reader = await ctx.media(MediaRef(id="m1", content_type="image/png", size=4))
    assert await reader.read() == b"abcd"


async def test_plugin_that_is_not_active(bench: Any) -> None:
    maker = ContextMaker(bench.registry, bench.platform.services())
    with pytest.raises(NotEnabled, match="gone is not installed"):
        await maker.make("gone", bench.subject, seconds=1)


class TestRedaction:
    def test_finds_secrets_at_any_depth(self) -> None:
        token = AccessToken(secret=Secret("deep-secret"))
        assert list(secrets_in({"a": [token, ("x", Secret("two"))]}, None, 3)) == [
            Secret("deep-secret"),
            Secret("two"),
        ]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Bearer ab/cd+ef", "Bearer ***"),
            ("?t=ab%2Fcd%2Bef&x=1", "?t=***&x=1"),
            ("nothing here", "nothing here"),
        ],
    )
    def test_takes_them_out_also_of_addresses(self, text: str, expected: str) -> None:
        assert redact(text, [Secret("ab/cd+ef")]) == expected

    def test_longer_secret_first(self) -> None:
        assert redact("abcdefgh", [Secret("abcd"), Secret("abcdefgh")]) == "***"

    def test_empty_secret_masks_nothing(self) -> None:
        assert redact("some text", [Secret("")]) == "some text"
