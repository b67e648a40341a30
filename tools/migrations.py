"""Check the migrations: exactly the declared tables, and a catalogue that passes the lint."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from palabre.db import bootstrap
from palabre.db.compare import differences
from palabre.db.lint import findings
from palabre.db.walls import RoleNames
from palabre.embedded.servers import EmbeddedServers
from palabre.schema import all_tables

PREFIX = "palabre_check"


async def compare(admin_url: str) -> list[str]:
    """Migrate an empty database and return what differs or stands open in it."""
    host = admin_url.rpartition("@")[2].partition("/")[0]
    app_url = f"postgresql://{PREFIX}_app:check@{host}/{PREFIX}"
    await bootstrap.init(admin_url, app_url, PREFIX)
    await bootstrap.migrate(admin_url, app_url, PREFIX)
    roles = RoleNames.of(PREFIX)
    found: list[str] = await bootstrap.on_schema(
        admin_url,
        app_url,
        PREFIX,
        lambda connection: differences(connection, all_tables()) + findings(connection, roles),
    )
    return found


def main() -> int:
    """Print the differences and return 1 if there are any."""
    servers = EmbeddedServers(Path(tempfile.mkdtemp(prefix="palabre-check-")), ephemeral=True)
    try:
        found = asyncio.run(compare(servers.start().admin_url))
    finally:
        servers.stop()
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
