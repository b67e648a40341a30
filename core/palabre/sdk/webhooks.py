"""Values of inbound webhooks: the raw request, its routing, the closed union of what it means."""

from typing import Literal

from palabre.sdk.leads import LeadRecord
from palabre.sdk.values import Instant, Value


class WebhookRequest(Value, frozen=True, kw_only=True):
    """A request as it arrived: raw bytes, header names in lower case."""

    method: str
    path: str
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: bytes = b""


class WebhookReply(Value, frozen=True, kw_only=True):
    """What to answer at once (a subscription handshake)."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"


class RouteKey(Value, frozen=True, kw_only=True):
    """A remote account the request is about; core maps it to the clients that connected it."""

    platform: str
    remote_id: str


class LeadNotice(Value, frozen=True, kw_only=True, tag="lead_notice"):
    """A lead exists and must be fetched by id."""

    route: RouteKey
    remote_id: str
    event_id: str


class LeadArrived(Value, frozen=True, kw_only=True, tag="lead_arrived"):
    """A lead with its record."""

    route: RouteKey
    lead: LeadRecord
    event_id: str


class PublicationUpdate(Value, frozen=True, kw_only=True, tag="publication_update"):
    """News about something we sent: by our id where the sender echoes it, else by remote id."""

    route: RouteKey | None
    status: Literal["published", "failed", "removed"]
    event_id: str
    publication_id: str = ""
    remote_id: str = ""
    url: str = ""
    reason: str = ""
    at: Instant | None = None


class AccountRevoked(Value, frozen=True, kw_only=True, tag="account_revoked"):
    """The person withdrew the app at the platform."""

    route: RouteKey
    event_id: str


class CommentNotice(Value, frozen=True, kw_only=True, tag="comment"):
    """Somebody commented."""

    route: RouteKey
    post_id: str
    comment_id: str
    event_id: str
    text: str = ""


class DeletionRequest(Value, frozen=True, kw_only=True, tag="deletion_request"):
    """A person asks, through the platform, for the erasure of their data."""

    subject_id: str
    event_id: str


class UnknownEvent(Value, frozen=True, kw_only=True, tag="unknown"):
    """Genuine but not understood: kept and answered with success."""

    name: str
    event_id: str


InboundEvent = (
    LeadArrived
    | LeadNotice
    | PublicationUpdate
    | AccountRevoked
    | CommentNotice
    | DeletionRequest
    | UnknownEvent
)
