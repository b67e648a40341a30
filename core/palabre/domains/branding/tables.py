"""Tables of the look of agencies and clients, and of the domains they bring."""

from sqlalchemy import LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from palabre.db.tables import (
    Moment,
    created_at,
    fact,
    indexed,
    personal,
    shared_table,
    updated_at,
    words,
)

branding = shared_table(
    "branding",
    words("colour", nullable=True),
    fact("roles", JSONB(none_as_null=True), nullable=True),
    personal(
        "sender_name",
        Text,
        subject="user",
        purpose="name that mail is sent under",
        retention="account",
        nullable=True,
    ),
    fact("logo", LargeBinary, nullable=True),
    words("logo_type", nullable=True),
    words("logo_sha256", nullable=True),
    fact("updated_by", Uuid, nullable=True),
    created_at(),
    updated_at(),
)
"""At most one row per agency and per client: its ``id`` is that of the agency or client."""

custom_domains = shared_table(
    "custom_domains",
    words("host"),
    words("state", server_default="waiting"),
    words("token"),
    fact("verified_at", Moment, nullable=True),
    fact("created_by", Uuid, nullable=True),
    created_at(),
    indexed(
        "host",
        name="custom_domains_host_idx",
        unique=True,
        postgresql_where=text("state = 'verified'"),
    ),
)
"""Hosts in ASCII. Anybody may wait for a host; only who proves that it is theirs has it."""
