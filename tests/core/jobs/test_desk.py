"""What a process does with claimed work when something goes wrong around it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from redis.exceptions import RedisError

from palabre.domains.publishing.timing import Timing
from palabre.domains.runtime import Runtime
from palabre.jobs import queues
from palabre.jobs.desk import Desk
from palabre.jobs.tick import Tick
from palabre.outbox.work import Claimed
from palabre.start import open_runtime
from tests.faults.bench import Bench, make_bench
from tests.faults.board import Platform, registry
from tests.support.api import make_settings
from tests.support.databases import DatabaseUrls


@pytest_asyncio.fixture
async def bench(
    database_urls: DatabaseUrls, redis_url: str, tmp_path: Path
) -> AsyncIterator[Bench]:
    platform = Platform()
    settings = make_settings(database_urls, redis_url, tmp_path)
    async with open_runtime(settings, role="worker", registry=registry(platform)) as runtime:
        yield await make_bench(runtime, platform)


async def _run(desk: Desk, claimed: Claimed) -> None:
    desk.take("publish", claimed)
    await desk.run({}, msgspec.to_builtins(claimed))


async def test_a_handler_that_fails_hands_the_work_back_for_later(bench: Bench) -> None:
    async def fail(_claimed: Claimed) -> None:
        raise KeyError("broken")

    one = await bench.publish("Bonjour")
    desk = Desk(bench.runtime, Timing(), {"publication": fail})
    await _run(desk, await bench.claim(one))

    row = await bench.work_row(one)
    assert (row.state, row.last_error) == ("waiting", "KeyError")
    wait = row.due_at - bench.runtime.clock.now()
    assert timedelta(seconds=25) < wait < timedelta(seconds=31)
    assert desk.free("publish") == queues.SLOTS["publish"]


async def test_work_nobody_does_waits(bench: Bench) -> None:
    one = await bench.publish("Bonjour")
    await _run(Desk(bench.runtime, Timing(), {}), await bench.claim(one))
    assert (await bench.work_row(one)).last_error == "nobody does publication"


async def test_work_lost_on_its_way_is_given_back(bench: Bench) -> None:
    one = await bench.publish("Bonjour")
    desk = Desk(bench.runtime, Timing(), {})
    desk.take("publish", await bench.claim(one))

    await desk.give_back_lost()
    assert (await bench.work_row(one)).state == "leased"
    await desk.give_back_waiting()
    assert (await bench.work_row(one)).state == "waiting"


async def test_a_hold_is_renewed_while_the_work_is_done(bench: Bench) -> None:
    seen: dict[str, Any] = {}

    async def slow(claimed: Claimed) -> None:
        before = (await bench.work_row(claimed.subject_id)).lease_until
        while (after := (await bench.work_row(claimed.subject_id)).lease_until) == before:
            continue
        seen["longer"] = after > before

    short = Timing(lease_s=4, tick_s=1)
    desk = Desk(bench.runtime, short, {"publication": slow})
    await _run(desk, await bench.claim(await bench.publish("Bonjour"), lease_s=4))
    assert seen["longer"]


async def test_without_redis_nothing_is_claimed(bench: Bench) -> None:
    one = await bench.publish("Bonjour")
    runtime: Runtime = bench.runtime
    away = queues.connect("redis://127.0.0.1:1/0", Timing())
    tick = Tick(
        runtime,
        away,
        Desk(runtime, Timing(), {}),
        Timing(),
        process="p",
        queues=["publish"],
        processes=1,
    )
    with pytest.raises(RedisError):
        await tick.once()
    await away.aclose()
    assert (await bench.work_row(one)).state == "waiting"


def test_jobs_are_messagepack_and_carry_ids_only() -> None:
    assert queues.decode(queues.encode({"id": "1"})) == {"id": "1"}
    assert queues.decode(queues.encode(ValueError("x"))) == "ValueError('x')"
