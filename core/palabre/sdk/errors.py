"""The closed taxonomy of what can go wrong at a platform; the reaction to each belongs to core.

An adapter translates the platform's answer into one of these and raises it. ``internal`` is for
support: it is capped, never shown to people, and must not carry a token. What people read comes
from ``locales`` under the name of the class.
"""

from collections.abc import Sequence
from datetime import datetime

from palabre.sdk.values import Violation

INTERNAL_CAP = 2000


class PluginError(Exception):
    """Base of the taxonomy. Never raised itself."""

    code: str = "plugin_error"

    def __init__(
        self,
        internal: str = "",
        *,
        remote_code: str | None = None,
        remote_request_id: str | None = None,
        user_key: str | None = None,
        params: dict[str, str | int] | None = None,
    ) -> None:
        """Describe a failure.

        Args:
            internal: What happened, for support; redacted by the caller, cut at 2,000 characters.
            remote_code: The platform's own code, such as ``190/463``.
            remote_request_id: The platform's trace id of the failing call.
            user_key: A sentence of the plugin's ``locales`` that says more than the class's own.
            params: Values for the placeholders of ``user_key``.
        """
        self.internal = internal[:INTERNAL_CAP]
        self.remote_code = remote_code
        self.remote_request_id = remote_request_id
        self.user_key = user_key
        self.params = params or {}
        super().__init__(self.internal)


class ConfigError(PluginError):
    """App id, secret, address or setting is wrong. Core stops and tells the client's admins."""

    code = "config_error"


class AuthExpired(PluginError):
    """The token was refused and a refresh may help. Core refreshes once and tries once more."""

    code = "auth_expired"


class AuthRevoked(PluginError):
    """The person withdrew access. The account needs reconnecting; its publications are held."""

    code = "auth_revoked"


class PermissionMissing(PluginError):
    """A scope or a role at the platform is missing. As AuthRevoked, with the scopes named."""

    code = "permission_missing"

    def __init__(self, internal: str = "", *, scopes: Sequence[str] = (), **more: object) -> None:
        super().__init__(internal, **more)  # type: ignore[arg-type]  # same keywords as the base
        self.scopes = tuple(scopes)


class InvalidContent(PluginError):
    """The platform refuses this content. Back to the author; no retry."""

    code = "invalid_content"

    def __init__(
        self, internal: str = "", *, violations: Sequence[Violation] = (), **more: object
    ) -> None:
        super().__init__(internal, **more)  # type: ignore[arg-type]  # same keywords as the base
        self.violations = tuple(violations)


class RateLimited(PluginError):
    """A short window is full. Moved to ``retry_after_s`` seconds from now; bucket shared."""

    code = "rate_limited"

    def __init__(self, internal: str = "", *, retry_after_s: float = 60.0, **more: object) -> None:
        super().__init__(internal, **more)  # type: ignore[arg-type]  # same keywords as the base
        self.retry_after_s = retry_after_s


class QuotaExhausted(PluginError):
    """A daily or monthly cap is reached. Moved to ``until``; the date is shown."""

    code = "quota_exhausted"

    def __init__(self, internal: str = "", *, until: datetime, **more: object) -> None:
        super().__init__(internal, **more)  # type: ignore[arg-type]  # same keywords as the base
        self.until = until


class PolicyBlocked(QuotaExhausted):
    """The platform asks this account to stop for a while (spam suspicion). Nothing before."""

    code = "policy_blocked"


class Transient(PluginError):
    """Nothing happened at the platform and trying again may work. Retried with back-off."""

    code = "transient"

    def __init__(
        self, internal: str = "", *, retry_after_s: float | None = None, **more: object
    ) -> None:
        super().__init__(internal, **more)  # type: ignore[arg-type]  # same keywords as the base
        self.retry_after_s = retry_after_s


class UnknownOutcome(PluginError):
    """The request left and no usable answer came: it may have worked. Never sent again blindly."""

    code = "unknown_outcome"


class Duplicate(PluginError):
    """The platform says it has this already; ``remote_id`` names the earlier one where known."""

    code = "duplicate"

    def __init__(self, internal: str = "", *, remote_id: str | None = None, **more: object) -> None:
        super().__init__(internal, **more)  # type: ignore[arg-type]  # same keywords as the base
        self.remote_id = remote_id


class NotFoundRemote(PluginError):
    """The post, page or file is gone at the platform. Marked as removed there."""

    code = "not_found_remote"


class BillingStopped(PluginError):
    """The platform stopped serving for want of payment. Held until a person settles it."""

    code = "billing_stopped"


class SpendNotApproved(PluginError):
    """An advertising call without a valid approval. Stopped; a security event."""

    code = "spend_not_approved"


class SignatureInvalid(PluginError):
    """An inbound webhook whose signature does not match. 401 and counted."""

    code = "signature_invalid"


class Unsupported(PluginError):
    """The adapter does not do this. 409."""

    code = "unsupported"


class NotEnabled(PluginError):
    """The plugin is off for this client. 403; says who can turn it on."""

    code = "not_enabled"


class PluginBug(PluginError):
    """Any other exception of a plugin, as core wraps it. Never retried where something is sent."""

    code = "plugin_bug"


TAXONOMY: tuple[type[PluginError], ...] = (
    ConfigError,
    AuthExpired,
    AuthRevoked,
    PermissionMissing,
    InvalidContent,
    RateLimited,
    QuotaExhausted,
    PolicyBlocked,
    Transient,
    UnknownOutcome,
    Duplicate,
    NotFoundRemote,
    BillingStopped,
    SpendNotApproved,
    SignatureInvalid,
    Unsupported,
    NotEnabled,
    PluginBug,
)
"""Every class core reacts to; the list is pinned by a test."""
