"""Tables of publications and their steps."""

from sqlalchemy import BigInteger, Boolean, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from palabre.db.tables import (
    Moment,
    client_table,
    created_at,
    fact,
    indexed,
    refers,
    unique,
    updated_at,
    words,
)

publications = client_table(
    "publications",
    fact("piece_id", Uuid),
    fact("account_id", Uuid),
    fact("content", JSONB),
    words("content_hash"),
    words("state"),
    words("held_reason", nullable=True),
    fact("needs_person", Boolean, server_default="false"),
    fact("due_at", Moment),
    words("local_time"),
    words("time_zone"),
    fact("attempt", Integer, server_default="0"),
    words("remote_id", nullable=True),
    fact("permalink", Text, nullable=True),
    fact("published_at", Moment, nullable=True),
    fact("failure", JSONB, nullable=True),
    fact("created_by", Uuid, nullable=True),
    created_at(),
    updated_at(),
    refers("piece_id", "pieces"),
    refers("account_id", "accounts"),
    indexed("agency_id", "client_id", "created_at", "id"),
    indexed("agency_id", "created_at", "id"),
    indexed("agency_id", "client_id", "account_id", "content_hash"),
)
"""``content``: the frozen PostRequest fields. ``failure``: code, params, remote code and
request id, who acts, whether it is online, next time."""

publication_steps = client_table(
    "publication_steps",
    fact("publication_id", Uuid),
    fact("n", Integer),
    fact("attempt", Integer),
    words("kind"),
    words("state"),
    fact("fence", BigInteger),
    fact("prepared_at", Moment, nullable=True),
    fact("sent_at", Moment, nullable=True),
    fact("finished_at", Moment, nullable=True),
    fact("handle", JSONB, nullable=True),
    words("remote_id", nullable=True),
    words("error_code", nullable=True),
    created_at(),
    refers("publication_id", "publications", on_delete="CASCADE"),
    unique("publication_id", "n", "attempt"),
)
"""One row per send of a publication: its intent (``sent_at``), its fence and its outcome."""
