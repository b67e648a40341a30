"""Buckets: the exact bound with many processes, what a caller is told, and Redis away."""

import asyncio
import sys
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from palabre.base.errors import TooMany
from palabre.base.ids import new_id
from palabre.domains.identity.limits import Limit, Limiter

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PROCESSES = 16
SECONDS = 4.0
BUCKET = Limit(name="t", count=100, window_s=1)
TAKER = """
import asyncio, sys, time
from datetime import UTC, datetime
from redis.asyncio import Redis
from palabre.base.errors import TooMany
from palabre.domains.identity.limits import Limit, Limiter

async def main(url, subject, seconds):
    redis = Redis.from_url(url)
    limiter, limit = Limiter(redis), Limit(name="t", count=100, window_s=1)
    print("ready", flush=True)
    sys.stdin.readline()
    allowed, until = [], time.monotonic() + float(seconds)
    while time.monotonic() < until:
        try:
            await limiter.take(limit, datetime.now(UTC), subject)
        except TooMany:
            await asyncio.sleep(0.004)
            continue
        allowed.append(time.time())
    print(" ".join(map(str, allowed)))
    await redis.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def redis(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)


async def test_sixteen_processes_share_one_bucket_exactly(redis_url: str) -> None:
    subject = new_id().hex
    command = (sys.executable, "-c", TAKER, redis_url, subject, str(SECONDS))
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"

    told = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    moments = sorted(float(moment) for out, _ in told for moment in out.split())
    lasted = moments[-1] - moments[0]
    bound = BUCKET.count + lasted * BUCKET.count / BUCKET.window_s
    assert len(moments) <= bound * 1.005 + 1
    assert len(moments) >= bound * 0.9, "the bucket was not emptied, so this proves little"
    assert sum(bool(out.strip()) for out, _ in told) >= PROCESSES // 2


async def test_what_is_left_is_told(redis: Redis) -> None:
    limiter, limit = Limiter(redis), Limit(name=new_id().hex, count=3, window_s=60)
    left = [(await limiter.take(limit, NOW, "a")).remaining for _ in range(3)]
    assert left == [2, 1, 0]
    with pytest.raises(TooMany) as refused:
        await limiter.take(limit, NOW, "a")
    headers = refused.value.headers
    assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == ("3", "0")
    assert 0 < int(headers["Retry-After"]) <= 21
    assert 40 < int(headers["RateLimit-Reset"]) <= 61
    assert refused.value.details["retry_at"] > "2026-11-21T12:00:00Z"


async def test_one_empty_bucket_charges_none_of_the_others(redis: Redis) -> None:
    limiter, limit = Limiter(redis), Limit(name=new_id().hex, count=2, window_s=60)
    for _ in range(2):
        await limiter.take(limit, NOW, "full")
    for _ in range(5):
        with pytest.raises(TooMany):
            await limiter.take(limit, NOW, "other", "full")
    assert (await limiter.take(limit, NOW, "other")).remaining == 1


async def test_what_is_given_back_is_there_again_but_never_more(redis: Redis) -> None:
    limiter, limit = Limiter(redis), Limit(name=new_id().hex, count=2, window_s=60)
    for _ in range(5):
        await limiter.give_back(limit, "a")
    assert (await limiter.take(limit, NOW, "a")).remaining == 1
    await limiter.give_back(limit, "a")
    assert (await limiter.take(limit, NOW, "a")).remaining == 1


async def test_a_bucket_fills_again_and_is_forgotten(redis: Redis) -> None:
    limiter, limit = Limiter(redis), Limit(name=new_id().hex, count=2, window_s=1)
    for _ in range(2):
        await limiter.take(limit, NOW, "a")
    await asyncio.sleep(0.55)
    assert (await limiter.take(limit, NOW, "a")).remaining == 0
    await asyncio.sleep(1.1)
    assert await redis.keys(f"pal:-:-:{limit.name}:*") == []


async def test_without_redis_a_process_grants_its_share_and_asks_redis_again_later() -> None:
    clock = [100.0]
    away: Redis = Redis.from_url("redis://127.0.0.1:1/0")
    limiter = Limiter(away, processes=4, monotonic=lambda: clock[0])
    limit = Limit(name="t", count=8, window_s=80)
    for _ in range(2):
        await limiter.take(limit, NOW, "a")
    with pytest.raises(TooMany):
        await limiter.take(limit, NOW, "a")
    clock[0] += 41
    await limiter.take(limit, NOW, "a")
    await away.aclose()
