"""Databases of a pytest run: one migrated template, copied per worker and on request."""

import asyncio
import hashlib
import threading
from collections.abc import Coroutine
from urllib.parse import urlsplit

import asyncpg
from msgspec import Struct

from palabre.db import bootstrap
from palabre.db.walls import RoleNames
from palabre.schema import all_tables

PREFIX = "palabre_test"
ROLES = RoleNames.of(PREFIX)


class DatabaseUrls(Struct, frozen=True, kw_only=True):
    """One database seen by the application's role and by the server's admin."""

    app: str
    admin: str
    prefix: str = PREFIX

    def __repr__(self) -> str:
        """Show the name alone: failing tests print their fixtures, and these hold passwords."""
        return f"DatabaseUrls({urlsplit(self.app).path})"


def urls_of(admin_url: str, name: str) -> DatabaseUrls:
    """Return the addresses of database ``name``; the app's password follows from the admin's."""
    parts = urlsplit(admin_url)
    password = hashlib.sha256(admin_url.encode()).hexdigest()[:32]
    app = parts._replace(
        netloc=f"{ROLES.app}:{password}@{parts.hostname}:{parts.port}", path=f"/{name}"
    )
    return DatabaseUrls(app=app.geturl(), admin=parts._replace(path=f"/{name}").geturl())


def make_template(admin_url: str, name: str) -> None:
    """Create a database with our roles and the newest schema."""
    urls = urls_of(admin_url, name)

    async def make() -> None:
        await bootstrap.init(admin_url, urls.app, PREFIX)
        await bootstrap.migrate(admin_url, urls.app, PREFIX)

    run_to_end(make())


def copy_template(admin_url: str, template: str, name: str) -> DatabaseUrls:
    """Copy the template; the rights on a database itself are not copied by PostgreSQL."""
    run_to_end(
        _execute(
            admin_url,
            f'CREATE DATABASE "{name}" OWNER "{ROLES.owner}" TEMPLATE "{template}"',
            f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
            f'GRANT CONNECT ON DATABASE "{name}" TO "{ROLES.app}", "{ROLES.migrate}", '
            f'"{ROLES.backup}"',
        )
    )
    return urls_of(admin_url, name)


def make_silo(admin_url: str, template: str, pool: str, name: str) -> None:
    """Copy the template as a spare database of ``pool``, as the operator prepares them."""
    urls = copy_template(admin_url, template, name)
    closed = [
        table.name for table in all_tables().tables.values() if table.info["home"] == "control"
    ]
    run_to_end(_execute(urls.admin, f"REVOKE ALL ON {', '.join(closed)} FROM {ROLES.app}"))
    spare = f"INSERT INTO silo_databases (name, state) VALUES ('{name}', 'spare')"
    run_to_end(_execute(urls_of(admin_url, pool).admin, spare))


def forget_silo(admin_url: str, pool: str, name: str) -> None:
    """Drop a silo and let ``pool`` know nothing of it any more."""
    run_to_end(
        _execute(
            urls_of(admin_url, pool).admin,
            f"DELETE FROM silos WHERE database = '{name}'",
            f"DELETE FROM silo_databases WHERE name = '{name}'",
        )
    )
    drop(admin_url, name)


def drop(admin_url: str, name: str) -> None:
    """Drop a database, disconnecting whoever still uses it."""
    run_to_end(_execute(admin_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


async def _execute(admin_url: str, *statements: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def run_to_end(work: Coroutine[object, object, None]) -> None:
    """Run a coroutine on a loop of its own, leaving pytest-asyncio's loop alone."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # noqa: BLE001  # raised again below
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
