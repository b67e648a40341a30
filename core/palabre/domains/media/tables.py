"""Table of the client's files."""

from sqlalchemy import BigInteger, Integer, Text, Uuid

from palabre.db.tables import client_table, created_at, fact, indexed, personal, words

media = client_table(
    "media",
    words("store"),
    words("locator"),
    personal(
        "filename", Text, subject="user", purpose="name given by the uploader", retention="client"
    ),
    words("content_type"),
    fact("size", BigInteger),
    fact("width", Integer, nullable=True),
    fact("height", Integer, nullable=True),
    words("sha256"),
    words("alt_text", server_default=""),
    fact("created_by", Uuid, nullable=True),
    created_at(),
    indexed("agency_id", "client_id", "created_at", "id"),
)
"""``store``: key of the media store adapter; ``locator`` finds the file there."""
