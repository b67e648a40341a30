"""The first schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from palabre.db.migrating import let_in, own, raise_walls, run_sql

revision: str = "20261121030000"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("agencies_pkey")),
        info={"level": "agency", "home": "control"},
    )
    op.create_table(
        "audit_entries",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSON(astext_type=sa.Text()), nullable=False),
        sa.Column("personal_digest", sa.LargeBinary(), nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("audit_entries_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "n",
            name=op.f("audit_entries_agency_id_client_id_n_key"),
            postgresql_nulls_not_distinct=True,
        ),
        info={"level": "shared", "home": "client"},
    )
    op.create_table(
        "audit_heads",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("audit_heads_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            name=op.f("audit_heads_agency_id_client_id_key"),
            postgresql_nulls_not_distinct=True,
        ),
        info={"level": "shared", "home": "client"},
    )
    op.create_table(
        "audit_personal",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("audit_personal_pkey")),
        info={"level": "shared", "home": "client"},
    )
    op.create_table(
        "branding",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column(
            "roles", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("sender_name", sa.Text(), nullable=True),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_type", sa.Text(), nullable=True),
        sa.Column("logo_sha256", sa.Text(), nullable=True),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("branding_pkey")),
        info={"level": "shared", "home": "control"},
    )
    op.create_table(
        "client_anchor",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", name=op.f("client_anchor_pkey")),
        info={"level": "client", "home": "client"},
    )
    op.create_table(
        "custom_domains",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("custom_domains_pkey")),
        info={"level": "shared", "home": "control"},
    )
    op.create_index(
        "custom_domains_host_idx",
        "custom_domains",
        ["host"],
        unique=True,
        postgresql_where=sa.text("state = 'verified'"),
    )
    op.create_table(
        "data_keys",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("master_kid", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("data_keys_pkey")),
        info={"level": "shared", "home": "client"},
    )
    op.create_index(
        "data_keys_active_idx",
        "data_keys",
        ["agency_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("state = 'active'"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("told_id", sa.Uuid(), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text_body", sa.Text(), nullable=False),
        sa.Column("html_body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("mails_pkey")),
        info={"level": "global", "home": "control"},
    )
    op.create_index(op.f("mails_created_at_idx"), "mails", ["created_at"], unique=False)
    op.create_index(
        "mails_open_idx",
        "mails",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("is_operator", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
        sa.UniqueConstraint("email", name=op.f("users_email_key")),
        info={"level": "global", "home": "control"},
    )
    op.create_table(
        "agency_plugins",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=True),
        sa.Column("secret_times", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("agency_plugins_agency_id_fkey")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("agency_plugins_pkey")),
        sa.UniqueConstraint(
            "agency_id", "plugin", name=op.f("agency_plugins_agency_id_plugin_key")
        ),
        info={"level": "agency", "home": "control"},
    )
    op.create_table(
        "api_keys",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("origins", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("addresses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_ip", sa.Text(), server_default="", nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("api_keys_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("api_keys_pkey")),
        info={"level": "client", "home": "control"},
    )
    op.create_index(op.f("api_keys_kid_idx"), "api_keys", ["kid"], unique=True)
    op.create_table(
        "brands",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("voice", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("brands_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("brands_pkey")),
        info={"level": "client", "home": "client"},
    )
    op.create_table(
        "client_plugins",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=True),
        sa.Column("secret_times", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("client_plugins_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("client_plugins_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "plugin",
            name=op.f("client_plugins_agency_id_client_id_plugin_key"),
        ),
        info={"level": "client", "home": "control"},
    )
    op.create_table(
        "clients",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("isolation", sa.Text(), server_default="pooled", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("clients_agency_id_fkey")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("clients_pkey")),
        sa.UniqueConstraint("agency_id", "slug", name=op.f("clients_agency_id_slug_key")),
        info={"level": "client", "home": "control"},
    )
    op.create_table(
        "connect_attempts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_by_name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=True),
        sa.Column("cookie_hash", sa.LargeBinary(), nullable=True),
        sa.Column("verifier", sa.Text(), nullable=True),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("pending_grant", sa.Text(), nullable=True),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("connected", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_params", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("connect_attempts_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("connect_attempts_pkey")),
        info={"level": "client", "home": "control"},
    )
    op.create_index(
        op.f("connect_attempts_state_hash_idx"), "connect_attempts", ["state_hash"], unique=True
    )
    op.create_table(
        "events",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("relayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("events_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("events_pkey")),
        info={"level": "client", "home": "client"},
    )
    op.create_index(
        "events_waiting_idx",
        "events",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("relayed_at IS NULL"),
    )
    op.create_table(
        "grants",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("data_access_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("grants_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("grants_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "plugin",
            "subject_id",
            name=op.f("grants_agency_id_client_id_plugin_subject_id_key"),
        ),
        info={"level": "client", "home": "client"},
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("idempotency_keys_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("idempotency_keys_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "key",
            name=op.f("idempotency_keys_agency_id_client_id_key_key"),
        ),
        info={"level": "client", "home": "client"},
    )
    op.create_table(
        "invitations",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("agency_role", sa.Text(), nullable=True),
        sa.Column("clients", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("invitations_agency_id_fkey")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("invitations_pkey")),
        info={"level": "agency", "home": "control"},
    )
    op.create_index(
        op.f("invitations_agency_id_email_idx"), "invitations", ["agency_id", "email"], unique=False
    )
    op.create_index(op.f("invitations_hash_idx"), "invitations", ["hash"], unique=True)
    op.create_table(
        "media",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("alt_text", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("media_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("media_pkey")),
        info={"level": "client", "home": "client"},
    )
    op.create_index(
        op.f("media_agency_id_client_id_created_at_id_idx"),
        "media",
        ["agency_id", "client_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("notification_preferences_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("notification_preferences_pkey")),
        info={"level": "global", "home": "control"},
    )
    op.create_table(
        "one_time_links",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("one_time_links_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("one_time_links_pkey")),
        info={"level": "global", "home": "control"},
    )
    op.create_index(op.f("one_time_links_user_id_idx"), "one_time_links", ["user_id"], unique=False)
    op.create_table(
        "plugin_state",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("plugin_state_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("plugin_state_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "plugin",
            "subject_kind",
            "subject_id",
            "key",
            name=op.f("plugin_state_agency_id_client_id_plugin_subject_kind_subject_id_key_key"),
        ),
        info={"level": "client", "home": "client"},
    )
    op.create_table(
        "schedules",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("schedules_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("schedules_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "kind",
            "subject_id",
            name=op.f("schedules_agency_id_client_id_kind_subject_id_key"),
        ),
        info={"level": "client", "home": "client"},
    )
    op.create_index(
        "schedules_due_idx",
        "schedules",
        ["next_due_at"],
        unique=False,
        postgresql_where=sa.text("enabled"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("sessions_user_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sessions_pkey")),
        info={"level": "global", "home": "control"},
    )
    op.create_index(op.f("sessions_user_id_idx"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "work",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("work_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("work_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "kind",
            "subject_id",
            name=op.f("work_agency_id_client_id_kind_subject_id_key"),
        ),
        info={"level": "client", "home": "client"},
    )
    op.create_index(
        "work_due_idx",
        "work",
        ["queue", "agency_id", "client_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "work_leased_idx",
        "work",
        ["queue", "lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'leased'"),
    )
    op.create_table(
        "accounts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("picture_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_params", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "grant_id"],
            ["grants.agency_id", "grants.client_id", "grants.id"],
            name=op.f("accounts_agency_id_client_id_grant_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("accounts_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("accounts_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "platform",
            "remote_id",
            name=op.f("accounts_agency_id_client_id_platform_remote_id_key"),
        ),
        info={"level": "client", "home": "client"},
    )
    op.create_table(
        "memberships",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("may_approve", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("memberships_agency_id_client_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("memberships_agency_id_fkey")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("memberships_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "user_id",
            name=op.f("memberships_agency_id_client_id_user_id_key"),
            postgresql_nulls_not_distinct=True,
        ),
        info={"level": "shared", "home": "control"},
    )
    op.create_index(op.f("memberships_user_id_idx"), "memberships", ["user_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=True),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("mail_wanted", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("notices_agency_id_client_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("notices_agency_id_fkey")
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("notices_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "user_id",
            "cause_id",
            name=op.f("notices_agency_id_client_id_user_id_cause_id_key"),
        ),
        info={"level": "shared", "home": "control"},
    )
    op.create_index(
        op.f("notices_agency_id_user_id_created_at_id_idx"),
        "notices",
        ["agency_id", "user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "notices_to_mail_idx",
        "notices",
        ["agency_id", "client_id", "user_id", "kind"],
        unique=False,
        postgresql_where=sa.text("mail_wanted"),
    )
    op.create_index(
        "notices_unread_idx",
        "notices",
        ["agency_id", "user_id"],
        unique=False,
        postgresql_where=sa.text("in_app AND read_at IS NULL"),
    )
    op.create_table(
        "pieces",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "brand_id"],
            ["brands.agency_id", "brands.client_id", "brands.id"],
            name=op.f("pieces_agency_id_client_id_brand_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("pieces_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("pieces_pkey")),
        info={"level": "client", "home": "client"},
    )
    op.create_index(
        op.f("pieces_agency_id_client_id_created_at_id_idx"),
        "pieces",
        ["agency_id", "client_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("refresh_tokens_session_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("refresh_tokens_pkey")),
        info={"level": "global", "home": "control"},
    )
    op.create_index(
        op.f("refresh_tokens_session_id_idx"), "refresh_tokens", ["session_id"], unique=False
    )
    op.create_table(
        "piece_media",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("media_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "media_id"],
            ["media.agency_id", "media.client_id", "media.id"],
            name=op.f("piece_media_agency_id_client_id_media_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "piece_id"],
            ["pieces.agency_id", "pieces.client_id", "pieces.id"],
            name=op.f("piece_media_agency_id_client_id_piece_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("piece_media_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("piece_media_pkey")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "piece_id",
            "position",
            name=op.f("piece_media_agency_id_client_id_piece_id_position_key"),
        ),
        info={"level": "client", "home": "client"},
    )
    op.create_table(
        "publications",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_reason", sa.Text(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("local_time", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("permalink", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "account_id"],
            ["accounts.agency_id", "accounts.client_id", "accounts.id"],
            name=op.f("publications_agency_id_client_id_account_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "piece_id"],
            ["pieces.agency_id", "pieces.client_id", "pieces.id"],
            name=op.f("publications_agency_id_client_id_piece_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("publications_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", "id", name=op.f("publications_pkey")),
        info={"level": "client", "home": "client"},
    )
    op.create_index(
        op.f("publications_agency_id_client_id_account_id_content_hash_idx"),
        "publications",
        ["agency_id", "client_id", "account_id", "content_hash"],
        unique=False,
    )
    op.create_index(
        op.f("publications_agency_id_client_id_created_at_id_idx"),
        "publications",
        ["agency_id", "client_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("publications_agency_id_created_at_id_idx"),
        "publications",
        ["agency_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "publication_steps",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handle", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "publication_id"],
            ["publications.agency_id", "publications.client_id", "publications.id"],
            name=op.f("publication_steps_agency_id_client_id_publication_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("publication_steps_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "client_id", "id", name=op.f("publication_steps_pkey")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "publication_id",
            "n",
            "attempt",
            name=op.f("publication_steps_agency_id_client_id_publication_id_n_attempt_key"),
        ),
        info={"level": "client", "home": "client"},
    )
    op.create_table(
        "silo_databases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("silo_databases_pkey")),
        info={"level": "global", "home": "control"},
    )
    op.create_table(
        "silos",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("database", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["client_anchor.agency_id", "client_anchor.client_id"],
            name=op.f("silos_agency_id_client_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "client_id", name=op.f("silos_pkey")),
        info={"level": "client", "home": "control"},
    )
    raise_walls(silo_databases="global", silos="client")
    raise_walls(
        agencies="agency",
        audit_entries="shared",
        audit_heads="shared",
        audit_personal="shared",
        branding="shared",
        client_anchor="client",
        custom_domains="shared",
        data_keys="shared",
        mails="global",
        users="global",
        agency_plugins="agency",
        api_keys="client",
        brands="client",
        client_plugins="client",
        clients="client",
        connect_attempts="client",
        events="client",
        grants="client",
        idempotency_keys="client",
        invitations="agency",
        media="client",
        notification_preferences="global",
        one_time_links="global",
        plugin_state="client",
        schedules="client",
        sessions="global",
        work="client",
        accounts="client",
        memberships="shared",
        notices="shared",
        pieces="client",
        refresh_tokens="global",
        piece_media="client",
        publications="client",
        publication_steps="client",
    )
    for table, rights in {
        "work": ("SELECT", "INSERT", "UPDATE"),
        "events": ("SELECT", "UPDATE"),
        "schedules": ("SELECT",),
        "idempotency_keys": ("SELECT", "DELETE"),
        "connect_attempts": ("SELECT", "UPDATE"),
        "notices": ("SELECT", "DELETE"),
    }.items():
        let_in("claimer", table, *rights)
    for table in (
        "memberships",
        "connect_attempts",
        "grants",
        "accounts",
        "audit_heads",
        "custom_domains",
        "api_keys",
        "invitations",
    ):
        let_in("lookup", table, "SELECT")
    let_in("lookup", "silos", "SELECT")
    run_sql("first_functions.sql")
    own(
        "claimer",
        "claim_work(text, integer, double precision, integer)",
        "sweep_work()",
        "relay_events(integer, text, text[])",
        "due_schedules(integer)",
        "forget_expired()",
    )
    own(
        "lookup",
        "lookup_memberships(uuid)",
        "lookup_attempt(uuid)",
        "lookup_api_key(text)",
        "lookup_invitation(bytea)",
        "lookup_connect_state(bytea)",
        "consent_used_elsewhere(text, text, uuid)",
        "audit_heads_for_anchor()",
        "lookup_domain(text)",
    )
    own("lookup", "lookup_silos()")
