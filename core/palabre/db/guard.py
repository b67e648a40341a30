"""What a process checks of its database before it starts: no privilege, the right schema."""

from sqlalchemy import text

from palabre.base.errors import Unavailable
from palabre.base.settings import SettingsError
from palabre.db import bootstrap
from palabre.db.databases import Databases
from palabre.db.door import Database

_PRIVILEGES = text("""
    SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
           EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid) AS owns
    FROM pg_roles r WHERE r.rolname = current_user
""")


async def refuse_privileged(database: Database) -> None:
    """Refuse a login that could step over the walls.

    Raises:
        SettingsError: The role is superuser, may bypass row security or owns tables.
    """
    async with database.unscoped() as tx:
        role = await tx.one(_PRIVILEGES)
    if role.rolsuper or role.rolbypassrls or role.rolcreaterole or role.owns:
        raise SettingsError(
            f"DATABASE_URL signs in as {role.rolname}, which can step over row security. Put this "
            "login into PALABRE_DATABASE_ADMIN_URL, point DATABASE_URL at palabre_app and run "
            "`palabre db init` and `palabre db migrate`."
        )


async def require_schema(database: Database) -> None:
    """Refuse to start on a schema of another version.

    Raises:
        SettingsError: Migrations are missing, or the database is newer than this code.
    """
    async with database.unscoped() as tx:
        known = await tx.scalar(text("SELECT to_regclass('public.alembic_version')"))
        found = known and await tx.scalar(text("SELECT version_num FROM alembic_version"))
    if found != bootstrap.head():
        name = f" {database.silo}" if database.silo else ""
        raise SettingsError(
            f"The database{name} is at revision {found}, this code needs {bootstrap.head()}: run "
            "`palabre db migrate` (or deploy the version that matches)."
        )


async def require_every_schema(databases: Databases) -> None:
    """Refuse to start while the pool or a silo is of another version.

    A silo that does not answer holds nobody up: its client waits, the others do not.

    Raises:
        SettingsError: As ``require_schema``.
    """
    async for database in databases.each():
        try:
            await require_schema(database)
        except Unavailable:
            if not database.silo:
                raise
            databases.rest(database)
