"""One base class per family of adapters.

Adapters are stateless and shared by all clients: whatever belongs to a client arrives in the
context. A method that a plugin may leave out has a base that raises ``Unsupported``.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, Literal

from palabre.sdk.connect import (
    AccountHealth,
    AccountKind,
    ConnectCallback,
    ConnectForm,
    ConnectRedirect,
    ConnectStart,
    RemoteAccount,
    TokenGrant,
)
from palabre.sdk.context import CallContext
from palabre.sdk.errors import Unsupported
from palabre.sdk.leads import LeadPage, LeadRecord
from palabre.sdk.measure import AccountMetrics, MetricName, PostMetrics
from palabre.sdk.publish import (
    AttemptInfo,
    FindResult,
    Handle,
    KindSpec,
    PostKind,
    PostRequest,
    PreviewSpec,
    PublishOutcome,
)
from palabre.sdk.stores import MediaMeta, ShareLink, ShareRequest, StoredMedia
from palabre.sdk.values import Capability, Violation, Window
from palabre.sdk.webhooks import InboundEvent, RouteKey, WebhookReply, WebhookRequest


class Adapter(ABC):
    """What every adapter carries: its key, the platform it serves and what it can do.

    ``key`` is the plugin's key or ``<plugin>.<platform>`` and unique within its family.
    """

    key: ClassVar[str]
    platform: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]] = frozenset()
    blocking: ClassVar[bool] = False
    """True when methods block the event loop; core then runs them in a thread."""


class AuthProvider(Adapter):
    """Connects accounts and keeps their tokens alive."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.CONNECT})
    flow: ClassVar[Literal["oauth2", "api_key", "webhook_url", "client_credentials"]]

    @abstractmethod
    async def start(self, ctx: CallContext, req: ConnectStart) -> ConnectRedirect | ConnectForm:
        """Say where to send the person, or what to ask them. No call to the platform is needed."""

    @abstractmethod
    async def complete(self, ctx: CallContext, cb: ConnectCallback) -> TokenGrant:
        """Turn what came back into a grant.

        Raises:
            PermissionMissing: The person refused, or refused a part without which nothing works.
            AuthRevoked: The code was used or expired: the person must start again.
            ConfigError: App id, secret or redirect address are not accepted.
        """

    @abstractmethod
    async def accounts(self, ctx: CallContext, grant: TokenGrant) -> list[RemoteAccount]:
        """List everything the grant reaches, all pages of it, also what cannot be connected."""

    async def refresh(self, ctx: CallContext, grant: TokenGrant) -> TokenGrant:
        """Return a grant with a longer life; an empty refresh token means: keep the old one."""
        raise Unsupported(f"{self.key} has no refresh")

    @abstractmethod
    async def check(self, ctx: CallContext) -> AccountHealth:
        """Ask the platform whether the account's token works and what it may do. Read-only."""

    async def revoke(self, ctx: CallContext, grant: TokenGrant) -> None:
        """Withdraw the consent at the platform. Called only when nobody else uses it."""
        raise Unsupported(f"{self.key} has no revocation")


class Publisher(Adapter):
    """Publishes posts: submit, check, finalize; find after doubt."""

    account_kinds: ClassVar[frozenset[AccountKind]]

    @abstractmethod
    def kinds(self, account_kind: AccountKind) -> tuple[KindSpec, ...]:
        """Return what can be published on such an account, with limits. Pure, no I/O."""

    def preview(self, account_kind: AccountKind) -> PreviewSpec:
        """Return how a post looks there. Pure, no I/O."""
        return PreviewSpec()

    def spec(self, kind: PostKind, account_kind: AccountKind) -> KindSpec:
        """Return the spec of one kind.

        Raises:
            Unsupported: This adapter does not publish that kind on such an account.
        """
        for spec in self.kinds(account_kind):
            if spec.kind == kind:
                return spec
        raise Unsupported(f"{self.key} does not publish {kind} on {account_kind}")

    def validate(self, post: PostRequest, account_kind: AccountKind) -> list[Violation]:
        """Return what the declared limits cannot express. Pure, no I/O; core checks the limits."""
        return []

    @abstractmethod
    async def submit(self, ctx: CallContext, post: PostRequest) -> PublishOutcome:
        """Send the post, or with ``publishes_at="finalize"`` upload what it needs.

        Exactly one request that makes the post visible, without any retry around it.
        """

    async def check(self, ctx: CallContext, handle: Handle) -> PublishOutcome:
        """Read how far the platform is. Read-only."""
        raise Unsupported(f"{self.key} has nothing to check")

    async def finalize(self, ctx: CallContext, post: PostRequest, handle: Handle) -> PublishOutcome:
        """Make what ``submit`` prepared visible, with exactly one request."""
        raise Unsupported(f"{self.key} has nothing to finalize")

    async def find(self, ctx: CallContext, post: PostRequest, attempt: AttemptInfo) -> FindResult:
        """Look whether a send of unknown outcome arrived. Read-only, all pages of the window."""
        raise Unsupported(f"{self.key} cannot look for posts")

    async def delete(self, ctx: CallContext, remote_id: str) -> None:
        """Remove a post. Success if it is gone already."""
        raise Unsupported(f"{self.key} cannot delete")


class MetricsSource(Adapter):
    """Reads counters of posts and accounts."""

    metrics: ClassVar[frozenset[MetricName]]

    @abstractmethod
    async def posts(
        self, ctx: CallContext, ids: Sequence[str], window: Window
    ) -> list[PostMetrics]:
        """Return one row per id, in the same order; an unknown id gives ``found=False``."""

    @abstractmethod
    async def account(self, ctx: CallContext, window: Window) -> AccountMetrics:
        """Return the account's counters over ``window``."""


class MediaStore(Adapter):
    """Keeps files."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.MEDIA_STORE})

    @abstractmethod
    async def put(
        self, ctx: CallContext, meta: MediaMeta, body: AsyncIterator[bytes]
    ) -> StoredMedia:
        """Store the whole body under ``meta.path``; nothing is left behind when it fails."""

    @abstractmethod
    def read(
        self, ctx: CallContext, locator: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start`` up to and without ``end``.

        Raises:
            NotFoundRemote: There is no such file.
        """

    async def share(self, ctx: CallContext, locator: str, req: ShareRequest) -> ShareLink:
        """Return a link that works without signing in; core serves one itself if unsupported."""
        raise Unsupported(f"{self.key} has no share links")

    @abstractmethod
    async def delete(self, ctx: CallContext, locator: str) -> None:
        """Remove the file. Success if it is gone already."""


class LeadSource(Adapter):
    """Brings leads, by asking or by id after a notice."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.LEAD_PULL})

    @abstractmethod
    def pull(self, ctx: CallContext, cursor: str | None) -> AsyncIterator[LeadPage]:
        """Yield pages from ``cursor`` on; each page carries the cursor that continues after it."""

    async def fetch(self, ctx: CallContext, remote_id: str) -> LeadRecord:
        """Return one lead by the id of a notice."""
        raise Unsupported(f"{self.key} has no leads by id")


class WebhookHandler(Adapter):
    """Understands what a platform posts to us. Pure: no I/O in any method."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.WEBHOOK})

    def challenge(self, req: WebhookRequest, secret: bytes) -> WebhookReply | None:
        """Return the answer to a subscription handshake, None if this is not one."""
        return None

    @abstractmethod
    def verify(self, req: WebhookRequest, secret: bytes) -> None:
        """Check the signature over the raw body in constant time.

        Raises:
            SignatureInvalid: It does not match, is missing, or is too old.
        """

    @abstractmethod
    def route(self, req: WebhookRequest) -> list[RouteKey]:
        """Say which remote accounts the request is about."""

    @abstractmethod
    def parse(self, req: WebhookRequest) -> list[InboundEvent]:
        """Return what happened; what is not understood becomes ``UnknownEvent``."""
