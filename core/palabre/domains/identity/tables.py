"""Tables of users, sessions, one-time links, memberships and invitations.

Users, sessions, their refresh tokens and one-time links are global: a person may belong to several
agencies and signs in before any of them is known.
"""

from sqlalchemy import (
    Boolean,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from palabre.db.tables import (
    Moment,
    agency_table,
    created_at,
    fact,
    global_table,
    indexed,
    personal,
    shared_table,
    words,
)

users = global_table(
    "users",
    fact("id", Uuid),
    personal("email", Text, subject="user", purpose="sign-in and notices", retention="account"),
    personal("name", Text, subject="user", purpose="shown to colleagues", retention="account"),
    personal("password_hash", Text, subject="user", purpose="sign-in", retention="account"),
    words("locale"),
    fact("is_operator", Boolean, server_default="false"),
    fact("version", Integer, server_default="1"),
    created_at(),
    fact("verified_at", Moment, nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("email"),
)
"""``email`` is stored in lower case. ``version`` rises when the password is set anew by mail, which
ends every access token. ``verified_at``: when they showed that they read mail sent to ``email``."""

sessions = global_table(
    "sessions",
    fact("id", Uuid),
    fact("user_id", Uuid),
    fact("agency_id", Uuid),
    personal("ip", Text, subject="user", purpose="list of sessions", retention="30 days"),
    personal("user_agent", Text, subject="user", purpose="list of sessions", retention="30 days"),
    created_at(),
    fact("last_used_at", Moment),
    fact("expires_at", Moment),
    fact("revoked_at", Moment, nullable=True),
    words("revoked_reason", nullable=True),
    PrimaryKeyConstraint("id"),
    ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
    indexed("user_id"),
)

refresh_tokens = global_table(
    "refresh_tokens",
    fact("hash", LargeBinary),
    fact("session_id", Uuid),
    created_at(),
    fact("expires_at", Moment),
    fact("used_at", Moment, nullable=True),
    PrimaryKeyConstraint("hash"),
    ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
    indexed("session_id"),
)
"""``hash`` is SHA-256 of the token. A used row stays, so that its reuse is recognised."""

one_time_links = global_table(
    "one_time_links",
    fact("hash", LargeBinary),
    fact("user_id", Uuid),
    fact("agency_id", Uuid),
    words("purpose"),
    created_at(),
    fact("expires_at", Moment),
    fact("used_at", Moment, nullable=True),
    PrimaryKeyConstraint("hash"),
    ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
    indexed("user_id"),
)

invitations = agency_table(
    "invitations",
    fact("hash", LargeBinary),
    personal("email", Text, subject="user", purpose="to invite them", retention="30 days"),
    words("agency_role", nullable=True),
    fact("clients", JSONB),
    words("locale"),
    fact("invited_by", Uuid, nullable=True),
    created_at(),
    fact("expires_at", Moment),
    fact("accepted_at", Moment, nullable=True),
    fact("withdrawn_at", Moment, nullable=True),
    indexed("hash", unique=True),
    indexed("agency_id", "email"),
)
"""``hash`` is SHA-256 of the link's secret. ``clients``: ``[{"client_id": ..., "role": ...}]``."""

memberships = shared_table(
    "memberships",
    fact("user_id", Uuid),
    words("role"),
    fact("may_approve", Boolean),
    created_at(),
    ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
    ForeignKeyConstraint(["agency_id", "client_id"], ["clients.agency_id", "clients.id"]),
    UniqueConstraint("agency_id", "client_id", "user_id", postgresql_nulls_not_distinct=True),
    indexed("user_id"),
)
"""``client_id`` null: a role on the whole agency. ``role``: owner, admin, editor, viewer."""
