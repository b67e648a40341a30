"""Table of wrapped data keys."""

from sqlalchemy import Index, Text, text

from palabre.db.tables import created_at, fact, shared_table, words

data_keys = shared_table(
    "data_keys",
    words("kid"),
    words("master_kid"),
    fact("wrapped", Text),
    words("state", server_default="active"),
    created_at(),
    Index(
        "data_keys_active_idx",
        "agency_id",
        "client_id",
        unique=True,
        postgresql_where=text("state = 'active'"),
        postgresql_nulls_not_distinct=True,
    ),
    home="client",
)
"""``wrapped``: the data key encrypted by the master key ``master_kid``."""
