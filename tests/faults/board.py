"""A platform in memory with one adapter per idempotency class, and faults to switch on."""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import Any, ClassVar

from msgspec import Struct

from palabre.plugins.families import FAMILIES
from palabre.plugins.registry import Loaded, Registry
from palabre.plugins.slots import LocalSlots
from palabre.plugins.states import PluginStatus
from palabre.sdk import AuthProvider, Capability, PluginManifest, Publisher
from palabre.sdk.connect import AccountHealth, ConnectRedirect, TokenGrant
from palabre.sdk.context import CallContext
from palabre.sdk.errors import (
    AuthExpired,
    AuthRevoked,
    Duplicate,
    InvalidContent,
    QuotaExhausted,
    RateLimited,
    Transient,
    UnknownOutcome,
)
from palabre.sdk.publish import (
    Absent,
    AfterUnknown,
    AttemptInfo,
    CannotTell,
    FindResult,
    Found,
    Handle,
    KindSpec,
    MediaRule,
    Pending,
    PostRequest,
    Published,
    PublishOutcome,
    Ready,
)

SETTLE_S = 60.0


class Post(Struct, kw_only=True):
    """A post the platform shows from ``visible_at`` on."""

    remote_id: str
    account: str
    text: str
    key: str
    visible_at: datetime


class Platform:
    """The state of the simulated platform and the faults of its next calls."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.faults: deque[str] = deque()
        self.calls: list[str] = []
        self.refreshed = 0
        self.arrived = asyncio.Event()

    def copies(self, text: str) -> int:
        """Return how often a text stands on the platform."""
        return sum(1 for post in self.posts if post.text == text)

    def add(self, ctx: CallContext, post: PostRequest, *, late_s: float = 0.0) -> Post:
        """Make a post visible, now or late."""
        assert ctx.account is not None
        made = Post(
            remote_id=f"p{len(self.posts) + 1}",
            account=ctx.account.id,
            text=post.text,
            key=post.idempotency_key,
            visible_at=ctx.clock.now() + timedelta(seconds=late_s),
        )
        self.posts.append(made)
        self.arrived.set()
        return made

    async def publish(self, ctx: CallContext, post: PostRequest, after: AfterUnknown) -> Published:
        """Do what the next fault says; without one, publish."""
        assert ctx.account is not None
        fault = self.faults.popleft() if self.faults else "ok"
        self.calls.append(fault)
        known = next((one for one in self.posts if one.key == post.idempotency_key), None)
        if after == "A" and known is not None:
            return Published(remote_id=known.remote_id)
        before = {
            "refuse": InvalidContent("no", remote_code="100"),
            "expired": AuthExpired("old token"),
            "revoked": AuthRevoked("gone"),
            "slow_down": RateLimited("slow", retry_after_s=120),
            "quota": QuotaExhausted("full", until=ctx.clock.now() + timedelta(hours=3)),
            "down": Transient("connection refused"),
            "lost": UnknownOutcome("never arrived"),
            "duplicate": Duplicate("already"),
            "duplicate_known": Duplicate("already", remote_id="p-old"),
            "bug": KeyError("id"),
        }
        if fault in before:
            raise before[fault]
        made = self.add(ctx, post, late_s=30.0 if fault == "late" else 0.0)
        if fault == "hang":
            await asyncio.sleep(3600)
        if fault in {"error_after", "late"}:
            raise UnknownOutcome("502")
        return Published(remote_id=made.remote_id, url=f"https://board.example/{made.remote_id}")


class BoardPublisher(Publisher):
    """One idempotency class."""

    platform: ClassVar[str] = "board"
    account_kinds = frozenset({"page"})
    capabilities = frozenset(
        {Capability.PUBLISH_TEXT, Capability.PUBLISH_IMAGE, Capability.PUBLISH_CAROUSEL}
    )

    def __init__(self, platform: Platform, after: AfterUnknown) -> None:
        self.key = f"board.{after.lower()}"  # type: ignore[misc]  # five adapters of one class
        self._platform = platform
        self._after = after

    def kinds(self, account_kind: str) -> tuple[KindSpec, ...]:
        """Return text, and several pictures in two phases."""
        common: dict[str, Any] = {"after_unknown": self._after, "settle_s": SETTLE_S}
        picture = MediaRule(content_types=("image/png",), min_count=2, max_count=3, max_bytes=5000)
        return (
            KindSpec(
                kind="text",
                max_text=200,
                recommended_text=100,
                text_required=True,
                max_hashtags=2,
                publishes_at="finalize" if self._after == "B" else "submit",
                **common,
            ),
            KindSpec(kind="carousel", media=picture, **common),
        )

    async def submit(self, ctx: CallContext, post: PostRequest) -> PublishOutcome:
        """Publish; class B makes a container first."""
        if self._after != "B":
            return await self._platform.publish(ctx, post, self._after)
        self._platform.calls.append("container")
        return Pending(handle=Handle(value="c1"), poll_after_s=0.0)

    async def check(self, ctx: CallContext, handle: Handle) -> PublishOutcome:
        """Say that the container is ready."""
        self._platform.calls.append("check")
        return Ready(handle=handle)

    async def finalize(self, ctx: CallContext, post: PostRequest, handle: Handle) -> PublishOutcome:
        """Publish the container."""
        return await self._platform.publish(ctx, post, self._after)

    async def find(self, ctx: CallContext, post: PostRequest, attempt: AttemptInfo) -> FindResult:
        """Look among the posts that are visible by now."""
        self._platform.calls.append("find")
        assert ctx.account is not None
        if self._after == "E":
            return CannotTell(reason="write only")
        now = ctx.clock.now()
        for one in self._platform.posts:
            mine = (one.account, one.text) == (ctx.account.id, post.text)
            if mine and attempt.sent_at - timedelta(seconds=2) <= one.visible_at <= now:
                return Found(published=Published(remote_id=one.remote_id))
        return Absent(searched_until=now)


class BoardAuth(AuthProvider):
    """Renews a token when asked."""

    platform: ClassVar[str] = "board"
    flow = "oauth2"

    def __init__(self, platform: Platform, after: str) -> None:
        self.key = f"board.{after}"  # type: ignore[misc]  # as above
        self._platform = platform

    async def start(self, ctx: CallContext, req: Any) -> ConnectRedirect:
        """Not used."""
        return ConnectRedirect(url="https://board.example")

    async def complete(self, ctx: CallContext, cb: Any) -> TokenGrant:
        """Not used."""
        raise AuthRevoked

    async def accounts(self, ctx: CallContext, grant: TokenGrant) -> list[Any]:
        """Return nothing."""
        return []

    async def refresh(self, ctx: CallContext, grant: TokenGrant) -> TokenGrant:
        """Return the grant again."""
        self._platform.refreshed += 1
        return grant

    async def check(self, ctx: CallContext) -> AccountHealth:
        """Say that all is well."""
        return AccountHealth(ok=True)


def registry(platform: Platform, *, min_interval_s: float = 0.0) -> Registry:
    """Return a registry with the board as its only plugin."""
    classes: tuple[AfterUnknown, ...] = ("A", "B", "C", "D", "E")
    publishers = [BoardPublisher(platform, after) for after in classes]
    auths = [BoardAuth(platform, after.lower()) for after in classes]
    adapters: dict[Any, Any] = {name: {} for name in FAMILIES}
    adapters["publisher"] = {one.key: one for one in publishers}
    adapters["auth"] = {one.key: one for one in auths}
    manifest = PluginManifest(
        key="board",
        name="Board",
        api=(1, 0),
        capabilities=BoardPublisher.capabilities | {Capability.CONNECT},
        refresh_style="extending",
        min_interval_s=min_interval_s,
    )
    status = PluginStatus(
        key="board", distribution="palabre-board", version="1", origin="third_party", state="active"
    )
    loaded = Loaded(
        manifest=manifest, adapters=adapters, simulators=(), listeners=(), package="", status=status
    )
    return Registry([loaded], [status], LocalSlots())
