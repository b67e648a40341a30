"""Tables of the audit chain: entries, heads, and the personal side rows that can be erased."""

from sqlalchemy import BigInteger, LargeBinary, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSON

from palabre.db.tables import Moment, fact, personal, shared_table, words

audit_entries = shared_table(
    "audit_entries",
    fact("n", BigInteger),
    fact("at", Moment),
    words("actor_kind"),
    fact("actor_id", Uuid, nullable=True),
    words("action"),
    words("target_kind"),
    fact("target_id", Uuid, nullable=True),
    fact("details", JSON),
    fact("personal_digest", LargeBinary),
    fact("prev", LargeBinary),
    fact("hash", LargeBinary),
    UniqueConstraint("agency_id", "client_id", "n", postgresql_nulls_not_distinct=True),
    home="client",
)
"""``n``, ``at``, ``prev``, ``hash``: set by the database; ``details`` keeps its exact text."""

audit_heads = shared_table(
    "audit_heads",
    fact("n", BigInteger),
    fact("hash", LargeBinary),
    UniqueConstraint("agency_id", "client_id", postgresql_nulls_not_distinct=True),
    home="client",
)

audit_personal = shared_table(
    "audit_personal",
    fact("salt", LargeBinary),
    personal("actor_name", Text, subject="user", purpose="audit", retention="account"),
    personal("ip", Text, subject="user", purpose="audit", retention="account"),
    personal("user_agent", Text, subject="user", purpose="audit", retention="account"),
    home="client",
)
"""Same id as its entry, whose ``personal_digest`` covers it: erasing this row breaks no chain."""
