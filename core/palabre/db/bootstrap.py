"""Sets up a database: roles, rights, schema. Used by ``palabre db`` and the demo only.

The admin login needs CREATEROLE and CREATEDB; it need not be a superuser (managed servers).
"""

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from palabre.base.settings import SettingsError
from palabre.db.door import driver_url, with_name
from palabre.db.walls import RoleNames

LOCK_TIMEOUT = "5s"
_MIGRATION_LOCK = 0x70616C61  # "pala": one migration at a time per database


async def init(admin_url: str, app_url: str, prefix: str = "palabre") -> None:
    """Create what is missing: roles, the database of ``app_url``, its rights. Safe to repeat.

    Raises:
        SettingsError: ``app_url`` does not name the application role of ``prefix``.
    """
    roles = RoleNames.of(prefix)
    target = urlsplit(app_url)
    if target.username != roles.app:
        raise SettingsError(
            f"DATABASE_URL must sign in as {roles.app} (prefix {prefix}), not {target.username}."
        )
    database = target.path.lstrip("/")
    async with _admin(admin_url, autocommit=True) as connection:
        await _make_roles(connection, roles, unquote(target.password or ""))
        await _make_database(connection, database, roles)
    async with _admin(with_name(admin_url, database), autocommit=True) as connection:
        await _make_rights(connection, database, roles)


async def migrate(admin_url: str, app_url: str, prefix: str = "palabre") -> list[str]:
    """Bring the schema to the newest revision and return the revisions that were applied."""
    roles = RoleNames.of(prefix)
    database = urlsplit(app_url).path.lstrip("/")
    async with _admin(with_name(admin_url, database)) as connection:
        return await connection.run_sync(_upgrade, roles)


async def on_schema(
    admin_url: str, app_url: str, prefix: str, call: Callable[[Connection], Any]
) -> Any:
    """Run ``call`` as the owner of the schema, for checks and for making new revisions."""
    roles = RoleNames.of(prefix)
    database = urlsplit(app_url).path.lstrip("/")
    async with _admin(with_name(admin_url, database)) as connection:

        def as_owner(sync: Connection) -> Any:
            sync.execute(text(f"SET ROLE {roles.owner}"))
            return call(sync)

        return await connection.run_sync(as_owner)


def alembic_config(
    connection: Connection, roles: RoleNames, metadata: MetaData | None = None
) -> Config:
    """Return alembic's configuration for our migrations on ``connection``."""
    config = Config()
    config.set_main_option("script_location", "palabre.db:migrations")
    config.attributes.update(connection=connection, roles=roles, metadata=metadata)
    return config


def head() -> str | None:
    """Return the newest revision this code knows."""
    config = Config()
    config.set_main_option("script_location", "palabre.db:migrations")
    return ScriptDirectory.from_config(config).get_current_head()


def _upgrade(connection: Connection, roles: RoleNames) -> list[str]:
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
    connection.execute(text(f"SET ROLE {roles.owner}"))
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    config = alembic_config(connection, roles)
    before = MigrationContext.configure(connection).get_current_revision()
    command.upgrade(config, "head")
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {roles.app}, {roles.backup}"))
    connection.commit()
    script = ScriptDirectory.from_config(config)
    return [r.revision for r in script.iterate_revisions("head", before or "base")][::-1]


async def _make_roles(connection: AsyncConnection, roles: RoleNames, app_password: str) -> None:
    logins = {
        roles.app: app_password,
        roles.migrate: secrets.token_urlsafe(24),
        roles.backup: secrets.token_urlsafe(24),
    }
    for name in (getattr(roles, field) for field in RoleNames.__struct_fields__):
        known = await connection.scalar(
            text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}
        )
        if not known:
            await connection.exec_driver_sql(f'CREATE ROLE "{name}" NOLOGIN')
            if name in logins:
                await _set_password(connection, name, logins[name])
    if app_password:
        await _set_password(connection, roles.app, app_password)
    me = await connection.scalar(text("SELECT current_user"))
    for role, member in (
        (roles.owner, roles.migrate),
        (roles.owner, me),
        (roles.claimer, roles.owner),
        (roles.lookup, roles.owner),
        (roles.search, roles.owner),
    ):
        await connection.exec_driver_sql(f'GRANT "{role}" TO "{member}"')


async def _set_password(connection: AsyncConnection, role: str, password: str) -> None:
    literal = await connection.scalar(text("SELECT quote_literal(:p)"), {"p": password})
    await connection.exec_driver_sql(f'ALTER ROLE "{role}" LOGIN PASSWORD {literal}')


async def _make_database(connection: AsyncConnection, database: str, roles: RoleNames) -> None:
    known = await connection.scalar(
        text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database}
    )
    if not known:
        await connection.exec_driver_sql(
            f'CREATE DATABASE "{database}" OWNER "{roles.owner}" '
            "TEMPLATE template0 ENCODING 'UTF8'"
        )


async def _make_rights(connection: AsyncConnection, database: str, roles: RoleNames) -> None:
    logins = f'"{roles.app}", "{roles.migrate}", "{roles.backup}"'
    readers = f'{logins}, "{roles.claimer}", "{roles.lookup}", "{roles.search}"'
    for statement in (
        f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC',
        f'GRANT CONNECT ON DATABASE "{database}" TO {logins}',
        f'ALTER SCHEMA public OWNER TO "{roles.owner}"',
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f'GRANT USAGE, CREATE ON SCHEMA public TO "{roles.owner}"',
        f"GRANT USAGE ON SCHEMA public TO {readers}",
    ):
        await connection.exec_driver_sql(statement)


class _admin:  # noqa: N801  # used as a function
    """A single connection of the admin login."""

    def __init__(self, url: str, *, autocommit: bool = False) -> None:
        self._engine = create_async_engine(
            driver_url(url),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT" if autocommit else "READ COMMITTED",
            connect_args={"timeout": 10},
        )

    async def __aenter__(self) -> AsyncConnection:
        self._connection = await self._engine.connect()
        return self._connection

    async def __aexit__(self, *error: object) -> None:
        await self._connection.close()
        await self._engine.dispose()
