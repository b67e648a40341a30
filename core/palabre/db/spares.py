"""Makes spare databases for clients that want their own, and migrates every database there is.

Used by ``palabre db`` and the demo only: it needs the admin login.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import Connection, MetaData, insert, select, text

from palabre.db import bootstrap
from palabre.db.door import with_name
from palabre.db.silos import silo_databases
from palabre.db.walls import RoleNames

Say = Callable[[str], None]


class Place(Struct, frozen=True, kw_only=True):
    """The installation's databases, seen by its admin. ``metadata``: every declared table."""

    admin_url: str
    app_url: str
    prefix: str
    metadata: MetaData

    def __repr__(self) -> str:
        return f"Place({self.pool})"

    @property
    def pool(self) -> str:
        """Name of the pool database."""
        return urlsplit(self.app_url).path.lstrip("/")

    @property
    def closed(self) -> frozenset[str]:
        """Tables the application may not touch in a silo: they live in the pool only."""
        return frozenset(
            table.name for table in self.metadata.tables.values() if table.info["home"] == "control"
        )

    async def on(self, name: str, call: Callable[[Connection], Any]) -> Any:
        """Run ``call`` on database ``name`` as the owner of its schema."""
        return await bootstrap.on_schema(
            self.admin_url, with_name(self.app_url, name), self.prefix, call
        )


async def listed(place: Place) -> dict[str, str]:
    """Return the state (spare, used) of every silo database by its name."""
    query = select(silo_databases.c.name, silo_databases.c.state)
    rows = await place.on(place.pool, lambda connection: connection.execute(query).all())
    return {row.name: row.state for row in sorted(rows, key=lambda row: _number(row.name))}


async def prepare(place: Place, count: int, say: Say) -> list[str]:
    """Make ``count`` spare databases with the newest schema and return their names.

    One that a crash left unfinished is finished by the next call.
    """
    known = await listed(place)
    first = max((_number(name) for name in known), default=0) + 1
    made = [f"{place.pool}_silo_{number}" for number in range(first, first + count)]
    for name in made:
        await bootstrap.init(place.admin_url, with_name(place.app_url, name), place.prefix)
        await _migrate_silo(place, name)
        await place.on(place.pool, partial(_register, name=name))
        say(f"{name} is ready.")
    return made


async def migrate(place: Place, say: Say) -> list[str]:
    """Bring the pool and then every silo to the newest revision; return those that failed.

    A silo that fails stays as it was, the others go on; a repeat does what is left.
    """
    applied = await bootstrap.migrate(place.admin_url, place.app_url, place.prefix)
    say(f"{place.pool}: {_told(applied)}")
    names = list(await listed(place))
    failed = []
    for n, name in enumerate(names, start=1):
        try:
            told = _told(await _migrate_silo(place, name))
        except Exception as error:  # noqa: BLE001  # whatever it is, the other silos go on
            failed.append(name)
            told = f"failed: {type(error).__name__}: {str(error).splitlines()[0]}"
        say(f"{name} ({n} of {len(names)}): {told}")
    return failed


async def _migrate_silo(place: Place, name: str) -> list[str]:
    applied = await bootstrap.migrate(place.admin_url, with_name(place.app_url, name), place.prefix)
    await place.on(name, lambda connection: _close(connection, place))
    return applied


def _close(connection: Connection, place: Place) -> None:
    """Take the application's rights on control tables, so that a mistake is refused."""
    app = RoleNames.of(place.prefix).app
    for table in sorted(place.closed):
        connection.execute(text(f"REVOKE ALL ON {table} FROM {app}"))
    connection.commit()


def _register(connection: Connection, name: str) -> None:
    connection.execute(insert(silo_databases).values(name=name, state="spare"))
    connection.commit()


def _number(name: str) -> int:
    found = re.search(r"_silo_(\d+)$", name)
    return int(found[1]) if found else 0


def _told(applied: list[str]) -> str:
    return f"applied {', '.join(applied)}" if applied else "up to date"
