"""The row-security DDL of a table, one form for all, and the list of what stands outside it."""

from typing import Final

from msgspec import Struct
from sqlalchemy import Table

GLOBAL: Final = frozenset(
    {
        "users",
        "sessions",
        "refresh_tokens",
        "one_time_links",
        "mails",
        "notification_preferences",
        "silo_databases",
    }
)
"""Tables used before a scope is known (DECISIONS, Database). The lint reads this list."""

OWN_ID_AS_AGENCY: Final = "agencies"
OWN_ID_AS_CLIENT: Final = "clients"

READ_ONLY: Final = frozenset({"audit_heads"})
INSERT_COLUMNS: Final = {
    "audit_entries": (
        "agency_id",
        "client_id",
        "id",
        "actor_kind",
        "actor_id",
        "action",
        "target_kind",
        "target_id",
        "details",
        "personal_digest",
    ),
}
"""Tables the application may only insert into, in these columns."""
NO_UPDATE: Final = frozenset({"audit_personal"})

ALL_CLIENTS: Final = "(SELECT current_setting('palabre.all_clients')::boolean)"
AGENCY: Final = "(SELECT current_setting('palabre.agency_id')::uuid)"
CLIENTS: Final = "((SELECT current_setting('palabre.client_ids')::uuid[])::uuid[])"


class RoleNames(Struct, frozen=True, kw_only=True):
    """Names of the database roles of one installation; all start with its prefix."""

    owner: str
    migrate: str
    app: str
    claimer: str
    lookup: str
    search: str
    backup: str

    @classmethod
    def of(cls, prefix: str) -> "RoleNames":
        """Return the names with ``prefix``."""
        return cls(**{field: f"{prefix}_{field}" for field in cls.__struct_fields__})


def conditions(table: str, level: str) -> list[str]:
    """Return the restrictive conditions of a table of that level."""
    agency = "id" if table == OWN_ID_AS_AGENCY else "agency_id"
    client = "id" if table == OWN_ID_AS_CLIENT else "client_id"
    walls = [f"{agency} = {AGENCY}"]
    if level == "agency":
        return [*walls, ALL_CLIENTS]
    return [*walls, f"({ALL_CLIENTS} OR {client} = ANY ({CLIENTS}))"]


def statements(table: str, level: str, roles: RoleNames) -> list[str]:
    """Return the DDL that raises the walls of ``table`` and grants the application its rights."""
    ddl = [_grant(table, roles.app), f"GRANT SELECT ON {table} TO {roles.backup}"]
    if level == "global":
        return ddl
    ddl += [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY app_rows ON {table} TO {roles.app} USING (true) WITH CHECK (true)",
        f"CREATE POLICY owner_rows ON {table} TO {roles.owner} USING (true) WITH CHECK (true)",
        f"CREATE POLICY backup_rows ON {table} FOR SELECT TO {roles.backup} USING (true)",
    ]
    for name, condition in zip(
        ("agency_wall", "client_wall"), conditions(table, level), strict=True
    ):
        ddl.append(
            f"CREATE POLICY {name} ON {table} AS RESTRICTIVE TO {roles.app} "
            f"USING ({condition}) WITH CHECK ({condition})"
        )
    return ddl


def table_statements(table: Table, roles: RoleNames) -> list[str]:
    """Return ``statements`` for a declared table."""
    return statements(table.name, table.info["level"], roles)


def _grant(table: str, app: str) -> str:
    if table in READ_ONLY:
        return f"GRANT SELECT ON {table} TO {app}"
    if table in INSERT_COLUMNS:
        columns = ", ".join(INSERT_COLUMNS[table])
        return f"GRANT SELECT, INSERT ({columns}) ON {table} TO {app}"
    if table in NO_UPDATE:
        return f"GRANT SELECT, INSERT, DELETE ON {table} TO {app}"
    return f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {app}"
