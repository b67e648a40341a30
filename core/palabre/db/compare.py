"""Compares the migrated schema with the declared tables, and writes new revisions from it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from palabre.db import walls
from palabre.db.bootstrap import alembic_config
from palabre.db.walls import RoleNames

_WALLS = text("""
    SELECT c.relname AS table_name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
           (SELECT array_agg(p.polname::text ORDER BY p.polname) FROM pg_policy p
            WHERE p.polrelid = c.oid AND NOT p.polpermissive) AS restrictive
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
""")


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """Return one line per difference between the database and the declared tables and walls."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": False}
    )
    found = [_line(entry) for entry in compare_metadata(context, metadata)]
    return found + _missing_walls(connection, metadata) + _untagged(metadata)


def write_revision(
    connection: Connection, metadata: MetaData, roles: RoleNames, message: str
) -> Path:
    """Write a revision file with what the tables have and the database lacks; return its path."""
    config = alembic_config(connection, roles, metadata)
    revision = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    script = command.revision(config, message=message, autogenerate=True, rev_id=revision)
    assert script is not None  # noqa: S101  # one revision was asked for
    assert not isinstance(script, list)  # noqa: S101
    return Path(script.path)


def _line(entry: Any) -> str:
    return " ".join(str(part) for part in (entry if isinstance(entry, tuple) else (entry,)))


def _missing_walls(connection: Connection, metadata: MetaData) -> list[str]:
    rows = {row.table_name: row for row in connection.execute(_WALLS)}
    problems = []
    for name, table in metadata.tables.items():
        if name in walls.GLOBAL:
            continue
        row = rows.get(name)
        if row is None or not (row.enabled and row.forced):
            problems.append(f"{name}: row security is not enabled and forced")
        elif row.restrictive != ["agency_wall", "client_wall"]:
            problems.append(f"{name}: walls are {row.restrictive}")
        if table.info.get("level") == "global":
            problems.append(f"{name}: global but not in walls.GLOBAL")
    return problems


def _untagged(metadata: MetaData) -> list[str]:
    return [
        f"{column}: not tagged, use fact() or personal()"
        for table in metadata.tables.values()
        for column in table.columns
        if "privacy" not in column.info
    ]
