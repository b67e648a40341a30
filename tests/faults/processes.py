"""Worker processes started, counted and killed by tests."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from palabre.base.settings import Settings
from tests.faults.worker import FILE


@contextmanager
def worker_parent(
    settings: Settings, board: Path, log: Path, *, processes: int = 2
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a parent with its children; stop it calmly at the end."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PALABRE_")},
        "PALABRE_ENV": "test",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PALABRE_PUBLIC_URL": settings.public_url,
        "PALABRE_MASTER_KEY": settings.master_keys,
        "PALABRE_SIGNING_KEY": settings.signing_key,
        "PALABRE_STATE_DIR": str(settings.state_dir),
        "PALABRE_DB_ROLE_PREFIX": settings.role_prefix,
        FILE: str(board),
    }
    command = [sys.executable, "-m", "tests.faults.worker", "parent"]
    with log.open("wb") as output:
        parent = subprocess.Popen(
            [*command, "--processes", str(processes)], env=environment, stderr=output
        )
        try:
            yield parent
        finally:
            parent.send_signal(signal.SIGTERM)
            parent.wait(20)


def children(parent: subprocess.Popen[bytes]) -> list[int]:
    """Return the process ids of the parent's children."""
    path = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


async def until(check: Callable[[], Any], seconds: float) -> None:
    """Wait until ``check`` (plain or async) is true."""
    ends = time.monotonic() + seconds
    while True:
        found = check()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < ends, "it did not happen in time"
        await asyncio.sleep(0.1)
