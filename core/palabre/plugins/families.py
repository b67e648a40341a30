"""The families of adapters as data: their hook, base class, operations and what each may return."""

from collections.abc import Mapping
from types import MappingProxyType, NoneType
from typing import Any, Literal, get_args

from msgspec import Struct

from palabre.sdk.adapters import (
    Adapter,
    AuthProvider,
    LeadSource,
    MediaStore,
    MetricsSource,
    Publisher,
    WebhookHandler,
)
from palabre.sdk.connect import (
    AccountHealth,
    ConnectForm,
    ConnectRedirect,
    RemoteAccount,
    TokenGrant,
)
from palabre.sdk.leads import LeadPage, LeadRecord
from palabre.sdk.measure import AccountMetrics, PostMetrics
from palabre.sdk.publish import FindResult, KindSpec, PreviewSpec, PublishOutcome
from palabre.sdk.stores import ShareLink, StoredMedia
from palabre.sdk.values import Capability, Violation
from palabre.sdk.webhooks import InboundEvent, RouteKey, WebhookReply

FamilyName = Literal["auth", "publisher", "metrics", "media", "leads", "webhooks"]


class Op(Struct, frozen=True, kw_only=True):
    """One operation of a family.

    ``returns`` are the exact types of the result, or of each item of ``container``. ``mutating``
    operations change something at the platform: when they time out, nobody knows whether they did.
    ``optional`` ones have a base that raises ``Unsupported``.
    """

    returns: frozenset[type]
    container: type[list[Any] | tuple[Any, ...]] | None = None
    mode: Literal["call", "pure", "stream"] = "call"
    mutating: bool = False
    capability: Capability | None = None
    optional: bool = False

    def fits(self, result: Any) -> bool:
        """Tell whether ``result`` has exactly the type the contract promises."""
        if self.container is None:
            return type(result) in self.returns
        if type(result) is not self.container:
            return False
        return all(type(item) in self.returns for item in result)


class Family(Struct, frozen=True, kw_only=True):
    """One kind of adapter: the hook that hands them over, their base class, their operations."""

    name: FamilyName
    hook: str
    base: type[Adapter]
    ops: Mapping[str, Op]

    @property
    def streams(self) -> bool:
        """Whether an operation yields items one after the other."""
        return any(op.mode == "stream" for op in self.ops.values())


def _op(*returns: Any, **more: Any) -> Op:
    """Describe an operation; a union among ``returns`` stands for its members."""
    types: set[type] = set()
    for item in returns:
        members: tuple[type, ...] = get_args(item) or (item,)
        types.update(members)
    return Op(returns=frozenset(types), **more)


_AUTH = {
    "start": _op(ConnectRedirect, ConnectForm),
    "complete": _op(TokenGrant, mutating=True),
    "accounts": _op(RemoteAccount, container=list),
    "refresh": _op(TokenGrant, mutating=True, optional=True),
    "check": _op(AccountHealth),
    "revoke": _op(NoneType, mutating=True, optional=True),
}
_PUBLISHER = {
    "kinds": _op(KindSpec, container=tuple, mode="pure"),
    "preview": _op(PreviewSpec, mode="pure"),
    "spec": _op(KindSpec, mode="pure"),
    "validate": _op(Violation, container=list, mode="pure"),
    "submit": _op(PublishOutcome, mutating=True),
    "check": _op(PublishOutcome, optional=True),
    "finalize": _op(PublishOutcome, mutating=True, optional=True),
    "find": _op(FindResult, optional=True),
    "delete": _op(NoneType, mutating=True, optional=True, capability=Capability.PUBLISH_DELETE),
}
_METRICS = {
    "posts": _op(PostMetrics, container=list, capability=Capability.METRICS_POST),
    "account": _op(AccountMetrics, capability=Capability.METRICS_ACCOUNT),
}
_MEDIA = {
    "put": _op(StoredMedia, mutating=True, capability=Capability.MEDIA_STORE),
    "read": _op(bytes, mode="stream", capability=Capability.MEDIA_STORE),
    "share": _op(ShareLink, optional=True, capability=Capability.MEDIA_SHARE),
    "delete": _op(NoneType, mutating=True, capability=Capability.MEDIA_STORE),
}
_LEADS = {
    "pull": _op(LeadPage, mode="stream", capability=Capability.LEAD_PULL),
    "fetch": _op(LeadRecord, optional=True),
}
_WEBHOOKS = {
    "challenge": _op(WebhookReply, NoneType, mode="pure"),
    "verify": _op(NoneType, mode="pure"),
    "route": _op(RouteKey, container=list, mode="pure"),
    "parse": _op(InboundEvent, container=list, mode="pure"),
}


def _family(name: FamilyName, hook: str, base: type[Adapter], ops: dict[str, Op]) -> Family:
    return Family(name=name, hook=hook, base=base, ops=MappingProxyType(ops))


FAMILIES: Mapping[FamilyName, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            _family("auth", "palabre_auth_providers", AuthProvider, _AUTH),
            _family("publisher", "palabre_publishers", Publisher, _PUBLISHER),
            _family("metrics", "palabre_metrics_sources", MetricsSource, _METRICS),
            _family("media", "palabre_media_stores", MediaStore, _MEDIA),
            _family("leads", "palabre_lead_sources", LeadSource, _LEADS),
            _family("webhooks", "palabre_webhooks", WebhookHandler, _WEBHOOKS),
        )
    }
)
