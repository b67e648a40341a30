"""Tables of due work, events, schedules and kept answers."""

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from palabre.db.tables import (
    Moment,
    client_table,
    created_at,
    fact,
    indexed,
    unique,
    updated_at,
    words,
)

work = client_table(
    "work",
    words("queue"),
    words("kind"),
    fact("subject_id", Uuid),
    fact("due_at", Moment),
    words("state", server_default="waiting"),
    fact("lease_until", Moment, nullable=True),
    fact("fence", BigInteger, server_default="0"),
    fact("attempt", Integer, server_default="0"),
    words("last_error", nullable=True),
    created_at(),
    updated_at(),
    unique("kind", "subject_id"),
    indexed(
        "queue",
        "agency_id",
        "client_id",
        "due_at",
        name="work_due_idx",
        postgresql_where=text("state = 'waiting'"),
    ),
    indexed(
        "queue", "lease_until", name="work_leased_idx", postgresql_where=text("state = 'leased'")
    ),
)
"""One row per subject and kind: when it is due, who holds it. ``state``: waiting, leased, done."""

events = client_table(
    "events",
    words("name"),
    fact("body", JSONB),
    created_at(),
    fact("relayed_at", Moment, nullable=True),
    indexed("created_at", name="events_waiting_idx", postgresql_where=text("relayed_at IS NULL")),
)

schedules = client_table(
    "schedules",
    words("queue"),
    words("kind"),
    fact("subject_id", Uuid),
    words("rule"),
    words("time_zone"),
    fact("next_due_at", Moment),
    fact("enabled", Boolean, server_default="true"),
    created_at(),
    updated_at(),
    unique("kind", "subject_id"),
    indexed("next_due_at", name="schedules_due_idx", postgresql_where=text("enabled")),
)
"""``rule``: a five-field cron expression in ``time_zone``."""

idempotency_keys = client_table(
    "idempotency_keys",
    words("key"),
    fact("request_hash", LargeBinary),
    fact("status", Integer, nullable=True),
    fact("answer", Text, nullable=True),
    created_at(),
    unique("key"),
)
"""Answers to calls with an Idempotency-Key, kept 24 h. ``status`` null: still being handled."""
