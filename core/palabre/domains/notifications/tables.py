"""Tables of notices and of what each person wants to be told."""

from sqlalchemy import (
    Boolean,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from palabre.db.tables import (
    Moment,
    created_at,
    fact,
    global_table,
    indexed,
    personal,
    shared_table,
    unique,
    updated_at,
    words,
)

notices = shared_table(
    "notices",
    fact("user_id", Uuid),
    words("kind"),
    personal(
        "params",
        JSONB,
        subject="account_holder",
        purpose="telling people what happened to an account",
        retention="90 days",
    ),
    words("target_kind", nullable=True),
    fact("target_id", Uuid, nullable=True),
    fact("cause_id", Uuid),
    fact("in_app", Boolean),
    fact("mail_wanted", Boolean),
    created_at(),
    fact("mailed_at", Moment, nullable=True),
    fact("read_at", Moment, nullable=True),
    ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
    ForeignKeyConstraint(["agency_id", "client_id"], ["clients.agency_id", "clients.id"]),
    unique("user_id", "cause_id"),
    indexed("agency_id", "user_id", "created_at", "id"),
    Index(
        "notices_unread_idx",
        "agency_id",
        "user_id",
        postgresql_where=text("in_app AND read_at IS NULL"),
    ),
    Index(
        "notices_to_mail_idx",
        "agency_id",
        "client_id",
        "user_id",
        "kind",
        postgresql_where=text("mail_wanted"),
    ),
)
"""One row per person and cause (the event, or the mail that failed), so that an event told twice is
one notice. ``in_app``: stands under the bell. ``mail_wanted``: a mail is to say it; ``mailed_at``:
when one did. A notice read before its mail went wants none any more.
"""

notification_preferences = global_table(
    "notification_preferences",
    fact("user_id", Uuid),
    words("kind"),
    fact("in_app", Boolean),
    fact("email", Boolean),
    updated_at(),
    PrimaryKeyConstraint("user_id", "kind"),
    ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
)
"""What a person chose for a kind, in every agency they belong to; no row: the kind's default."""
