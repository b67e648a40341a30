"""Tables of pieces and their files."""

from sqlalchemy import Integer, Text, Uuid

from palabre.db.tables import (
    client_table,
    created_at,
    fact,
    indexed,
    refers,
    unique,
    updated_at,
    words,
)

pieces = client_table(
    "pieces",
    fact("brand_id", Uuid, nullable=True),
    words("text"),
    fact("link", Text, nullable=True),
    words("state", server_default="draft"),
    fact("version", Integer, server_default="1"),
    fact("created_by", Uuid, nullable=True),
    created_at(),
    updated_at(),
    refers("brand_id", "brands"),
    indexed("agency_id", "client_id", "created_at", "id"),
)
"""``version`` rises with every edit; an edit names the version it was made from."""

piece_media = client_table(
    "piece_media",
    fact("piece_id", Uuid),
    fact("media_id", Uuid),
    fact("position", Integer),
    refers("piece_id", "pieces", on_delete="CASCADE"),
    refers("media_id", "media"),
    unique("piece_id", "position"),
)
