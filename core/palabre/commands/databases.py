"""Commands of ``palabre db``: they use the admin login, which no other process has."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from palabre.base.settings import Settings, SettingsError
from palabre.db import bootstrap, compare, lint, spares
from palabre.db.spares import Place
from palabre.db.walls import RoleNames
from palabre.schema import all_tables

Say = Callable[[str], None]


async def init(settings: Settings) -> None:
    """Create roles, database and rights."""
    await bootstrap.init(_admin(settings), settings.database_url, settings.role_prefix)


async def migrate(settings: Settings, say: Say) -> None:
    """Bring the pool and every silo to the newest revision, saying how far it is.

    Raises:
        SettingsError: Some silos could not be migrated; they are named.
    """
    failed = await spares.migrate(_place(settings), say)
    if failed:
        raise SettingsError(
            f"Not migrated: {', '.join(failed)}. Mend the cause and run `palabre db migrate` "
            "again; it does what is left."
        )


async def check(settings: Settings) -> list[str]:
    """Return one line per difference from the declared tables and per finding of the lint."""
    place, roles = _place(settings), RoleNames.of(settings.role_prefix)
    found = []
    for name in (place.pool, *await spares.listed(place)):
        closed: frozenset[str] = frozenset() if name == place.pool else place.closed
        lines: list[str] = await place.on(name, partial(_faults, place, roles, closed))
        found += [line if name == place.pool else f"{name}: {line}" for line in lines]
    return found


async def prepare_silos(settings: Settings, count: int, say: Say) -> None:
    """Make ``count`` spare databases for clients that will have their own."""
    await spares.prepare(_place(settings), count, say)


async def silo_lines(settings: Settings) -> list[str]:
    """Return one line per silo database with its state."""
    return [f"{name}  {state}" for name, state in (await spares.listed(_place(settings))).items()]


async def revision(settings: Settings, message: str) -> Path:
    """Write a revision file and return its path."""
    place, roles = _place(settings), RoleNames.of(settings.role_prefix)
    path: Path = await place.on(
        place.pool,
        lambda connection: compare.write_revision(connection, place.metadata, roles, message),
    )
    return path


def _faults(
    place: Place, roles: RoleNames, closed: frozenset[str], connection: Connection
) -> list[str]:
    return compare.differences(connection, place.metadata) + lint.findings(
        connection, roles, closed
    )


def _place(settings: Settings) -> Place:
    return Place(
        admin_url=_admin(settings),
        app_url=settings.database_url,
        prefix=settings.role_prefix,
        metadata=all_tables(),
    )


def _admin(settings: Settings) -> str:
    if not settings.database_admin_url:
        raise SettingsError(
            "PALABRE_DATABASE_ADMIN_URL is not set: `palabre db` needs a login that may create "
            "roles and databases."
        )
    return settings.database_admin_url
