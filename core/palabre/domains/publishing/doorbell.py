"""Wakes the workers after COMMIT. A lost ring costs one tick, nothing else."""

from typing import Final

import structlog
from redis.exceptions import RedisError

from palabre.db.door import Tx
from palabre.domains.runtime import Runtime

CHANNEL: Final = "pal:bell"
_log = structlog.get_logger(__name__)


def ring_after_commit(runtime: Runtime, tx: Tx) -> None:
    """Ring once ``tx`` is durable."""

    async def ring() -> None:
        try:
            await runtime.redis.publish(CHANNEL, "")
        except (RedisError, OSError) as error:
            _log.warning("doorbell_silent", reason=type(error).__name__)

    tx.after_commit(ring)
