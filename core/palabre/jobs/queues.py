"""The ARQ queues of one process: how claimed work travels through Redis, ids only."""

from typing import Any, Final

import msgspec
from arq.connections import ArqRedis
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from palabre.domains.publishing.timing import Timing
from palabre.outbox.work import Claimed

SLOTS: Final = {"publish": 10, "media": 2, "metrics": 4, "ai": 2, "webhooks": 8}
"""Jobs at once in one process, by queue."""
FUNCTION: Final = "do_work"
POLL_S: Final = 0.1
KEPT_S: Final = 3600
"""The queue of a process that died is forgotten after this."""
_MANY: Final = 10_000


def encode(value: Any) -> bytes:
    """Return a job as MessagePack; what cannot be encoded (an exception) becomes its text."""
    return msgspec.msgpack.encode(value, enc_hook=repr)


def decode(raw: bytes) -> Any:
    """Return the job of its MessagePack."""
    return msgspec.msgpack.decode(raw)


def connect(url: str, timing: Timing) -> ArqRedis:
    """Return ARQ's client; nothing is connected yet."""
    pool: ConnectionPool = ConnectionPool.from_url(
        url,
        socket_timeout=5,
        socket_connect_timeout=2,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 2),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )
    return ArqRedis(
        pool,
        job_serializer=encode,
        job_deserializer=decode,
        expires_extra_ms=int(timing.lease_s * 1000),
    )


def key_of(queue: str, process: str) -> str:
    """Return the Redis key of a queue of one process."""
    return f"pal:jobs:{queue}:{process}"


async def enqueue(redis: ArqRedis, key: str, claimed: Claimed) -> None:
    """Put claimed work into a queue; its id holds the fence, so each claim is one job."""
    _ = await redis.enqueue_job(
        FUNCTION,
        msgspec.to_builtins(claimed),
        _job_id=f"{claimed.kind}:{claimed.id}:{claimed.fence}",
        _queue_name=key,
    )
    await redis.expire(key, KEPT_S)


def make_worker(redis: ArqRedis, queue: str, key: str, timing: Timing, run: Any) -> Worker:
    """Return the ARQ worker of one queue; retries and schedules are not its business."""
    return Worker(
        functions=[func(run, name=FUNCTION, max_tries=1)],
        queue_name=key,
        redis_pool=redis,
        handle_signals=False,
        max_jobs=SLOTS[queue],
        job_timeout=timing.job_s,
        keep_result=0,
        poll_delay=POLL_S,
        queue_read_limit=_MANY,
        max_tries=1,
        health_check_interval=30,
        retry_jobs=False,
        job_serializer=encode,
        job_deserializer=decode,
        expires_extra_ms=int(timing.lease_s * 1000),
        log_results=False,
    )
