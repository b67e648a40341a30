"""Tables of plugin settings, of what is on for a client, and of what adapters remember."""

from sqlalchemy import Boolean, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from palabre.db.tables import (
    agency_table,
    client_table,
    created_at,
    fact,
    unique,
    updated_at,
    words,
)

agency_plugins = agency_table(
    "agency_plugins",
    words("plugin"),
    fact("settings", JSONB),
    fact("secrets", Text, nullable=True),
    fact("secret_times", JSONB),
    fact("updated_by", Uuid, nullable=True),
    created_at(),
    updated_at(),
    UniqueConstraint("agency_id", "plugin"),
)
"""Settings of a plugin for the whole agency. ``secrets``: vault text of a JSON object;
``secret_times``: field to the time it was set."""

client_plugins = client_table(
    "client_plugins",
    words("plugin"),
    fact("enabled", Boolean),
    fact("settings", JSONB),
    fact("secrets", Text, nullable=True),
    fact("secret_times", JSONB),
    fact("updated_by", Uuid, nullable=True),
    created_at(),
    updated_at(),
    unique("plugin"),
    home="control",
)
"""A missing row means off."""

plugin_state = client_table(
    "plugin_state",
    words("plugin"),
    words("subject_kind"),
    fact("subject_id", Uuid),
    words("key"),
    words("value"),
    updated_at(),
    unique("plugin", "subject_kind", "subject_id", "key"),
)
"""Small texts adapters keep for a subject (``publication``, ``account``)."""
