"""Whether the process lives, and whether it can do its work."""

import asyncio

from litestar import Response, get
from msgspec import Struct
from redis.exceptions import RedisError

from palabre.base.errors import Unavailable
from palabre.domains.runtime import Runtime
from palabre_api.deps import GivenRuntime, public

_PATIENCE_S = 2.0


class Live(Struct, frozen=True):
    """The process answers."""

    live: bool


class Ready(Struct, frozen=True, kw_only=True):
    """Which servers answer. ``redis`` away slows things down, nothing stops."""

    ready: bool
    database: bool
    redis: bool


@get("/health/live", operation_id="healthLive", opt=public("probes have no credentials"))
async def live() -> Live:
    """Say that the process answers."""
    return Live(live=True)


@get("/health/ready", operation_id="healthReady", opt=public("probes have no credentials"))
async def ready(runtime: GivenRuntime) -> Response[Ready]:
    """Say whether database and Redis answer; 503 when one does not."""
    database, redis = await asyncio.gather(_database(runtime), _redis(runtime))
    body = Ready(ready=database and redis, database=database, redis=redis)
    return Response(body, status_code=200 if body.ready else 503)


async def _database(runtime: Runtime) -> bool:
    try:
        await asyncio.wait_for(runtime.database.ping(), _PATIENCE_S)
    except (Unavailable, TimeoutError):
        return False
    return True


async def _redis(runtime: Runtime) -> bool:
    try:
        await asyncio.wait_for(runtime.redis.ping(), _PATIENCE_S)
    except (RedisError, OSError, TimeoutError):
        return False
    return True


handlers = [live, ready]
