"""Commands of ``palabre db``: they use the admin login, which no other process has."""

from pathlib import Path

from palabre.base.settings import Settings, SettingsError
from palabre.db import bootstrap, compare, lint
from palabre.db.walls import RoleNames
from palabre.schema import all_tables


async def init(settings: Settings) -> None:
    """Create roles, database and rights."""
    await bootstrap.init(_admin(settings), settings.database_url, settings.role_prefix)


async def migrate(settings: Settings) -> list[str]:
    """Bring the schema to the newest revision; return those applied."""
    return await bootstrap.migrate(_admin(settings), settings.database_url, settings.role_prefix)


async def check(settings: Settings) -> list[str]:
    """Return one line per difference from the declared tables and per finding of the lint."""
    roles = RoleNames.of(settings.role_prefix)
    found: list[str] = await bootstrap.on_schema(
        _admin(settings),
        settings.database_url,
        settings.role_prefix,
        lambda connection: (
            compare.differences(connection, all_tables()) + lint.findings(connection, roles)
        ),
    )
    return found


async def revision(settings: Settings, message: str) -> Path:
    """Write a revision file and return its path."""
    roles = RoleNames.of(settings.role_prefix)
    path: Path = await bootstrap.on_schema(
        _admin(settings),
        settings.database_url,
        settings.role_prefix,
        lambda connection: compare.write_revision(connection, all_tables(), roles, message),
    )
    return path


def _admin(settings: Settings) -> str:
    if not settings.database_admin_url:
        raise SettingsError(
            "PALABRE_DATABASE_ADMIN_URL is not set: `palabre db` needs a login that may create "
            "roles and databases."
        )
    return settings.database_admin_url
