"""Wakes the workers after COMMIT. A lost ring costs one tick, nothing else."""

from typing import Final

from palabre.db.door import Tx
from palabre.domains.bell import publish
from palabre.domains.runtime import Runtime

BELL: Final = "work"
"""Topic of the rings."""


def wake(runtime: Runtime, tx: Tx) -> None:
    """Wake the workers once ``tx`` is durable."""

    async def ring() -> None:
        await publish(runtime.redis, BELL, "")

    tx.after_commit(ring)
