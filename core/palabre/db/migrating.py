"""What migrations call: walls for new tables, definer functions with their owner and rights."""

from importlib.resources import files

from alembic import context, op
from sqlalchemy import text

from palabre.db import walls
from palabre.db.walls import RoleNames


def roles() -> RoleNames:
    """Return the role names of the database being migrated."""
    names = context.config.attributes["roles"]
    assert isinstance(names, RoleNames)  # noqa: S101  # set by palabre.db.bootstrap only
    return names


def raise_walls(**levels: str) -> None:
    """Raise the walls of new tables.

    Args:
        levels: Level (``client``, ``shared``, ``agency``, ``global``) by table name.
    """
    for table, level in levels.items():
        for statement in walls.statements(table, level, roles()):
            op.execute(statement)


def let_in(role: str, table: str, *rights: str) -> None:
    """Give one of the special roles rights on a table, and a permissive policy where it has walls.

    Args:
        role: Field of ``RoleNames``, such as ``claimer``.
        table: Table name.
        rights: ``SELECT``, ``UPDATE`` and so on.
    """
    name = getattr(roles(), role)
    op.execute(f"GRANT {', '.join(rights)} ON {table} TO {name}")
    if table not in walls.GLOBAL:
        op.execute(f"CREATE POLICY {role}_rows ON {table} TO {name} USING (true) WITH CHECK (true)")


def run_sql(name: str) -> None:
    """Run a file of ``migrations/sql``; statements are separated by ``--;;`` lines."""
    sql = files("palabre.db.migrations").joinpath("sql", name).read_text(encoding="utf-8")
    connection = op.get_bind()
    for statement in sql.split("--;;"):
        connection.execute(text(statement.replace(":", r"\:")))


def own(role: str, *signatures: str) -> None:
    """Hand functions to the role that may see across clients, and let only the application call.

    Args:
        role: Field of ``RoleNames``.
        signatures: ``name(types)`` of each function.
    """
    name = getattr(roles(), role)
    op.execute(f"GRANT CREATE ON SCHEMA public TO {name}")
    for signature in signatures:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {roles().app}")
        op.execute(f"ALTER FUNCTION {signature} OWNER TO {name}")
    op.execute(f"REVOKE CREATE ON SCHEMA public FROM {name}")
