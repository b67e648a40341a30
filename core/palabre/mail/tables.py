"""The table of mails: one row per letter, from the transaction of its cause until it is gone."""

from sqlalchemy import Integer, PrimaryKeyConstraint, Text, Uuid, text

from palabre.db.tables import Moment, created_at, fact, global_table, indexed, personal, words

mails = global_table(
    "mails",
    fact("id", Uuid),
    fact("agency_id", Uuid, nullable=True),
    fact("client_id", Uuid, nullable=True),
    fact("told_id", Uuid, nullable=True),
    words("template"),
    words("locale"),
    personal("sender_name", Text, subject="user", purpose="delivery of mail", retention="30 days"),
    personal("recipient", Text, subject="user", purpose="delivery of mail", retention="30 days"),
    personal("subject", Text, subject="user", purpose="delivery of mail", retention="30 days"),
    personal("text_body", Text, subject="user", purpose="delivery of mail", retention="30 days"),
    personal("html_body", Text, subject="user", purpose="delivery of mail", retention="30 days"),
    words("state", server_default="waiting"),
    fact("attempts", Integer, server_default="0"),
    created_at(),
    fact("next_at", Moment),
    fact("lease_until", Moment, nullable=True),
    fact("sent_at", Moment, nullable=True),
    words("last_error", nullable=True),
    PrimaryKeyConstraint("id"),
    indexed(
        "next_at", name="mails_open_idx", postgresql_where=text("state IN ('waiting', 'sending')")
    ),
    indexed("created_at"),
)
"""``state``: waiting, sending, sent, failed. Bodies may hold a link that signs somebody in: they
are emptied when the letter is gone. ``told_id``: the person who learns that it cannot be delivered,
in the agency (and client) named here.
"""
