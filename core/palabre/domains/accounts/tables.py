"""Tables of connect attempts, grants and accounts."""

from sqlalchemy import BigInteger, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from palabre.db.tables import (
    Moment,
    client_table,
    created_at,
    fact,
    indexed,
    personal,
    refers,
    unique,
    updated_at,
    words,
)

grants = client_table(
    "grants",
    words("plugin"),
    personal(
        "subject_id",
        Text,
        subject="account_holder",
        purpose="which consent this is",
        retention="client",
    ),
    personal(
        "subject_name",
        Text,
        subject="account_holder",
        purpose="shown to the team",
        retention="client",
    ),
    fact("access_token", Text),
    fact("refresh_token", Text, nullable=True),
    fact("expires_at", Moment, nullable=True),
    fact("refresh_expires_at", Moment, nullable=True),
    fact("data_access_expires_at", Moment, nullable=True),
    fact("scopes", JSONB),
    fact("version", Integer, server_default="1"),
    created_at(),
    updated_at(),
    unique("plugin", "subject_id"),
)
"""One consent with its tokens (vault texts). ``version`` rises with every refresh."""

accounts = client_table(
    "accounts",
    words("adapter"),
    words("plugin"),
    words("platform"),
    words("remote_id"),
    words("kind"),
    personal(
        "name", Text, subject="account_holder", purpose="shown to the team", retention="client"
    ),
    personal(
        "username", Text, subject="account_holder", purpose="shown to the team", retention="client"
    ),
    personal(
        "picture_url",
        Text,
        subject="account_holder",
        purpose="shown to the team",
        retention="client",
    ),
    words("url"),
    fact("followers", BigInteger, nullable=True),
    fact("grant_id", Uuid),
    fact("access_token", Text, nullable=True),
    fact("expires_at", Moment, nullable=True),
    fact("extra", JSONB),
    fact("scopes", JSONB),
    words("state"),
    words("error_code", nullable=True),
    fact("error_params", JSONB, nullable=True),
    fact("error_at", Moment, nullable=True),
    fact("last_used_at", Moment, nullable=True),
    fact("connected_at", Moment),
    created_at(),
    updated_at(),
    unique("platform", "remote_id"),
    refers("grant_id", "grants"),
)
"""``state``: active, expiring, needs_reconnect, revoked, disconnected. ``access_token``: vault text
where the platform gives the account a token of its own, else null (the grant's is used)."""

connect_attempts = client_table(
    "connect_attempts",
    words("adapter"),
    fact("account_id", Uuid, nullable=True),
    words("state"),
    fact("started_by", Uuid, nullable=True),
    personal(
        "started_by_name",
        Text,
        subject="user",
        purpose="shown in the connect window",
        retention="1 day",
    ),
    words("locale"),
    words("origin"),
    fact("state_hash", LargeBinary, nullable=True),
    fact("cookie_hash", LargeBinary, nullable=True),
    fact("verifier", Text, nullable=True),
    words("redirect_uri"),
    fact("pending_grant", Text, nullable=True),
    fact("choices", JSONB),
    fact("connected", JSONB),
    words("error_code", nullable=True),
    fact("error_params", JSONB, nullable=True),
    created_at(),
    fact("expires_at", Moment),
    indexed("state_hash", unique=True),
    home="control",
)
"""``state``: waiting, choosing, connected, refused, failed, expired, cancelled. ``verifier`` and
``pending_grant`` are vault texts, removed when the attempt ends; ``connected``: account ids."""
