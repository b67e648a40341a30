"""The table of API keys."""

from sqlalchemy import LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from palabre.db.tables import (
    Moment,
    client_table,
    created_at,
    fact,
    indexed,
    personal,
    words,
)

api_keys = client_table(
    "api_keys",
    words("kid"),
    words("kind"),
    words("name"),
    fact("hash", LargeBinary),
    fact("scopes", JSONB),
    fact("origins", JSONB),
    fact("addresses", JSONB),
    fact("created_by", Uuid, nullable=True),
    created_at(),
    fact("expires_at", Moment, nullable=True),
    fact("last_used_at", Moment, nullable=True),
    personal(
        "last_used_ip",
        Text,
        subject="user",
        purpose="where a key is used from",
        retention="30 days",
        server_default="",
    ),
    fact("revoked_at", Moment, nullable=True),
    indexed("kid", unique=True),
    home="control",
)
"""``kid`` is the public part of the key, ``kind`` secret or publishable, ``hash`` the HMAC-SHA-256
of a secret key (empty for publishable ones). ``scopes``: actions; ``origins``: sites that may use a
publishable key; ``addresses``: networks a secret key works from, any when empty."""
