"""Tables of agencies, clients and brands."""

from sqlalchemy import (
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from palabre.db.tables import client_table, created_at, fact, metadata, personal, updated_at, words

agencies = Table(
    "agencies",
    metadata,
    fact("id", Uuid),
    personal("name", Text, subject="user", purpose="name of the agency", retention="account"),
    words("locale"),
    words("time_zone"),
    created_at(),
    PrimaryKeyConstraint("id"),
    info={"level": "agency", "home": "control"},
)

clients = Table(
    "clients",
    metadata,
    fact("agency_id", Uuid),
    fact("id", Uuid),
    personal("name", Text, subject="user", purpose="name of the client", retention="client"),
    words("slug"),
    words("time_zone"),
    words("locale"),
    words("colour"),
    words("isolation", server_default="pooled"),
    created_at(),
    updated_at(),
    PrimaryKeyConstraint("agency_id", "id"),
    UniqueConstraint("agency_id", "slug"),
    ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
    info={"level": "client", "home": "control"},
)

client_anchor = Table(
    "client_anchor",
    metadata,
    fact("agency_id", Uuid),
    fact("client_id", Uuid),
    created_at(),
    PrimaryKeyConstraint("agency_id", "client_id"),
    info={"level": "client", "home": "client"},
)
"""What every client table refers to: the client's presence in this database."""

brands = client_table(
    "brands",
    words("name"),
    words("voice", server_default=""),
    created_at(),
    updated_at(),
)
